"""Who has which duty now, and who an arriving official is, as the database knows it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    LargeBinary,
    Text,
    Uuid,
    and_,
    bindparam,
    func,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from foundation.database import Row, Statement, Transaction, tenant_is
from foundation.encryption import Cipher, Field
from foundation.identity import Role

from .domain import SENSITIVE, Duties, GrantState, Period, duties_at, email_of, employee_id_of
from .models import (
    IdentityProviderRow,
    OfficialAccountRow,
    OfficialRow,
    ProviderRoleRow,
    RoleGrantRow,
)

DISPLAY_NAME = Field("platform.officials.display_name")
EMPLOYEE_ID = Field("platform.officials.employee_id")
EMAIL = Field("platform.officials.email")
IN_USE = ("active", "retiring")
"""States of a provider whose word still counts; a new sign-in begins with an active one only."""

_KNOWN = {role.value: role for role in Role}

_BY_GROUP = Statement(
    "platform.duties.by_group",
    select(ProviderRoleRow.role)
    .select_from(OfficialAccountRow)
    .join(
        ProviderRoleRow,
        and_(
            ProviderRoleRow.tenant_id == OfficialAccountRow.tenant_id,
            ProviderRoleRow.provider_id == OfficialAccountRow.provider_id,
            ProviderRoleRow.claim_value == func.any(OfficialAccountRow.groups),
        ),
    )
    .join(
        IdentityProviderRow,
        and_(
            IdentityProviderRow.tenant_id == OfficialAccountRow.tenant_id,
            IdentityProviderRow.id == OfficialAccountRow.provider_id,
        ),
    )
    .where(
        tenant_is(OfficialAccountRow),
        tenant_is(ProviderRoleRow),
        tenant_is(IdentityProviderRow),
        OfficialAccountRow.person == bindparam("person"),
        IdentityProviderRow.state == func.any(bindparam("states", type_=ARRAY(Text))),
    )
    .distinct(),
)
_BY_NAME = Statement(
    "platform.duties.by_name",
    select(RoleGrantRow.role, RoleGrantRow.starts_at, RoleGrantRow.ends_at).where(
        tenant_is(RoleGrantRow),
        RoleGrantRow.subject == bindparam("subject"),
        RoleGrantRow.state == GrantState.GRANTED.value,
    ),
)
_ACCOUNT = Statement(
    "platform.official_accounts.of_person",
    select(OfficialAccountRow.subject, OfficialAccountRow.provider_id).where(
        tenant_is(OfficialAccountRow), OfficialAccountRow.person == bindparam("person")
    ),
)
_WITH_NUMBER = Statement(
    "platform.officials.with_number",
    select(OfficialRow.subject)
    .where(tenant_is(OfficialRow), OfficialRow.employee_hash == bindparam("employee_hash"))
    .with_for_update(),
)
_HAS_ACCOUNT = Statement(
    "platform.official_accounts.of_subject_with_provider",
    select(OfficialAccountRow.person).where(
        tenant_is(OfficialAccountRow),
        OfficialAccountRow.subject == bindparam("subject"),
        OfficialAccountRow.provider_id == bindparam("provider_id", type_=Uuid),
    ),
)
_GIVE_UP_NUMBER = Statement(
    "platform.officials.give_up_number",
    update(OfficialRow)
    .where(tenant_is(OfficialRow), OfficialRow.employee_hash == bindparam("hash"))
    .values(employee_hash=None, employee_id_sealed=None),
)
_REMEMBERED = insert(OfficialRow).values(
    tenant_id=bindparam("tenant_id"),
    subject=bindparam("subject"),
    display_name_sealed=bindparam("display_name_sealed", type_=LargeBinary),
    employee_hash=bindparam("employee_hash", type_=LargeBinary),
    employee_id_sealed=bindparam("employee_id_sealed", type_=LargeBinary),
    email_hash=bindparam("email_hash", type_=LargeBinary),
    first_seen_at=bindparam("at"),
    last_seen_at=bindparam("at"),
)
_REMEMBER = Statement(
    "platform.officials.remember",
    _REMEMBERED.on_conflict_do_update(
        index_elements=["tenant_id", "subject"],
        set_={
            name: func.coalesce(getattr(_REMEMBERED.excluded, name), getattr(OfficialRow, name))
            for name in (
                "display_name_sealed",
                "employee_hash",
                "employee_id_sealed",
                "email_hash",
                "last_seen_at",
            )
        },
    ),
)
_ACCOUNT_SEEN = insert(OfficialAccountRow).values(
    tenant_id=bindparam("tenant_id"),
    person=bindparam("person"),
    subject=bindparam("subject"),
    provider_id=bindparam("provider_id"),
    groups=bindparam("groups"),
    last_seen_at=bindparam("at"),
)
_SEE_ACCOUNT = Statement(
    "platform.official_accounts.see",
    _ACCOUNT_SEEN.on_conflict_do_update(
        index_elements=["tenant_id", "person"],
        set_={
            name: getattr(_ACCOUNT_SEEN.excluded, name)
            for name in ("subject", "provider_id", "groups", "last_seen_at")
        },
    ),
)
_CLAIM = Statement(
    "platform.role_grants.claim",
    update(RoleGrantRow)
    .where(
        tenant_is(RoleGrantRow),
        RoleGrantRow.name_hash == func.any(bindparam("hashes", type_=ARRAY(LargeBinary))),
        RoleGrantRow.subject.is_(None),
        RoleGrantRow.state == func.any(bindparam("open", type_=ARRAY(Text))),
        # Who gave a sensitive duty to a name that turns out to be their own does not get it.
        not_(
            and_(
                RoleGrantRow.role == func.any(bindparam("sensitive", type_=ARRAY(Text))),
                or_(
                    RoleGrantRow.proposed_by == bindparam("holder"),
                    func.coalesce(RoleGrantRow.decided_by, "") == bindparam("holder"),
                ),
            )
        ),
    )
    .values(subject=bindparam("holder"))
    .returning(RoleGrantRow.id),
)
_OPEN = [GrantState.PROPOSED.value, GrantState.GRANTED.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """An official as their provider described them at a sign-in.

    `person` is the account's pseudonym, `subject` the one they get unless they are known already.
    """

    person: str
    subject: str
    provider_id: UUID
    groups: tuple[str, ...]
    at: datetime
    employee_id: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    display_name: str | None = field(default=None, repr=False)


async def duties_of(work: Transaction, *, person: str, subject: str, now: datetime) -> Duties:
    """Return what an official may do now: by the groups of the account they came with, or by name.

    A role this house does not know gives nothing.
    """
    by_group = await work.fetch(_BY_GROUP, person=person, states=list(IN_USE))
    by_name = await work.fetch(_BY_NAME, subject=subject)
    return duties_at(
        now,
        by_group=[_KNOWN[row["role"]] for row in by_group if row["role"] in _KNOWN],
        by_name=[(_KNOWN[row["role"]], _period(row)) for row in by_name if row["role"] in _KNOWN],
    )


async def receive(work: Transaction, cipher: Cipher, newcomer: Newcomer) -> str:
    """Enter an official in the directory and return their subject; duties given ahead are theirs.

    An employee's number joins a new account to the person who already has that number, so that
    a town that changes its directory does not turn each official into two. It does so only across
    providers: within one directory the number's next holder is somebody else.
    """
    employee_hash = _hash(cipher, EMPLOYEE_ID, newcomer.employee_id, employee_id_of)
    account = await work.fetch_one(_ACCOUNT, person=newcomer.person)
    if account is not None:
        subject: str = account["subject"]
    else:
        subject = await _joined(work, newcomer, employee_hash) or newcomer.subject
    if employee_hash is not None:
        holder = await work.fetch_one(_WITH_NUMBER, employee_hash=employee_hash)
        if holder is not None and holder["subject"] != subject:
            await work.execute(_GIVE_UP_NUMBER, hash=employee_hash)
    await work.execute(
        _REMEMBER,
        subject=subject,
        display_name_sealed=_sealed(cipher, DISPLAY_NAME, newcomer.display_name, subject),
        employee_hash=employee_hash,
        employee_id_sealed=_sealed(cipher, EMPLOYEE_ID, newcomer.employee_id, subject),
        email_hash=_hash(cipher, EMAIL, newcomer.email, email_of),
        at=newcomer.at,
    )
    await work.execute(
        _SEE_ACCOUNT,
        person=newcomer.person,
        subject=subject,
        provider_id=newcomer.provider_id,
        groups=list(newcomer.groups),
        at=newcomer.at,
    )
    await claim(work, subject, names_of(cipher, newcomer))
    return subject


async def claim(work: Transaction, subject: str, hashes: Sequence[bytes]) -> int:
    """Make the duties given to any of these names a person's own; return how many."""
    found = await work.fetch(
        _CLAIM,
        hashes=list(hashes),
        holder=subject,
        open=_OPEN,
        sensitive=[role.value for role in SENSITIVE],
    )
    return len(found)


def names_of(cipher: Cipher, newcomer: Newcomer) -> list[bytes]:
    """Return every name under which a duty may have been given to this person ahead of time."""
    found = (
        _hash(cipher, EMPLOYEE_ID, newcomer.employee_id, employee_id_of),
        _hash(cipher, EMAIL, newcomer.email, email_of),
    )
    return [name for name in found if name is not None]


async def _joined(work: Transaction, newcomer: Newcomer, employee_hash: bytes | None) -> str | None:
    if employee_hash is None:
        return None
    holder = await work.fetch_one(_WITH_NUMBER, employee_hash=employee_hash)
    if holder is None:
        return None
    known = await work.fetch_one(
        _HAS_ACCOUNT, subject=holder["subject"], provider_id=newcomer.provider_id
    )
    return None if known is not None else str(holder["subject"])


def _hash(
    cipher: Cipher, name: Field, value: str | None, spelt: Callable[[str], str]
) -> bytes | None:
    return cipher.blind_index(spelt(value), field=name) if value else None


def _sealed(cipher: Cipher, name: Field, text: str | None, subject: str) -> bytes | None:
    return None if not text else cipher.encrypt(text, field=name, row_id=subject)


def _period(row: Row) -> Period:
    return Period(starts_at=row["starts_at"], ends_at=row["ends_at"])
