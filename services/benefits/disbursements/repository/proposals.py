"""Where transfer proposals are kept, and how they move on."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Date,
    DateTime,
    Integer,
    Text,
    Uuid,
    and_,
    bindparam,
    func,
    literal_column,
    select,
    update,
)

from foundation.database import Row, Statement, Transaction, tenant_is
from foundation.money import Yen
from services.benefits.disbursements.domain import (
    ProposalId,
    ProposalState,
    SealedFile,
    TransferProposal,
)
from services.benefits.disbursements.models import (
    DownloadRow,
    TransferFileRow,
    TransferProposalRow,
)
from services.benefits.programmes.domain import ProgrammeId

_f = TransferFileRow
_p = TransferProposalRow
_PROPOSAL = bindparam("proposal_id", type_=Uuid)
_downloads = (
    select(func.count())
    .where(tenant_is(DownloadRow), DownloadRow.proposal_id == _p.id)
    .correlate(_p)
    .scalar_subquery()
)
_PROPOSALS = select(
    *_p.__table__.c,
    _f.sha256,
    _f.record_count,
    _f.total_yen.label("file_total_yen"),
    _f.sealed_at,
    _downloads.label("downloads"),
).outerjoin(_f, and_(tenant_is(_f), _f.proposal_id == _p.id))
_OF_ID = (tenant_is(_p), _p.id == _PROPOSAL)
_GET = Statement("benefits.transfer_proposals.of_id", _PROPOSALS.where(*_OF_ID))
_LOCKED = Statement(
    "benefits.transfer_proposals.locked",
    _PROPOSALS.where(*_OF_ID).with_for_update(of=_p, key_share=True),
)
_OPEN = Statement(
    "benefits.transfer_proposals.open",
    _PROPOSALS.where(
        tenant_is(_p),
        _p.programme_id == bindparam("programme_id"),
        _p.state == literal_column("'proposed'"),  # spelt out: the index covers only these
    ).with_for_update(of=_p, key_share=True),
)
_NEWEST = Statement(
    "benefits.transfer_proposals.newest",
    _PROPOSALS.where(tenant_is(_p), _p.id < bindparam("before"))
    .order_by(_p.id.desc())
    .limit(bindparam("limit", type_=Integer)),
)


def _change(name: str, **values: Any) -> Statement:
    return Statement(
        f"benefits.transfer_proposals.{name}",
        update(_p).where(*_OF_ID).values(version=_p.version + 1, **values),
    )


_APPROVE = _change(
    "approve",
    state=str(ProposalState.APPROVED),
    approved_by=bindparam("by", type_=Text),
    approved_at=bindparam("at", type_=DateTime(timezone=True)),
)
_CLOSE = _change(
    "close",
    state=bindparam("state", type_=Text),
    closed_by=bindparam("by", type_=Text),
    closing_reason=bindparam("reason", type_=Text),
)
_SEAL = _change("seal", state=str(ProposalState.SEALED))
_SETTLE = _change(
    "settle",
    state=str(ProposalState.SETTLED),
    settled_by=bindparam("by", type_=Text),
    executed_on=bindparam("executed_on", type_=Date),
)


class TransferProposals:
    """The transfer proposals of one municipality."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def get(self, proposal_id: UUID) -> TransferProposal | None:
        row = await self._tx.fetch_one(_GET, proposal_id=proposal_id)
        return _proposal(row) if row else None

    async def get_for_change(self, proposal_id: UUID) -> TransferProposal | None:
        """Return a proposal and keep everybody else's hands off it until the work ends."""
        row = await self._tx.fetch_one(_LOCKED, proposal_id=proposal_id)
        return _proposal(row) if row else None

    async def get_open_for_change(self, programme_id: UUID) -> TransferProposal | None:
        """Return the programme's proposal that awaits approval, kept from others' hands."""
        row = await self._tx.fetch_one(_OPEN, programme_id=programme_id)
        return _proposal(row) if row else None

    async def newest(self, *, before: UUID, limit: int) -> list[TransferProposal]:
        return [_proposal(row) for row in await self._tx.fetch(_NEWEST, before=before, limit=limit)]

    async def approve(self, proposal: TransferProposal, *, by: str, at: datetime) -> None:
        """Keep who approved.

        Raises:
            CheckViolation: it is who proposed; the table refuses that by itself.
        """
        await self._tx.execute(_APPROVE, proposal_id=proposal.id, by=by, at=at)

    async def close(
        self, proposal: TransferProposal, state: ProposalState, *, by: str, reason: str
    ) -> None:
        """End a proposal without paying: rejected or void."""
        await self._tx.execute(
            _CLOSE, proposal_id=proposal.id, state=str(state), by=by, reason=reason
        )

    async def mark_sealed(self, proposal: TransferProposal) -> None:
        await self._tx.execute(_SEAL, proposal_id=proposal.id)

    async def settle(self, proposal: TransferProposal, *, by: str, executed_on: date) -> None:
        await self._tx.execute(_SETTLE, proposal_id=proposal.id, by=by, executed_on=executed_on)


def _proposal(row: Row) -> TransferProposal:
    file = None
    if row["sha256"] is not None:
        file = SealedFile(
            sha256=row["sha256"],
            record_count=row["record_count"],
            total_yen=Yen(row["file_total_yen"]),
            sealed_at=row["sealed_at"],
            downloads=row["downloads"],
        )
    return TransferProposal(
        id=ProposalId(row["id"]),
        programme_id=ProgrammeId(row["programme_id"]),
        transfer_on=row["transfer_on"],
        state=ProposalState(row["state"]),
        line_count=row["line_count"],
        total_yen=Yen(row["total_yen"]),
        fingerprint=row["fingerprint"],
        proposed_by=row["proposed_by"],
        proposed_at=row["proposed_at"],
        approved_by=row["approved_by"],
        approved_at=row["approved_at"],
        closing_reason=row["closing_reason"],
        executed_on=row["executed_on"],
        file=file,
        version=row["version"],
    )
