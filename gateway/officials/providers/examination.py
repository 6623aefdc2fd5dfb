"""What is wrong with a provider, all of it at once, in words its administrator can act on.

The person who brings a directory sees its vendor's screens, not our logs. Each finding therefore
says what to change there. A fault forbids; a notice says what will be different and still works.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from foundation.identity.jose import OF_PROVIDERS
from foundation.identity.relying_party import ENDPOINTS

from .domain import Claims, ClientAuthentication

_SHARED = frozenset(
    {
        "https://accounts.google.com",
        "https://login.microsoftonline.com/common/v2.0",
        "https://login.microsoftonline.com/organizations/v2.0",
    }
)
"""Issuers that vouch for more people than one town's."""

_DISCOVERY_DEFAULT = "client_secret_basic"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found, where in the registration it belongs, and what to do about it."""

    code: str
    pointer: str
    detail: str
    detail_ja: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a municipality wants to register."""

    issuer: str
    client_authentication: ClientAuthentication
    scope: str
    acr_values: str
    claims: Claims


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What an examination brought to light."""

    faults: tuple[Finding, ...]
    notices: tuple[Finding, ...]
    endpoints: Mapping[str, Any]
    algorithms: tuple[str, ...]


def issuer_faults(issuer: str, claims: Claims, *, plain_allowed: bool) -> list[Finding]:
    """Judge the issuer's own address, before anything is sent to it."""
    try:
        parts = urlsplit(issuer)
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    found: list[Finding] = []
    if parts.scheme != "https" and not (plain_allowed and parts.scheme == "http"):
        found.append(
            Finding(
                "issuer-not-https",
                "/issuer",
                "The issuer must begin with https://.",
                "発行者(issuer)は https:// で始まるアドレスにしてください。",
            )
        )
    if not host or parts.query or parts.fragment or "@" in parts.netloc or "?" in issuer:
        found.append(
            Finding(
                "issuer-misshapen",
                "/issuer",
                "The issuer is an address without user name, query and fragment.",
                "発行者(issuer)には、利用者名、「?」以降、「#」以降を付けずに指定してください。",
            )
        )
    if issuer.rstrip("/") in _SHARED and claims.required_claim is None:
        found.append(
            Finding(
                "issuer-shared",
                "/claims/required_claim",
                "This issuer vouches for people of every organisation; require a claim that only"
                " your own have, such as hd (Google) or tid (Entra ID).",
                "この発行者は他の団体の人も認証します。自団体の人だけが持つクレーム"
                "(Google は hd、Entra ID は tid)を required_claim と required_value に"
                "指定してください。",
            )
        )
    return found


def judge(document: Mapping[str, Any], keys: int | None, plan: Plan) -> Examined:
    """Judge what a provider published.

    Args:
        document: its metadata (OpenID Connect Discovery §3).
        keys: how many usable keys its key set has; None if it could not be read.
        plan: what it is to be used for.
    """
    algorithms = tuple(
        name
        for name in OF_PROVIDERS
        if name in _texts(document, "id_token_signing_alg_values_supported")
    )
    faults = [
        *_issuer(document, plan),
        *_endpoints(document, plan),
        *_code_flow(document),
        *_client(document, plan),
        *_signatures(algorithms, keys),
        *_scopes(document, plan),
    ]
    return Examined(
        faults=tuple(faults),
        notices=tuple(_notices(document, plan)),
        endpoints={
            **{name: document.get(name) for name in ENDPOINTS},
            "names_itself": document.get("authorization_response_iss_parameter_supported") is True,
        },
        algorithms=algorithms,
    )


def unreadable(reason: str) -> Finding:
    """Say that nothing could be read at all."""
    words = _UNREADABLE[reason]
    return Finding(f"discovery-{reason}", "/issuer", *words)


_UNREADABLE = {
    "unreachable": (
        "The discovery document could not be fetched.",
        (
            "設定情報(issuer の後に /.well-known/openid-configuration を付けたアドレス)を取得"
            "できません。アドレスの綴りと、インターネットから接続できることを確認してください。"
        ),
    ),
    "address-refused": (
        "The address is not on the public network.",
        (
            "このアドレスは公開ネットワーク上にありません。庁内だけで使えるアドレスは登録"
            "できません。外部から接続できる https のアドレスを指定してください。"
        ),
    ),
    "not-json": (
        "The discovery document is not a JSON object of a sane size.",
        (
            "設定情報を JSON として読み取れません。issuer のアドレスが、ログイン画面などではなく"
            "発行者のものであることを確認してください。"
        ),
    ),
    "redirects": (
        "The discovery document is somewhere else than at the issuer.",
        (
            "設定情報の取得先が別のアドレスへ転送されます。転送先に書かれている issuer を指定して"
            "ください。"
        ),
    ),
}


def _issuer(document: Mapping[str, Any], plan: Plan) -> Iterator[Finding]:
    if document.get("issuer") != plan.issuer:
        yield Finding(
            "issuer-differs",
            "/issuer",
            "The discovery document names another issuer; the two must be equal to the letter.",
            "設定情報に書かれている issuer と一致しません。末尾の「/」も含めて、設定情報の"
            "issuer をそのまま指定してください。",
        )


def _endpoints(document: Mapping[str, Any], plan: Plan) -> Iterator[Finding]:
    scheme = urlsplit(plan.issuer).scheme
    for name in ENDPOINTS:
        url: object = document.get(name)
        if not isinstance(url, str) or not _is_usable(url, scheme):
            yield Finding(
                "endpoint-unusable",
                "/issuer",
                f"{name} is missing or not protected as the issuer is.",
                f"設定情報の {name} がないか、https のアドレスではありません。認証基盤の設定を"
                "確認してください。",
            )


def _is_usable(url: str, scheme: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme == scheme and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def _code_flow(document: Mapping[str, Any]) -> Iterator[Finding]:
    if "code" not in _texts(document, "response_types_supported"):
        yield Finding(
            "no-code-flow",
            "/issuer",
            "The provider does not offer response_type=code.",
            "認可コード方式(response_type=code)が使えません。認証基盤で標準フロー"
            "(Standard flow / 認可コード)を有効にしてください。",
        )
    methods = _texts(document, "code_challenge_methods_supported")
    if methods and "S256" not in methods:
        yield Finding(
            "no-pkce",
            "/issuer",
            "The provider does not offer PKCE with S256.",
            "PKCE の S256 が使えません。認証基盤で PKCE(S256)を有効にしてください。",
        )


def _client(document: Mapping[str, Any], plan: Plan) -> Iterator[Finding]:
    methods = _texts(document, "token_endpoint_auth_methods_supported") or {_DISCOVERY_DEFAULT}
    if plan.client_authentication not in methods:
        yield Finding(
            "client-authentication-not-offered",
            "/client_authentication",
            f"The provider does not offer {plan.client_authentication}.",
            f"この認証基盤は {plan.client_authentication} に対応していません。"
            f"次のいずれかを指定してください: {'、'.join(sorted(methods & _OURS)) or 'なし'}。",
        )
        return
    signing = _texts(document, "token_endpoint_auth_signing_alg_values_supported")
    if plan.client_authentication == "private_key_jwt" and signing and "ES256" not in signing:
        yield Finding(
            "client-signature-not-offered",
            "/client_authentication",
            "The provider does not accept client assertions signed with ES256.",
            "この認証基盤は、ES256 で署名したクライアント認証に対応していません。"
            "client_secret_basic を指定してください。",
        )


_OURS = frozenset({"private_key_jwt", "client_secret_basic", "client_secret_post"})


def _signatures(algorithms: Iterable[str], keys: int | None) -> Iterator[Finding]:
    if not tuple(algorithms):
        yield Finding(
            "no-signature-in-common",
            "/issuer",
            "ID tokens are signed in no way we accept (ES256, PS256, RS256).",
            "ID トークンの署名方式が対応していません。認証基盤で RS256、PS256、ES256 の"
            "いずれかを選んでください。",
        )
    if keys is None:
        yield Finding(
            "keys-unreadable",
            "/issuer",
            "The key set at jwks_uri could not be read, or publishes a private key.",
            "署名鍵の一覧(jwks_uri)を読み取れません。外部から取得できること、秘密鍵が公開されて"
            "いないことを確認してください。",
        )
    elif keys == 0:
        yield Finding(
            "keys-unusable",
            "/issuer",
            "The key set has no usable signing key: P-256, or RSA of 2048 bits or more.",
            "使える署名鍵がありません。P-256 または 2048 ビット以上の RSA の署名用の鍵(kid 付き)を"
            "公開してください。",
        )


def _scopes(document: Mapping[str, Any], plan: Plan) -> Iterator[Finding]:
    asked = plan.scope.split()
    if "openid" not in asked:
        yield Finding(
            "scope-without-openid",
            "/scope",
            "The scope must contain openid.",
            "scope には openid を含めてください。",
        )
    offered = _texts(document, "scopes_supported")
    for name in asked:
        if offered and name not in offered:
            yield Finding(
                "scope-not-offered",
                "/scope",
                f"The provider does not list the scope {name}.",
                f"この認証基盤の一覧に scope「{name}」がありません。認証基盤に追加するか、"
                "指定から外してください。",
            )


def _notices(document: Mapping[str, Any], plan: Plan) -> Iterator[Finding]:
    offered = _texts(document, "claims_supported")
    for use, name in plan.claims.named().items():
        if offered and name.partition(".")[0] not in offered:
            yield Finding(
                "claim-not-listed",
                f"/claims/{use}",
                f"The provider does not list the claim {name}; the trial sign-in will show.",
                f"クレーム「{name}」は一覧にありません。実際に届くかどうかは、テストサインインで"
                "確認してください。",
            )
    if not _texts(document, "code_challenge_methods_supported"):
        yield Finding(
            "pkce-not-listed",
            "/issuer",
            "The provider does not say that it supports PKCE; it is used all the same.",
            "PKCE への対応が明示されていません。PKCE は常に使用します。",
        )
    if document.get("authorization_response_iss_parameter_supported") is not True:
        yield Finding(
            "does-not-name-itself",
            "/issuer",
            "The provider does not name itself in its answers; its own redirect URI shows whose"
            " they are.",
            "応答に発行者名(iss)が付きません。この認証基盤専用の戻り先アドレスで見分けます。",
        )
    levels = _texts(document, "acr_values_supported")
    for name in plan.acr_values.split():
        if levels and name not in levels:
            yield Finding(
                "acr-not-listed",
                "/acr_values",
                f"The provider does not list the assurance {name}.",
                f"保証レベル「{name}」は一覧にありません。",
            )


def _texts(document: Mapping[str, Any], name: str) -> set[str]:
    value: object = document.get(name)
    if not isinstance(value, list):
        return set()
    return {one for one in cast("list[object]", value) if isinstance(one, str)}
