"""The signing API of the digital authentication app: a digest goes in, a signature comes out.

A client says beforehand what shall be signed, as a digest; the person signs it with the card; the
client fetches the result with the token of that very authorization, encrypted to its own key. The
provider checks the certificate for public bodies and, as the real one, never the signature: that
is for whoever relies on it.
"""

import base64
import binascii
import json
import uuid
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .bodies import UnreadableRequest, read_body
from .cards import Presentation
from .clock import Clock
from .oauth.authorization import AuthorizationRequest
from .oauth.client_keys import ClientKeys
from .oauth.endpoints import bearer, challenge
from .oauth.errors import BearerRefused, ClientRefused
from .oauth.provider import Provider
from .register import ClientRecord
from .stores import ExpiringStore

_LIFETIME = timedelta(minutes=10)
_DIGEST_BYTES = 32
_NEVER_STORED = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SignTransaction:
    """A document that waits for a person, or has been signed by one."""

    client_id: str
    digest: bytes
    presentation: Presentation | None = None


class _Begin(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    digest: str


class SignTransactions:
    """The transactions of all clients; ten minutes, and each is signed once."""

    def __init__(self, clock: Clock) -> None:
        self._store = ExpiringStore[SignTransaction](clock, _LIFETIME)

    def begin(self, client: ClientRecord, digest: bytes) -> str:
        identifier = str(uuid.uuid4())
        self._store.put(SignTransaction(client_id=client.client_id, digest=digest), key=identifier)
        return identifier

    def of(self, client: ClientRecord, identifier: str | None) -> SignTransaction | None:
        """The transaction, if it is this client's own and not over."""
        found = self._store.get(identifier or "")
        return found if found is not None and found.client_id == client.client_id else None

    def waiting(self, request: AuthorizationRequest) -> SignTransaction | None:
        """What a person who arrives with this request is to sign; None once it is signed."""
        found = self.of(request.client, request.sign_transaction_id)
        return found if found is not None and found.presentation is None else None

    def conclude(self, request: AuthorizationRequest, presentation: Presentation) -> bool:
        """Keep what the card gave; False when the transaction ended or was signed meanwhile."""
        found = self.waiting(request)
        if found is None:
            return False
        self._store.take(request.sign_transaction_id or "")
        self._store.put(
            SignTransaction(
                client_id=found.client_id, digest=found.digest, presentation=presentation
            ),
            key=request.sign_transaction_id,
        )
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningApi:
    """`/api/sign-transactions`, beside the issuer and not below it."""

    provider: Provider
    transactions: SignTransactions
    client_keys: ClientKeys

    def routes(self) -> list[Route]:
        return [
            Route("/api/sign-transactions", self.begin, methods=["POST"]),
            Route("/api/sign-transactions/{identifier}/result", self.result),
        ]

    async def begin(self, request: Request) -> Response:
        """Take a digest; only a client in its own name may, and only SHA-256 in Base64."""
        try:
            client = self.provider.machine_of(bearer(request))
            digest = _digest(await read_body(request))
        except BearerRefused as refused:
            return challenge(self.provider, refused)
        except (ValueError, UnreadableRequest):
            return _error(
                "invalid_request",
                "the body must be JSON with digest: the Base64 of a SHA-256 digest",
                HTTPStatus.BAD_REQUEST,
            )
        answer = {"sign_transaction_id": self.transactions.begin(client, digest)}
        return JSONResponse(answer, HTTPStatus.CREATED, headers=_NEVER_STORED)

    async def result(self, request: Request) -> Response:
        """Give the result of the transaction this very token was granted for, sealed."""
        identifier = request.path_params["identifier"]
        try:
            granted = self.provider.request_of(bearer(request))
        except BearerRefused as refused:
            return challenge(self.provider, refused)
        found = self.transactions.of(granted.client, identifier)
        if granted.sign_transaction_id != identifier or found is None:
            return _error("not_found", "no such transaction of this token", HTTPStatus.NOT_FOUND)
        if found.presentation is None:
            return _error("not_signed", "nobody has signed yet", HTTPStatus.CONFLICT)
        try:
            key = await self.client_keys.encryption(granted.client)
        except ClientRefused as refused:
            return _error(refused.error, refused.description, HTTPStatus.BAD_REQUEST)
        content = json.dumps(
            {
                "sign_transaction_id": identifier,
                "digest": _base64(found.digest),
                "signature": _base64(found.presentation.signature),
                "certificate": _base64(found.presentation.certificate),
            }
        )
        sealed = await run_in_threadpool(key.seal, content.encode())
        return Response(sealed, media_type="application/jose", headers=_NEVER_STORED)


def _digest(body: bytes) -> bytes:
    """Raises ValueError for anything but one SHA-256 digest."""
    try:
        digest = base64.b64decode(_Begin.model_validate_json(body).digest, validate=True)
    except binascii.Error:
        raise ValueError("not Base64") from None
    if len(digest) != _DIGEST_BYTES:
        raise ValueError("not a SHA-256 digest")
    return digest


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _error(error: str, description: str, status: HTTPStatus) -> Response:
    return JSONResponse(
        {"error": error, "error_description": description}, status, headers=_NEVER_STORED
    )
