"""At each sign-in of a resident: which record is theirs, and what is held for somebody to confirm.

Runs in the transaction that opens the session, so that whoever is recognised is recognised once.
"""

from dataclasses import dataclass
from uuid import UUID

from foundation import clock
from foundation.database import Transaction
from foundation.events import Outbox
from foundation.identifiers import new_id
from foundation.parameters import SLIP
from gateway.parameters.repository import PARAMETERS

from . import repository, slips
from .domain import Finding, Grade, SignedIn, Slip, SlipAct, SlipState, find
from .events import RecordBound, RecordContested
from .matching import Match

_OUTBOX = Outbox("platform")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """How somebody stands to the register after this sign-in."""

    finding: Finding
    resident_id: UUID | None = None
    contested_id: UUID | None = None


async def recognise(
    work: Transaction, person: str, *, match: Match | None, attributes: bytes | None
) -> Recognised:
    """Bind a person where nothing speaks against it, and otherwise hold what may be theirs.

    Args:
        work: the transaction of the sign-in.
        person: the person's name in this municipality.
        match: the record the register found, if one fits.
        attributes: the keyed hash of the four attributes on the card.
    """
    found = match.resident_id if match else None
    occupant = await repository.holder_of(work, found) if found else None
    alike = await repository.alike(work, attributes) if attributes else None
    signed_in = SignedIn(
        own=await repository.find(work, person),
        found=found,
        grade=Grade(match.grade) if match else None,
        attributes=attributes,
        occupant=occupant,
        alike=alike,
    )
    finding, record = find(signed_in)
    if finding is Finding.FREE and record is not None and match is not None:
        return await _bound(work, person, match, attributes)
    if finding is Finding.HELD and record is not None:
        await _hold(work, person, record, attributes)
    if finding is Finding.CONTESTED and record is not None:
        await _OUTBOX.append(work, RecordContested(subject_id=record))
        return Recognised(finding=finding, contested_id=record)
    own = record if finding is Finding.KNOWN else None
    if own is not None and attributes is not None:
        await repository.keep_attributes(work, person, attributes)
    return Recognised(finding=finding, resident_id=own)


async def _bound(
    work: Transaction, person: str, match: Match, attributes: bytes | None
) -> Recognised:
    grounds = repository.Grounds(grade=match.grade, attributes=attributes)
    if await repository.bind(
        work, person, resident_id=match.resident_id, grounds=grounds, at=clock.now()
    ):
        event = RecordBound(subject_id=match.resident_id, grade=match.grade)
        await _OUTBOX.append(work, event)
        return Recognised(finding=Finding.FREE, resident_id=match.resident_id)
    # Bound between our look and our attempt: to this very person in another window, or not.
    own = await repository.find(work, person)
    return Recognised(finding=Finding.KNOWN if own else Finding.HELD, resident_id=own)


async def _hold(work: Transaction, person: str, record: UUID, attributes: bytes | None) -> None:
    """Keep what may be theirs until somebody confirms it; an open slip already says so."""
    now = clock.now()
    open_slip = await slips.open_of(work, person)
    if open_slip is not None and open_slip.is_open(now):
        return
    if open_slip is not None:
        await slips.move(work, open_slip, open_slip.after(SlipAct.EXPIRE), by=None, now=now)
    slip = Slip(
        id=new_id(),
        person=person,
        state=SlipState.HELD,
        candidate_id=record,
        attributes=attributes,
        created_at=now,
        expires_at=now + await PARAMETERS.lasting(work, SLIP),
    )
    await slips.add(work, slip)
