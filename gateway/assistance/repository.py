"""Consents to assist as the database keeps them, and the list each office sees of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Date, DateTime, Integer, Uuid, bindparam, insert, or_, select, update

from foundation.database import Row, Statement, Transaction, tenant_is
from foundation.identifiers import MunicipalityCode
from foundation.identity import Role
from gateway.models import TenantCodeRow, TenantRow

from .domain import Consent, State, Terms
from .models import AssistanceConsentRow, AssistanceOfferRow

LAST_ID: Final = UUID(int=(1 << 128) - 1)
_INSTANT: Final = DateTime(timezone=True)
_C, _O = AssistanceConsentRow, AssistanceOfferRow
_LIMIT: Final = bindparam("limit", type_=Integer)
_BEFORE: Final = bindparam("before", type_=Uuid)
_OURS: Final = select(*_C.__table__.c).where(tenant_is(_C))
_ADD: Final = Statement(
    "platform.assistance_consents.add",
    insert(_C).values({c.key: bindparam(c.key, type_=c.type) for c in _C.__table__.c}),
)
_BY_ID: Final = Statement(
    "platform.assistance_consents.by_id", _OURS.where(_C.id == bindparam("consent", type_=Uuid))
)
_HELD: Final = Statement(
    "platform.assistance_consents.held",
    _OURS.where(_C.id == bindparam("consent", type_=Uuid)).with_for_update(),
)
_LISTED: Final = Statement(
    "platform.assistance_consents.listed",
    _OURS.where(_C.id < _BEFORE).order_by(_C.id.desc()).limit(_LIMIT),
)
_KEEP: Final = Statement(
    "platform.assistance_consents.keep",
    update(_C)
    .where(tenant_is(_C), _C.id == bindparam("consent", type_=Uuid))
    .values(
        state=bindparam("new_state"),
        confirmed_by=bindparam("second"),
        confirmed_at=bindparam("second_at", type_=_INSTANT),
        withdrawn_by=bindparam("ender"),
        withdrawn_at=bindparam("ended_at", type_=_INSTANT),
        version=bindparam("new_version", type_=Integer),
    ),
)
_OFFER: Final = Statement(
    "platform.assistance_offers.add",
    insert(_O).values({c.key: bindparam(c.key, type_=c.type) for c in _O.__table__.c}),
)
_TAKE_DOWN: Final = Statement(
    "platform.assistance_offers.take_down",
    update(_O)
    .where(_O.id == bindparam("consent", type_=Uuid))
    .values(withdrawn_at=bindparam("ended_at", type_=_INSTANT)),
)
_OFFERED: Final = Statement(
    "platform.assistance_offers.of_office",
    select(*_O.__table__.c)
    .where(
        _O.office_code == bindparam("office"),
        _O.id < _BEFORE,
        _O.withdrawn_at.is_(None),
        _O.ends_on >= bindparam("today", type_=Date),
    )
    .order_by(_O.id.desc())
    .limit(_LIMIT),
)
_TAKES_PART: Final = Statement(
    "platform.tenants.takes_part_by_code",
    select(TenantRow.tenant_id)
    .join(TenantCodeRow, TenantCodeRow.tenant_id == TenantRow.tenant_id)
    .where(
        TenantCodeRow.municipality_code == bindparam("code"),
        TenantCodeRow.valid_from <= bindparam("today", type_=Date),
        or_(
            TenantCodeRow.valid_until.is_(None),
            TenantCodeRow.valid_until > bindparam("today", type_=Date),
        ),
        or_(
            TenantRow.status == "trial",
            TenantRow.status == "live",
            TenantRow.status == "paused",
            TenantRow.status == "leaving",
        ),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What one office may do in one municipality, from a day until a day."""

    id: UUID
    municipality_code: str
    terms: Terms


async def add(work: Transaction, consent: Consent) -> None:
    """Enter a proposal."""
    await work.execute(
        _ADD,
        id=consent.id,
        **_cells_of(consent.terms),
        state=consent.state.value,
        proposed_by=consent.proposed_by,
        proposed_at=consent.proposed_at,
        confirmed_by=None,
        confirmed_at=None,
        withdrawn_by=None,
        withdrawn_at=None,
        version=consent.version,
    )


async def find(work: Transaction, consent_id: UUID) -> Consent | None:
    """Return a consent of this municipality."""
    row = await work.fetch_one(_BY_ID, consent=consent_id)
    return None if row is None else _consent(row)


async def held(work: Transaction, consent_id: UUID) -> Consent | None:
    """Return a consent that nobody else decides, and nobody takes up, meanwhile."""
    row = await work.fetch_one(_HELD, consent=consent_id)
    return None if row is None else _consent(row)


async def listed(work: Transaction, *, before: UUID, limit: int) -> list[Consent]:
    """Return this municipality's consents, the last proposed first."""
    return [_consent(row) for row in await work.fetch(_LISTED, before=before, limit=limit)]


async def keep(work: Transaction, consent: Consent) -> None:
    """Write where a consent stands now."""
    await work.execute(
        _KEEP,
        consent=consent.id,
        new_state=consent.state.value,
        second=consent.confirmed_by,
        second_at=consent.confirmed_at,
        ender=consent.withdrawn_by,
        ended_at=consent.withdrawn_at,
        new_version=consent.version,
    )


async def offer(work: Transaction, consent: Consent, *, town: str) -> None:
    """Let the office know what it was lent."""
    await work.execute(
        _OFFER,
        id=consent.id,
        municipality_code=town,
        **_cells_of(consent.terms),
        withdrawn_at=None,
    )


async def take_down(work: Transaction, consent_id: UUID, *, at: datetime) -> None:
    """Let the office know that it is over; where it was never offered, nothing happens."""
    await work.execute(_TAKE_DOWN, consent=consent_id, ended_at=at)


async def offered_to(
    work: Transaction, office: str, *, today: date, before: UUID, limit: int
) -> list[Offer]:
    """Return what an office may take up, today or later, the last first."""
    rows = await work.fetch(_OFFERED, office=office, today=today, before=before, limit=limit)
    return [
        Offer(id=row["id"], municipality_code=row["municipality_code"], terms=_terms(row))
        for row in rows
    ]


async def takes_part(work: Transaction, code: MunicipalityCode, *, today: date) -> bool:
    """Tell whether officials can sign in to an office at all."""
    return await work.fetch_one(_TAKES_PART, code=str(code), today=today) is not None


def _cells_of(terms: Terms) -> dict[str, Any]:
    roles: Sequence[str] = sorted(role.value for role in terms.roles)
    return {
        "office_code": str(terms.office),
        "roles": roles,
        "purpose": terms.purpose,
        "ground": terms.ground,
        "starts_on": terms.starts_on,
        "ends_on": terms.ends_on,
    }


def _terms(row: Row) -> Terms:
    return Terms(
        office=MunicipalityCode.parse(row["office_code"]),
        roles=frozenset(Role(role) for role in row["roles"]),
        purpose=row["purpose"],
        ground=row["ground"],
        starts_on=row["starts_on"],
        ends_on=row["ends_on"],
    )


def _consent(row: Row) -> Consent:
    kept = ("id", "proposed_by", "proposed_at", "confirmed_by", "confirmed_at")
    given = {name: row[name] for name in (*kept, "withdrawn_by", "withdrawn_at", "version")}
    return Consent(**given, terms=_terms(row), state=State(row["state"]))
