"""The section's side: what is to be paid, to whom, on which day."""

from datetime import date
from uuid import UUID

from foundation import clock
from foundation.database import Page, decode_cursor, page_of
from foundation.identifiers import new_id
from foundation.work import Work
from services.benefits.disbursements.domain import ProposalId, ProposalState, TransferProposal
from services.benefits.disbursements.events import TransferProposed, TransferVoided
from services.benefits.disbursements.policies import may_be_transferred_on
from services.benefits.disbursements.problems import (
    NotABankingDay,
    NothingToTransfer,
    ProposalNotFound,
    ProposalOpen,
)
from services.benefits.disbursements.repository import (
    OpenProposalExists,
    TransferLines,
    TransferProposals,
)
from services.benefits.programmes.domain import ProgrammeId
from services.benefits.programmes.problems import ProgrammeNotFound
from services.benefits.programmes.repository import LAST_ID, Programmes

_VOID_REASON = "起案後に口座または金額が変わったため"


async def propose(work: Work, *, programme_id: UUID, transfer_on: date) -> TransferProposal:
    """Propose to pay every granted application of a programme on one day.

    Raises:
        ProgrammeNotFound: 404.
        NotABankingDay: the day is over, is today, or banks are closed on it (422).
        ProposalOpen: the programme has a proposal that awaits approval (409).
        NothingToTransfer: nothing is granted and unpaid (409).
    """
    if await Programmes(work.tx).get(programme_id) is None:
        raise ProgrammeNotFound
    if not may_be_transferred_on(transfer_on, today=clock.today()):
        raise NotABankingDay
    await void_if_outdated(work, programme_id)
    lines, proposal_id = TransferLines(work.tx), ProposalId(new_id())
    try:
        written = await lines.propose(
            proposal_id,
            programme_id=ProgrammeId(programme_id),
            transfer_on=transfer_on,
            by=work.principal.subject,
            at=clock.now(),
        )
    except OpenProposalExists as open_one:
        raise ProposalOpen from open_one
    proposal = await TransferProposals(work.tx).get(proposal_id)
    if not written or proposal is None:
        raise NothingToTransfer
    await work.record(
        "benefits.transfer.propose",
        subjects=await lines.beneficiaries(proposal_id),
        obj=str(proposal_id),
        detail={"lines": proposal.line_count, "total_yen": proposal.total_yen},
    )
    await work.emit(
        TransferProposed(
            subject_id=proposal_id,
            programme_id=proposal.programme_id,
            transfer_on=transfer_on,
            line_count=proposal.line_count,
            total_yen=proposal.total_yen,
        )
    )
    return proposal


async def read(work: Work, proposal_id: UUID) -> TransferProposal:
    """Return a proposal's figures and progress; no payee is among them.

    Raises:
        ProposalNotFound: 404.
    """
    proposal = await TransferProposals(work.tx).get(proposal_id)
    if proposal is None:
        raise ProposalNotFound
    return proposal


async def list_newest(work: Work, *, cursor: str | None, limit: int) -> Page[TransferProposal]:
    """Return proposals, newest first.

    Raises:
        InvalidCursor: the cursor is not one of this list's (400).
    """
    before: UUID = decode_cursor(cursor, UUID)[0] if cursor else LAST_ID
    found = await TransferProposals(work.tx).newest(before=before, limit=limit + 1)
    return page_of(found, limit=limit, key=lambda proposal: (proposal.id,))


async def void_if_outdated(work: Work, programme_id: UUID) -> None:
    """Void the programme's open proposal if an account or amount changed since it was made."""
    proposals = TransferProposals(work.tx)
    proposal = await proposals.get_open_for_change(programme_id)
    if proposal is None or await TransferLines(work.tx).are_still_true(proposal):
        return
    await proposals.close(
        proposal, ProposalState.VOIDED, by=work.principal.subject, reason=_VOID_REASON
    )
    await work.record("benefits.transfer.void", obj=str(proposal.id))
    await work.emit(TransferVoided(subject_id=proposal.id, programme_id=proposal.programme_id))
