"""What somebody knows of the person they look for, in the form in which it is compared."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple
from uuid import UUID

from services.registry.residents.domain import Days

Key = Literal["name", "kana"]

SHORTEST_WITHIN = 2
"""Letters. One letter is looked for at the beginning only: within, it would be nearly everybody."""


class Place(NamedTuple):
    """Where in the order of what is found somebody stands.

    `rank` is 0 for whoever is called so from the first letter on, 1 for all others; among the
    first, whoever is called exactly so comes first by the order of letters.
    """

    rank: int
    key: str
    id: UUID


BEFORE_ALL = Place(0, "", UUID(int=0))
BEFORE_WITHIN = Place(1, "", UUID(int=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """All of it has to be true of whoever is found; what is empty was not given.

    `name`, `kana` and `address` are keys, not what was typed.
    """

    name: str = ""
    kana: str = ""
    address: str = ""
    born: Days | None = None
    resident_number: str = ""
    household_number: str = ""
    former: bool = False
    """Whether names and addresses are those somebody had before."""

    @property
    def key(self) -> Key:
        """By which of their keys people are sorted: a name that was given, else the reading."""
        return "name" if self.name else "kana"

    @property
    def beginning(self) -> str:
        """With what the key of whoever comes first begins."""
        return self.name or self.kana

    @property
    def is_beginning_alone(self) -> bool:
        return not (
            self.address
            or self.born
            or self.resident_number
            or self.household_number
            or (self.name and self.kana)
        )

    @property
    def has_letters_within(self) -> bool:
        """Whether any text is long enough to be looked for in the middle of another."""
        return max(map(len, (self.name, self.kana, self.address))) >= SHORTEST_WITHIN

    @property
    def is_one_day(self) -> bool:
        return self.born is not None and self.born.first == self.born.last

    @property
    def days(self) -> "Days":
        return self.born or Days(date.min, date.max)
