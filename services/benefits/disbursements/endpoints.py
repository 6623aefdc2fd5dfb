"""Paying over HTTP."""

import base64
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Request, Response

from foundation.problems import PreconditionFailed, PreconditionRequired
from foundation.web import CurrentWork, CursorText, Limit, Listing, OfficeRouter
from foundation.web.etags import ETAG_PATTERN, if_match as version_in
from services.benefits import permissions
from services.benefits.applications.problems import BankAccountRefused
from services.benefits.programmes.problems import ProgrammeNotFound

from . import service
from .problems import (
    NotABankingDay,
    NothingToTransfer,
    PayerMissing,
    PayerNotFound,
    ProposalNotFound,
    ProposalOpen,
    ProposalOutdated,
    ProposalStateConflict,
    ProposerMayNotApprove,
    TransferDayPassed,
    TransferFileNotReady,
)
from .schemas import (
    PayerRead,
    PayerSet,
    ProposalRead,
    SettlementRecord,
    TransferPropose,
    TransferReject,
)

ZENGIN = "text/plain; charset=shift_jis"

router = OfficeRouter(tags=["disbursements"])


async def version_or_none(
    request: Request,
    if_match: Annotated[
        str | None,
        Header(
            description="変更する版の ETag。",
            json_schema_extra={"pattern": ETAG_PATTERN},
            examples=['"1"'],
        ),
    ] = None,
    if_none_match: Annotated[str | None, Header(description="初めて登録するときは *。")] = None,
) -> int:
    """Return the version being replaced: `If-Match`, or 0 for `If-None-Match: *`, the first entry.

    Source: RFC 9110 §13.1.2.

    Raises:
        PreconditionRequired: neither is named (428).
        PreconditionFailed: If-Match names no version of ours (412).
    """
    if if_none_match == "*" and if_match is None:
        return 0
    return await version_in(request)


@router.get(
    "/payer",
    permission=permissions.READ_PAYER,
    problems=[PayerNotFound],
    summary="振込元の口座と委託者コードを見る",
)
async def read_payer(work: CurrentWork) -> PayerRead:
    """Read the municipality's own account, from which every transfer is paid."""
    return PayerRead.of(await service.read_payer(work))


@router.put(
    "/payer",
    permission=permissions.SET_PAYER,
    problems=[BankAccountRefused, PreconditionRequired, PreconditionFailed],
    summary="振込元の口座と委託者コードを定める",
)
async def set_payer(
    work: CurrentWork, body: PayerSet, version: Annotated[int, Depends(version_or_none)]
) -> PayerRead:
    """Set the paying account: the first time with `If-None-Match: *`, later with `If-Match`."""
    payer = await service.set_payer(
        work,
        originator_code=body.originator_code,
        given=body.bank_account.given(),
        version=version,
    )
    return PayerRead.of(payer)


@router.post(
    "/transfer-proposals",
    permission=permissions.PROPOSE_TRANSFER,
    problems=[ProgrammeNotFound, NotABankingDay, ProposalOpen, NothingToTransfer],
    status_code=201,
    summary="支給決定した申請の振込を起案する",
)
async def propose_transfer(work: CurrentWork, body: TransferPropose) -> ProposalRead:
    """Propose to pay every granted application of a programme; the treasury decides."""
    proposal = await service.propose(
        work, programme_id=body.programme_id, transfer_on=body.transfer_on
    )
    return ProposalRead.of(proposal)


@router.get(
    "/transfer-proposals",
    permission=permissions.READ_PROPOSALS,
    summary="振込起案の一覧を見る",
)
async def list_transfer_proposals(
    work: CurrentWork, limit: Limit = 50, cursor: CursorText = None
) -> Listing[ProposalRead]:
    """List proposals, newest first, with counts and yen only."""
    page = await service.list_newest(work, cursor=cursor, limit=limit)
    return Listing[ProposalRead](
        items=[ProposalRead.of(proposal) for proposal in page.items],
        next_cursor=page.next_cursor,
        has_more=page.has_more,
    )


@router.get(
    "/transfer-proposals/{proposal_id}",
    permission=permissions.READ_PROPOSALS,
    problems=[ProposalNotFound],
    summary="振込起案の件数・金額・状況を見る",
)
async def read_transfer_proposal(work: CurrentWork, proposal_id: UUID) -> ProposalRead:
    """Read one proposal with the figures of its file."""
    return ProposalRead.of(await service.read(work, proposal_id))


@router.post(
    "/transfer-proposals/{proposal_id}/approval",
    permission=permissions.APPROVE_TRANSFER,
    problems=[
        ProposalNotFound,
        ProposalStateConflict,
        ProposerMayNotApprove,
        PayerMissing,
        ProposalOutdated,
        TransferDayPassed,
    ],
    status_code=200,
    summary="振込起案を承認する(起案者本人は承認できない)",
)
async def approve_transfer(work: CurrentWork, proposal_id: UUID) -> ProposalRead:
    """Let the money go; within seconds the file for the bank is sealed."""
    return ProposalRead.of(await service.approve(work, proposal_id))


@router.post(
    "/transfer-proposals/{proposal_id}/rejection",
    permission=permissions.APPROVE_TRANSFER,
    problems=[ProposalNotFound, ProposalStateConflict],
    status_code=200,
    summary="振込起案を却下する",
)
async def reject_transfer(
    work: CurrentWork, proposal_id: UUID, body: TransferReject
) -> ProposalRead:
    """Send the proposal back to the section; nothing is paid."""
    return ProposalRead.of(await service.reject(work, proposal_id, reason=body.reason))


@router.get(
    "/transfer-proposals/{proposal_id}/file",
    permission=permissions.DOWNLOAD_TRANSFER_FILE,
    problems=[ProposalNotFound, TransferFileNotReady],
    produces=ZENGIN,
    summary="銀行に渡す振込データ(全銀協 総合振込)を取り出す",
)
async def download_transfer_file(work: CurrentWork, proposal_id: UUID) -> Response:
    """Take out exactly the sealed bytes; their SHA-256 stands in `Repr-Digest` (RFC 9530)."""
    file = await service.download(work, proposal_id)
    digest = base64.b64encode(file.sha256).decode()
    return Response(
        file.content,
        media_type=ZENGIN,
        headers={
            "Repr-Digest": f"sha-256=:{digest}:",
            "Content-Disposition": "attachment; "
            f'filename="zengin-{file.transfer_on:%Y%m%d}-{file.proposal_id}.txt"',
        },
    )


@router.post(
    "/transfer-proposals/{proposal_id}/settlement",
    permission=permissions.SETTLE_TRANSFER,
    problems=[ProposalNotFound, ProposalStateConflict],
    status_code=200,
    summary="銀行による振込の実行を記録する",
)
async def settle_transfer(
    work: CurrentWork, proposal_id: UUID, body: SettlementRecord
) -> ProposalRead:
    """Record that the bank paid every line: the applications are paid."""
    return ProposalRead.of(await service.settle(work, proposal_id, executed_on=body.executed_on))
