"""Who may look after officials and their providers; part of the platform's one policy table."""

from foundation.authorization import Permission, permission
from foundation.identity import Purpose, Role

_OPERATION = (Purpose.OPERATION,)
_READ, _WRITE = "platform:read", "platform:write"
_ADMINISTRATORS = {Role.ADMINISTRATOR}
_OVERSEERS = {Role.ADMINISTRATOR, Role.AUDITOR}

READ_PROVIDERS = permission(
    "platform.identity-provider.read",
    scope=_READ,
    officials=_OVERSEERS,
    purposes=_OPERATION,
    description_ja="職員の認証基盤と、テストサインインの結果を見る",
)
REGISTER_PROVIDER = permission(
    "platform.identity-provider.register",
    scope=_WRITE,
    officials=_ADMINISTRATORS,
    purposes=_OPERATION,
    description_ja="職員の認証基盤を登録し、設定を確認する",
)
TRY_PROVIDER = permission(
    "platform.identity-provider.try",
    scope=_WRITE,
    officials=_ADMINISTRATORS,
    purposes=_OPERATION,
    description_ja="認証基盤のテストサインインのリンクを発行する",
)
MAP_ROLES = permission(
    "platform.identity-provider.map",
    scope=_WRITE,
    officials=_ADMINISTRATORS,
    purposes=_OPERATION,
    description_ja="認証基盤のグループと役割の対応を定める",
)
ACTIVATE_PROVIDER = permission(
    "platform.identity-provider.activate",
    scope=_WRITE,
    officials=_ADMINISTRATORS,
    purposes=_OPERATION,
    description_ja="認証基盤の利用を開始する",
)
RETIRE_PROVIDER = permission(
    "platform.identity-provider.retire",
    scope=_WRITE,
    officials=_ADMINISTRATORS,
    purposes=_OPERATION,
    description_ja="認証基盤の利用を終了する、または終了を取りやめる",
)
READ_OFFICIALS = permission(
    "platform.official.read",
    scope=_READ,
    officials=tuple(Role),
    purposes=_OPERATION,
    description_ja="職員の氏名を識別子から調べる",
)
READ_DUTIES = permission(
    "platform.duty.read",
    scope=_READ,
    officials=_OVERSEERS,
    purposes=_OPERATION,
    description_ja="ある日に誰がどの役割を持つかを見る",
)
GRANT_ROLE = permission(
    "platform.role-grant.propose",
    scope=_WRITE,
    officials=_ADMINISTRATORS,
    purposes=_OPERATION,
    description_ja="職員に役割を付与する、または付与を起案する",
)
DECIDE_GRANT = permission(
    "platform.role-grant.decide",
    scope=_WRITE,
    officials=_ADMINISTRATORS,
    purposes=_OPERATION,
    description_ja="役割の付与を承認する、または却下する",
)
END_GRANT = permission(
    "platform.role-grant.end",
    scope=_WRITE,
    officials=_ADMINISTRATORS,
    purposes=_OPERATION,
    description_ja="役割の付与を取り消す、または終了日を変える",
)
REASSIGN = permission(
    "platform.reassignment.load",
    scope=_WRITE,
    officials=_ADMINISTRATORS,
    purposes=_OPERATION,
    description_ja="人事異動の一覧を読み込み、確認し、確定する",
)

ACTS: tuple[Permission, ...] = (
    READ_PROVIDERS,
    REGISTER_PROVIDER,
    TRY_PROVIDER,
    MAP_ROLES,
    ACTIVATE_PROVIDER,
    RETIRE_PROVIDER,
    READ_OFFICIALS,
    READ_DUTIES,
    GRANT_ROLE,
    DECIDE_GRANT,
    END_GRANT,
    REASSIGN,
)
