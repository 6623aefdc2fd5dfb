"""How the office believes another's word about who somebody is, and how far.

A person proves themselves to a provider: the one residents use with their card, or the one a
municipality runs for its officials. What comes back is believed only if it was said by that very
provider, to us, in answer to this sign-in, a moment ago. The provider is bound to the sign-in
before the browser leaves, so that no other can answer in its place (RFC 9700 §4.4, mix-up).
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx

from foundation import clock

from . import farewell
from ._authlib import CodeFlow, ProviderError, ProviderUnreachable
from .bound_flow import BoundFlow
from .farewell import Farewell
from .jose import (
    ForeignKeys,
    UnknownKey,
    VerifiedClaims,
    audiences_of,
    instant_of,
    text_of,
)
from .keys import InvalidToken, SigningKey

__all__ = [
    "ClientAuthentication",
    "Endpoints",
    "Farewell",
    "Identification",
    "Provider",
    "ProviderError",
    "ProviderUnreachable",
    "RelyingParty",
    "UntrustworthyAnswer",
]

_TYPES = frozenset({None, "JWT"})
_LEEWAY = timedelta(seconds=30)
_MAXIMUM_AGE = timedelta(minutes=10)
_DOCUMENT_SECONDS = 600.0
_REFETCH_SECONDS = 30.0
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
"""What a provider's metadata must name for a person to sign in there (Discovery §3)."""

_OF_THE_PROTOCOL = frozenset(
    {"iss", "aud", "azp", "exp", "iat", "nbf", "nonce", "jti", "at_hash", "c_hash", "typ", "sid"}
)

ClientAuthentication = Literal["private_key_jwt", "client_secret_basic", "client_secret_post"]
"""How we prove ourselves to a provider (OpenID Connect Core §9)."""


class UntrustworthyAnswer(Exception):
    """What came back is not what this provider says to us about this sign-in; why, for the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Where a provider is asked; `names_itself`: its answers carry `iss` (RFC 9207).

    With a `pushed_authorization_request_endpoint`, the provider takes requests no other way and
    binds what it gives: the FAPI 2.0 Security Profile.
    """

    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    names_itself: bool = False
    pushed_authorization_request_endpoint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """An OpenID provider we are a client of.

    With `endpoints` given, they hold whatever the provider publishes later: a document that was
    altered after it was examined leads nobody astray. `redirect_uri` is one of this provider
    alone, so that an answer that does not name its issuer still shows whose it is (RFC 9700
    §4.4.2); None means the one all others share.
    """

    issuer: str
    client_id: str
    client_authentication: ClientAuthentication = "private_key_jwt"
    client_secret: str | None = field(default=None, repr=False)
    # デジタル認証アプリ signs ID tokens with ES256 and nothing else.
    algorithms: tuple[str, ...] = ("ES256",)
    endpoints: Endpoints | None = None
    redirect_uri: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identification:
    """A provider's word on a person: `claims` are what it says of them, beyond who they are.

    Userinfo and ID token are read together, because providers differ in where they put a group.
    `acr` is empty and `authenticated_at` None where the provider says nothing: when it answered
    us is not when the person proved themselves, which may have been this morning.
    """

    issuer: str
    subject: str
    acr: str
    authenticated_at: datetime | None
    claims: Mapping[str, Any] = field(repr=False)
    session: str | None = field(default=None, repr=False)
    """What the provider calls its own session (`sid`), if it says that it will take it back."""
    access_token: str = field(default="", repr=False)
    """What the provider gave for asking it about this person, and about what they just signed."""


@dataclass(slots=True)
class _Known:
    """What a provider published, and when we asked; refreshed, never believed for ever."""

    endpoints: Endpoints
    asked_at: float
    keys: ForeignKeys | None = None
    keys_asked_at: float = 0.0


class RelyingParty:
    """The office as a client of identity providers."""

    def __init__(
        self,
        key: SigningKey,
        *,
        redirect_uri: str,
        transport: httpx.AsyncBaseTransport,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._key = key
        self._redirect_uri = redirect_uri
        self._transport = transport
        self._monotonic = monotonic
        self._known: dict[tuple[str, Endpoints | None], _Known] = {}

    async def authorization_url(
        self, provider: Provider, *, verifier: str, **parameters: str
    ) -> str:
        """Return where to send the browser; `parameters` carry scope, state and nonce.

        Raises:
            ProviderUnreachable: its metadata cannot be read, or is another provider's.
        """
        known = await self._metadata(provider)
        endpoint = known.endpoints.authorization_endpoint
        pushing = known.endpoints.pushed_authorization_request_endpoint
        if pushing is None:
            flow = self._flow(provider)
            return flow.authorization_url(endpoint, verifier=verifier, **parameters)
        bound = self._bound_flow(provider)
        try:
            reference = await bound.pushed(pushing, verifier=verifier, **parameters)
        except ProviderError as error:
            raise ProviderUnreachable(f"refuses our request: {error.code}") from error
        return bound.authorization_url(endpoint, reference)

    async def endpoints(self, provider: Provider) -> Endpoints:
        """Return where a provider is asked.

        Raises:
            ProviderUnreachable: its metadata cannot be read, or is another provider's.
        """
        return (await self._metadata(provider)).endpoints

    async def identify(
        self, provider: Provider, *, code: str, verifier: str, nonce: str, named: str | None
    ) -> Identification:
        """Redeem the code and return who it is about.

        Args:
            provider: the one this sign-in was sent to.
            code: from the authorization response.
            verifier: the PKCE secret of this sign-in.
            nonce: what the ID token must repeat.
            named: `iss` of the authorization response, if it had one (RFC 9207).

        Raises:
            ProviderError: the provider refuses the code.
            ProviderUnreachable: it does not answer.
            UntrustworthyAnswer: the answer is somebody else's, for somebody else, or old.
        """
        known = await self._metadata(provider)
        if named is None and known.endpoints.names_itself:
            raise UntrustworthyAnswer("the response does not name its issuer")
        if named is not None and named != provider.issuer:
            raise UntrustworthyAnswer("the response names another issuer")
        is_bound = known.endpoints.pushed_authorization_request_endpoint is not None
        flow = self._bound_flow(provider) if is_bound else self._flow(provider)
        tokens = await flow.exchange(known.endpoints.token_endpoint, code=code, verifier=verifier)
        try:
            claims = await self._verified(provider, known, tokens.id_token)
            found = _judged(claims, provider, nonce)
            _check_half_hash(claims, tokens.access_token)
        except InvalidToken as error:
            raise UntrustworthyAnswer(f"ID token: {error}") from error
        said = await flow.document(
            known.endpoints.userinfo_endpoint, access_token=tokens.access_token
        )
        if said.get("sub") != found.subject:
            raise UntrustworthyAnswer("userinfo is about somebody else")
        return Identification(
            issuer=found.issuer,
            subject=found.subject,
            acr=found.acr,
            authenticated_at=found.authenticated_at,
            claims={name: claims[name] for name in claims.keys() - _OF_THE_PROTOCOL} | said,
            session=found.session,
            access_token=tokens.access_token,
        )

    async def farewell(self, provider: Provider, token: str) -> Farewell:
        """Return whose sessions at a provider are over, by its own word.

        Raises:
            ProviderUnreachable: its keys cannot be read.
            UntrustworthyAnswer: the word is another's, for another, old, or of another kind.
        """
        try:
            known = await self._metadata(provider)
            claims = await self._verified(provider, known, token, types=farewell.TYPES)
            return farewell.judged(claims, issuer=provider.issuer, client_id=provider.client_id)
        except InvalidToken as error:
            raise UntrustworthyAnswer(f"logout token: {error}") from error

    def _bound_flow(self, provider: Provider) -> BoundFlow:
        return BoundFlow(
            provider.client_id,
            issuer=provider.issuer,
            key=self._key,
            redirect_uri=provider.redirect_uri or self._redirect_uri,
            transport=self._transport,
        )

    def _flow(self, provider: Provider) -> CodeFlow:
        return CodeFlow(
            provider.client_id,
            key=self._key,
            redirect_uri=provider.redirect_uri or self._redirect_uri,
            transport=self._transport,
            authentication=provider.client_authentication,
            secret=provider.client_secret,
        )

    async def _metadata(self, provider: Provider) -> _Known:
        known = self._known.get((provider.issuer, provider.endpoints))
        if provider.endpoints is not None:
            fresh = _Known(endpoints=provider.endpoints, asked_at=self._monotonic())
            return self._known.setdefault((provider.issuer, provider.endpoints), fresh)
        if known is not None and self._monotonic() - known.asked_at < _DOCUMENT_SECONDS:
            return known
        url = provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
        document = await self._flow(provider).document(url)
        if document.get("issuer") != provider.issuer:
            raise ProviderUnreachable("the metadata are another issuer's")
        found = {name: _endpoint(document, name, provider) for name in ENDPOINTS}
        names_itself = document.get("authorization_response_iss_parameter_supported") is True
        pushing = None
        if document.get("require_pushed_authorization_requests") is True:
            pushing = _endpoint(document, "pushed_authorization_request_endpoint", provider)
        known = _Known(
            endpoints=Endpoints(
                **found,
                names_itself=names_itself,
                pushed_authorization_request_endpoint=pushing,
            ),
            asked_at=self._monotonic(),
        )
        self._known[provider.issuer, None] = known
        return known

    async def _verified(
        self,
        provider: Provider,
        known: _Known,
        token: str,
        *,
        types: frozenset[str | None] = _TYPES,
    ) -> VerifiedClaims:
        """Check the signature; a key we do not know is asked for once, not once per forgery."""
        keys = known.keys
        if keys is None or self._monotonic() - known.keys_asked_at > _DOCUMENT_SECONDS:
            keys = await self._fetch_keys(provider, known)
        try:
            return keys.verify(token, algorithms=provider.algorithms, types=types)
        except UnknownKey:
            if self._monotonic() - known.keys_asked_at < _REFETCH_SECONDS:
                raise
            keys = await self._fetch_keys(provider, known)
            return keys.verify(token, algorithms=provider.algorithms, types=types)

    async def _fetch_keys(self, provider: Provider, known: _Known) -> ForeignKeys:
        known.keys_asked_at = self._monotonic()
        known.keys = ForeignKeys(await self._flow(provider).document(known.endpoints.jwks_uri))
        return known.keys


def _endpoint(document: Mapping[str, Any], name: str, provider: Provider) -> str:
    """Return an endpoint; one that is less protected than its issuer is not believed."""
    url: object = document.get(name)
    if not isinstance(url, str) or urlsplit(url).scheme != urlsplit(provider.issuer).scheme:
        raise ProviderUnreachable(f"no usable {name}")
    return url


def _judged(claims: VerifiedClaims, provider: Provider, nonce: str) -> Identification:
    """Apply OpenID Connect Core §3.1.3.7, in its order."""
    if text_of(claims, "iss") != provider.issuer:
        raise InvalidToken("another issuer's")
    audiences = audiences_of(claims)
    if provider.client_id not in audiences:
        raise InvalidToken("for another client")
    if (len(audiences) > 1 or "azp" in claims) and claims.get("azp") != provider.client_id:
        raise InvalidToken("given to another client")
    now = clock.now()
    if instant_of(claims, "exp") <= now - _LEEWAY:
        raise InvalidToken("expired")
    issued_at = instant_of(claims, "iat")
    if not now - _MAXIMUM_AGE <= issued_at <= now + _LEEWAY:
        raise InvalidToken("not issued just now")
    authenticated_at = instant_of(claims, "auth_time") if "auth_time" in claims else None
    if authenticated_at is not None and authenticated_at > now + _LEEWAY:
        raise InvalidToken("somebody who is yet to prove themselves")
    if not hmac.compare_digest(text_of(claims, "nonce").encode(), nonce.encode()):
        raise InvalidToken("an answer to another sign-in")
    return Identification(
        issuer=provider.issuer,
        subject=text_of(claims, "sub"),
        acr=text_of(claims, "acr") if "acr" in claims else "",
        authenticated_at=authenticated_at,
        claims={},
        session=text_of(claims, "sid") if "sid" in claims else None,
    )


def _check_half_hash(claims: VerifiedClaims, access_token: str) -> None:
    """Check `at_hash` where it is given: the access token belongs to this ID token (§3.1.3.8)."""
    if "at_hash" not in claims:
        return
    half = hashlib.sha256(access_token.encode()).digest()[:16]
    expected = base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    if not hmac.compare_digest(text_of(claims, "at_hash").encode(), expected.encode()):
        raise InvalidToken("another access token's")
