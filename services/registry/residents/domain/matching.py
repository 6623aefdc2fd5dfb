"""When what a card says and what the register says are the same person."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from .names import is_substitute, normal_address, search_kana, search_name


class Grade(StrEnum):
    """How well two descriptions agree.

    `official`: they agree but for characters one of them could not hold. Nobody is turned away
    for that, and nobody is taken for somebody either: an official looks at a document.
    """

    EXACT = "exact"
    NORMALISED = "normalised"
    OFFICIAL = "official"


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

    Name, day of birth and address must all agree. A town writes its addresses its own way and a
    name has variants, so both are compared by what they mean. Where a character was replaced by
    a substitute the text says nothing at that place, neither for nor against.

    Source: JPKI certificate profile, substitute-character flags of name and address.
    """
    if card.birth_on != register.birth_on or _contradict(card, register):
        return None
    if (card.name, card.address) == (register.name, register.address):
        return Grade.OFFICIAL if _unsaid(card.name, card.address) else Grade.EXACT
    names = search_name(card.name), search_name(register.name)
    places = normal_address(card.address), normal_address(register.address)
    if names[0] == names[1] and places[0] == places[1] and not _unsaid(*names, *places):
        return Grade.NORMALISED
    if agree_where_written(*names) and agree_where_written(*places):
        return Grade.OFFICIAL
    return None


def agree_where_written(one: str, other: str) -> bool:
    """Tell whether two keys are alike at every place where both say something."""
    return len(one) == len(other) and all(
        a == b or is_substitute(a) or is_substitute(b) for a, b in zip(one, other, strict=True)
    )


def _unsaid(*texts: str) -> bool:
    return any(is_substitute(character) for text in texts for character in text)


def _contradict(card: Description, register: Description) -> bool:
    """Tell whether something both give is different; 9 is a gender that is not stated."""
    if card.kana and register.kana and search_kana(card.kana) != search_kana(register.kana):
        return True
    stated = {card.gender, register.gender} - {"", "9"}
    return len(stated) > 1
