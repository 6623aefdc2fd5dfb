"""What a running service holds, so that nothing of it has to be global."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from starlette.requests import Request

from foundation.authorization import PolicyTable
from foundation.database import Database, Transaction
from foundation.encryption import Keyring
from foundation.identity import Caller, InternalTokenVerifier, InvalidToken, KeySet
from foundation.settings import ServiceSettings
from foundation.telemetry import logger

_LOOKS_EVERY_SECONDS = 1.0

_log = logger(__name__)


class Gatekeeper:
    """Believes the gateway's tokens, and notices when the gateway has changed its keys.

    A key that was added is noticed by the first token it signs, one that was taken away within a
    second.
    """

    def __init__(
        self, keys: Path, *, audience: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._path = keys
        self._audience = audience
        self._monotonic = monotonic
        self._read_at = 0
        self._looked_at = monotonic()
        self._verifier = self._load()

    def verify(self, token: str) -> Caller:
        """Return who acts.

        Raises:
            InvalidToken: not believable, also not with the keys as they are on disk now.
        """
        now = self._monotonic()
        if now - self._looked_at > _LOOKS_EVERY_SECONDS:
            self._looked_at = now
            self._look_again()
        try:
            return self._verifier.verify(token)
        except InvalidToken:
            if not self._look_again():
                raise
            return self._verifier.verify(token)

    def _look_again(self) -> bool:
        """Read the keys again if the file changed, and say whether it did."""
        if self._path.stat().st_mtime_ns == self._read_at:
            return False
        self._verifier = self._load()
        _log.info("the gateway's keys changed")
        return True

    def _load(self) -> InternalTokenVerifier:
        self._read_at = self._path.stat().st_mtime_ns
        return InternalTokenVerifier(KeySet.load(self._path), self._audience)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppState:
    """One service while it runs; background work is handed the same."""

    service: str
    settings: ServiceSettings
    policy: PolicyTable
    gatekeeper: Gatekeeper
    keyring: Keyring
    database: Database
    worker_database: Database


def state_of(request: Request) -> AppState:
    """Return the state of the service that serves this request."""
    state: AppState = request.app.state.office
    return state


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An attempt that was refused and is on record: whose, to do what, and what they named.

    `subjects` are the residents it concerned, as far as the refusal knows them.
    """

    caller: Caller
    action: str
    tried: str
    subjects: Sequence[UUID]


OnRefusal = Callable[[Transaction, Refusal], Awaitable[None]]


async def announce_refusal(request: Request, tx: Transaction, refusal: Refusal) -> None:
    """Tell the service, if it wants to know."""
    told: OnRefusal | None = getattr(request.app, "on_refusal", None)
    if told is not None:
        await told(tx, refusal)
