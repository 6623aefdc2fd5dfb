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
    description_ja="氏名・カナ・生年月日で住民を探す",
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
    description_ja="住民情報を取り込む",
)

PERMISSIONS = PolicyTable(
    "registry",
    [READ_RESIDENT, SEARCH_RESIDENTS, READ_OWN_RECORD, MATCH_RESIDENT, IMPORT_REGISTER],
)
