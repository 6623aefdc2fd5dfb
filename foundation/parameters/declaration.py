"""What a parameter is: its key, what it may be, who may set it, and on what ground it exists."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from foundation.identifiers import CodeKind

Value = bool | int | str


class Kind(StrEnum):
    """Of what kind its values are."""

    INTEGER = "integer"
    YEN = "yen"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    DAYS = "duration_days"


class Unit(StrEnum):
    """What its numbers count."""

    NONE = "none"
    MINUTES = "minutes"
    DAYS = "days"
    YEN = "yen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """One parameter. `least` and `most` are included; `set_by` are the levels that may set it.

    `is_public`: its values may be counted beside those of other municipalities.

    Raises:
        ValueError: bounds are missing where its kind needs them, or its own default is outside.
    """

    key: str
    kind: Kind
    default: Value
    set_by: frozenset[CodeKind]
    read_by: str
    description_ja: str
    description_en: str
    ground_ja: str
    ground_en: str
    unit: Unit = Unit.NONE
    least: int = 0
    most: int | None = None
    choices: tuple[str, ...] = ()
    is_public: bool = False

    def __post_init__(self) -> None:
        if self.is_number == (self.most is None) or (self.kind is Kind.CHOICE) != bool(
            self.choices
        ):
            raise ValueError(f"{self.key}: a number has bounds, a choice has choices.")
        if not self.accepts(self.default):
            raise ValueError(f"{self.key}: its own default is not among its values.")

    @property
    def is_number(self) -> bool:
        return self.kind in {Kind.INTEGER, Kind.YEN, Kind.DAYS}

    def accepts(self, value: object) -> bool:
        """Tell whether something is a value of this parameter; true is no number here."""
        if self.kind is Kind.BOOLEAN:
            return isinstance(value, bool)
        if self.kind is Kind.CHOICE:
            return isinstance(value, str) and value in self.choices
        if isinstance(value, bool) or not isinstance(value, int) or self.most is None:
            return False
        return self.least <= value <= self.most

    def lasting(self, value: Value) -> timedelta:
        """Return a value as the time it stands for.

        Raises:
            TypeError: it counts no time.
        """
        if self.unit is Unit.DAYS:
            return timedelta(days=int(value))
        if self.unit is Unit.MINUTES:
            return timedelta(minutes=int(value))
        raise TypeError(f"{self.key} counts no time.")
