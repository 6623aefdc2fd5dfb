"""What a front end asks for when it sends somebody to sign in, read strictly (OAuth 2.1 §4.1.1)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, cast
from urllib.parse import urlencode, urlsplit, urlunsplit
from uuid import UUID

from foundation import clock
from foundation.problems import MalformedRequest
from gateway.clients.domain import SCOPES, Client

from .demands import Demand
from .errors import (
    InvalidRequest,
    InvalidScope,
    OAuthError,
    RequestNotSupported,
    UnauthorizedClient,
    UnsupportedResponseType,
)
from .pkce import is_challenge

_PRINTABLE = re.compile(r"[\x20-\x7e]{1,512}")
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*")
_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")
_PROVIDER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LONGEST_SCOPE = 1_000


class UnknownClient(MalformedRequest):
    """The address sent back to is not proven, so the person is told here and not sent on."""

    slug = "platform/unknown-client"
    title = "The application that sent you here is not registered."
    title_ja = "呼び出し元のアプリケーションは登録されていません。"
    remedy = "Go back, and report this to whoever runs the application you came from."
    remedy_ja = "前の画面に戻り、呼び出し元のアプリケーションの提供者にお知らせください。"


class RedirectNotRegistered(MalformedRequest):
    """Sending a code to an address that was not registered is how codes are stolen."""

    slug = "platform/redirect-not-registered"
    title = "The application asked to be answered at an address that is not registered for it."
    title_ja = "登録されていない戻り先アドレスが指定されました。"
    remedy = "Go back, and report this to whoever runs the application you came from."
    remedy_ja = "前の画面に戻り、呼び出し元のアプリケーションの提供者にお知らせください。"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """A request that may be carried out; where its answer goes is already settled."""

    client: Client
    redirect_uri: str
    kind: Literal["resident", "official", "business"]
    scopes: frozenset[str]
    state: str | None
    nonce: str | None
    code_challenge: str
    dpop_jkt: str | None = None
    demand: Demand = field(default_factory=Demand)
    provider_id: UUID | None = None


def singles(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return parameters by name; an empty one counts as absent (RFC 6749 §3.1).

    Raises:
        MalformedRequest: one is given twice, and two readers could take a different one each.
    """
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise MalformedRequest("A parameter is given twice.")
        found[name] = value
    return {name: value for name, value in found.items() if value}


def destination(parameters: Mapping[str, str], client: Client | None) -> str:
    """Return where the answer goes: one of the registered addresses, to the letter.

    Raises:
        UnknownClient: nobody active is registered under this name.
        RedirectNotRegistered: the address is not one of theirs, or absent.
    """
    if client is None or not client.is_in_force(clock.now()):
        raise UnknownClient
    redirect_uri = parameters.get("redirect_uri", "")
    if redirect_uri not in client.redirect_uris:
        raise RedirectNotRegistered
    return redirect_uri


def read(
    parameters: Mapping[str, str], client: Client, *, is_pushed: bool = False
) -> AuthorizationRequest:
    """Read the rest of the request; from here on a refusal is sent to `redirect_uri`.

    Args:
        parameters: by name.
        client: who asks.
        is_pushed: whether the client left them here itself, rather than with the browser.

    Raises:
        OAuthError: what is asked for is not offered, or not to this client, or not in this way.
    """
    if client.must_push and not is_pushed:
        raise InvalidRequest("This client must push its requests to /oauth/par first.")
    _check_way_of_asking(parameters)
    challenge = parameters.get("code_challenge")
    if not is_challenge(challenge):
        raise InvalidRequest("code_challenge must be a SHA-256 in base64url.")
    for name in ("state", "nonce"):
        if name in parameters and _PRINTABLE.fullmatch(parameters[name]) is None:
            raise InvalidRequest(f"{name} must be 1 to 512 printable ASCII characters.")
    if "dpop_jkt" in parameters and not is_thumbprint(parameters["dpop_jkt"]):
        raise InvalidRequest("dpop_jkt must be a SHA-256 thumbprint in base64url.")
    return AuthorizationRequest(
        client=client,
        redirect_uri=parameters["redirect_uri"],
        kind=kind_of(parameters.get("identity_provider"), client),
        scopes=scopes_of(parameters.get("scope")),
        state=parameters.get("state"),
        nonce=parameters.get("nonce"),
        code_challenge=cast("str", challenge),
        dpop_jkt=parameters.get("dpop_jkt"),
        demand=Demand.read(parameters),
        provider_id=provider_named(parameters.get("identity_provider")),
    )


def is_thumbprint(text: str) -> bool:
    """Say whether this can be the SHA-256 thumbprint of a key (RFC 7638 §3)."""
    return _THUMBPRINT.fullmatch(text) is not None


def _check_way_of_asking(parameters: Mapping[str, str]) -> None:
    for name in ("request", "request_uri"):
        if name in parameters:
            raise RequestNotSupported
    if parameters.get("response_type") != "code":
        raise UnsupportedResponseType("response_type must be code.")
    if parameters.get("response_mode", "query") != "query":
        raise InvalidRequest("response_mode must be query.")
    if parameters.get("code_challenge_method") != "S256":
        raise InvalidRequest("PKCE with code_challenge_method S256 is required.")


def scopes_of(text: str | None) -> frozenset[str]:
    """Return the scopes named, which must all exist here (RFC 6749 §3.3).

    Raises:
        InvalidScope: none is named, or one that this house does not have.
    """
    if text is None or len(text) > _LONGEST_SCOPE or _SCOPE.fullmatch(text) is None:
        raise InvalidScope("scope must name at least one scope.")
    named = frozenset(text.split(" "))
    if not named <= frozenset(SCOPES):
        raise InvalidScope("scope names one that does not exist.")
    return named


def answer_at(redirect_uri: str, *, issuer: str, **parameters: str | None) -> str:
    """Return the address of the answer, which names who answers (RFC 9207)."""
    given = {name: value for name, value in parameters.items() if value is not None}
    parts = urlsplit(redirect_uri)
    query = "&".join(filter(None, (parts.query, urlencode({**given, "iss": issuer}))))
    return urlunsplit(parts._replace(query=query))


def refusal_at(redirect_uri: str, error: OAuthError, *, issuer: str, state: str | None) -> str:
    """Return the address of a refusal (RFC 6749 §4.1.2.1)."""
    return answer_at(
        redirect_uri,
        issuer=issuer,
        error=error.code,
        error_description=error.description or None,
        state=state,
    )


def kind_of(named: str | None, client: Client) -> Literal["resident", "official", "business"]:
    """Return for whom a provider is asked for; the name of one provider is one for officials."""
    people = client.kinds & {"resident", "official", "business"}
    if not people:
        raise UnauthorizedClient("This client acts for itself, not for people.")
    if named is None and len(people) == 1:
        (named,) = people
    if named == "resident" and named in people:
        return "resident"
    if named == "business" and named in people:
        return "business"
    if (named == "official" or provider_named(named) is not None) and "official" in people:
        return "official"
    raise InvalidRequest("identity_provider must be one this client may use.")


def provider_named(text: str | None) -> UUID | None:
    """Return the provider a request names by its identifier, if it names one so."""
    try:
        return UUID(text) if text is not None and _PROVIDER.fullmatch(text) else None
    except ValueError:
        return None
