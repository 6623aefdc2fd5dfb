"""What the register knows of a person and of a household."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NewType
from uuid import UUID

ResidentId = NewType("ResidentId", UUID)


class TaxStatus(StrEnum):
    """住民税: what the municipality's tax office says of this fiscal year."""

    EXEMPT = "exempt"
    PER_CAPITA_ONLY = "per_capita_only"
    TAXED = "taxed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """A person at the register's present state; a protected person's address is not here."""

    id: ResidentId
    household_id: UUID
    resident_number: str
    history_number: int
    relationship: str
    is_householder: bool
    name_formal: str
    name_display: str
    name_kana: str
    name_kana_verified: bool
    alias: str
    name_latin: str
    birth_text: str
    birth_on: date
    gender: str
    nationality_kind: str
    postal_code: str
    address: str
    resident_from: date
    resident_until: date | None
    protection: str
    lives_with_protected: bool
    version: int

    @property
    def is_protected(self) -> bool:
        return self.protection != ""

    @property
    def address_would_tell(self) -> bool:
        """Whether this address is also that of somebody whose address must not be known."""
        return self.is_protected or self.lives_with_protected


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """The people of one household, the householder first."""

    id: UUID
    household_number: str
    members: tuple[Resident, ...]
    version: int
