"""Who may look at a municipality's settings, and who may change them."""

from typing import Final

from foundation.authorization import permission
from foundation.identity import Purpose, Role

READ_PARAMETERS: Final = permission(
    "platform.parameter.read",
    scope="platform:read",
    officials={Role.ADMINISTRATOR, Role.AUDITOR},
    purposes=(Purpose.OPERATION,),
    description_ja="自治体の設定値、その由来と履歴、国の標準との差を見る",
)
SET_PARAMETER: Final = permission(
    "platform.parameter.set",
    scope="platform:write",
    officials={Role.ADMINISTRATOR},
    purposes=(Purpose.OPERATION,),
    description_ja="自治体の設定値を登録する、予定した値を取り下げる",
)
ACTS: Final = (READ_PARAMETERS, SET_PARAMETER)
