"""When what a card says and what the register says are the same person."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from .names import normal_address, search_kana, search_name


class Grade(StrEnum):
    """How well two descriptions agree; what agrees less is for an official to judge."""

    EXACT = "exact"
    NORMALISED = "normalised"


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """The attributes by which a person is recognised; kana and gender where they are given."""

    name: str
    birth_on: date
    address: str
    kana: str = ""
    gender: str = ""


def grade_of(card: Description, register: Description) -> Grade | None:
    """Return how a card agrees with the register, or None.

    Name, day of birth and address must all agree. A card writes characters it cannot hold with
    substitutes and a town writes its addresses its own way, so both are compared by what they mean.
    """
    if card.birth_on != register.birth_on or _contradict(card, register):
        return None
    if (card.name, card.address) == (register.name, register.address):
        return Grade.EXACT
    same_name = search_name(card.name) == search_name(register.name)
    same_place = normal_address(card.address) == normal_address(register.address)
    return Grade.NORMALISED if same_name and same_place else None


def _contradict(card: Description, register: Description) -> bool:
    """Tell whether something both give is different; 9 is a gender that is not stated."""
    if card.kana and register.kana and search_kana(card.kana) != search_kana(register.kana):
        return True
    stated = {card.gender, register.gender} - {"", "9"}
    return len(stated) > 1
