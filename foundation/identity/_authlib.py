"""The one typed door to Authlib, which publishes no types: everything else here may stay strict.

Authlib speaks the authorization code flow to a provider; what it says comes back as plain values.
Its import announces that it will one day want another HTTP library; that notice is for us, not
for whoever runs the office, so it is silenced here and nowhere else.
"""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownParameterType=false, reportMissingParameterType=false, reportUntypedBaseClass=false
# Authlib has no annotations; every value that leaves this file is checked where it leaves.

import warnings
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx
from authlib.deprecate import AuthlibDeprecationWarning
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from typing_extensions import override

from foundation import clock
from foundation.identifiers import new_id

from .keys import SigningKey

with warnings.catch_warnings():
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations.httpx_client import AsyncOAuth2Client, OAuthError

_ASSERTION_SECONDS = 60
_TIMEOUT = httpx.Timeout(5.0)
ANSWER_LIMIT = 65_536


class ProviderError(Exception):
    """The provider answered with an OAuth error; `code` is its RFC 6749 §5.2 name."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ProviderUnreachable(Exception):
    """No answer came, or none that could be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderTokens:
    """What a provider's token endpoint gave."""

    access_token: str
    id_token: str


class _Assertion(PrivateKeyJWT):
    """Our proof to a provider of who we are (RFC 7523 §2.2): fresh for each request, 60 s.

    Authlib would make it good for an hour and lets one object repeat its `jti`; this does neither.
    """

    def __init__(self, key: SigningKey) -> None:
        super().__init__(alg=key.algorithm)
        self._key = key

    @override
    def sign(self, auth: Any, token_endpoint: str) -> bytes:
        issued_at = int(clock.now().timestamp())
        claims = {
            "iss": auth.client_id,
            "sub": auth.client_id,
            "aud": token_endpoint,
            "iat": issued_at,
            "exp": issued_at + _ASSERTION_SECONDS,
            "jti": str(new_id()),
        }
        return self._key.sign(claims, typ="JWT").encode()


class Borrowed(httpx.AsyncBaseTransport):
    """A transport that outlives the client that uses it: one pool of connections for all."""

    def __init__(self, lender: httpx.AsyncBaseTransport) -> None:
        self._lender = lender

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._lender.handle_async_request(request)


class CodeFlow:
    """Our side of the authorization code flow with one provider, as one of its clients."""

    def __init__(
        self,
        client_id: str,
        *,
        key: SigningKey,
        redirect_uri: str,
        transport: httpx.AsyncBaseTransport,
        authentication: str = PrivateKeyJWT.name,
        secret: str | None = None,
    ) -> None:
        self._client_id = client_id
        self._authentication = authentication
        self._secret = secret
        self._key = key
        self._redirect_uri = redirect_uri
        self._transport = transport

    def authorization_url(self, endpoint: str, *, verifier: str, **parameters: str) -> str:
        """Return where to send the browser; PKCE is S256 (RFC 7636 §4.2)."""
        state = parameters.pop("state")
        url, _ = self._client().create_authorization_url(
            endpoint, state=state, code_verifier=verifier, **parameters
        )
        return str(url)

    async def exchange(self, endpoint: str, *, code: str, verifier: str) -> ProviderTokens:
        """Redeem a code, proving ourselves as this provider has it.

        Raises:
            ProviderError: the provider refuses.
            ProviderUnreachable: it does not answer, or not with tokens.
        """
        async with self._client() as client:
            try:
                answer: dict[str, Any] = await client.fetch_token(
                    endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=verifier,
                    redirect_uri=self._redirect_uri,
                    client_id=self._client_id,
                )
            except OAuthError as error:
                raise ProviderError(str(error.error)) from error
            except (httpx.HTTPError, ValueError, TypeError) as error:
                raise ProviderUnreachable("token") from error
        access_token, id_token = answer.get("access_token"), answer.get("id_token")
        if not isinstance(access_token, str) or not isinstance(id_token, str):
            raise ProviderUnreachable("token")
        return ProviderTokens(access_token=access_token, id_token=id_token)

    async def document(self, url: str, *, access_token: str | None = None) -> dict[str, Any]:
        """Fetch a JSON object: metadata, keys, or with a token what the provider says of a person.

        Redirects are not followed: a provider's documents are where it said they are.

        Raises:
            ProviderUnreachable: it does not answer, or not with a JSON object of a sane size.
        """
        headers = {"Accept": "application/json"}
        if access_token is not None:
            headers["Authorization"] = f"Bearer {access_token}"
        async with self._client() as client:
            try:
                answer: httpx.Response = await client.request(
                    "GET", url, withhold_token=True, headers=headers
                )
                found = answer.json() if len(answer.content) <= ANSWER_LIMIT else None
            except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError) as error:
                raise ProviderUnreachable(url) from error
        if answer.status_code != HTTPStatus.OK or not isinstance(found, dict):
            raise ProviderUnreachable(url)
        return found

    def _client(self) -> Any:
        client = AsyncOAuth2Client(
            client_id=self._client_id,
            client_secret=self._secret,
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            token_endpoint_auth_method=self._authentication,
            transport=Borrowed(self._transport),
            timeout=_TIMEOUT,
            follow_redirects=False,
            trust_env=False,
        )
        client.register_client_auth_method(_Assertion(self._key))
        return client
