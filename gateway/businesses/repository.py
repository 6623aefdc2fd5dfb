"""Accounts of businesses, as the database keeps them: names of this town alone, and a role."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from sqlalchemy import LargeBinary, bindparam, select
from sqlalchemy.dialects.postgresql import insert

from foundation.database import Statement, Transaction, tenant_is
from foundation.encryption import Cipher, Field
from foundation.identity.principal import BusinessRole

from .models import BusinessAccountRow, BusinessIssuerRow

NAME = Field("platform.business_accounts.name")

_ISSUER = Statement(
    "platform.business_issuers.all",
    select(BusinessIssuerRow.issuer, BusinessIssuerRow.client_id, BusinessIssuerRow.acr_values)
    .where(tenant_is(BusinessIssuerRow))
    .order_by(BusinessIssuerRow.issuer)
    .limit(1),
)
_OF_PERSON = Statement(
    "platform.business_accounts.of_person",
    select(
        BusinessAccountRow.business_id,
        BusinessAccountRow.role,
        BusinessAccountRow.corporate_number,
        BusinessAccountRow.has_mandate,
        BusinessAccountRow.name_sealed,
    ).where(tenant_is(BusinessAccountRow), BusinessAccountRow.person == bindparam("person")),
)
_OF_SUBJECT = Statement(
    "platform.business_accounts.of_subject",
    select(
        BusinessAccountRow.person,
        BusinessAccountRow.business_id,
        BusinessAccountRow.role,
        BusinessAccountRow.corporate_number,
        BusinessAccountRow.has_mandate,
        BusinessAccountRow.name_sealed,
    ).where(tenant_is(BusinessAccountRow), BusinessAccountRow.subject == bindparam("subject")),
)
_SEEN = insert(BusinessAccountRow).values(
    tenant_id=bindparam("tenant_id"),
    person=bindparam("person"),
    subject=bindparam("subject"),
    business_id=bindparam("business_id"),
    role=bindparam("role"),
    corporate_number=bindparam("corporate_number"),
    name_sealed=bindparam("name_sealed", type_=LargeBinary),
    has_mandate=bindparam("has_mandate"),
    last_seen_at=bindparam("at"),
)
_SEE = Statement(
    "platform.business_accounts.see",
    _SEEN.on_conflict_do_update(
        index_elements=["tenant_id", "person"],
        set_={
            name: getattr(_SEEN.excluded, name)
            for name in (
                "subject",
                "business_id",
                "role",
                "corporate_number",
                "name_sealed",
                "has_mandate",
                "last_seen_at",
            )
        },
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An account as this town knows it; `business_id` joins its colleagues, here alone."""

    business_id: str
    role: BusinessRole
    corporate_number: str | None = None
    has_mandate: bool = False
    name: str | None = field(default=None, repr=False)


async def issuer_of(work: Transaction) -> tuple[str, str, str] | None:
    """Return the provider of businesses, our name there and the assurance to ask for."""
    row = await work.fetch_one(_ISSUER)
    return None if row is None else (row["issuer"], row["client_id"], row["acr_values"])


async def see(
    work: Transaction, cipher: Cipher, known: Known, *, person: str, subject: str, at: datetime
) -> None:
    """Write down who came for a business, as their provider described them just now."""
    sealed = None
    if known.name is not None:
        sealed = cipher.encrypt(known.name, field=NAME, row_id=person)
    await work.execute(
        _SEE,
        person=person,
        subject=subject,
        business_id=known.business_id,
        role=known.role,
        corporate_number=known.corporate_number,
        name_sealed=sealed,
        has_mandate=known.has_mandate,
        at=at,
    )


async def of_person(work: Transaction, person: str) -> Known | None:
    """Return the account behind a session; its name stays sealed."""
    row = await work.fetch_one(_OF_PERSON, person=person)
    if row is None:
        return None
    return Known(
        business_id=row["business_id"],
        role=cast("BusinessRole", row["role"]),
        corporate_number=row["corporate_number"],
        has_mandate=row["has_mandate"],
    )


async def of_subject(work: Transaction, cipher: Cipher, subject: str) -> Known | None:
    """Return the account a subject stands for, with its business's name."""
    row = await work.fetch_one(_OF_SUBJECT, subject=subject)
    if row is None:
        return None
    sealed: bytes | None = row["name_sealed"]
    name = None
    if sealed is not None:
        name = cipher.decrypt(sealed, field=NAME, row_id=row["person"])
    return Known(
        business_id=row["business_id"],
        role=cast("BusinessRole", row["role"]),
        corporate_number=row["corporate_number"],
        has_mandate=row["has_mandate"],
        name=name,
    )
