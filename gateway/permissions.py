"""Who may ask the platform itself for what: one table, read as the rule."""

from foundation.authorization import PolicyTable, permission
from foundation.identity import Purpose, Role
from gateway.assistance.acts import ACTS as OF_ASSISTANCE
from gateway.bindings.acts import ACTS as OF_THE_COUNTER
from gateway.duties.acts import ACTS as OF_STAFF
from gateway.parameters.acts import ACTS as OF_PARAMETERS
from gateway.representations.acts import ACTS as OF_REPRESENTATION

READ_OWN_STANDING = permission(
    "platform.me.read",
    scope="",  # it tells a token's holder what the token says
    residents=True,
    officials=tuple(Role),
    without_role=True,
    businesses=True,
    machines=True,
    purposes=(Purpose.OPERATION,),
    description_ja="サインイン中の本人について見る",
)
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
    personal=True,
    description_ja="サインインの状態や連携先の利用許可を取り消す",
)

READ_OWN_CONSENTS = permission(
    "platform.consent.list",
    scope="platform:self",
    residents=True,
    purposes=(Purpose.OPERATION,),
    description_ja="自分がアプリに与えた許可の一覧を見る",
)
WITHDRAW_OWN_CONSENT = permission(
    "platform.consent.withdraw",
    scope="platform:self",
    residents=True,
    purposes=(Purpose.OPERATION,),
    description_ja="自分がアプリに与えた許可を取り消す",
)
READ_OWN_SESSIONS = permission(
    "platform.session.list",
    scope="platform:self",
    residents=True,
    officials=tuple(Role),
    without_role=True,
    purposes=(Purpose.OPERATION,),
    description_ja="自分のサインインの一覧を見る",
)
END_OWN_SESSION = permission(
    "platform.session.end",
    scope="platform:self",
    residents=True,
    officials=tuple(Role),
    without_role=True,
    purposes=(Purpose.OPERATION,),
    description_ja="自分のサインインを終了する",
)
SWITCH_SERVICE = permission(
    "platform.service.switch",
    scope="platform:write",
    officials={Role.ADMINISTRATOR},
    purposes=(Purpose.OPERATION,),
    description_ja="サービスを再開、一時休止、停止する",
)
READ_SWITCHES = permission(
    "platform.service.read",
    scope="platform:read",
    officials={Role.ADMINISTRATOR, Role.AUDITOR},
    purposes=(Purpose.OPERATION,),
    description_ja="サービスの休止状況と、その理由を見る",
)
READ_MEMBERSHIP = permission(
    "platform.membership.read",
    scope="platform:read",
    officials={Role.ADMINISTRATOR, Role.AUDITOR},
    machines=True,
    clients=frozenset({"operator"}),
    purposes=(Purpose.OPERATION,),
    description_ja="自治体の利用の段階、チェックリスト、知らせを見る",
)
PREPARE_MEMBERSHIP = permission(
    "platform.membership.prepare",
    scope="platform:write",
    officials={Role.ADMINISTRATOR},
    purposes=(Purpose.OPERATION,),
    description_ja="連絡先、開示範囲、利用するサービス、復元訓練を登録する",
)
MOVE_MEMBERSHIP = permission(
    "platform.membership.move",
    scope="platform:write",
    officials={Role.ADMINISTRATOR},
    purposes=(Purpose.OPERATION,),
    description_ja="本稼働、休止、再開、利用終了を起案し、承認する",
)
READ_ACCESS_LOGS = permission(
    "platform.access-logs.read",
    scope="platform:read",
    officials={Role.ADMINISTRATOR, Role.AUDITOR},
    purposes=(Purpose.AUDIT,),
    personal=True,
    description_ja="自治体への全リクエストの記録を見る",
)

READ_CLIENT_ACCESS = permission(
    "platform.client-access.read",
    scope="platform:read",
    officials={Role.ADMINISTRATOR, Role.AUDITOR},
    purposes=(Purpose.OPERATION,),
    description_ja="事業者の利用申請と、利用許可の一覧を見る",
)
DECIDE_CLIENT_ACCESS = permission(
    "platform.client-access.decide",
    scope="platform:write",
    officials={Role.ADMINISTRATOR},
    purposes=(Purpose.OPERATION,),
    description_ja="事業者の利用申請を許可する、断る、利用許可を終了する",
)
REQUEST_SIGNATURE = permission(
    "platform.signature.request",
    scope="platform:self",
    residents=True,
    purposes=(Purpose.APPLICATION,),
    personal=True,
    description_ja="文書への電子署名を求める",
)
READ_SIGNATURE = permission(
    "platform.signature.read",
    scope="platform:self",
    residents=True,
    purposes=(Purpose.APPLICATION,),
    personal=True,
    description_ja="自分の電子署名の状況を見る",
)
VERIFY_SIGNATURE = permission(
    "platform.signature.verify-again",
    scope="platform:read",
    officials={Role.AUDITOR},
    purposes=(Purpose.AUDIT,),
    personal=True,
    description_ja="保存した証拠で電子署名をもう一度検証する",
)

PERMISSIONS = PolicyTable(
    "platform",
    [
        READ_OWN_STANDING,
        READ_OWN_ACCESS_LOG,
        REVOKE,
        READ_OWN_CONSENTS,
        WITHDRAW_OWN_CONSENT,
        READ_OWN_SESSIONS,
        END_OWN_SESSION,
        SWITCH_SERVICE,
        READ_SWITCHES,
        READ_MEMBERSHIP,
        PREPARE_MEMBERSHIP,
        MOVE_MEMBERSHIP,
        READ_ACCESS_LOGS,
        REQUEST_SIGNATURE,
        READ_SIGNATURE,
        VERIFY_SIGNATURE,
        READ_CLIENT_ACCESS,
        DECIDE_CLIENT_ACCESS,
        *OF_ASSISTANCE,
        *OF_PARAMETERS,
        *OF_STAFF,
        *OF_THE_COUNTER,
        *OF_REPRESENTATION,
    ],
)
