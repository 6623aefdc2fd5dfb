"""Who may ask the gateway itself for what."""

from foundation.authorization import PolicyTable, permission
from foundation.identity import Purpose, Role

READ_OWN_ACCESS_LOG = permission(
    "platform.access-log.read",
    scope="platform:read",
    residents=True,
    purposes=(Purpose.AUDIT,),
    personal=True,
    description_ja="自分の情報を誰がいつ利用したかを見る",
)
REVOKE = permission(
    "platform.revocation.create",
    scope="platform:write",
    officials={Role.ADMINISTRATOR},
    purposes=(Purpose.OPERATION,),
    description_ja="サインインの状態や連携先の利用許可を取り消す",
)
PERMISSIONS = PolicyTable("platform", [READ_OWN_ACCESS_LOG, REVOKE])
