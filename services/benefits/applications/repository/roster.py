"""How a municipality's register becomes a list of offers, in one statement.

A household is offered the benefit when everyone in it on the reference date meets the rule. Four
kinds of household are left to the section instead: someone's tax status or date of residence is
not known; a protected person is registered under another householder, who must never learn from
an offer, or from the count in its reason, who is still registered with them; someone was already
counted in another household, which they have left since; or no single householder lived there on
that day. From outside, all of these look like any other household that was not offered anything.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Subquery,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    cast,
    func,
    literal,
    not_,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by, insert

from foundation.database import Statement, Transaction, tenant_is
from foundation.money import Yen
from services.benefits.applications.domain import ApplicationState, Extraction, Standing
from services.benefits.applications.models import ApplicationRow, residents
from services.benefits.programmes.domain import Programme, current_rule

_r = residents.c
_UNKNOWN = "unknown"
_OFFERED = "offered"
_PROGRAMME = bindparam("programme_id", type_=Uuid)
_counted = (
    select(
        func.unnest(ApplicationRow.member_ids, type_=Uuid).label("resident_id"),
        ApplicationRow.household_id,
    )
    .where(tenant_is(ApplicationRow), ApplicationRow.programme_id == _PROGRAMME)
    .subquery("counted")
)
_c = _counted.c
"""Whom this programme has counted, and in which household: one person is never counted in two."""


def _verdict() -> ColumnElement[str]:
    """Say what becomes of a household: the first reason that applies."""
    status = func.coalesce(_r.tax_status, _UNKNOWN)
    admitted = any_(bindparam("admitted", type_=ARRAY(Text)))
    unknown = or_(status == _UNKNOWN, _r.resident_from.is_(None))
    householder_protected = func.bool_or(and_(_r.protected, _r.is_householder))
    return case(
        (
            func.bool_or(and_(status != _UNKNOWN, not_(status == admitted))),
            literal("not_meeting"),
        ),
        (func.bool_or(unknown), literal("held_unknown")),
        (and_(func.bool_or(_r.protected), not_(householder_protected)), literal("held_protected")),
        (func.bool_or(_c.household_id != _r.household_id), literal("held_counted_elsewhere")),
        (func.count().filter(_r.is_householder) != 1, literal("held_no_householder")),
        else_=literal(_OFFERED),
    )


def _households() -> Subquery:
    """Everyone who may have lived here on the reference date, household by household.

    The day of moving out belongs to the next municipality. Who moved in on an unknown day is
    kept, so that the household is held back rather than offered without them.
    """
    reference_on = bindparam("reference_on", type_=Date)
    householder = func.array_agg(_r.resident_id, type_=ARRAY(_r.resident_id.type))
    return (
        select(
            _r.household_id,
            householder.filter(_r.is_householder)[1].label("beneficiary_id"),
            func.array_agg(aggregate_order_by(_r.resident_id, _r.resident_id)).label("member_ids"),
            _verdict().label("verdict"),
        )
        .select_from(residents.outerjoin(_counted, _c.resident_id == _r.resident_id))
        .where(
            tenant_is(residents),
            or_(_r.resident_from.is_(None), _r.resident_from <= reference_on),
            or_(_r.resident_until.is_(None), _r.resident_until > reference_on),
        )
        .group_by(_r.household_id)
        .subquery("households")
    )


_found = _households()
_EXTRACT = Statement(
    "benefits.roster.extract",
    insert(ApplicationRow)
    .from_select(
        [
            "tenant_id",
            "programme_id",
            "household_id",
            "beneficiary_id",
            "member_ids",
            "condition",
            "rule_version",
            "reference_on",
            "fiscal_year",
            "amount_yen",
            "state",
            "offered_at",
            "changed_at",
            "version",
        ],
        select(
            bindparam("tenant_id", type_=Integer),
            _PROGRAMME,
            _found.c.household_id,
            _found.c.beneficiary_id,
            _found.c.member_ids,
            bindparam("condition", type_=Text),
            bindparam("rule_version", type_=Integer),
            bindparam("reference_on", type_=Date),
            bindparam("fiscal_year", type_=Integer),
            bindparam("amount_yen", type_=BigInteger),
            literal(_OFFERED),
            bindparam("offered_at", type_=DateTime(timezone=True)),
            bindparam("offered_at", type_=DateTime(timezone=True)),
            literal(1),
        ).where(_found.c.verdict == _OFFERED),
        include_defaults=False,
    )
    .on_conflict_do_nothing()
    .returning(ApplicationRow.beneficiary_id),
)
_VERDICTS = Statement(
    "benefits.roster.verdicts",
    select(_found.c.verdict, func.count().label("households")).group_by(_found.c.verdict),
)
_PROGRESS = Statement(
    "benefits.roster.progress",
    select(
        ApplicationRow.state,
        func.count().label("count"),
        cast(func.sum(ApplicationRow.amount_yen), BigInteger).label("amount_yen"),
    )
    .where(
        tenant_is(ApplicationRow),
        ApplicationRow.programme_id == _PROGRAMME,
        ApplicationRow.state == func.any(bindparam("states", type_=ARRAY(Text))),
    )
    .group_by(ApplicationRow.state),
)
_TAKE_TIME = Statement(
    "benefits.roster.take_time",
    select(func.set_config("statement_timeout", "25s", literal(value=True))),
)


async def take_time(transaction: Transaction) -> None:
    """Allow this transaction's statements 25 seconds instead of five.

    For acts that an official does on purpose, a few times a year, to every household at once. A
    request of any other kind keeps the limit that protects one municipality from another.
    """
    await transaction.fetch_one(_TAKE_TIME)


_ALONE = Statement(
    "benefits.roster.alone",
    select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("name", type_=Text), 0))),
)


class Roster:
    """The offers of one programme."""

    def __init__(self, transaction: Transaction, programme: Programme) -> None:
        self._tx = transaction
        self._programme = programme

    async def extract(self, *, at: datetime) -> Extraction:
        """Offer the benefit to every household that meets the rule and has no offer yet.

        Only one extraction of a programme runs at a time: two that saw different households could
        count one person twice.
        """
        await take_time(self._tx)
        await self._tx.fetch_one(_ALONE, name=f"benefits.roster|{self._programme.id}")
        terms = self._programme.terms
        rule = current_rule(terms.condition)
        question: dict[str, Any] = {
            "programme_id": self._programme.id,
            "admitted": sorted(rule.admitted_tax_statuses),
            "reference_on": terms.reference_on,
        }
        added = await self._tx.fetch(
            _EXTRACT,
            condition=str(terms.condition),
            rule_version=rule.version,
            fiscal_year=terms.fiscal_year,
            amount_yen=terms.amount_per_household_yen,
            offered_at=at,
            **question,
        )
        verdicts = {
            row["verdict"]: row["households"] for row in await self._tx.fetch(_VERDICTS, **question)
        }
        return Extraction(
            offered=tuple(row["beneficiary_id"] for row in added),
            already_on_roster=verdicts.get(_OFFERED, 0) - len(added),
            not_meeting=verdicts.get("not_meeting", 0),
            held_unknown=verdicts.get("held_unknown", 0),
            held_protected=verdicts.get("held_protected", 0),
            held_counted_elsewhere=verdicts.get("held_counted_elsewhere", 0),
            held_no_householder=verdicts.get("held_no_householder", 0),
        )

    async def progress(self) -> list[Standing]:
        """Count applications and money by state, in the order of the states."""
        rows = await self._tx.fetch(
            _PROGRESS,
            programme_id=self._programme.id,
            states=[str(state) for state in ApplicationState],
        )
        found = {row["state"]: row for row in rows}
        return [
            Standing(
                state=state,
                count=found[state]["count"] if state in found else 0,
                amount_yen=Yen(found[state]["amount_yen"] if state in found else 0),
            )
            for state in ApplicationState
        ]
