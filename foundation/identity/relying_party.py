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
from typing import Any
from urllib.parse import urlsplit

import httpx

from foundation import clock

from ._authlib import CodeFlow, ProviderError, ProviderUnreachable
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
    "Identification",
    "Provider",
    "ProviderError",
    "ProviderUnreachable",
    "RelyingParty",
    "UntrustworthyAnswer",
]

_ALGORITHMS = ("ES256",)  # デジタル認証アプリ signs ID tokens with ES256 and nothing else
_TYPES = frozenset({None, "JWT"})
_LEEWAY = timedelta(seconds=30)
_MAXIMUM_AGE = timedelta(minutes=10)
_DOCUMENT_SECONDS = 600.0
_REFETCH_SECONDS = 30.0
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")


class UntrustworthyAnswer(Exception):
    """What came back is not what this provider says to us about this sign-in; why, for the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """An OpenID provider we are a client of."""

    issuer: str
    client_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identification:
    """A provider's word on a person: `claims` are what it says of them, beyond who they are."""

    issuer: str
    subject: str
    acr: str
    authenticated_at: datetime
    claims: Mapping[str, Any] = field(repr=False)


@dataclass(slots=True)
class _Known:
    """What a provider published, and when we asked; refreshed, never believed for ever."""

    endpoints: Mapping[str, str]
    names_itself: bool
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
        self._known: dict[str, _Known] = {}

    async def authorization_url(
        self, provider: Provider, *, verifier: str, **parameters: str
    ) -> str:
        """Return where to send the browser; `parameters` carry scope, state and nonce.

        Raises:
            ProviderUnreachable: its metadata cannot be read, or is another provider's.
        """
        known = await self._metadata(provider)
        return self._flow(provider).authorization_url(
            known.endpoints["authorization_endpoint"], verifier=verifier, **parameters
        )

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
        if named is None and known.names_itself:
            raise UntrustworthyAnswer("the response does not name its issuer")
        if named is not None and named != provider.issuer:
            raise UntrustworthyAnswer("the response names another issuer")
        flow = self._flow(provider)
        tokens = await flow.exchange(
            known.endpoints["token_endpoint"], code=code, verifier=verifier
        )
        try:
            claims = await self._verified(provider, known, tokens.id_token)
            found = _judged(claims, provider, nonce)
            _check_half_hash(claims, tokens.access_token)
        except InvalidToken as error:
            raise UntrustworthyAnswer(f"ID token: {error}") from error
        said = await flow.document(
            known.endpoints["userinfo_endpoint"], access_token=tokens.access_token
        )
        if said.get("sub") != found.subject:
            raise UntrustworthyAnswer("userinfo is about somebody else")
        return Identification(
            issuer=found.issuer,
            subject=found.subject,
            acr=found.acr,
            authenticated_at=found.authenticated_at,
            claims=said,
        )

    def _flow(self, provider: Provider) -> CodeFlow:
        return CodeFlow(
            provider.client_id,
            key=self._key,
            redirect_uri=self._redirect_uri,
            transport=self._transport,
        )

    async def _metadata(self, provider: Provider) -> _Known:
        known = self._known.get(provider.issuer)
        if known is not None and self._monotonic() - known.asked_at < _DOCUMENT_SECONDS:
            return known
        url = provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
        document = await self._flow(provider).document(url)
        if document.get("issuer") != provider.issuer:
            raise ProviderUnreachable("the metadata are another issuer's")
        endpoints = {name: _endpoint(document, name, provider) for name in _ENDPOINTS}
        known = _Known(
            endpoints=endpoints,
            names_itself=document.get("authorization_response_iss_parameter_supported") is True,
            asked_at=self._monotonic(),
        )
        self._known[provider.issuer] = known
        return known

    async def _verified(self, provider: Provider, known: _Known, token: str) -> VerifiedClaims:
        """Check the signature; a key we do not know is asked for once, not once per forgery."""
        keys = known.keys
        if keys is None or self._monotonic() - known.keys_asked_at > _DOCUMENT_SECONDS:
            keys = await self._fetch_keys(provider, known)
        try:
            return keys.verify(token, algorithms=_ALGORITHMS, types=_TYPES)
        except UnknownKey:
            if self._monotonic() - known.keys_asked_at < _REFETCH_SECONDS:
                raise
            keys = await self._fetch_keys(provider, known)
            return keys.verify(token, algorithms=_ALGORITHMS, types=_TYPES)

    async def _fetch_keys(self, provider: Provider, known: _Known) -> ForeignKeys:
        known.keys_asked_at = self._monotonic()
        known.keys = ForeignKeys(await self._flow(provider).document(known.endpoints["jwks_uri"]))
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
    if not hmac.compare_digest(text_of(claims, "nonce").encode(), nonce.encode()):
        raise InvalidToken("an answer to another sign-in")
    return Identification(
        issuer=provider.issuer,
        subject=text_of(claims, "sub"),
        acr=text_of(claims, "acr") if "acr" in claims else "",
        authenticated_at=instant_of(claims, "auth_time") if "auth_time" in claims else issued_at,
        claims={},
    )


def _check_half_hash(claims: VerifiedClaims, access_token: str) -> None:
    """Check `at_hash` where it is given: the access token belongs to this ID token (§3.1.3.8)."""
    if "at_hash" not in claims:
        return
    half = hashlib.sha256(access_token.encode()).digest()[:16]
    expected = base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    if not hmac.compare_digest(text_of(claims, "at_hash").encode(), expected.encode()):
        raise InvalidToken("another access token's")
