"""The shapes of what the token desk answers, as the published interface shows them.

Only described by these: the documents themselves are laid down by the RFCs that are named.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class TokensRead(BaseModel):
    """Tokens (RFC 6749 §5.1)."""

    access_token: str
    token_type: Literal["Bearer", "DPoP"] = Field(
        description="DPoP のときは、鍵の証明と一緒に送ったときだけ有効"
    )
    expires_in: int = Field(description="有効な秒数", examples=[600])
    scope: str = Field(examples=["benefits:read openid"])
    refresh_token: str = Field(default="", description="サインインした人に対してのみ")
    id_token: str = Field(default="", description="scope に openid があるときのみ")
    issued_token_type: str = Field(default="", description="トークン交換のときのみ (RFC 8693)")


class PushedRead(BaseModel):
    """What stands for a pushed request (RFC 9126 §2.2)."""

    request_uri: str = Field(
        examples=["urn:ietf:params:oauth:request_uri:012084.Zm9v"],
        description="/oauth/authorize に client_id と一緒に渡す。1 回だけ有効",
    )
    expires_in: int = Field(description="有効な秒数", examples=[60])


class IntrospectionRead(BaseModel):
    """Whether a token holds, and if so what it says (RFC 7662 §2.2)."""

    model_config = ConfigDict(extra="allow")

    active: bool
    scope: str = Field(default="", examples=["benefits:read"])
    client_id: str = Field(default="", examples=["demo-vendor"])
    sub: str = ""
    exp: int = Field(default=0, description="有効期限 (1970 年からの秒数)")
    token_type: str = Field(default="", examples=["DPoP"])


class UserInfoRead(BaseModel):
    """Who signed in (OpenID Connect Core §5.3.2)."""

    sub: str = Field(description="このアプリケーションだけで通じる識別子")


class KeyRead(BaseModel):
    """A public key (RFC 7517 §4)."""

    model_config = ConfigDict(extra="allow")

    kty: str = Field(examples=["EC"])
    kid: str
    alg: str = Field(examples=["ES256"])
    use: str = Field(default="sig")


class KeySetRead(BaseModel):
    """Public keys (RFC 7517 §5)."""

    keys: list[KeyRead]


class AuthorizationServerRead(BaseModel):
    """What this authorization server offers (RFC 8414 §2)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    pushed_authorization_request_endpoint: str
    registration_endpoint: str
    revocation_endpoint: str
    introspection_endpoint: str
    jwks_uri: str
    scopes_supported: list[str]
    response_types_supported: list[str]
    response_modes_supported: list[str]
    grant_types_supported: list[str]
    code_challenge_methods_supported: list[str]
    acr_values_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    token_endpoint_auth_signing_alg_values_supported: list[str]
    revocation_endpoint_auth_methods_supported: list[str]
    revocation_endpoint_auth_signing_alg_values_supported: list[str]
    introspection_endpoint_auth_methods_supported: list[str]
    introspection_endpoint_auth_signing_alg_values_supported: list[str]
    require_pushed_authorization_requests: bool
    dpop_signing_alg_values_supported: list[str]
    authorization_response_iss_parameter_supported: bool
    ui_locales_supported: list[str]


class OpenIdProviderRead(AuthorizationServerRead):
    """The same for OpenID clients (OpenID Connect Discovery §3)."""

    userinfo_endpoint: str
    end_session_endpoint: str
    backchannel_logout_supported: bool
    backchannel_logout_session_supported: bool
    subject_types_supported: list[str]
    id_token_signing_alg_values_supported: list[str]
    claims_supported: list[str]
    request_parameter_supported: bool
    request_uri_parameter_supported: bool
