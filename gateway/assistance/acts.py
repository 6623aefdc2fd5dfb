"""Who may let another office act for the municipality, end it, and see it."""

from foundation.authorization import permission
from foundation.identity import Purpose, Role

_WHY = (Purpose.OPERATION,)

PROPOSE = permission(
    "platform.assistance.propose",
    scope="platform:write",
    officials=(Role.ADMINISTRATOR,),
    own_officials=True,
    purposes=_WHY,
    description_ja="他の団体の職員による支援への同意を起案する",
)
CONFIRM = permission(
    "platform.assistance.confirm",
    scope="platform:write",
    officials=(Role.ADMINISTRATOR,),
    own_officials=True,
    purposes=_WHY,
    description_ja="他の団体の職員による支援への同意を、別の管理者として確定する",
)
WITHDRAW = permission(
    "platform.assistance.withdraw",
    scope="platform:write",
    officials=(Role.ADMINISTRATOR,),
    own_officials=True,
    purposes=_WHY,
    description_ja="他の団体の職員による支援への同意を撤回する",
)
READ = permission(
    "platform.assistance.read",
    scope="platform:read",
    officials=(Role.ADMINISTRATOR, Role.AUDITOR),
    own_officials=True,
    purposes=_WHY,
    description_ja="他の団体の職員による支援への同意を見る",
)
READ_OFFERS = permission(
    "platform.assistance.offers",
    scope="platform:read",
    officials=tuple(Role),
    own_officials=True,
    purposes=_WHY,
    description_ja="自分の団体が支援できる自治体の一覧を見る",
)
READ_AGGREGATES = permission(
    "platform.aggregates.read",
    scope="platform:read",
    officials=tuple(Role),
    own_officials=True,
    purposes=_WHY,
    description_ja="自治体ごとの件数の集計を見る(個人は特定できません)",
)
TAKE_UP = "platform.assistance.take-up"
"""Not an operation: a way of asking for a token, recorded in both offices."""

ACTS = (PROPOSE, CONFIRM, WITHDRAW, READ, READ_OFFERS, READ_AGGREGATES)
