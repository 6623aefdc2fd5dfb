"""An invented resident and household, with everything a register says of them."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from foundation.identifiers import MunicipalityCode

from .names import PersonName

HOUSEHOLDER = "世帯主"


class TaxStatus(StrEnum):
    """How a resident is taxed by the municipality this fiscal year (住民税の課税区分)."""

    EXEMPT = "exempt"
    PER_CAPITA_ONLY = "per_capita_only"
    TAXED = "taxed"
    UNKNOWN = "unknown"


class HouseholdKind(StrEnum):
    """What kind of life a household leads; the mixture makes the town."""

    YOUNG_SINGLE = "young_single"
    MIDDLE_SINGLE = "middle_single"
    ELDERLY_SINGLE = "elderly_single"
    YOUNG_COUPLE = "young_couple"
    MIDDLE_COUPLE = "middle_couple"
    ELDERLY_COUPLE = "elderly_couple"
    FAMILY = "family"
    ADULT_CHILD_FAMILY = "adult_child_family"
    SINGLE_PARENT = "single_parent"
    PARENT_AND_ADULT_CHILD = "parent_and_adult_child"
    THREE_GENERATIONS = "three_generations"
    SHARED = "shared"
    INSTITUTION = "institution"
    FOREIGN_SINGLE = "foreign_single"
    FOREIGN_FAMILY = "foreign_family"
    MIXED_COUPLE = "mixed_couple"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person of a household, before a town hall has numbered, housed and taxed them."""

    relationship: str
    gender: str
    born_on: date
    name: PersonName
    is_foreign: bool = False


@dataclass(frozen=True, slots=True)
class Address:
    """Where a household is registered: seven digits, and the address from the prefecture down."""

    postal_code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """One line of the register.

    `born_on` is the day the generator had in mind; `birth_text` is what the register knows of it,
    which for a few of the very old is only a year (生年月日不詳).
    """

    resident_number: str
    relationship: str
    name: PersonName
    name_kana_verified: bool
    born_on: date
    birth_text: str
    gender: str
    is_foreign: bool
    resident_from: date
    resident_until: date | None
    tax_status: TaxStatus
    is_protected: bool = False

    @property
    def is_current(self) -> bool:
        return self.resident_until is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """People who share a home and a livelihood, and their one householder (世帯主)."""

    household_number: str
    kind: HouseholdKind
    address: Address
    residents: tuple[Resident, ...]

    @property
    def householder(self) -> Resident:
        return next(r for r in self.residents if r.relationship == HOUSEHOLDER)

    @property
    def is_wholly_exempt(self) -> bool:
        """Whether every present member is exempt, the condition most benefits begin with."""
        present = [resident for resident in self.residents if resident.is_current]
        return bool(present) and all(r.tax_status is TaxStatus.EXEMPT for r in present)


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Everybody of a municipality, and which households a protection measure keeps apart."""

    code: MunicipalityCode
    as_of: date
    households: tuple[Household, ...]
    kept_apart: tuple[tuple[str, str], ...]
    """Household numbers: the protected one, then that of the person it is protected from."""

    @property
    def residents(self) -> tuple[Resident, ...]:
        return tuple(r for household in self.households for r in household.residents)
