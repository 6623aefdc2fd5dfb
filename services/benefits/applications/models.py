"""How applications and bank accounts are kept, and what of the register may be read for them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Computed,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Text,
    Uuid,
    column,
    table,
)
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, Identified, TenantOwned

DERIVED_ID = (
    "overlay(overlay(md5(programme_id::text || household_id::text)"
    " placing '8' from 13) placing '8' from 17)::uuid"
)
"""The address of an application follows from its key (RFC 9562 version 8): a roster is written by
one INSERT … SELECT, in which nothing may be drawn by lot."""


class ApplicationRow(TenantOwned, Base):
    """One household's case in one programme; a household has one, whatever happens twice."""

    __tablename__ = "applications"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "programme_id"],
            ["benefits.programmes.tenant_id", "benefits.programmes.id"],
        ),
        ForeignKeyConstraint(
            ["tenant_id", "bank_account_id"],
            ["benefits.bank_accounts.tenant_id", "benefits.bank_accounts.id"],
            use_alter=True,
        ),
        CheckConstraint(
            "state IN ('offered', 'declined', 'confirmed', 'returned', 'granted', 'refused',"
            " 'in_transfer', 'paid')",
            name="state",
        ),
        CheckConstraint(
            "bank_account_id IS NOT NULL OR state IN ('offered', 'declined')", name="account"
        ),
        CheckConstraint("amount_yen > 0", name="amount"),
        CheckConstraint("cardinality(member_ids) > 0", name="members"),
        Index("applications_address", "tenant_id", "id", unique=True),
        Index(
            "applications_by_state",
            "tenant_id",
            "state",
            "programme_id",
            "household_id",
            postgresql_include=["amount_yen"],
        ),
        Index("applications_of_beneficiary", "tenant_id", "beneficiary_id"),
        {"schema": "benefits"},
    )

    programme_id: Mapped[UUID] = mapped_column(primary_key=True)
    household_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, Computed(DERIVED_ID, persisted=True))
    beneficiary_id: Mapped[UUID]
    member_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    condition: Mapped[str]
    rule_version: Mapped[int] = mapped_column(Integer)
    reference_on: Mapped[date]
    fiscal_year: Mapped[int] = mapped_column(Integer)
    amount_yen: Mapped[int]
    state: Mapped[str]
    bank_account_id: Mapped[UUID | None]
    offered_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(Integer)


class BankAccountRow(TenantOwned, Identified, Base):
    """One account as it was given once; a corrected account is a new row with a new id.

    `account_index` equals for one account whoever names it; `payee_digest` also covers the
    holder's name and is what a transfer proposal is bound to. Both are keyed per tenant.
    """

    __tablename__ = "bank_accounts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "programme_id", "household_id"],
            [
                "benefits.applications.tenant_id",
                "benefits.applications.programme_id",
                "benefits.applications.household_id",
            ],
        ),
        CheckConstraint("bank_code ~ '^[0-9]{4}$'", name="bank_code"),
        CheckConstraint("branch_code ~ '^[0-9]{3}$'", name="branch_code"),
        CheckConstraint(
            "account_type IN ('ordinary', 'current', 'savings', 'other')", name="account_type"
        ),
        CheckConstraint("octet_length(account_index) = 16", name="account_index"),
        CheckConstraint("octet_length(payee_digest) = 16", name="payee_digest"),
        Index("bank_accounts_same_account", "tenant_id", "account_index"),
        Index("bank_accounts_of_application", "tenant_id", "programme_id", "household_id"),
        {"schema": "benefits"},
    )

    programme_id: Mapped[UUID]
    household_id: Mapped[UUID]
    bank_code: Mapped[str]
    branch_code: Mapped[str]
    account_type: Mapped[str]
    account_number_sealed: Mapped[bytes]
    holder_sealed: Mapped[bytes]
    account_index: Mapped[bytes]
    payee_digest: Mapped[bytes]
    registered_by: Mapped[str]
    registered_at: Mapped[datetime]


class ApplicationSignatureRow(TenantOwned, Base):
    """The document that was signed for an application, word for word, and whose word stands for it.

    The evidence itself stays with the platform. What was signed is kept here, because only here it
    can be told to be this application.
    """

    __tablename__ = "application_signatures"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "programme_id", "household_id"],
            [
                "benefits.applications.tenant_id",
                "benefits.applications.programme_id",
                "benefits.applications.household_id",
            ],
        ),
        CheckConstraint("octet_length(document_digest) = 32", name="document_digest"),
        Index(
            "application_signatures_of_application",
            "tenant_id",
            "programme_id",
            "household_id",
            "kept_at",
        ),
        {"schema": "benefits"},
    )

    signature_id: Mapped[UUID] = mapped_column(primary_key=True)
    programme_id: Mapped[UUID]
    household_id: Mapped[UUID]
    document_digest: Mapped[bytes]
    document_sealed: Mapped[bytes]
    representation_id: Mapped[UUID | None]
    holder_match: Mapped[str]
    signed_at: Mapped[datetime]
    verified_at: Mapped[datetime]
    kept_at: Mapped[datetime]


class BankRow(Base):
    """A bank of the national list, the same for every municipality."""

    __tablename__ = "banks"
    __table_args__ = {"schema": "benefits"}

    bank_code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kana: Mapped[str]


class BankBranchRow(Base):
    """A branch of the national list."""

    __tablename__ = "bank_branches"
    __table_args__ = (
        ForeignKeyConstraint(["bank_code"], ["benefits.banks.bank_code"]),
        {"schema": "benefits"},
    )

    bank_code: Mapped[str] = mapped_column(primary_key=True)
    branch_code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kana: Mapped[str]


residents = table(
    "benefits_residents",
    column("tenant_id", Integer),
    column("resident_id", Uuid),
    column("household_id", Uuid),
    column("name_display", Text),
    column("name_kana", Text),
    column("birth_on", Date),
    column("relationship", Text),
    column("is_householder", Boolean),
    column("tax_status", Text),
    column("resident_from", Date),
    column("resident_until", Date),
    column("protected", Boolean),
    schema="registry",
)
"""What the register publishes to this service; a view of the neighbour's, never our table."""

signatures = table(
    "benefits_signatures",
    column("tenant_id", Integer),
    column("signature_id", Uuid),
    column("resident_id", Uuid),
    column("subject", Text),
    column("document_digest", LargeBinary),
    column("holder_match", Text),
    column("signed_at", DateTime(timezone=True)),
    column("verified_at", DateTime(timezone=True)),
    column("for_another", Boolean),
    column("represented_id", Uuid),
    schema="platform",
)
"""The signatures the platform verified; a view of the platform's, and all we see of them."""

municipalities = table(
    "tenants", column("tenant_id", Integer), column("name", Text), schema="platform"
)
"""The public directory, for the municipality's name in a sentence."""
