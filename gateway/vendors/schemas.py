"""The shapes of a registration: RFC 7591 and RFC 7592 as they are, and what the house adds."""

from datetime import datetime
from typing import Annotated, Any, Literal, cast

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic.config import JsonDict

from foundation.web import Line, Wire

from .registration import Asked
from .repository import ClientKey, Registered, Vendor

Address = Annotated[str, Field(min_length=1, max_length=500)]
Addresses = Annotated[list[Address], Field(max_length=20)]
Contact = Annotated[
    str,
    Field(
        max_length=254,
        pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$",
        examples=["dev@example.co.jp"],
    ),
]
GrantType = Literal["client_credentials", "authorization_code", "refresh_token"]

_JWK: JsonDict = {
    "kty": "OKP",
    "crv": "Ed25519",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    "kid": "2026-11",
}
JWK_SCHEMA: JsonDict = {
    "oneOf": [
        {
            "type": "object",
            "title": title,
            "required": ["kty", "crv", *coordinates],
            "properties": {
                "kty": {"const": kty},
                "crv": {"const": crv},
                **{
                    name: {"type": "string", "pattern": "^[A-Za-z0-9_-]{43}$"}
                    for name in coordinates
                },
                "kid": {"type": "string", "pattern": "^[A-Za-z0-9._~-]{1,128}$"},
                "use": {"const": "sig"},
                "alg": {"const": algorithm},
                "d": False,
            },
        }
        for title, kty, crv, algorithm, coordinates in (
            ("EC public key", "EC", "P-256", "ES256", ["x", "y"]),
            ("Ed25519 public key", "OKP", "Ed25519", "Ed25519", ["x"]),
        )
    ]
}
"""A public key as it is published; that a point lies on its curve no schema can say."""
_EXAMPLE: JsonDict = {
    "client_name": "まどぐち番号表示",
    "organization_name": "有限会社オホーツクソフト",
    "contacts": ["dev@example.co.jp"],
    "grant_types": ["client_credentials"],
    "scope": "window-dx:read benefits:read",
    "jwks": {"keys": [_JWK]},
}
_ABOUT = ("client_uri", "policy_uri", "tos_uri", "software_id", "software_version")


class KeySetGiven(Wire):
    """A key set (RFC 7517 §5); members that are not known are passed over."""

    model_config = ConfigDict(extra="ignore")

    keys: Annotated[
        list[Annotated[dict[str, Any], WithJsonSchema(JWK_SCHEMA)]], Field(max_length=10)
    ]


class ClientMetadata(Wire):
    """What a vendor registers (RFC 7591 §2). Members that are not known are passed over (§3.1)."""

    model_config = ConfigDict(extra="ignore", json_schema_extra={"examples": [_EXAMPLE]})

    client_name: Line
    """製品名。住民の同意画面と自治体の一覧に表示されます。"""
    organization_name: Line
    """事業者名。"""
    contacts: Annotated[list[Contact], Field(min_length=1, max_length=5)]
    """連絡先のメールアドレス。申請先の自治体に表示されます。"""
    environment: Literal["sandbox", "production"] = "sandbox"
    """sandbox は試験用の自治体だけ、production は自治体が許可した範囲だけで利用できます。"""
    grant_types: Annotated[list[GrantType], Field(min_length=1, max_length=3)] = Field(
        default=["client_credentials"],
        description="client_credentials はシステム連携、authorization_code は人が使う画面。",
    )
    principal_kinds: Annotated[
        list[Literal["resident", "official", "machine"]], Field(max_length=3)
    ] = Field(default=[], description="画面を使う人。resident は住民、official は職員。")
    redirect_uris: Addresses = Field(default=[], description="サインイン後の戻り先。")
    post_logout_redirect_uris: Addresses = Field(default=[], description="サインアウト後の戻り先。")
    backchannel_logout_uri: Address | None = Field(
        default=None, description="サインアウトの通知先。"
    )
    origins: Addresses = Field(default=[], description="ブラウザーから直接呼び出すオリジン。")
    scope: (
        Annotated[str, Field(max_length=1000, pattern=r"^[\x21-\x7e]+( [\x21-\x7e]+)*$")] | None
    ) = Field(default=None, description="必要な範囲。空白で区切ります。")
    jwks: KeySetGiven | None = Field(default=None, description="公開鍵(2 つまで)。")
    jwks_uri: Address | None = Field(default=None, description="公開鍵を置いた URL。")
    token_endpoint_auth_method: Literal["private_key_jwt"] = "private_key_jwt"  # noqa: S105 - the name of a method
    response_types: Annotated[list[Literal["code"]], Field(max_length=1)] | None = None
    dpop_bound_access_tokens: bool = Field(
        default=True, description="トークンを鍵に結び付けるか(RFC 9449)。"
    )
    require_pushed_authorization_requests: bool = Field(default=False, description="RFC 9126")
    client_uri: Address | None = None
    policy_uri: Address | None = None
    tos_uri: Address | None = None
    software_id: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    software_version: Annotated[str, Field(min_length=1, max_length=100)] | None = None

    def asked(self) -> Asked:
        return Asked(
            client_name=self.client_name,
            environment=self.environment,
            grant_types=tuple(self.grant_types),
            principal_kinds=tuple(self.principal_kinds),
            redirect_uris=tuple(self.redirect_uris),
            post_logout_redirect_uris=tuple(self.post_logout_redirect_uris),
            origins=tuple(self.origins),
            backchannel_logout_uri=self.backchannel_logout_uri,
            jwks=None if self.jwks is None else self.jwks.keys,
            jwks_uri=self.jwks_uri,
            scopes=None if self.scope is None else frozenset(self.scope.split(" ")),
            dpop_bound=self.dpop_bound_access_tokens,
            par_required=self.require_pushed_authorization_requests,
            about={name: given for name in _ABOUT if (given := getattr(self, name)) is not None},
        )

    def vendor(self) -> Vendor:
        return Vendor(organization_name=self.organization_name, contacts=tuple(self.contacts))


class ClientInformation(BaseModel):
    """A registered client (RFC 7591 §3.2.1). The token is shown once; keep it as a secret."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    **_EXAMPLE,
                    "client_id": "sandbox-0f3a1c5e7b9d2f4a6c8e",
                    "client_id_issued_at": 1795392000,
                    "environment": "sandbox",
                    "municipality_code": "990019",
                    "registration_client_uri": (
                        "https://tamaire.example.jp/oauth/register/sandbox-0f3a1c5e7b9d2f4a6c8e"
                    ),
                    "registration_access_token": "r4N…",
                    "token_endpoint_auth_method": "private_key_jwt",
                }
            ]
        },
    )

    client_id: str
    client_id_issued_at: int = Field(description="登録日時(UNIX 時刻)")
    registration_access_token: str = Field(description="登録内容の管理に使う秘密のトークン")
    registration_client_uri: str = Field(description="登録内容を管理する URL")
    environment: Literal["sandbox", "production"]
    status: Literal["active", "suspended"] = "active"


class RegistrationRefusal(BaseModel):
    """A refusal in the words of RFC 7591 §3.2.2, with every fault."""

    error: Literal[
        "invalid_redirect_uri",
        "invalid_client_metadata",
        "invalid_token",
        "temporarily_unavailable",
    ]
    error_description: str = ""
    error_description_ja: str = ""
    errors: list[dict[str, str]] = Field(default_factory=list[dict[str, str]])


class KeyAdd(Wire):
    """A further public key, and until when it proves anything."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"jwk": _JWK}]})

    jwk: Annotated[dict[str, Any], WithJsonSchema(JWK_SCHEMA)]
    """公開鍵 (RFC 7517)。P-256 または Ed25519。"""
    expires_at: AwareDatetime | None = None
    """この鍵が使える期限。"""


class ClientKeyRead(Wire):
    """A registered key, with its last use."""

    kid: str
    alg: Literal["ES256", "Ed25519"]
    status: Literal["active", "expired", "revoked"]
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None

    @classmethod
    def of(cls, key: ClientKey, *, now: datetime) -> "ClientKeyRead":
        expired = key.status == "active" and not key.is_active(now)
        status: Any = "expired" if expired else key.status
        algorithm: Any = key.jwk["alg"]
        return cls(
            kid=key.kid,
            alg=algorithm,
            status=status,
            created_at=key.created_at,
            last_used_at=key.last_used_at,
            expires_at=key.expires_at,
        )


class ClientKeysRead(Wire):
    """Every key a client ever had."""

    items: list[ClientKeyRead]


class StatusRead(Wire):
    """Whether a client may ask for tokens."""

    client_id: str
    status: Literal["active", "suspended"]
    effective_within_seconds: int


class TokenRead(Wire):
    """The token that manages the registration from now on; shown once."""

    registration_access_token: str


def inlined(model: type[BaseModel]) -> dict[str, Any]:
    """Return a model's schema in one piece: a reference would lead out of where it is put."""
    schema = model.model_json_schema()
    parts: dict[str, Any] = schema.pop("$defs", {})

    def put_in(node: Any) -> Any:
        if isinstance(node, dict):
            members = cast("dict[str, Any]", node)
            if "$ref" in members:
                return put_in(parts[str(members["$ref"]).rpartition("/")[2]])
            return {name: put_in(value) for name, value in members.items()}
        if isinstance(node, list):
            return [put_in(value) for value in cast("list[Any]", node)]
        return node

    return cast("dict[str, Any]", put_in(schema))


def information(
    found: Registered, keys: list[ClientKey], *, issuer: str, token: str, sandbox: str
) -> dict[str, Any]:
    """Return the client information response (RFC 7591 §3.2.1, RFC 7592 §3)."""
    client = found.client
    document: dict[str, Any] = {
        "client_id": found.client_id,
        "client_id_issued_at": int(found.registered_at.timestamp()),
        "registration_access_token": token,
        "registration_client_uri": f"{issuer}/oauth/register/{found.client_id}",
        "client_name": client["name"],
        "organization_name": found.vendor.organization_name,
        "contacts": list(found.vendor.contacts),
        "environment": client["environment"],
        "status": found.status,
        "grant_types": list(_grant_types(client["profile"])),
        "principal_kinds": sorted(client["kinds"]),
        "scope": " ".join(sorted(client["scopes"])),
        "token_endpoint_auth_method": "private_key_jwt",
        "dpop_bound_access_tokens": True,
        **found.about,
    }
    if client["profile"] == "third_party":
        document["response_types"] = ["code"]
        document["require_pushed_authorization_requests"] = True
    for name in ("redirect_uris", "post_logout_redirect_uris", "origins"):
        if client[name]:
            document[name] = client[name]
    for name in ("backchannel_logout_uri", "jwks_uri"):
        if client[name] is not None:
            document[name] = client[name]
    if "jwks_uri" not in document:
        document["jwks"] = {"keys": [dict(key.jwk) for key in keys if key.status == "active"]}
    if client["environment"] == "sandbox":
        document["municipality_code"] = sandbox
    return document


def _grant_types(profile: str) -> tuple[str, ...]:
    return (
        ("client_credentials",) if profile == "machine" else ("authorization_code", "refresh_token")
    )
