"""Judging a right that somebody would record, and keeping it.

Whoever is barred from a person is told that there is no such person, and those who must know of
the attempt are told of it.
"""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from foundation import clock
from foundation.authorization import Denied
from foundation.encryption import Field
from foundation.identifiers import new_id
from foundation.work import Work
from gateway.bindings import repository as bindings
from gateway.bindings.domain import Slip
from gateway.counter import service as counter
from gateway.representations import repository, taking_up
from gateway.representations.domain import (
    Act,
    Evidence,
    Fault,
    Ground,
    Proposal,
    Recorded,
    State,
    faults_of,
    settled_end,
)
from gateway.representations.events import RepresentationBarred, RepresentationRecorded
from gateway.representations.taking_up import Pair, Standing

from .document import Document
from .jobs import watch_last_day
from .problems import MandateSignatureRefused, RepresentedNotFound, RightRefused

NUMBER = Field("platform.representations.evidence_number")
SIGNED = Field("platform.representations.signed_document")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who is to act: a record of this register, or the sign-in of somebody who lives elsewhere."""

    record: UUID | None
    person: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A right as an official reads it from a document, before it is judged."""

    represented_id: UUID
    relationship: str
    proposal: Proposal
    number: str | None = None
    seen_on: date | None = None
    signature_id: UUID | None = None

    def judged(self, found: Standing) -> Proposal:
        """Return the right as it would hold.

        Raises:
            RightRefused: with every fault.
        """
        born_on = found.represented.born_on if found.represented is not None else None
        faults = faults_of(self.proposal, born_on=born_on, today=clock.today())
        if faults:
            raise RightRefused.for_faults(faults)
        return replace(self.proposal, ends_on=settled_end(self.proposal, born_on=born_on))


def mandate(
    granted: frozenset[Act], *, starts_on: date, ends_on: date, evidence: Evidence
) -> Proposal:
    """Return a mandate as a resident gives it themselves: never with leave to receive."""
    return Proposal(
        ground=Ground.MANDATE,
        acts=granted,
        evidence=evidence,
        may_receive=False,
        starts_on=starts_on,
        ends_on=ends_on,
    )


async def keep(
    work: Work,
    recording: Recording,
    holder: Holder,
    proposal: Proposal,
    *,
    state: State,
    signed: Document | None = None,
) -> Recorded:
    """Keep a right that was judged; one that was signed keeps what was signed.

    Raises:
        MandateSignatureRefused: the signature stands under another mandate already.
    """
    right = Recorded(
        id=new_id(),
        represented_id=recording.represented_id,
        holder_id=holder.record,
        holder_person=holder.person if holder.record is None else None,
        ground=proposal.ground,
        relationship=recording.relationship,
        acts=proposal.acts,
        may_receive=proposal.may_receive,
        evidence=proposal.evidence,
        evidence_seen_on=recording.seen_on,
        signature_id=recording.signature_id,
        state=state,
        starts_on=proposal.starts_on,
        ends_on=proposal.ends_on,
        recorded_by=work.principal.subject,
    )
    sealed = repository.Sealed(
        number=_sealed(work, recording.number, NUMBER, right.id),
        document=_sealed(work, signed.text if signed else None, SIGNED, right.id),
    )
    if not await repository.add(work.tx, right, sealed=sealed, now=clock.now()):
        raise MandateSignatureRefused.given()
    await watch_last_day(work.tx, right)
    return right


def _sealed(work: Work, text: str | None, field: Field, row_id: UUID) -> bytes | None:
    return work.cipher.encrypt(text, field=field, row_id=row_id) if text else None


async def holder_named(work: Work, *, code: str | None, resident_id: UUID | None) -> Holder:
    """Return who is to act; a code served its turn when it has named somebody."""
    if code is None:
        return Holder(record=resident_id, person=None)
    slip = await counter.slip_of(work, code)
    await counter.settle(work, slip)
    return await _holder(work, slip)


async def holder_shown(work: Work, code: str) -> Holder:
    """Return whose a code is, which goes on being good."""
    return await _holder(work, await counter.slip_of(work, code))


async def _holder(work: Work, slip: Slip) -> Holder:
    return Holder(record=await bindings.find(work.tx, slip.person), person=slip.person)


async def standing_of(work: Work, represented_id: UUID, holder: Holder) -> Standing:
    """Return how the register has the two; of whoever is barred it says nobody is there.

    Raises:
        RepresentedNotFound: there is no such resident, or none for this holder.
        RightRefused: somebody would represent themselves.
    """
    if holder.record == represented_id:
        raise RightRefused.for_faults([Fault.ONESELF])
    found = await taking_up.standing(
        work.tx,
        Pair(represented_id=represented_id, record=holder.record, person=holder.person),
    )
    is_unknown = found.represented is None or not found.represented.present
    if is_unknown or (holder.record is not None and found.holder is None):
        raise RepresentedNotFound
    if found.is_barred:
        raise Denied(
            RepresentedNotFound(),
            subjects=[represented_id],
            alert=RepresentationBarred(subject_id=represented_id),
        )
    return found


async def announce(work: Work, right: Recorded) -> None:
    """Tell that a right to act for somebody holds now."""
    await work.emit(
        RepresentationRecorded(
            subject_id=right.represented_id, representation_id=right.id, kind=right.kind
        )
    )
