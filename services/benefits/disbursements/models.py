"""How payers, proposals, transfers and the frozen files are kept."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Integer,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, Identified, TenantOwned

_PROPOSAL = ("benefits.transfer_proposals.tenant_id", "benefits.transfer_proposals.id")
_APPLICATION = (
    "benefits.applications.tenant_id",
    "benefits.applications.programme_id",
    "benefits.applications.household_id",
)
_ACCOUNT = ("benefits.bank_accounts.tenant_id", "benefits.bank_accounts.id")


class PayerRow(TenantOwned, Base):
    """The municipality as its bank knows it; one row for each municipality."""

    __tablename__ = "payers"
    __table_args__ = (
        CheckConstraint("originator_code ~ '^[0-9]{10}$'", name="originator_code"),
        {"schema": "benefits"},
    )

    originator_code: Mapped[str]
    bank_code: Mapped[str]
    branch_code: Mapped[str]
    account_type: Mapped[str]
    account_number_sealed: Mapped[bytes]
    holder: Mapped[str]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(Integer)


class TransferProposalRow(TenantOwned, Identified, Base):
    """One proposal. That two people stand behind it is the table's rule, not only the program's."""

    __tablename__ = "transfer_proposals"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "programme_id"],
            ["benefits.programmes.tenant_id", "benefits.programmes.id"],
        ),
        CheckConstraint(
            "state IN ('proposed', 'rejected', 'voided', 'approved', 'sealed', 'settled')",
            name="state",
        ),
        CheckConstraint("approved_by <> proposed_by", name="four_eyes"),
        CheckConstraint(
            "(state IN ('approved', 'sealed', 'settled')) = (approved_by IS NOT NULL)",
            name="approved",
        ),
        CheckConstraint("(state = 'settled') = (settled_by IS NOT NULL)", name="settled"),
        CheckConstraint("line_count > 0 AND total_yen > 0", name="figures"),
        CheckConstraint("octet_length(fingerprint) = 32", name="fingerprint"),
        Index(
            "transfer_proposals_one_open",
            "tenant_id",
            "programme_id",
            unique=True,
            postgresql_where="state = 'proposed'",
        ),
        {"schema": "benefits"},
    )

    programme_id: Mapped[UUID]
    transfer_on: Mapped[date]
    state: Mapped[str]
    line_count: Mapped[int]
    total_yen: Mapped[int]
    fingerprint: Mapped[bytes]
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    approved_by: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    closing_reason: Mapped[str | None]
    settled_by: Mapped[str | None]
    executed_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(Integer)


class ProposalLineRow(TenantOwned, Base):
    """One line as it was proposed: this household, this account, this amount."""

    __tablename__ = "transfer_proposal_lines"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "proposal_id"], _PROPOSAL),
        ForeignKeyConstraint(["tenant_id", "programme_id", "household_id"], _APPLICATION),
        ForeignKeyConstraint(["tenant_id", "bank_account_id"], _ACCOUNT),
        UniqueConstraint(
            "tenant_id",
            "proposal_id",
            "programme_id",
            "household_id",
            name="transfer_proposal_lines_household_key",
        ),
        CheckConstraint("amount_yen > 0", name="amount"),
        {"schema": "benefits"},
    )

    proposal_id: Mapped[UUID] = mapped_column(primary_key=True)
    line_number: Mapped[int] = mapped_column(Integer, primary_key=True)
    programme_id: Mapped[UUID]
    household_id: Mapped[UUID]
    bank_account_id: Mapped[UUID]
    amount_yen: Mapped[int]


class TransferRow(TenantOwned, Base):
    """Money the treasurer let go. The key is the promise: one household, one programme, once."""

    __tablename__ = "transfers"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "proposal_id"], _PROPOSAL),
        ForeignKeyConstraint(["tenant_id", "programme_id", "household_id"], _APPLICATION),
        ForeignKeyConstraint(["tenant_id", "bank_account_id"], _ACCOUNT),
        CheckConstraint("state IN ('in_transfer', 'paid')", name="state"),
        CheckConstraint("amount_yen > 0", name="amount"),
        Index("transfers_of_proposal", "tenant_id", "proposal_id"),
        {"schema": "benefits"},
    )

    programme_id: Mapped[UUID] = mapped_column(primary_key=True)
    household_id: Mapped[UUID] = mapped_column(primary_key=True)
    proposal_id: Mapped[UUID]
    bank_account_id: Mapped[UUID]
    amount_yen: Mapped[int]
    state: Mapped[str]


class TransferFileRow(TenantOwned, Base):
    """The bytes for the bank, frozen; they hold account numbers, so they are kept encrypted."""

    __tablename__ = "transfer_files"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "proposal_id"], _PROPOSAL),
        CheckConstraint("octet_length(sha256) = 32", name="sha256"),
        CheckConstraint("record_count > 0 AND total_yen > 0", name="figures"),
        {"schema": "benefits"},
    )

    proposal_id: Mapped[UUID] = mapped_column(primary_key=True)
    content_sealed: Mapped[bytes]
    sha256: Mapped[bytes]
    record_count: Mapped[int]
    total_yen: Mapped[int]
    sealed_at: Mapped[datetime]


class DownloadRow(TenantOwned, Identified, Base):
    """Who took the file out of the house, and when."""

    __tablename__ = "transfer_file_downloads"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "proposal_id"],
            ["benefits.transfer_files.tenant_id", "benefits.transfer_files.proposal_id"],
        ),
        Index("transfer_file_downloads_of_file", "tenant_id", "proposal_id"),
        {"schema": "benefits"},
    )

    proposal_id: Mapped[UUID]
    downloaded_by: Mapped[str]
    downloaded_at: Mapped[datetime]
