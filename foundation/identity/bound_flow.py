"""Signing in at a provider that holds us to the FAPI 2.0 Security Profile.

The request never travels through the browser: it is pushed to the provider beforehand (RFC 9126),
and the browser carries a reference to it. What the provider gives is bound to a key made for this
one answer (RFC 9449), so that whoever steals the token has nothing. Authlib speaks neither, so
this is ours; what the provider says is judged by the same code as any other provider's word.
"""

import base64
import hashlib
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlencode

import httpx

from foundation import clock
from foundation.identifiers import new_id

from ._authlib import ANSWER_LIMIT, Borrowed, ProviderError, ProviderTokens, ProviderUnreachable
from .keys import SigningKey

_ASSERTION_SECONDS = 60
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_TIMEOUT = httpx.Timeout(5.0)


class BoundFlow:
    """Our side of one sign-in at one such provider; it is used for one sign-in only."""

    def __init__(
        self,
        client_id: str,
        *,
        issuer: str,
        key: SigningKey,
        redirect_uri: str,
        transport: httpx.AsyncBaseTransport,
    ) -> None:
        self._client_id = client_id
        self._issuer = issuer
        self._key = key
        self._redirect_uri = redirect_uri
        self._transport = transport
        self._bound: SigningKey | None = None
        self._nonce: str | None = None

    async def pushed(self, endpoint: str, *, verifier: str, **parameters: str) -> str:
        """Push the request and return the reference the browser carries (RFC 9126 §2.2).

        Raises:
            ProviderError: the provider refuses it.
            ProviderUnreachable: it does not answer, or not with a reference.
        """
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        answer = await self._post(
            endpoint,
            {
                "response_type": "code",
                "redirect_uri": self._redirect_uri,
                "code_challenge": challenge.rstrip(b"=").decode(),
                "code_challenge_method": "S256",
                **parameters,
            },
            expected=HTTPStatus.CREATED,
        )
        reference = answer.get("request_uri")
        if not isinstance(reference, str):
            raise ProviderUnreachable("pushed request")
        return reference

    def authorization_url(self, endpoint: str, reference: str) -> str:
        """Return where to send the browser: who we are and the reference, nothing else."""
        query = urlencode({"client_id": self._client_id, "request_uri": reference})
        return f"{endpoint}?{query}"

    async def exchange(self, endpoint: str, *, code: str, verifier: str) -> ProviderTokens:
        """Redeem a code for tokens bound to this sign-in's key.

        Raises:
            ProviderError: the provider refuses.
            ProviderUnreachable: it does not answer, or with tokens that anybody could use.
        """
        # Made only now: between leaving and coming back a sign-in may change gateways, and a key
        # that outlives the request would have to be written down. The code is ours by PKCE and by
        # our own proof.
        self._bound = SigningKey.generate("ES256")
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": verifier,
            "redirect_uri": self._redirect_uri,
        }
        answer = await self._post(endpoint, form, expected=HTTPStatus.OK)
        access_token, id_token = answer.get("access_token"), answer.get("id_token")
        if not isinstance(access_token, str) or not isinstance(id_token, str):
            raise ProviderUnreachable("token")
        if str(answer.get("token_type")).lower() != "dpop":
            raise ProviderUnreachable("a token that is bound to nobody")
        return ProviderTokens(access_token=access_token, id_token=id_token)

    async def document(self, url: str, *, access_token: str) -> dict[str, Any]:
        """Fetch what the provider says of a person, with the token and the proof of its key.

        Raises:
            ProviderUnreachable: it does not answer, or not with a JSON object of a sane size.
        """
        answer = await self._sent("GET", url, None, access_token=access_token)
        if answer.status_code != HTTPStatus.OK:
            raise ProviderUnreachable(url)
        return _read(answer)

    async def _post(
        self, endpoint: str, form: dict[str, str], *, expected: HTTPStatus
    ) -> dict[str, Any]:
        answer = await self._sent("POST", endpoint, form)
        document = _read(answer)
        if answer.status_code != expected:
            code = document.get("error")
            raise ProviderError(code if isinstance(code, str) else "server_error")
        return document

    async def _sent(
        self, method: str, url: str, form: dict[str, str] | None, *, access_token: str | None = None
    ) -> httpx.Response:
        """Send; once more when the provider wants its own nonce in the proof (RFC 9449 §8)."""
        first = await self._once(method, url, form, access_token=access_token)
        nonce = first.headers.get("DPoP-Nonce")
        if nonce is None or nonce == self._nonce:
            return first
        self._nonce = nonce
        is_refused = first.status_code in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED)
        if not is_refused or b"use_dpop_nonce" not in _challenge(first):
            return first
        return await self._once(method, url, form, access_token=access_token)

    async def _once(
        self, method: str, url: str, form: dict[str, str] | None, *, access_token: str | None
    ) -> httpx.Response:
        headers = {"Accept": "application/json"}
        if self._bound is not None:
            headers["DPoP"] = self._proof(self._bound, method, url, access_token)
        if access_token is not None:
            headers["Authorization"] = f"DPoP {access_token}"
        data = None if form is None else {**form, **self._proven()}
        async with httpx.AsyncClient(
            transport=Borrowed(self._transport), timeout=_TIMEOUT, trust_env=False
        ) as client:
            try:
                return await client.request(method, url, data=data, headers=headers)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise ProviderUnreachable(url) from error

    def _proven(self) -> dict[str, str]:
        """Return our proof of who we are; it names the issuer alone (FAPI 2.0 §5.3.2.1)."""
        issued_at = int(clock.now().timestamp())
        claims = {
            "iss": self._client_id,
            "sub": self._client_id,
            "aud": self._issuer,
            "iat": issued_at,
            "exp": issued_at + _ASSERTION_SECONDS,
            "jti": str(new_id()),
        }
        return {
            "client_id": self._client_id,
            "client_assertion_type": _ASSERTION,
            "client_assertion": self._key.sign(claims, typ="JWT"),
        }

    def _proof(self, bound: SigningKey, method: str, url: str, access_token: str | None) -> str:
        """Return a proof that we hold the key, for this request alone (RFC 9449 §4.2)."""
        claims: dict[str, Any] = {
            "jti": str(new_id()),
            "htm": method,
            "htu": url.partition("?")[0],
            "iat": int(clock.now().timestamp()),
        }
        if self._nonce is not None:
            claims["nonce"] = self._nonce
        if access_token is not None:
            half = hashlib.sha256(access_token.encode()).digest()
            claims["ath"] = base64.urlsafe_b64encode(half).rstrip(b"=").decode()
        published = bound.public()
        jwk = {name: published[name] for name in ("kty", "crv", "x", "y")}
        return bound.sign_with(claims, header={"typ": "dpop+jwt", "jwk": jwk})


def _challenge(answer: httpx.Response) -> bytes:
    return answer.content[:ANSWER_LIMIT] + answer.headers.get("WWW-Authenticate", "").encode()


def _read(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json() if len(answer.content) <= ANSWER_LIMIT else None
    except (ValueError, RecursionError) as error:
        raise ProviderUnreachable("unreadable") from error
    if not isinstance(found, dict):
        raise ProviderUnreachable("unreadable")
    return cast("dict[str, Any]", found)
