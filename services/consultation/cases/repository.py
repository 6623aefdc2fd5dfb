"""Where cases are kept, and found only by those who have a role on them.

Every question joins the asker's own role, so the answer and the right to it are of one moment.
Whoever means to change something first holds the case's row and asks then: a colleague removed in
the meantime finds that there is no such case.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Uuid,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import aliased

from foundation.database import Row, Statement, Transaction, tenant_is
from foundation.encryption import Cipher, Field

from .domain import (
    Case,
    CaseId,
    CaseOfMember,
    CaseRole,
    CaseState,
    Confidentiality,
    Consultee,
    Member,
    Standing,
    Theme,
    effective,
)
from .models import RESIDENTS, CaseRow, MemberRow

NAME = Field("consultation.cases.consultee_name")
CONTACT = Field("consultation.cases.consultee_contact")

_TENANT = bindparam("tenant_id", type_=Integer)
_OURS = tenant_is(CaseRow)
_THIS = CaseRow.id == bindparam("case_id", type_=Uuid)

OWN = aliased(MemberRow, name="own")
_MEMBER = aliased(MemberRow, name="member")

STANDING_COLUMNS = (
    CaseRow.id.label("standing_case_id"),
    OWN.role.label("standing_role"),
    CaseRow.state.label("standing_state"),
    CaseRow.confidentiality.label("standing_confidentiality"),
    CaseRow.resident_id.label("standing_resident_id"),
    RESIDENTS.c.protected.label("standing_protected"),
)
"""What a `Standing` is made of; `standing_of` reads it."""

_CASE_COLUMNS = (
    *(column for column in CaseRow.__table__.c if column.key != "tenant_id"),
    RESIDENTS.c.name_display,
    RESIDENTS.c.protected,
)


def cases_of_asker() -> FromClause:
    """Return the cases joined to the asker's role on each, and to what the register publishes."""
    cases = CaseRow.__table__
    own: Any = OWN
    return cases.join(
        own, and_(own.tenant_id == CaseRow.tenant_id, own.case_id == CaseRow.id)
    ).outerjoin(
        RESIDENTS,
        and_(tenant_is(RESIDENTS), RESIDENTS.c.resident_id == CaseRow.resident_id),
    )


def asked_by() -> tuple[ColumnElement[bool], ...]:
    """Return the predicates every question about a case carries: the tenant, and the asker."""
    return (_OURS, tenant_is(OWN), OWN.subject == bindparam("subject"))


_ADD = Statement(
    "consultation.cases.add",
    insert(CaseRow).values(
        {column.key: bindparam(column.key, type_=column.type) for column in CaseRow.__table__.c}
    ),
)
_ADD_MEMBER = Statement(
    "consultation.case_members.add",
    insert(MemberRow).values(
        {column.key: bindparam(column.key, type_=column.type) for column in MemberRow.__table__.c}
    ),
)
_HOLD = Statement(
    "consultation.cases.hold", select(CaseRow.id).where(_OURS, _THIS).with_for_update()
)
_STANDING = Statement(
    "consultation.cases.standing",
    select(*STANDING_COLUMNS).select_from(cases_of_asker()).where(*asked_by(), _THIS),
)
_OF_MEMBER = Statement(
    "consultation.cases.of_member",
    select(
        *_CASE_COLUMNS,
        _MEMBER.subject.label("member_subject"),
        _MEMBER.role.label("member_role"),
        _MEMBER.since.label("member_since"),
    )
    .select_from(cases_of_asker())
    .join(_MEMBER, and_(_MEMBER.tenant_id == CaseRow.tenant_id, _MEMBER.case_id == CaseRow.id))
    .where(*asked_by(), tenant_is(_MEMBER), _THIS)
    .order_by(_MEMBER.since, _MEMBER.subject),
)
_LISTED = Statement(
    "consultation.cases.listed",
    select(*_CASE_COLUMNS, OWN.role.label("own_role"))
    .select_from(cases_of_asker())
    .where(
        *asked_by(),
        OWN.case_id < bindparam("before", type_=Uuid),
        CaseRow.state == func.any(bindparam("states")),
    )
    .order_by(OWN.case_id.desc())
    .limit(bindparam("limit", type_=Integer)),
)
_KEEP = Statement(
    "consultation.cases.keep",
    update(CaseRow)
    .where(_OURS, _THIS)
    .values(
        theme=bindparam("theme"),
        confidentiality=bindparam("confidentiality"),
        state=bindparam("state"),
        version=bindparam("version"),
    ),
)
_THIS_MEMBER = (
    tenant_is(MemberRow),
    MemberRow.case_id == bindparam("case_id", type_=Uuid),
    MemberRow.subject == bindparam("subject"),
)
_SET_ROLE = Statement(
    "consultation.case_members.set_role",
    update(MemberRow).where(*_THIS_MEMBER).values(role=bindparam("role")),
)
_REMOVE_MEMBER = Statement(
    "consultation.case_members.remove", delete(MemberRow).where(*_THIS_MEMBER)
)
_IS_RESIDENT = Statement(
    "consultation.residents.is_resident",
    select(RESIDENTS.c.resident_id).where(
        tenant_is(RESIDENTS), RESIDENTS.c.resident_id == bindparam("resident_id", type_=Uuid)
    ),
)


class Cases:
    """The cases of one municipality."""

    def __init__(self, transaction: Transaction, cipher: Cipher) -> None:
        self._tx = transaction
        self._cipher = cipher

    async def is_resident(self, resident_id: UUID) -> bool:
        """Tell whether the register of this municipality knows the person."""
        return await self._tx.fetch_one(_IS_RESIDENT, resident_id=resident_id) is not None

    async def add(self, case: Case) -> None:
        """Enter a new case with its members."""
        await self._tx.execute(
            _ADD,
            id=case.id,
            theme=str(case.theme),
            confidentiality=str(case.classified_as),
            resident_id=case.consultee.resident_id,
            consultee_name_sealed=self._sealed(case.consultee.name, NAME, case.id),
            consultee_contact_sealed=self._sealed(case.consultee.contact, CONTACT, case.id),
            state=str(case.state),
            opened_by=case.opened_by,
            opened_at=case.opened_at,
            version=case.version,
        )
        for member in case.members:
            await self.add_member(case.id, member)

    async def get(self, case_id: UUID, *, asker: str) -> Case | None:
        """Return a case with its members; None also if the asker has no role on it."""
        rows = await self._tx.fetch(_OF_MEMBER, case_id=case_id, subject=asker)
        if not rows:
            return None
        return Case(**self._facts(rows[0]), members=tuple(_member_of(row) for row in rows))

    async def get_for_change(self, case_id: UUID, *, asker: str) -> Case | None:
        """Return a case that nobody else changes until this work ends."""
        if await self.hold(case_id, asker=asker) is None:
            return None
        return await self.get(case_id, asker=asker)

    async def hold(self, case_id: UUID, *, asker: str) -> Standing | None:
        """Return the asker's standing on a case, after which nobody else changes it or its roles.

        The standing is read again once the case is held, by a statement of its own: read in the
        same statement as the lock, a role would still be as it was before the wait. Whoever has
        no role is turned away before the lock, and so neither waits for a case nor keeps it.
        """
        if await self.standing(case_id, asker=asker) is None:
            return None
        await self._tx.execute(_HOLD, case_id=case_id)
        return await self.standing(case_id, asker=asker)

    async def standing(self, case_id: UUID, *, asker: str) -> Standing | None:
        row = await self._tx.fetch_one(_STANDING, case_id=case_id, subject=asker)
        return standing_of(row) if row else None

    async def listed(
        self, *, asker: str, states: Sequence[CaseState], before: UUID, limit: int
    ) -> list[CaseOfMember]:
        """Return the asker's own cases, the last opened first."""
        rows = await self._tx.fetch(
            _LISTED,
            subject=asker,
            states=[str(state) for state in states],
            before=before,
            limit=limit,
        )
        return [CaseOfMember(**self._facts(row), role=CaseRole(row["own_role"])) for row in rows]

    async def keep(self, case: Case) -> None:
        """Write what has changed of the case itself; its members are written one by one."""
        await self._tx.execute(
            _KEEP,
            case_id=case.id,
            theme=str(case.theme),
            confidentiality=str(case.classified_as),
            state=str(case.state),
            version=case.version,
        )

    async def add_member(self, case_id: UUID, member: Member) -> None:
        await self._tx.execute(
            _ADD_MEMBER,
            case_id=case_id,
            subject=member.subject,
            role=str(member.role),
            since=member.since,
        )

    async def set_role(self, case_id: UUID, subject: str, *, role: CaseRole) -> bool:
        """Give a member another role; False if there is no such member."""
        changed = await self._tx.execute(
            _SET_ROLE, case_id=case_id, subject=subject, role=str(role)
        )
        return changed > 0

    async def remove_member(self, case_id: UUID, subject: str) -> None:
        await self._tx.execute(_REMOVE_MEMBER, case_id=case_id, subject=subject)

    def _facts(self, row: Row) -> dict[str, Any]:
        return {
            "id": CaseId(row["id"]),
            "theme": Theme(row["theme"]),
            "classified_as": Confidentiality(row["confidentiality"]),
            "consultee": self._consultee_of(row),
            "state": CaseState(row["state"]),
            "opened_by": row["opened_by"],
            "opened_at": row["opened_at"],
            "version": row["version"],
        }

    def _consultee_of(self, row: Row) -> Consultee:
        """Return the person, by the register's name or by the one that lies sealed.

        Raises:
            DecryptionFailed: a cell was moved here from another case, or was altered.
        """
        resident_id: UUID | None = row["resident_id"]
        if resident_id is not None:
            return Consultee(
                resident_id=resident_id,
                name=row["name_display"],
                protected=_is_protected(resident_id, row["protected"]),
            )
        return Consultee(
            name=self._opened(row["consultee_name_sealed"], NAME, row["id"]),
            contact=self._opened(row["consultee_contact_sealed"], CONTACT, row["id"]),
        )

    def _sealed(self, text: str | None, field: Field, case_id: UUID) -> bytes | None:
        return None if text is None else self._cipher.encrypt(text, field=field, row_id=case_id)

    def _opened(self, blob: bytes | None, field: Field, case_id: UUID) -> str | None:
        return None if blob is None else self._cipher.decrypt(blob, field=field, row_id=case_id)


def standing_of(row: Row) -> Standing:
    """Read a standing from a row that has the `STANDING_COLUMNS`."""
    resident_id: UUID | None = row["standing_resident_id"]
    return Standing(
        case_id=CaseId(row["standing_case_id"]),
        role=CaseRole(row["standing_role"]),
        state=CaseState(row["standing_state"]),
        confidentiality=effective(
            Confidentiality(row["standing_confidentiality"]),
            protected=_is_protected(resident_id, row["standing_protected"]),
        ),
        resident_id=resident_id,
    )


def _is_protected(resident_id: UUID | None, published: bool | None) -> bool:  # noqa: FBT001 - a cell
    return resident_id is not None and published is not False


def _member_of(row: Row) -> Member:
    return Member(
        subject=row["member_subject"],
        role=CaseRole(row["member_role"]),
        since=row["member_since"],
    )
