"""Our side of the digital authentication app's signing API (デジタル認証アプリ, 署名 API).

A document's digest is handed in beforehand with a token in our own name; what the card made of it
is fetched afterwards with the token of the very authorization in which it was signed.
"""

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import UUID

import httpx

from foundation import clock
from foundation.identifiers import new_id
from foundation.identity.keys import InvalidToken, SigningKey

from .lent import Lent
from .sealed import EncryptionKey

_TIMEOUT = httpx.Timeout(5.0)
_LIMIT = 262_144
_ASSERTION_SECONDS = 60
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class SigningApiUnavailable(Exception):
    """The provider does not answer, or refuses us: nobody can sign now."""


class ResultUnreadable(Exception):
    """What came back is not a signature of this transaction, or was not meant for us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """What the card gave: nothing of it has been checked."""

    digest: bytes
    signature: bytes = field(repr=False)
    certificate: bytes = field(repr=False)

    def as_text(self) -> str:
        """Return it as it is kept until it is judged."""
        parts = (self.digest, self.signature, self.certificate)
        return ".".join(base64.b64encode(part).decode() for part in parts)

    @classmethod
    def from_text(cls, text: str) -> "Presented":
        digest, signature, certificate = (base64.b64decode(part) for part in text.split("."))
        return cls(digest=digest, signature=signature, certificate=certificate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """We, as one client of one provider."""

    issuer: str
    client_id: str
    token_endpoint: str

    @property
    def transactions(self) -> str:
        """Where the API is: at the provider's host, beside the issuer and not below it."""
        parts = urlsplit(self.issuer)
        return f"{parts.scheme}://{parts.netloc}/api/sign-transactions"


class SigningApi:
    """The way to providers' signing API; `key` proves us, `encryption` opens what is ours."""

    def __init__(
        self,
        *,
        key: SigningKey,
        encryption: EncryptionKey,
        transport: httpx.AsyncBaseTransport,
    ) -> None:
        self._key = key
        self._encryption = encryption
        self._transport = transport

    async def begin(self, account: Account, digest: bytes) -> UUID:
        """Hand in a digest and return the transaction somebody shall sign.

        Raises:
            SigningApiUnavailable: the provider does not answer, or refuses us.
        """
        form = {
            "grant_type": "client_credentials",
            "client_id": account.client_id,
            "client_assertion_type": _ASSERTION,
            "client_assertion": self._assertion(account),
        }
        async with self._http() as http:
            token = await _json(http, httpx.Request("POST", account.token_endpoint, data=form))
            begun = await _json(
                http,
                httpx.Request(
                    "POST",
                    account.transactions,
                    json={"digest": base64.b64encode(digest).decode()},
                    headers={"Authorization": f"Bearer {token.get('access_token')}"},
                ),
            )
        try:
            return UUID(str(begun.get("sign_transaction_id")))
        except ValueError as error:
            raise SigningApiUnavailable("no transaction") from error

    async def result(self, account: Account, transaction: UUID, access_token: str) -> Presented:
        """Fetch and open what the card made.

        Raises:
            SigningApiUnavailable: the provider does not answer, or refuses us.
            ResultUnreadable: the answer is not for us, or of another transaction.
        """
        request = httpx.Request(
            "GET",
            f"{account.transactions}/{transaction}/result",
            headers={"Authorization": f"Bearer {access_token}"},
        )
        async with self._http() as http:
            sealed = await _content(http, request)
        try:
            found: Any = json.loads(self._encryption.open(sealed.decode("ascii").strip()))
            if found["sign_transaction_id"] != str(transaction):
                raise ResultUnreadable("of another transaction")
            return Presented(
                digest=base64.b64decode(found["digest"], validate=True),
                signature=base64.b64decode(found["signature"], validate=True),
                certificate=base64.b64decode(found["certificate"], validate=True),
            )
        except (InvalidToken, ValueError, KeyError, TypeError, binascii.Error) as error:
            raise ResultUnreadable(type(error).__name__) from error

    def _assertion(self, account: Account) -> str:
        """Return our proof (RFC 7523 §2.2): fresh, and good for a minute."""
        issued_at = int(clock.now().timestamp())
        claims = {
            "iss": account.client_id,
            "sub": account.client_id,
            "aud": account.token_endpoint,
            "iat": issued_at,
            "exp": issued_at + _ASSERTION_SECONDS,
            "jti": str(new_id()),
        }
        return self._key.sign(claims, typ="JWT")

    def _http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=Lent(self._transport),
            timeout=_TIMEOUT,
            follow_redirects=False,
            trust_env=False,
        )


async def _json(http: httpx.AsyncClient, request: httpx.Request) -> dict[str, Any]:
    try:
        found: object = json.loads(await _content(http, request))
    except (ValueError, RecursionError) as error:
        raise SigningApiUnavailable("no JSON") from error
    if not isinstance(found, dict):
        raise SigningApiUnavailable("no JSON object")
    return cast("dict[str, Any]", found)


async def _content(http: httpx.AsyncClient, request: httpx.Request) -> bytes:
    try:
        answer = await http.send(request)
    except httpx.HTTPError as error:
        raise SigningApiUnavailable(request.url.path) from error
    if not answer.is_success or len(answer.content) > _LIMIT:
        raise SigningApiUnavailable(f"{request.url.path}: {answer.status_code}")
    return answer.content
