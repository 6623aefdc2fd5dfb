"""Who may read or change the register, and for which purpose: one table, read as the rule."""

from foundation.authorization import PolicyTable, permission
from foundation.identity import Purpose, Role

_COUNTER = (Role.REGISTRAR, Role.CLERK, Role.BENEFITS_OFFICER, Role.COUNSELLOR)
_WHY = (
    Purpose.REGISTRATION,
    Purpose.RECEPTION,
    Purpose.APPLICATION,
    Purpose.CONSULTATION,
    Purpose.STATUTORY_INQUIRY,
)

READ_RESIDENT = permission(
    "registry.resident.read",
    scope="registry:read",
    officials=_COUNTER,
    purposes=_WHY,
    personal=True,
    description_ja="住民と世帯の記録を見る",
)
SEARCH_RESIDENTS = permission(
    "registry.resident.search",
    scope="registry:read",
    officials=_COUNTER,
    purposes=_WHY,
    personal=True,
    description_ja="氏名・カナ・生年月日・住所・番号で住民を探す",
)
READ_OWN_RECORD = permission(
    "registry.resident.read_own",
    scope="registry:read",
    residents=True,
    purposes=(Purpose.REGISTRATION,),
    personal=True,
    description_ja="自分と世帯の記録を見る",
)
MATCH_RESIDENT = permission(
    "registry.resident.match",
    scope="registry:match",
    machines=True,
    clients=("gateway",),
    purposes=(Purpose.REGISTRATION,),
    personal=True,
    description_ja="サインインした人を住民の記録と突き合わせる",
)
IMPORT_REGISTER = permission(
    "registry.import.manage",
    scope="registry:import",
    officials=(Role.REGISTRAR,),
    machines=True,
    purposes=(Purpose.REGISTRATION,),
    personal=True,
    own_officials=True,
    description_ja="住民情報を取り込む",
)

_KEEPERS = (Role.REGISTRAR, Role.COUNSELLOR)
_SECONDS = (Role.ADMINISTRATOR,)
"""Who says the second word holds another office than whoever works with the register."""

FOLLOW_CHANGES = permission(
    "registry.change.follow",
    scope="registry:changes",
    machines=True,
    purposes=(Purpose.OPERATION,),
    description_ja="住民の記録がいつ変わったかを順に読む",
)

MANAGE_PROTECTION = permission(
    "registry.protection.manage",
    scope="registry:write",
    officials=_KEEPERS,
    purposes=(Purpose.REGISTRATION,),
    personal=True,
    own_officials=True,
    description_ja="支援措置の申出を受け付け、起案・延長する",
)
READ_PROTECTION = permission(
    "registry.protection.read",
    scope="registry:read",
    officials=(*_KEEPERS, *_SECONDS),
    purposes=(Purpose.REGISTRATION,),
    personal=True,
    own_officials=True,
    description_ja="支援措置の内容を見る",
)
DECIDE_PROTECTION = permission(
    "registry.protection.decide",
    scope="registry:write",
    officials=(Role.REGISTRAR, *_SECONDS),
    purposes=(Purpose.REGISTRATION,),
    personal=True,
    own_officials=True,
    description_ja="支援決定・解除を決裁する",
)
REQUEST_OPENING = permission(
    "registry.protection.request_opening",
    scope="registry:write",
    officials=_COUNTER,
    purposes=(*_WHY, Purpose.EMERGENCY),
    personal=True,
    own_officials=True,
    description_ja="非開示の住所の閲覧を申請する",
)
ALLOW_OPENING = permission(
    "registry.protection.allow_opening",
    scope="registry:write",
    officials=_SECONDS,
    purposes=(Purpose.REGISTRATION,),
    personal=True,
    own_officials=True,
    description_ja="非開示の住所の閲覧を承認する",
)
VIEW_OPENED = permission(
    "registry.protection.view_address",
    scope="registry:write",
    officials=_COUNTER,
    purposes=(*_WHY, Purpose.EMERGENCY),
    personal=True,
    own_officials=True,
    description_ja="承認された非開示の住所を1回見る",
)
READ_ALERTS = permission(
    "registry.protection.alerts",
    scope="registry:read",
    officials=(*_KEEPERS, *_SECONDS, Role.AUDITOR),
    purposes=(Purpose.REGISTRATION,),
    personal=True,
    own_officials=True,
    description_ja="支援措置に関する警告を見る",
)

PERMISSIONS = PolicyTable(
    "registry",
    [
        READ_RESIDENT,
        SEARCH_RESIDENTS,
        READ_OWN_RECORD,
        MATCH_RESIDENT,
        IMPORT_REGISTER,
        FOLLOW_CHANGES,
        MANAGE_PROTECTION,
        READ_PROTECTION,
        DECIDE_PROTECTION,
        REQUEST_OPENING,
        ALLOW_OPENING,
        VIEW_OPENED,
        READ_ALERTS,
    ],
)
