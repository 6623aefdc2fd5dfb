"""The file for the bank: made once from what was approved, and from then on only copied."""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from uuid import UUID

from foundation import clock
from foundation.work import Work
from services.benefits.disbursements.domain import (
    ProposalState,
    TransferProposal,
    write_transfer_file,
)
from services.benefits.disbursements.events import TransferFileSealed
from services.benefits.disbursements.problems import ProposalNotFound, TransferFileNotReady
from services.benefits.disbursements.repository import (
    Payers,
    TransferFiles,
    TransferLines,
    TransferProposals,
)


class SealingRefused(RuntimeError):
    """The file would not say exactly what was approved, so there is none; somebody must look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileContent:
    """The frozen bytes, with the figures by which they are known."""

    content: bytes
    sha256: bytes
    transfer_on: date
    proposal_id: UUID


async def seal(work: Work, proposal_id: UUID) -> None:
    """Make and freeze the file of an approved proposal; asked again, do nothing.

    Raises:
        SealingRefused: lines, accounts or figures are not those of the approval.
    """
    proposals = TransferProposals(work.tx)
    proposal = await proposals.get_for_change(proposal_id)
    if proposal is None or proposal.state is not ProposalState.APPROVED:
        return
    payer, approved = await Payers(work.tx, work.cipher).get(), TransferLines(work.tx)
    if payer is None or not await approved.have_its_fingerprint(proposal):
        raise SealingRefused
    files = TransferFiles(work.tx, work.cipher)
    lines = await files.lines(proposal)
    file = write_transfer_file(payer, lines, transfer_on=proposal.transfer_on)
    if (file.record_count, file.total_yen) != (proposal.line_count, proposal.total_yen):
        raise SealingRefused
    await files.freeze(proposal, file, at=clock.now())
    await proposals.mark_sealed(proposal)
    await work.record(
        "benefits.transfer.seal",
        subjects=await approved.beneficiaries(proposal.id),
        obj=str(proposal.id),
        detail={"lines": file.record_count, "total_yen": file.total_yen},
    )
    await work.emit(_sealed(proposal, digest=file.sha256))


async def download(work: Work, proposal_id: UUID) -> FileContent:
    """Return exactly the frozen bytes; every time is counted and on record.

    Raises:
        ProposalNotFound: 404.
        TransferFileNotReady: there is no file (yet) (404).
    """
    proposals = TransferProposals(work.tx)
    proposal = await proposals.get(proposal_id)
    if proposal is None:
        raise ProposalNotFound
    files = TransferFiles(work.tx, work.cipher)
    found = await files.content(proposal_id)
    if found is None:
        raise TransferFileNotReady
    content, digest = found
    if sha256(content).digest() != digest:
        raise SealingRefused
    await files.count_download(proposal_id, by=work.principal.subject, at=clock.now())
    await work.record(
        "benefits.transfer.download",
        subjects=await TransferLines(work.tx).beneficiaries(proposal_id),
        obj=str(proposal_id),
        detail={"bytes": len(content)},
    )
    return FileContent(
        content=content, sha256=digest, transfer_on=proposal.transfer_on, proposal_id=proposal_id
    )


def _sealed(proposal: TransferProposal, *, digest: bytes) -> TransferFileSealed:
    return TransferFileSealed(
        subject_id=proposal.id,
        programme_id=proposal.programme_id,
        sha256=digest.hex(),
        record_count=proposal.line_count,
        total_yen=proposal.total_yen,
    )
