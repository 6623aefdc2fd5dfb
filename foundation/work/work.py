"""What a use case is handed: who asked, whose rows, and the means to leave a trace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from foundation import audit
from foundation.database import Transaction
from foundation.encryption import Cipher
from foundation.events import Event, JobQueue, Outbox
from foundation.identity import Caller, Principal
from foundation.tenancy import Tenancy


@dataclass(slots=True)
class Trail:
    """What this work has left: how many entries, and about whom.

    Work on personal data that left no entry is undone; a repeat of its answer is about the same
    people.
    """

    entries: int = 0
    subjects: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One request's work: the effect, its audit entries, events and jobs commit together."""

    service: str
    caller: Caller
    transaction: Transaction
    cipher: Cipher
    request_id: str
    trail: Trail = field(default_factory=Trail)

    @property
    def tx(self) -> Transaction:
        return self.transaction

    @property
    def principal(self) -> Principal:
        return self.caller.principal

    @property
    def tenancy(self) -> Tenancy:
        return self.caller.tenancy

    async def record(
        self,
        action: str,
        *,
        subject: UUID | None = None,
        subjects: Sequence[UUID] = (),
        obj: str | None = None,
        detail: Mapping[str, str | int | bool] | None = None,
    ) -> None:
        """Leave an audit entry: what was done, about which residents, on which object.

        `detail` carries counts and codes, never personal data.
        """
        named = subjects if subject is None else (subject, *subjects)
        everyone = tuple(dict.fromkeys(named))
        await audit.record(
            self.transaction,
            audit.Entry.of(
                self.caller,
                service=self.service,
                action=action,
                object=obj,
                subjects=everyone,
                request_id=self.request_id,
                detail=detail or {},
            ),
        )
        self.trail.entries += 1
        self.trail.subjects = tuple(dict.fromkeys((*self.trail.subjects, *everyone)))

    async def emit(self, event: Event) -> None:
        """Announce a fact; it leaves only if this work commits."""
        await Outbox(self.service).append(self.transaction, event)

    async def enqueue(
        self,
        kind: str,
        payload: Mapping[str, str | int],
        *,
        available_at: datetime | None = None,
    ) -> None:
        """Leave a job to be done after this work commits, under this same tenant."""
        await JobQueue(self.service).enqueue(
            self.transaction, kind, payload, available_at=available_at
        )
