"""Where the life of a municipality is kept, and the facts that its checklist is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Date,
    DateTime,
    Integer,
    Text,
    Uuid,
    and_,
    bindparam,
    exists,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert as upsert

from foundation.database import Row, Statement, Transaction, tenant_is
from gateway.bindings.records import RESIDENTS
from gateway.bulletin import count_up
from gateway.duties.models import IdentityProviderRow, OfficialAccountRow
from gateway.models import TenantRow

from .domain import Act, ActState, Membership, Stage, Step, Words, words_of
from .models import (
    MembershipActRow,
    MembershipNoticeRow,
    MembershipPapersRow,
    PaperRouteRow,
    RestoreDrillRow,
)

_INSTANT: Final = DateTime(timezone=True)
_TENANT: Final = bindparam("tenant_id", type_=Integer)
_SHUT_JSON: Final = JSONB(none_as_null=True)
_OWN: Final = select(
    TenantRow.status,
    TenantRow.services,
    TenantRow.notice,
    TenantRow.state_since,
    TenantRow.onboarded_at,
    TenantRow.membership_version,
).where(TenantRow.tenant_id == _TENANT)
_READ: Final = Statement("platform.tenants.membership", _OWN)
_HELD: Final = Statement("platform.tenants.membership_held", _OWN.with_for_update())
_NUMBER: Final = Statement(
    "platform.tenants.corporate_number",
    select(TenantRow.corporate_number).where(TenantRow.tenant_id == _TENANT),
)
_KEEP: Final = Statement(
    "platform.tenants.keep_membership",
    update(TenantRow)
    .where(TenantRow.tenant_id == _TENANT)
    .values(
        status=bindparam("stage"),
        services=bindparam("services", type_=ARRAY(Text)),
        notice=bindparam("notice", type_=_SHUT_JSON),
        state_since=bindparam("since", type_=_INSTANT),
        onboarded_at=bindparam("onboarded_at", type_=_INSTANT),
        membership_version=bindparam("version", type_=Integer),
    ),
)
_ANNOUNCE: Final = Statement(
    "platform.membership_notices.add",
    insert(MembershipNoticeRow).values(
        {
            column.key: bindparam(column.key, type_=column.type)
            for column in MembershipNoticeRow.__table__.c
        }
    ),
)
_NOTICES: Final = select(*MembershipNoticeRow.__table__.c).where(
    MembershipNoticeRow.id < bindparam("before", type_=Uuid)
)
_LAST_NOTICES: Final = Statement(
    "platform.membership_notices.of_all",
    _NOTICES.order_by(MembershipNoticeRow.id.desc()).limit(bindparam("limit", type_=Integer)),
)
_OWN_NOTICES: Final = Statement(
    "platform.membership_notices.of_code",
    _NOTICES.where(MembershipNoticeRow.municipality_code == bindparam("code"))
    .order_by(MembershipNoticeRow.id.desc())
    .limit(bindparam("limit", type_=Integer)),
)
_LEFT_FROM: Final = Statement(
    "platform.membership_notices.left_from",
    select(MembershipNoticeRow.state_before)
    .where(
        MembershipNoticeRow.municipality_code == bindparam("code"),
        MembershipNoticeRow.act == Act.LEAVE.value,
    )
    .order_by(MembershipNoticeRow.id.desc())
    .limit(1),
)
_ROUTES: Final = Statement(
    "platform.paper_routes.of_code",
    select(PaperRouteRow.service, PaperRouteRow.route).where(
        PaperRouteRow.municipality_code == bindparam("code")
    ),
)
_ROUTE: Final[dict[str, Any]] = {
    "route": bindparam("route", type_=JSONB),
    "changed_by": bindparam("changed_by"),
    "changed_at": bindparam("changed_at", type_=_INSTANT),
}
_SET_ROUTE: Final = Statement(
    "platform.paper_routes.set",
    upsert(PaperRouteRow)
    .values(municipality_code=bindparam("code"), service=bindparam("service"), **_ROUTE)
    .on_conflict_do_update(index_elements=["municipality_code", "service"], set_=_ROUTE),
)
_PAPERS: Final = Statement(
    "platform.membership_papers.own",
    select(MembershipPapersRow.contacts, MembershipPapersRow.disclosure).where(
        tenant_is(MembershipPapersRow)
    ),
)
_PAPER: Final[dict[str, Any]] = {
    "contacts": bindparam("contacts", type_=JSONB),
    "disclosure": bindparam("disclosure"),
    "changed_by": bindparam("changed_by"),
    "changed_at": bindparam("changed_at", type_=_INSTANT),
}
_SET_PAPERS: Final = Statement(
    "platform.membership_papers.set",
    upsert(MembershipPapersRow)
    .values(tenant_id=_TENANT, **_PAPER)
    .on_conflict_do_update(index_elements=["tenant_id"], set_=_PAPER),
)
_DRILL: Final = Statement(
    "platform.restore_drills.add",
    insert(RestoreDrillRow).values(
        {
            column.key: bindparam(column.key, type_=column.type)
            for column in RestoreDrillRow.__table__.c
        }
    ),
)
_DRILLED: Final = Statement(
    "platform.restore_drills.last",
    select(RestoreDrillRow.drilled_on)
    .where(tenant_is(RestoreDrillRow), RestoreDrillRow.drilled_on <= bindparam("today", type_=Date))
    .order_by(RestoreDrillRow.drilled_on.desc())
    .limit(1),
)
_STEPS: Final = select(*MembershipActRow.__table__.c).where(tenant_is(MembershipActRow))
_ADD_STEP: Final = Statement(
    "platform.membership_acts.add",
    insert(MembershipActRow).values(
        {
            column.key: bindparam(column.key, type_=column.type)
            for column in MembershipActRow.__table__.c
        }
    ),
)
_KEEP_STEP: Final = Statement(
    "platform.membership_acts.keep",
    update(MembershipActRow)
    .where(tenant_is(MembershipActRow), MembershipActRow.id == bindparam("step", type_=Uuid))
    .values(
        state=bindparam("state"),
        decided_by=bindparam("decided_by"),
        decided_at=bindparam("decided_at", type_=_INSTANT),
    ),
)
_STEP_HELD: Final = Statement(
    "platform.membership_acts.held",
    _STEPS.where(MembershipActRow.id == bindparam("step", type_=Uuid)).with_for_update(),
)
_STEPS_LAST: Final = Statement(
    "platform.membership_acts.last",
    _STEPS.where(MembershipActRow.id < bindparam("before", type_=Uuid))
    .order_by(MembershipActRow.id.desc())
    .limit(bindparam("limit", type_=Integer)),
)
_FACTS: Final = Statement(
    "platform.membership.facts",
    select(
        exists(
            select(1)
            .select_from(IdentityProviderRow)
            .join(
                OfficialAccountRow,
                and_(
                    OfficialAccountRow.tenant_id == IdentityProviderRow.tenant_id,
                    OfficialAccountRow.provider_id == IdentityProviderRow.id,
                ),
            )
            .where(
                tenant_is(IdentityProviderRow),
                tenant_is(OfficialAccountRow),
                IdentityProviderRow.state == "active",
            )
        ).label("directory"),
        exists(select(1).select_from(RESIDENTS).where(tenant_is(RESIDENTS))).label("residents"),
    ),
)


class Memberships:
    """The life of the one municipality a transaction belongs to."""

    def __init__(self, transaction: Transaction, *, code: str) -> None:
        self._tx = transaction
        self._code = code

    async def read(self) -> Membership:
        """Return where it stands."""
        return await self._standing(await self._tx.fetch_one(_READ))

    async def held(self) -> Membership:
        """Return where it stands, and let nobody move it until this work ends."""
        return await self._standing(await self._tx.fetch_one(_HELD))

    async def _standing(self, row: Row | None) -> Membership:
        found = _membership(row)
        if found.stage is not Stage.LEAVING:
            return found
        said = await self._tx.fetch_one(_LEFT_FROM, code=self._code)
        return found if said is None else replace(found, left_from=Stage(said["state_before"]))

    async def keep(self, membership: Membership) -> None:
        """Write where it stands now; every gateway knows within half a second."""
        await self._tx.execute(
            _KEEP,
            stage=membership.stage.value,
            services=sorted(membership.services),
            notice=None if membership.words is None else asdict(membership.words),
            since=membership.since,
            onboarded_at=membership.onboarded_at,
            version=membership.version,
        )
        await count_up(self._tx)

    async def corporate_number(self) -> str | None:
        """Return its number as a corporation (法人番号)."""
        row = await self._tx.fetch_one(_NUMBER)
        return None if row is None else row["corporate_number"]

    async def announce(
        self, notice_id: UUID, act: Act, stages: tuple[Stage, Stage], *, at: datetime, words: Words
    ) -> None:
        """Leave a notice for the municipality's administrators and the nation."""
        await self._tx.execute(
            _ANNOUNCE,
            id=notice_id,
            municipality_code=self._code,
            act=act.value,
            state_before=stages[0].value,
            state=stages[1].value,
            occurred_at=at,
            message_ja=words.message_ja,
            message_en=words.message_en,
        )

    async def notices(self, *, of_all: bool, before: UUID, limit: int) -> Sequence[Row]:
        """Return notices, the last first: its own, or where the nation asks, everybody's."""
        if of_all:
            return await self._tx.fetch(_LAST_NOTICES, before=before, limit=limit)
        return await self._tx.fetch(_OWN_NOTICES, code=self._code, before=before, limit=limit)

    async def routes(self) -> dict[str, Mapping[str, Any]]:
        """Return the paper routes, by service."""
        return {
            row["service"]: row["route"] for row in await self._tx.fetch(_ROUTES, code=self._code)
        }

    async def set_route(
        self, service: str, route: Mapping[str, Any], *, by: str, at: datetime
    ) -> None:
        """Say where a service is to be had on paper."""
        given = {"route": dict(route), "changed_by": by, "changed_at": at}
        await self._tx.execute(_SET_ROUTE, code=self._code, service=service, **given)

    async def papers(self) -> tuple[dict[str, Any], str | None]:
        """Return the contacts by kind, and how far figures may go."""
        row = await self._tx.fetch_one(_PAPERS)
        return ({}, None) if row is None else (row["contacts"], row["disclosure"])

    async def set_papers(
        self, contacts: Mapping[str, Any], disclosure: str | None, *, by: str, at: datetime
    ) -> None:
        """Write both down."""
        await self._tx.execute(
            _SET_PAPERS,
            contacts=dict(contacts),
            disclosure=disclosure,
            changed_by=by,
            changed_at=at,
        )

    async def record_drill(self, drill: Mapping[str, Any]) -> None:
        """Write down that a backup was read back."""
        await self._tx.execute(_DRILL, **drill)

    async def drilled_on(self, today: date) -> date | None:
        """Return the day of the last drill."""
        row = await self._tx.fetch_one(_DRILLED, today=today)
        return None if row is None else row["drilled_on"]

    async def add_step(self, step: Step) -> None:
        """Enter what administrators propose or did."""
        await self._tx.execute(
            _ADD_STEP,
            id=step.id,
            act=step.act.value,
            state=step.state.value,
            reason=step.reason,
            notice=None if step.words is None else asdict(step.words),
            proposed_by=step.proposed_by,
            proposed_at=step.proposed_at,
            decided_by=step.decided_by,
            decided_at=step.decided_at,
        )

    async def keep_step(self, step: Step) -> None:
        """Write how it was decided."""
        await self._tx.execute(
            _KEEP_STEP,
            step=step.id,
            state=step.state.value,
            decided_by=step.decided_by,
            decided_at=step.decided_at,
        )

    async def step_held(self, step_id: UUID) -> Step | None:
        """Return a step nobody else decides meanwhile."""
        row = await self._tx.fetch_one(_STEP_HELD, step=step_id)
        return None if row is None else _step(row)

    async def steps(self, *, before: UUID, limit: int) -> list[Step]:
        """Return what was proposed and done, the last first."""
        rows = await self._tx.fetch(_STEPS_LAST, before=before, limit=limit)
        return [_step(row) for row in rows]

    async def has(self) -> tuple[bool, bool]:
        """Return whether officials come in by a directory in use, and whether residents are in."""
        row = await self._tx.fetch_one(_FACTS)
        return (False, False) if row is None else (row["directory"], row["residents"])


def _membership(row: Row | None) -> Membership:
    if row is None:
        raise LookupError("a tenant that is in no directory")
    return Membership(
        stage=Stage(row["status"]),
        services=frozenset(row["services"]),
        words=words_of(row["notice"]),
        since=row["state_since"],
        onboarded_at=row["onboarded_at"],
        version=row["membership_version"],
    )


def _step(row: Row) -> Step:
    return Step(
        id=row["id"],
        act=Act(row["act"]),
        state=ActState(row["state"]),
        reason=row["reason"],
        words=words_of(row["notice"]),
        proposed_by=row["proposed_by"],
        proposed_at=row["proposed_at"],
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
    )
