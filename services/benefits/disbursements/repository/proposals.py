"""Where transfer proposals are kept, and how granted applications become lines and transfers.

Every step over many households is one statement. What a treasurer approves is bound by a
fingerprint: the SHA-256 over one line for each household with its id, the keyed digest of payee
and account, and the amount, in the order of the households.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    func,
    insert,
    literal,
    literal_column,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from foundation.database import Row, Statement, Transaction, UniqueViolation, tenant_is
from foundation.money import Yen
from services.benefits.applications.domain import ApplicationState
from services.benefits.applications.models import ApplicationRow, BankAccountRow
from services.benefits.disbursements.domain import (
    ProposalId,
    ProposalState,
    SealedFile,
    TransferProposal,
)
from services.benefits.disbursements.models import (
    DownloadRow,
    ProposalLineRow,
    TransferFileRow,
    TransferProposalRow,
    TransferRow,
)
from services.benefits.programmes.domain import ProgrammeId

_a = ApplicationRow
_b = BankAccountRow
_f = TransferFileRow
_l = ProposalLineRow
_p = TransferProposalRow
_t = TransferRow
_TENANT = bindparam("tenant_id", type_=Integer)
_PROPOSAL = bindparam("proposal_id", type_=Uuid)
_GRANTED = str(ApplicationState.GRANTED)


def _fingerprint(household: Any, digest: Any, amount: Any) -> ColumnElement[bytes]:
    line = cast(household, Text) + ":" + func.encode(digest, "hex") + ":" + cast(amount, Text)
    lines = func.string_agg(line, aggregate_order_by(literal("\n"), household))
    return func.sha256(func.convert_to(lines, "UTF8"), type_=LargeBinary)


def _propose() -> Any:
    """Write a proposal and its lines from one view of the granted applications; none, no lines."""
    granted = (
        select(
            _a.household_id,
            _a.bank_account_id,
            _a.amount_yen,
            _b.payee_digest,
            func.row_number().over(order_by=_a.household_id).label("line_number"),
        )
        .join(_b, and_(_b.tenant_id == _a.tenant_id, _b.id == _a.bank_account_id))
        .where(tenant_is(_a), _a.programme_id == bindparam("programme_id"), _a.state == _GRANTED)
        .cte("granted")
    )
    g = granted.c
    columns: dict[str, ColumnElement[Any]] = {
        "tenant_id": _TENANT,
        "id": _PROPOSAL,
        "programme_id": bindparam("programme_id", type_=Uuid),
        "transfer_on": bindparam("transfer_on", type_=Date),
        "state": literal(str(ProposalState.PROPOSED)),
        "line_count": func.count(),
        "total_yen": cast(func.sum(g.amount_yen), BigInteger),
        "fingerprint": _fingerprint(g.household_id, g.payee_digest, g.amount_yen),
        "proposed_by": bindparam("proposed_by", type_=Text),
        "proposed_at": bindparam("proposed_at", type_=DateTime(timezone=True)),
        "version": literal(1),
    }
    proposed = (
        insert(_p)
        .from_select(
            list(columns),
            select(*columns.values()).select_from(granted).having(func.count() > 0),
            include_defaults=False,
        )
        .returning(_p.id)
        .cte("proposed")
    )
    lines: dict[str, ColumnElement[Any]] = {
        "tenant_id": _TENANT,
        "proposal_id": proposed.c.id,
        "line_number": g.line_number,
        "programme_id": bindparam("programme_id", type_=Uuid),
        "household_id": g.household_id,
        "bank_account_id": g.bank_account_id,
        "amount_yen": g.amount_yen,
    }
    return insert(_l).from_select(
        list(lines),
        select(*lines.values()).select_from(granted.join(proposed, true())),
        include_defaults=False,
    )


_LINES = (tenant_is(_l), _l.proposal_id == _PROPOSAL)
_UNCHANGED = (
    tenant_is(_a),
    _a.programme_id == _l.programme_id,
    _a.household_id == _l.household_id,
    _a.state == _GRANTED,
    _a.bank_account_id == _l.bank_account_id,
    _a.amount_yen == _l.amount_yen,
)
_PROPOSE = Statement("benefits.transfer_proposals.propose", _propose())
_STILL_TRUE = Statement(
    "benefits.transfer_proposals.still_true",
    select(func.count().label("lines")).select_from(_l).join(_a, and_(*_UNCHANGED)).where(*_LINES),
)
_LET_GO_APPLICATIONS = Statement(
    "benefits.transfer_proposals.let_go_applications",
    update(_a)
    .where(*_UNCHANGED, *_LINES)
    .values(
        state=str(ApplicationState.IN_TRANSFER),
        changed_at=bindparam("at", type_=DateTime(timezone=True)),
        version=_a.version + 1,
    ),
)
_LET_GO = Statement(
    "benefits.transfers.let_go",
    insert(_t).from_select(
        [
            "tenant_id",
            "programme_id",
            "household_id",
            "proposal_id",
            "bank_account_id",
            "amount_yen",
            "state",
        ],
        select(
            _l.tenant_id,
            _l.programme_id,
            _l.household_id,
            _l.proposal_id,
            _l.bank_account_id,
            _l.amount_yen,
            literal(str(ApplicationState.IN_TRANSFER)),
        ).where(*_LINES),
        include_defaults=False,
    ),
)
_FINGERPRINT = Statement(
    "benefits.transfer_proposals.fingerprint",
    select(_fingerprint(_l.household_id, _b.payee_digest, _l.amount_yen).label("fingerprint"))
    .select_from(_l)
    .join(_b, and_(tenant_is(_b), _b.id == _l.bank_account_id))
    .where(*_LINES),
)
_BENEFICIARIES = Statement(
    "benefits.transfer_proposals.beneficiaries",
    select(_a.beneficiary_id)
    .select_from(_l)
    .join(
        _a,
        and_(
            tenant_is(_a),
            _a.programme_id == _l.programme_id,
            _a.household_id == _l.household_id,
        ),
    )
    .where(*_LINES),
)
_PAY_TRANSFERS = Statement(
    "benefits.transfers.pay",
    update(_t)
    .where(
        tenant_is(_t),
        _t.proposal_id == _PROPOSAL,
        _t.state == str(ApplicationState.IN_TRANSFER),
    )
    .values(state=str(ApplicationState.PAID)),
)
_PAY_APPLICATIONS = Statement(
    "benefits.transfers.pay_applications",
    update(_a)
    .where(
        tenant_is(_a),
        _a.state == str(ApplicationState.IN_TRANSFER),
        _a.programme_id == _t.programme_id,
        _a.household_id == _t.household_id,
        tenant_is(_t),
        _t.proposal_id == _PROPOSAL,
    )
    .values(
        state=str(ApplicationState.PAID),
        changed_at=bindparam("at", type_=DateTime(timezone=True)),
        version=_a.version + 1,
    ),
)

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
    "benefits.transfer_proposals.locked", _PROPOSALS.where(*_OF_ID).with_for_update(of=_p)
)
_OPEN = Statement(
    "benefits.transfer_proposals.open",
    _PROPOSALS.where(
        tenant_is(_p),
        _p.programme_id == bindparam("programme_id"),
        _p.state == literal_column("'proposed'"),  # spelt out: the index covers only these
    ).with_for_update(of=_p),
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


class OpenProposalExists(Exception):
    """Another proposal of the programme awaits approval."""


class AccountsChanged(Exception):
    """The lines are no longer what would be paid, or a household has been paid already."""


class TransferProposals:
    """The transfer proposals of one municipality."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def propose(
        self,
        proposal_id: ProposalId,
        *,
        programme_id: ProgrammeId,
        transfer_on: date,
        by: str,
        at: datetime,
    ) -> int:
        """Propose every granted application of a programme; return how many lines there are.

        Raises:
            OpenProposalExists: the programme has a proposal that awaits approval.
        """
        try:
            return await self._tx.execute(
                _PROPOSE,
                proposal_id=proposal_id,
                programme_id=programme_id,
                transfer_on=transfer_on,
                proposed_by=by,
                proposed_at=at,
            )
        except UniqueViolation as taken:
            raise OpenProposalExists from taken

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

    async def still_true(self, proposal: TransferProposal) -> bool:
        """Tell whether every line is still what would be paid today."""
        row = await self._tx.fetch_one(_STILL_TRUE, proposal_id=proposal.id)
        return row is not None and row["lines"] == proposal.line_count

    async def has_its_fingerprint(self, proposal: TransferProposal) -> bool:
        """Tell whether the lines and accounts as they lie here are those that were proposed."""
        row = await self._tx.fetch_one(_FINGERPRINT, proposal_id=proposal.id)
        return row is not None and row["fingerprint"] == proposal.fingerprint

    async def beneficiaries(self, proposal_id: UUID) -> Sequence[UUID]:
        rows = await self._tx.fetch(_BENEFICIARIES, proposal_id=proposal_id)
        return [row["beneficiary_id"] for row in rows]

    async def approve(self, proposal: TransferProposal, *, by: str, at: datetime) -> None:
        """Let the money of exactly the proposed lines go.

        Raises:
            AccountsChanged: a line or the fingerprint differs, or a household was paid before.
            CheckViolation: the approver is the proposer; the table refuses that by itself.
        """
        moved = await self._tx.execute(_LET_GO_APPLICATIONS, proposal_id=proposal.id, at=at)
        if moved != proposal.line_count or not await self.has_its_fingerprint(proposal):
            raise AccountsChanged
        try:
            await self._tx.execute(_LET_GO, proposal_id=proposal.id)
        except UniqueViolation as paid:
            raise AccountsChanged from paid
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

    async def settle(
        self, proposal: TransferProposal, *, by: str, executed_on: date, at: datetime
    ) -> int:
        """Record that the bank paid every line; return how many transfers that were."""
        paid = await self._tx.execute(_PAY_TRANSFERS, proposal_id=proposal.id)
        await self._tx.execute(_PAY_APPLICATIONS, proposal_id=proposal.id, at=at)
        await self._tx.execute(_SETTLE, proposal_id=proposal.id, by=by, executed_on=executed_on)
        return paid


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
