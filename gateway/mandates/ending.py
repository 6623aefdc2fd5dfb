"""How a right ends, whoever or whatever ends it, and how that is told.

Why it ended stays with the municipality's own rows. What is announced, and what its holder can
see, is the same for every end that comes by itself: that somebody is protected must not be read
from it.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from foundation import audit, clock
from foundation.database import Transaction
from foundation.events import Outbox
from gateway import trail
from gateway.authorization.service import withdraw as revoke
from gateway.representations import acts, repository
from gateway.representations.domain import Event, Recorded
from gateway.representations.events import RepresentationEnded

BARRED: Final = "barred"
PROTECTED: Final = "protected"
EXPIRED: Final = "expired"
_BY_ITSELF: Final = frozenset({BARRED, PROTECTED, EXPIRED})
_OUTBOX: Final = Outbox(trail.SERVICE)


async def end_right(work: Transaction, right: Recorded, event: Event, *, because: str) -> Recorded:
    """End a right; every token given on it is refused everywhere within a second.

    Raises:
        IllegalTransition: it has ended.
    """
    state = right.after(event)
    await repository.move(work, right, state, now=clock.now(), because=because)
    await revoke(work, "representation", str(right.id))
    await _OUTBOX.append(
        work,
        RepresentationEnded(
            subject_id=right.represented_id,
            representation_id=right.id,
            because="ended" if because in _BY_ITSELF else because,
        ),
    )
    return replace(right, state=state, version=right.version + 1)


async def end_by_itself(
    work: Transaction, right: Recorded, *, because: str, subjects: Sequence[UUID]
) -> None:
    """End a right that nobody ends, and leave an entry that these people can read."""
    await end_right(work, right, Event.END, because=because)
    entry = audit.Entry(
        service=trail.SERVICE,
        action=acts.END.action,
        actor_kind="machine",
        actor=trail.SERVICE,
        client_id=trail.SERVICE,
        request_id=trail.request_id(),
        object=str(right.id),
        subjects=subjects,
        detail={"reason": because},
    )
    await audit.record(work, entry)


async def end_void(work: Transaction, right_id: UUID) -> bool:
    """End a right that a protection has made void; False when it was over already.

    Only the protected person finds it among the accesses to their data.
    """
    right = await repository.locked(work, right_id)
    if right is None or right.is_over:
        return False
    await end_by_itself(work, right, because=PROTECTED, subjects=[right.represented_id])
    return True
