"""The authorization request: what a client must say before a person is asked for anything.

RFC 6749 §4.1.1, RFC 7636 §4.3, OpenID Connect Core §3.1.2.1, and the parameter table of the
digital authentication app, which makes `state`, `nonce` and PKCE with S256 required.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from infra.identity.bodies import UnreadableRequest, read_parameters
from infra.identity.register import ClientRecord

from .errors import AuthorizationRefused, PersonRefused

_PRINTABLE = re.compile(r"[\x20-\x7e]{1,255}")
_MAX_AGE = re.compile(r"[0-9]{1,9}")
_TRANSACTION = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PROMPTS = frozenset({"login", "consent", "select_account", "none"})
_SIGN = "sign"
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
"""RFC 7636 §4.2: BASE64URL(SHA256(…)) without padding always has 43 characters."""

_REGISTER = "サービスの担当者に、clients.json の登録を確かめるよう伝えてください。"
_RETURN = "元のサービスに戻り、もう一度サインインを始めてください。"


@dataclass(frozen=True, slots=True)
class Offer:
    """What one provider is willing to be asked for."""

    scopes: frozenset[str]
    acr_values: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """A request found to be complete and in order."""

    client: ClientRecord
    redirect_uri: str
    state: str
    nonce: str
    code_challenge: str
    scopes: frozenset[str]
    sign_transaction_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """Where an answer may be sent: a registered redirect_uri, and the state to give back."""

    client: ClientRecord
    redirect_uri: str
    state: str | None
    parameters: Mapping[str, str]


def read_callback(query: bytes, clients: Mapping[str, ClientRecord]) -> Callback:
    """Find out to whom the answer goes, before anything else is looked at.

    Raises:
        PersonRefused: unknown client, or a redirect_uri that is not *exactly* a registered one
            (RFC 9700 §2.1). Redirecting an error there would make us an open redirector.
    """
    try:
        parameters = read_parameters(query)
    except UnreadableRequest:
        raise PersonRefused("サインインの依頼を読み取れません。", remedy=_RETURN) from None
    client = clients.get(parameters.get("client_id", ""))
    if client is None:
        raise PersonRefused("このサービスは登録されていません。", remedy=_REGISTER)
    redirect_uri = parameters.get("redirect_uri", "")
    if redirect_uri not in client.redirect_uris:
        raise PersonRefused("戻り先のアドレスが登録と一致しません。", remedy=_REGISTER)
    state = parameters.get("state")
    if state is not None and not _PRINTABLE.fullmatch(state):
        state = None
    return Callback(client=client, redirect_uri=redirect_uri, state=state, parameters=parameters)


def read_request(callback: Callback, offer: Offer) -> AuthorizationRequest:
    """Check everything the answer may report back to the client.

    Raises:
        AuthorizationRefused: with the first fault.
    """
    parameters = callback.parameters
    for check in _CHECKS:
        check(parameters)
    scopes = frozenset(parameters.get("scope", "").split(" "))
    _check_scopes(scopes, offer)
    _check_signing(scopes, parameters)
    _check_acr_values(parameters, offer)
    return AuthorizationRequest(
        client=callback.client,
        redirect_uri=callback.redirect_uri,
        state=parameters["state"],
        nonce=parameters["nonce"],
        code_challenge=parameters["code_challenge"],
        scopes=scopes,
        sign_transaction_id=parameters.get("sign_transaction_id"),
    )


def _check_response_type(parameters: Mapping[str, str]) -> None:
    response_type = parameters.get("response_type")
    if response_type is None:
        raise AuthorizationRefused("invalid_request", "response_type is missing")
    if response_type != "code":
        raise AuthorizationRefused("unsupported_response_type", "only response_type=code is served")
    if parameters.get("response_mode", "query") != "query":
        raise AuthorizationRefused("invalid_request", "only response_mode=query is served")


def _check_request_objects(parameters: Mapping[str, str]) -> None:
    """OIDC Core §6 and §7.2.1: not supported, and the client must be told so by these names."""
    for name, error in (
        ("request", "request_not_supported"),
        ("request_uri", "request_uri_not_supported"),
        ("registration", "registration_not_supported"),
    ):
        if name in parameters:
            raise AuthorizationRefused(error, f"{name} is not supported")


def _check_state_and_nonce(parameters: Mapping[str, str]) -> None:
    for name in ("state", "nonce"):
        if not _PRINTABLE.fullmatch(parameters.get(name, "")):
            raise AuthorizationRefused(
                "invalid_request", f"{name} is required: 1 to 255 printable ASCII characters"
            )


def _check_pkce(parameters: Mapping[str, str]) -> None:
    """RFC 7636 §4.4.1. An omitted method means `plain`, which is refused like `plain` itself."""
    if not _CHALLENGE.fullmatch(parameters.get("code_challenge", "")):
        raise AuthorizationRefused("invalid_request", "code_challenge is required: 43 characters")
    if parameters.get("code_challenge_method") != "S256":
        raise AuthorizationRefused("invalid_request", "code_challenge_method must be S256")


def _check_prompt(parameters: Mapping[str, str]) -> None:
    """OIDC Core §3.1.2.1: no session is ever kept.

    A silent sign-in cannot succeed, and `login` asks for what happens in any case.
    """
    wanted = frozenset(parameters.get("prompt", "").split())
    if not wanted <= _PROMPTS or ("none" in wanted and len(wanted) > 1):
        raise AuthorizationRefused("invalid_request", f"prompt: {' '.join(sorted(_PROMPTS))}")
    if "none" in wanted:
        raise AuthorizationRefused("login_required", "a person must be asked each time")


def _check_max_age(parameters: Mapping[str, str]) -> None:
    """OIDC Core §3.1.2.1: whole seconds.

    Whoever arrives is asked for their card anew, so `auth_time` is never older than any age.
    """
    if "max_age" in parameters and not _MAX_AGE.fullmatch(parameters["max_age"]):
        raise AuthorizationRefused("invalid_request", "max_age must be a whole number of seconds")


_CHECKS: tuple[Callable[[Mapping[str, str]], None], ...] = (
    _check_response_type,
    _check_request_objects,
    _check_state_and_nonce,
    _check_pkce,
    _check_prompt,
    _check_max_age,
)


def _check_scopes(scopes: frozenset[str], offer: Offer) -> None:
    if "openid" not in scopes:
        raise AuthorizationRefused("invalid_scope", "scope must contain openid")
    if not scopes <= offer.scopes:
        raise AuthorizationRefused(
            "invalid_scope", f"scopes served here: {' '.join(sorted(offer.scopes))}"
        )


def _check_signing(scopes: frozenset[str], parameters: Mapping[str, str]) -> None:
    """`sign` and `sign_transaction_id` come together, and nothing is collected on the way.

    The app's reference: an identifier is given when, and only when, the scope has `sign`. Signing
    is no pretext for reading the card's attributes.
    """
    transaction = parameters.get("sign_transaction_id")
    if (_SIGN in scopes) != (transaction is not None):
        raise AuthorizationRefused(
            "invalid_request", "scope sign and sign_transaction_id go together"
        )
    if transaction is not None and not _TRANSACTION.fullmatch(transaction):
        raise AuthorizationRefused("invalid_request", "sign_transaction_id must be a UUID")
    if _SIGN in scopes and scopes != frozenset({"openid", _SIGN}):
        raise AuthorizationRefused("invalid_scope", "sign goes with openid alone")


def _check_acr_values(parameters: Mapping[str, str], offer: Offer) -> None:
    asked = frozenset(parameters.get("acr_values", "").split())
    if not asked <= offer.acr_values:
        raise AuthorizationRefused(
            "invalid_request", f"acr_values served here: {' '.join(sorted(offer.acr_values))}"
        )
