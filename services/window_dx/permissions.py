"""Who may do what at the windows, and for which purpose: one table, read as the rule."""

from foundation.authorization import PolicyTable, permission
from foundation.identity import Purpose, Role

_COUNTER = (Role.CLERK,)

MANAGE_WINDOWS = permission(
    "window_dx.window.manage",
    scope="window-dx:write",
    officials=(Role.ADMINISTRATOR,),
    purposes=(Purpose.OPERATION,),
    description_ja="窓口を設ける",
)
READ_WINDOWS = permission(
    "window_dx.window.read",
    scope="window-dx:read",
    residents=True,
    officials=(Role.CLERK, Role.REGISTRAR, Role.COUNSELLOR, Role.ADMINISTRATOR, Role.AUDITOR),
    machines=True,
    purposes=(Purpose.OPERATION,),
    description_ja="窓口と混み具合を見る",
)
TAKE_TICKET = permission(
    "window_dx.reception.take",
    scope="window-dx:write",
    residents=True,
    officials=_COUNTER,
    machines=True,
    purposes=(Purpose.RECEPTION,),
    personal=True,
    description_ja="受付番号を取る",
)
READ_RECEPTION = permission(
    "window_dx.reception.read",
    scope="window-dx:read",
    residents=True,
    officials=_COUNTER,
    purposes=(Purpose.RECEPTION,),
    personal=True,
    description_ja="受付の状況を見る",
)
LIST_RECEPTIONS = permission(
    "window_dx.reception.list",
    scope="window-dx:read",
    officials=_COUNTER,
    purposes=(Purpose.RECEPTION,),
    personal=True,
    description_ja="窓口の受付一覧を見る",
)
SERVE_RECEPTION = permission(
    "window_dx.reception.serve",
    scope="window-dx:write",
    officials=_COUNTER,
    purposes=(Purpose.RECEPTION,),
    personal=True,
    description_ja="呼び出し、保留、引継ぎ、終了を行う",
)
READ_WAITING_TIMES = permission(
    "window_dx.waiting_time.read",
    scope="window-dx:read",
    officials=(Role.CLERK, Role.ADMINISTRATOR, Role.AUDITOR),
    machines=True,
    purposes=(Purpose.OPERATION,),
    description_ja="待ち時間の実測値を見る",
)

PERMISSIONS = PolicyTable(
    "window_dx",
    [
        MANAGE_WINDOWS,
        READ_WINDOWS,
        TAKE_TICKET,
        READ_RECEPTION,
        LIST_RECEPTIONS,
        SERVE_RECEPTION,
        READ_WAITING_TIMES,
    ],
)
