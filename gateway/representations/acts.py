"""Who may record, confirm, see and end the right to act for another."""

from foundation.authorization import CARD_WITHIN_5_MINUTES, permission
from foundation.identity import Purpose, Role

_AT_THE_COUNTER = (Role.REGISTRAR, Role.CLERK)

RECORD = permission(
    "platform.representation.record",
    scope="platform:write",
    officials=_AT_THE_COUNTER,
    purposes=(Purpose.REGISTRATION,),
    personal=True,
    description_ja="書類を確認し、代理人を登録する",
)
CONFIRM = permission(
    "platform.representation.confirm",
    scope="platform:write",
    officials=_AT_THE_COUNTER,
    purposes=(Purpose.REGISTRATION,),
    personal=True,
    description_ja="代理人の登録や申し出を、別の職員として確認する、断る",
)
END = permission(
    "platform.representation.end",
    scope="platform:write",
    officials=_AT_THE_COUNTER,
    purposes=(Purpose.REGISTRATION,),
    personal=True,
    description_ja="代理人の登録を終了する",
)
READ_RECORDED = permission(
    "platform.representation.read",
    scope="platform:read",
    officials=(*_AT_THE_COUNTER, Role.BENEFITS_OFFICER, Role.AUDITOR),
    purposes=(Purpose.REGISTRATION, Purpose.APPLICATION, Purpose.AUDIT),
    personal=True,
    description_ja="住民の代理人の登録を見る",
)
READ_REQUESTS = permission(
    "platform.representation.requests",
    scope="platform:read",
    officials=_AT_THE_COUNTER,
    purposes=(Purpose.REGISTRATION,),
    personal=True,
    description_ja="確認を待つ代理人の登録や申し出の一覧を見る",
)
BAR = permission(
    "platform.representation.bar",
    scope="platform:write",
    officials=(Role.REGISTRAR,),
    purposes=(Purpose.REGISTRATION,),
    personal=True,
    description_ja="支援措置の相手方を、代理人になれない人として登録する、取り消す",
)
READ_HELD = permission(
    "platform.representation.held",
    scope="platform:self",
    residents=True,
    in_person=True,
    purposes=(Purpose.APPLICATION,),
    personal=True,
    description_ja="自分が代理できる人の一覧を見る",
)
READ_OVER_ONESELF = permission(
    "platform.representation.over-oneself",
    scope="platform:self",
    residents=True,
    in_person=True,
    purposes=(Purpose.APPLICATION,),
    personal=True,
    description_ja="自分を代理できる人の一覧を見る",
)
DRAFT = permission(
    "platform.representation.draft",
    scope="platform:self",
    residents=True,
    in_person=True,
    purposes=(Purpose.APPLICATION,),
    personal=True,
    description_ja="代理を頼む内容を、署名する文書にする",
)
REQUEST = permission(
    "platform.representation.request",
    scope="platform:self",
    residents=True,
    in_person=True,
    purposes=(Purpose.APPLICATION,),
    personal=True,
    assurance=CARD_WITHIN_5_MINUTES,
    description_ja="代理を頼む人を申し出る",
)
REVOKE_OWN = permission(
    "platform.representation.revoke",
    scope="platform:self",
    residents=True,
    in_person=True,
    purposes=(Purpose.APPLICATION,),
    personal=True,
    description_ja="自分が頼んだ代理、自分が引き受けた代理をやめる",
)

ACTS = (
    RECORD,
    CONFIRM,
    END,
    READ_RECORDED,
    READ_REQUESTS,
    BAR,
    READ_HELD,
    READ_OVER_ONESELF,
    DRAFT,
    REQUEST,
    REVOKE_OWN,
)
