"""Who may have a code shown, and who may bind, confirm, decline and release at the counter."""

from foundation.authorization import permission
from foundation.identity import Purpose, Role

_AT_THE_COUNTER = (Role.REGISTRAR, Role.CLERK)

SHOW_SLIP = permission(
    "platform.slip.show",
    scope="platform:self",
    residents=True,
    in_person=True,
    purposes=(Purpose.REGISTRATION,),
    personal=True,
    description_ja="窓口で示す番号を受け取る、取り下げる",
)
SUCCEED = permission(
    "platform.binding.succeed",
    scope="platform:self",
    residents=True,
    in_person=True,
    purposes=(Purpose.REGISTRATION,),
    personal=True,
    description_ja="更新後のカードでのサインインを、以前のサインインから確認する",
)
FIND_SLIP = permission(
    "platform.slip.find",
    scope="platform:write",
    officials=_AT_THE_COUNTER,
    purposes=(Purpose.REGISTRATION,),
    personal=True,
    description_ja="窓口で示された番号を照会する",
)
BIND = permission(
    "platform.binding.create",
    scope="platform:write",
    officials=_AT_THE_COUNTER,
    purposes=(Purpose.REGISTRATION,),
    personal=True,
    description_ja="本人確認書類を確認し、サインインと住民登録を結び付ける",
)
CONFIRM_BINDING = permission(
    "platform.binding.confirm",
    scope="platform:write",
    officials=_AT_THE_COUNTER,
    purposes=(Purpose.REGISTRATION,),
    personal=True,
    description_ja="支援措置の対象者の結び付けを、二人目の職員として確認する",
)
DECLINE_SLIP = permission(
    "platform.slip.decline",
    scope="platform:write",
    officials=_AT_THE_COUNTER,
    purposes=(Purpose.REGISTRATION,),
    personal=True,
    description_ja="本人と確認できない申し出を断る",
)
RELEASE = permission(
    "platform.binding.release",
    scope="platform:write",
    officials=(Role.REGISTRAR,),
    purposes=(Purpose.REGISTRATION,),
    personal=True,
    description_ja="サインインと住民登録の結び付けを解除する",
)

ACTS = (SHOW_SLIP, SUCCEED, FIND_SLIP, BIND, CONFIRM_BINDING, DECLINE_SLIP, RELEASE)
