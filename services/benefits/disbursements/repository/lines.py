"""How granted applications become lines of a proposal, and lines become transfers.

Every step over many households is one statement. What a treasurer approves is bound by a
fingerprint: the SHA-256 over one line for each household with its id, the keyed digest of payee
and account, and the amount, in the order of the households.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
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
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from foundation.database import Statement, Transaction, UniqueViolation, tenant_is
from services.benefits.applications.domain import ApplicationState
from services.benefits.applications.models import ApplicationRow, BankAccountRow
from services.benefits.applications.repository import take_time
from services.benefits.disbursements.domain import ProposalId, ProposalState, TransferProposal
from services.benefits.disbursements.models import (
    ProposalLineRow,
    TransferProposalRow,
    TransferRow,
)
from services.benefits.programmes.domain import ProgrammeId

_a = ApplicationRow
_b = BankAccountRow
_l = ProposalLineRow
_t = TransferRow
_TENANT = bindparam("tenant_id", type_=Integer)
_PROPOSAL = bindparam("proposal_id", type_=Uuid)
_PROGRAMME = bindparam("programme_id", type_=Uuid)
_AT = bindparam("at", type_=DateTime(timezone=True))
_GRANTED = str(ApplicationState.GRANTED)


def _fingerprint(household: Any, digest: Any, amount: Any) -> ColumnElement[bytes]:
    line = cast(household, Text) + ":" + func.encode(digest, "hex") + ":" + cast(amount, Text)
    lines = func.string_agg(line, aggregate_order_by(literal("\n"), household))
    return func.sha256(func.convert_to(lines, "UTF8"), type_=LargeBinary)


def _granted() -> CTE:
    """The applications to be paid, numbered; what no account was named for cannot be granted."""
    return (
        select(
            _a.household_id,
            _a.bank_account_id,
            _a.amount_yen,
            _b.payee_digest,
            func.row_number().over(order_by=_a.household_id).label("line_number"),
        )
        .join(_b, and_(_b.tenant_id == _a.tenant_id, _b.id == _a.bank_account_id))
        .where(tenant_is(_a), _a.programme_id == _PROGRAMME, _a.state == _GRANTED)
        .cte("granted")
    )


def _proposed(granted: CTE) -> CTE:
    """The proposal over these lines; without any there is none."""
    g = granted.c
    columns: dict[str, ColumnElement[Any]] = {
        "tenant_id": _TENANT,
        "id": _PROPOSAL,
        "programme_id": _PROGRAMME,
        "transfer_on": bindparam("transfer_on", type_=Date),
        "state": literal(str(ProposalState.PROPOSED)),
        "line_count": func.count(),
        "total_yen": cast(func.sum(g.amount_yen), BigInteger),
        "fingerprint": _fingerprint(g.household_id, g.payee_digest, g.amount_yen),
        "proposed_by": bindparam("proposed_by", type_=Text),
        "proposed_at": _AT,
        "version": literal(1),
    }
    figures = select(*columns.values()).select_from(granted).having(func.count() > 0)
    return (
        insert(TransferProposalRow)
        .from_select(list(columns), figures, include_defaults=False)
        .returning(TransferProposalRow.id)
        .cte("proposed")
    )


def _propose() -> Any:
    """Write a proposal and its lines from one view of the granted applications."""
    granted = _granted()
    proposed = _proposed(granted)
    lines: dict[str, ColumnElement[Any]] = {
        "tenant_id": _TENANT,
        "proposal_id": proposed.c.id,
        "line_number": granted.c.line_number,
        "programme_id": _PROGRAMME,
        "household_id": granted.c.household_id,
        "bank_account_id": granted.c.bank_account_id,
        "amount_yen": granted.c.amount_yen,
    }
    both = granted.join(proposed, true())
    return insert(_l).from_select(
        list(lines), select(*lines.values()).select_from(both), include_defaults=False
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
_PROPOSE = Statement("benefits.transfer_lines.propose", _propose())
_STILL_TRUE = Statement(
    "benefits.transfer_lines.still_true",
    select(func.count().label("lines")).select_from(_l).join(_a, and_(*_UNCHANGED)).where(*_LINES),
)
_LET_GO_APPLICATIONS = Statement(
    "benefits.transfer_lines.let_go_applications",
    update(_a)
    .where(*_UNCHANGED, *_LINES)
    .values(
        state=str(ApplicationState.IN_TRANSFER),
        changed_at=_AT,
        version=_a.version + 1,
    ),
)
_LET_GO = Statement(
    "benefits.transfer_lines.let_go",
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
    "benefits.transfer_lines.fingerprint",
    select(_fingerprint(_l.household_id, _b.payee_digest, _l.amount_yen).label("fingerprint"))
    .select_from(_l)
    .join(_b, and_(tenant_is(_b), _b.id == _l.bank_account_id))
    .where(*_LINES),
)
_BENEFICIARIES = Statement(
    "benefits.transfer_lines.beneficiaries",
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
    "benefits.transfer_lines.pay",
    update(_t)
    .where(
        tenant_is(_t),
        _t.proposal_id == _PROPOSAL,
        _t.state == str(ApplicationState.IN_TRANSFER),
    )
    .values(state=str(ApplicationState.PAID)),
)
_PAY_APPLICATIONS = Statement(
    "benefits.transfer_lines.pay_applications",
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
        changed_at=_AT,
        version=_a.version + 1,
    ),
)


class OpenProposalExists(Exception):
    """Another proposal of the programme awaits approval."""


class LinesOutdated(Exception):
    """The lines are no longer what would be paid, or a household has been paid already."""


class TransferLines:
    """The lines of one municipality's proposals, and the transfers they become."""

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
        await take_time(self._tx)
        try:
            return await self._tx.execute(
                _PROPOSE,
                proposal_id=proposal_id,
                programme_id=programme_id,
                transfer_on=transfer_on,
                proposed_by=by,
                at=at,
            )
        except UniqueViolation as taken:
            raise OpenProposalExists from taken

    async def are_still_true(self, proposal: TransferProposal) -> bool:
        """Tell whether every line is still what would be paid today."""
        row = await self._tx.fetch_one(_STILL_TRUE, proposal_id=proposal.id)
        return row is not None and row["lines"] == proposal.line_count

    async def have_its_fingerprint(self, proposal: TransferProposal) -> bool:
        """Tell whether the lines and accounts as they lie here are those that were proposed."""
        row = await self._tx.fetch_one(_FINGERPRINT, proposal_id=proposal.id)
        return row is not None and row["fingerprint"] == proposal.fingerprint

    async def beneficiaries(self, proposal_id: UUID) -> Sequence[UUID]:
        """Return the householders whose money it is, for the trail."""
        rows = await self._tx.fetch(_BENEFICIARIES, proposal_id=proposal_id)
        return [row["beneficiary_id"] for row in rows]

    async def let_go(self, proposal: TransferProposal, *, at: datetime) -> None:
        """Make transfers of exactly the proposed lines.

        Raises:
            LinesOutdated: a line or the fingerprint differs, or a household was paid before.
        """
        await take_time(self._tx)
        moved = await self._tx.execute(_LET_GO_APPLICATIONS, proposal_id=proposal.id, at=at)
        if moved != proposal.line_count or not await self.have_its_fingerprint(proposal):
            raise LinesOutdated
        try:
            await self._tx.execute(_LET_GO, proposal_id=proposal.id)
        except UniqueViolation as paid:
            raise LinesOutdated from paid

    async def pay(self, proposal: TransferProposal, *, at: datetime) -> int:
        """Record that the bank paid every transfer; return how many that were."""
        await take_time(self._tx)
        paid = await self._tx.execute(_PAY_TRANSFERS, proposal_id=proposal.id)
        await self._tx.execute(_PAY_APPLICATIONS, proposal_id=proposal.id, at=at)
        return paid
