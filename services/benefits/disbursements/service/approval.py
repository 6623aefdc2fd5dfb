"""The treasury's side: let the money go, send the proposal back, record what the bank did."""

from datetime import date
from uuid import UUID

from foundation import clock
from foundation.database import CheckViolation
from foundation.problems import Fault, InvalidInput
from foundation.work import Work
from services.benefits.disbursements.domain import (
    IllegalProposalStep,
    ProposalState,
    TransferProposal,
)
from services.benefits.disbursements.events import (
    TransferApproved,
    TransferRejected,
    TransferSettled,
)
from services.benefits.disbursements.policies import (
    may_approve,
    may_have_been_executed_on,
)
from services.benefits.disbursements.problems import (
    PayerMissing,
    ProposalNotFound,
    ProposalOutdated,
    ProposalStateConflict,
    ProposerMayNotApprove,
    TransferDayPassed,
)
from services.benefits.disbursements.repository import (
    LinesOutdated,
    Payers,
    TransferLines,
    TransferProposals,
)

SEAL_TRANSFER_FILE = "seal_transfer_file"
"""The job an approval leaves behind; its payload names the proposal."""


async def approve(work: Work, proposal_id: UUID) -> TransferProposal:
    """Let the money of exactly the proposed lines go, and have the file sealed.

    Raises:
        ProposalNotFound: 404.
        ProposalStateConflict: it was approved, rejected or voided before (409).
        ProposerMayNotApprove: the same person proposed it (403).
        TransferDayPassed: the bank could not carry it out any more (409).
        PayerMissing: the municipality's own account is unknown (409).
        ProposalOutdated: an account or amount changed since (409).
    """
    proposal = await _to_change(work, proposal_id, to=ProposalState.APPROVED)
    if not may_approve(work.principal, proposal):
        raise ProposerMayNotApprove
    if proposal.transfer_on <= clock.today():
        raise TransferDayPassed
    if await Payers(work.tx, work.cipher).get() is None:
        raise PayerMissing
    await _let_go(work, proposal)
    await work.enqueue(SEAL_TRANSFER_FILE, {"proposal_id": str(proposal.id)})
    await _record(work, "benefits.transfer.approve", proposal)
    await work.emit(
        TransferApproved(
            subject_id=proposal.id,
            programme_id=proposal.programme_id,
            line_count=proposal.line_count,
            total_yen=proposal.total_yen,
        )
    )
    return await _now(work, proposal_id)


async def reject(work: Work, proposal_id: UUID, *, reason: str) -> TransferProposal:
    """Send a proposal back to the section; nothing is paid.

    Raises:
        ProposalNotFound: 404.
        ProposalStateConflict: it was approved, rejected or voided before (409).
    """
    proposal = await _to_change(work, proposal_id, to=ProposalState.REJECTED)
    await TransferProposals(work.tx).close(
        proposal, ProposalState.REJECTED, by=work.principal.subject, reason=reason
    )
    await _record(work, "benefits.transfer.reject", proposal)
    await work.emit(TransferRejected(subject_id=proposal.id, programme_id=proposal.programme_id))
    return await _now(work, proposal_id)


async def settle(work: Work, proposal_id: UUID, *, executed_on: date) -> TransferProposal:
    """Record that the bank paid every line; the applications are paid.

    Raises:
        ProposalNotFound: 404.
        ProposalStateConflict: there is no sealed file, nobody has taken it out for the bank, or
            it was settled before (409).
        InvalidInput: the bank cannot have paid on that day (422).
    """
    proposal = await _to_change(work, proposal_id, to=ProposalState.SETTLED)
    if not may_have_been_executed_on(executed_on, proposal, today=clock.today()):
        raise InvalidInput.of(
            [
                Fault(
                    pointer="/executed_on",
                    detail="It is not before the day of the transfer, nor later than today.",
                    detail_ja="振込日から本日までの日を指定してください。",
                )
            ]
        )
    _require_taken_out(proposal)
    if await TransferLines(work.tx).pay(proposal, at=clock.now()) != proposal.line_count:
        raise ProposalStateConflict(state=str(proposal.state))
    await TransferProposals(work.tx).settle(
        proposal, by=work.principal.subject, executed_on=executed_on
    )
    await _record(work, "benefits.transfer.settle", proposal)
    await work.emit(
        TransferSettled(
            subject_id=proposal.id,
            programme_id=proposal.programme_id,
            executed_on=executed_on,
            line_count=proposal.line_count,
            total_yen=proposal.total_yen,
        )
    )
    return await _now(work, proposal_id)


def _require_taken_out(proposal: TransferProposal) -> None:
    """Insist that a bank can have the file: what is paid is never proposed again."""
    if proposal.file is None or proposal.file.downloads == 0:
        raise ProposalStateConflict(
            "Nobody has taken the file out, so no bank can have paid from it.",
            detail_ja="振込データがまだ取り出されていないため、銀行が実行したはずがありません。",
            state=str(proposal.state),
        )


async def _let_go(work: Work, proposal: TransferProposal) -> None:
    now = clock.now()
    try:
        await TransferLines(work.tx).let_go(proposal, at=now)
        await TransferProposals(work.tx).approve(proposal, by=work.principal.subject, at=now)
    except LinesOutdated as outdated:
        raise ProposalOutdated from outdated
    except CheckViolation as same_person:
        raise ProposerMayNotApprove from same_person


async def _to_change(work: Work, proposal_id: UUID, *, to: ProposalState) -> TransferProposal:
    proposal = await TransferProposals(work.tx).get_for_change(proposal_id)
    if proposal is None:
        raise ProposalNotFound
    try:
        proposal.require(to)
    except IllegalProposalStep as wrong:
        raise ProposalStateConflict(state=str(wrong.current)) from wrong
    return proposal


async def _now(work: Work, proposal_id: UUID) -> TransferProposal:
    proposal = await TransferProposals(work.tx).get(proposal_id)
    if proposal is None:
        raise ProposalNotFound
    return proposal


async def _record(work: Work, action: str, proposal: TransferProposal) -> None:
    await work.record(
        action,
        subjects=await TransferLines(work.tx).beneficiaries(proposal.id),
        obj=str(proposal.id),
        detail={"lines": proposal.line_count, "total_yen": proposal.total_yen},
    )
