"""Where applications are kept and found, always within one municipality."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Uuid,
    and_,
    any_,
    bindparam,
    exists,
    not_,
    select,
    tuple_,
    update,
)

from foundation.database import Row, Statement, Transaction, tenant_is
from foundation.money import Yen
from services.benefits.applications.domain import (
    Application,
    ApplicationId,
    ApplicationState,
    Case,
    Offer,
)
from services.benefits.applications.models import ApplicationRow, municipalities, residents
from services.benefits.programmes.domain import Condition, ProgrammeId
from services.benefits.programmes.models import ProgrammeRow
from services.benefits.programmes.repository import PROGRAMME_COLUMNS, programme_of

_a = ApplicationRow
_r = residents.c
_COLUMNS = tuple(_a.__table__.c)
_OF_ID = (tenant_is(_a), _a.id == bindparam("id"))
_OWN = _a.beneficiary_id == bindparam("beneficiary_id")


def _counts_protected_person() -> ColumnElement[bool]:
    """Tell whether somebody an offer counts is under protection, and the householder is not.

    Only the section is told. What the householder was offered before stays as it was, to the
    letter: an offer that vanished, or could not be answered any more, would tell of the measure.
    """
    member = residents.alias("member")
    protected = exists().where(
        tenant_is(member), member.c.resident_id == any_(_a.member_ids), member.c.protected
    )
    own = residents.alias("own")
    householder_protected = exists().where(
        tenant_is(own), own.c.resident_id == _a.beneficiary_id, own.c.protected
    )
    return and_(protected, not_(householder_protected))


_LOCKED = Statement(
    "benefits.applications.locked", select(*_COLUMNS).where(*_OF_ID).with_for_update(key_share=True)
)
_LOCKED_OWN = Statement(
    "benefits.applications.locked_own",
    select(*_COLUMNS).where(*_OF_ID, _OWN).with_for_update(of=_a, key_share=True),
)
_CASES = (
    select(
        *(column.label(f"application_{column.key}") for column in _COLUMNS),
        *(column.label(f"programme_{column.key}") for column in PROGRAMME_COLUMNS),
        municipalities.c.name.label("municipality"),
        _r.name_display.label("beneficiary_name"),
        _r.name_kana.label("beneficiary_kana"),
    )
    .join(
        ProgrammeRow,
        and_(ProgrammeRow.tenant_id == _a.tenant_id, ProgrammeRow.id == _a.programme_id),
    )
    .join(municipalities, municipalities.c.tenant_id == _a.tenant_id)
    .outerjoin(residents, and_(tenant_is(residents), _r.resident_id == _a.beneficiary_id))
)
_CASE = Statement("benefits.applications.case", _CASES.where(*_OF_ID))
_COUNTS_PROTECTED_PERSON = Statement(
    "benefits.applications.counts_protected_person",
    select(_a.id).where(*_OF_ID, _counts_protected_person()),
)
_OWN_CASE = Statement("benefits.applications.own_case", _CASES.where(*_OF_ID, _OWN))
_OWN_CASES = Statement(
    "benefits.applications.own_cases",
    _CASES.where(tenant_is(_a), _OWN).order_by(_a.offered_at.desc()).limit(200),
)
_FILTERS: Mapping[str, ColumnElement[bool]] = {
    "programme_id": _a.programme_id == bindparam("programme_id"),
    "state": _a.state == bindparam("state"),
}
_AFTER = tuple_(_a.programme_id, _a.household_id) > tuple_(
    bindparam("after_programme", type_=Uuid), bindparam("after_household", type_=Uuid)
)
_LISTS = {
    frozenset(given): Statement(
        "_".join(("benefits.applications.list", *given)),
        _CASES.where(tenant_is(_a), _AFTER, *(_FILTERS[name] for name in given))
        .order_by(_a.programme_id, _a.household_id)
        .limit(bindparam("limit", type_=Integer)),
    )
    for given in ((), ("programme_id",), ("state",), ("programme_id", "state"))
}
"""One statement for each set of filters: each walks an index, and none scans for the others."""
_KEEP = Statement(
    "benefits.applications.keep",
    update(_a)
    .where(
        tenant_is(_a),
        _a.programme_id == bindparam("programme_id"),
        _a.household_id == bindparam("household_id"),
    )
    .values(
        state=bindparam("state"),
        bank_account_id=bindparam("bank_account_id"),
        changed_at=bindparam("changed_at"),
        version=bindparam("version"),
    ),
)


class Applications:
    """The applications of one municipality."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def get_for_change(self, application_id: UUID) -> Application | None:
        """Return an application and keep everybody else's hands off it until the work ends."""
        row = await self._tx.fetch_one(_LOCKED, id=application_id)
        return _application(row) if row else None

    async def get_own_for_change(
        self, application_id: UUID, *, beneficiary_id: UUID
    ) -> Application | None:
        """Do the same for the householder; another household's application does not exist."""
        row = await self._tx.fetch_one(
            _LOCKED_OWN, id=application_id, beneficiary_id=beneficiary_id
        )
        return _application(row) if row else None

    async def case(self, application_id: UUID) -> Case | None:
        row = await self._tx.fetch_one(_CASE, id=application_id)
        return _case(row) if row else None

    async def counts_protected_person(self, application_id: UUID) -> bool:
        """Tell whether somebody an offer counts is under protection, and the householder is not."""
        return await self._tx.fetch_one(_COUNTS_PROTECTED_PERSON, id=application_id) is not None

    async def own_case(self, application_id: UUID, *, beneficiary_id: UUID) -> Case | None:
        row = await self._tx.fetch_one(_OWN_CASE, id=application_id, beneficiary_id=beneficiary_id)
        return _case(row) if row else None

    async def own_cases(self, *, beneficiary_id: UUID) -> list[Case]:
        """Return what a householder was ever offered, newest first."""
        rows = await self._tx.fetch(_OWN_CASES, beneficiary_id=beneficiary_id)
        return [_case(row) for row in rows]

    async def list_after(
        self,
        after: tuple[UUID, UUID],
        *,
        programme_id: UUID | None,
        state: ApplicationState | None,
        limit: int,
    ) -> list[Case]:
        """Return applications by programme and household, from beyond `after`, a page at a time."""
        given: dict[str, Any] = {}
        if programme_id is not None:
            given["programme_id"] = programme_id
        if state is not None:
            given["state"] = str(state)
        statement = _LISTS[frozenset(given)]
        after_programme, after_household = after
        rows = await self._tx.fetch(
            statement,
            after_programme=after_programme,
            after_household=after_household,
            limit=limit,
            **given,
        )
        return [_case(row) for row in rows]

    async def keep(self, application: Application, *, at: datetime) -> None:
        """Keep the state and account an application has come to."""
        await self._tx.execute(
            _KEEP,
            programme_id=application.programme_id,
            household_id=application.household_id,
            state=str(application.state),
            bank_account_id=application.bank_account_id,
            changed_at=at,
            version=application.version,
        )


def _case(row: Row) -> Case:
    application = {column.key: row[f"application_{column.key}"] for column in _COLUMNS}
    programme = {column.key: row[f"programme_{column.key}"] for column in PROGRAMME_COLUMNS}
    return Case(
        application=_application(application),
        programme=programme_of(programme),
        municipality=row["municipality"],
        beneficiary_name=row["beneficiary_name"],
        beneficiary_kana=row["beneficiary_kana"],
    )


def _application(row: Row) -> Application:
    return Application(
        id=ApplicationId(row["id"]),
        programme_id=ProgrammeId(row["programme_id"]),
        household_id=row["household_id"],
        beneficiary_id=row["beneficiary_id"],
        state=ApplicationState(row["state"]),
        offer=Offer(
            condition=Condition(row["condition"]),
            rule_version=row["rule_version"],
            reference_on=row["reference_on"],
            fiscal_year=row["fiscal_year"],
            member_ids=tuple(row["member_ids"]),
            amount_yen=Yen(row["amount_yen"]),
        ),
        bank_account_id=row["bank_account_id"],
        version=row["version"],
    )
