"""When somebody must be asked, what their answer gives, and how long it holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from .sentences import IDENTITY

QUESTION_LIFETIME = timedelta(minutes=10)
"""How long the page may be read before the sign-in must be begun anew."""

_LEAP_DAY = (2, 29)


class NothingChosen(ValueError):
    """Somebody agreed, but to nothing; they are asked whether they mean no."""


class State(StrEnum):
    """Where a question, or the consent it led to, stands."""

    ASKED = "asked"
    GIVEN = "given"
    REFUSED = "refused"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    EXPIRED = "expired"


class Happening(StrEnum):
    """What can befall it."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    WAIT = "wait"
    """Nobody answered in ten minutes, or the consent is a year old."""
    WITHDRAW = "withdraw"
    ASK_FOR_MORE = "ask for more"
    """A new question was accepted while this consent was in force."""


TRANSITIONS: Final[Mapping[tuple[State, Happening], State]] = {
    (State.ASKED, Happening.ACCEPT): State.GIVEN,
    (State.ASKED, Happening.REFUSE): State.REFUSED,
    (State.ASKED, Happening.WAIT): State.LAPSED,
    (State.GIVEN, Happening.WITHDRAW): State.WITHDRAWN,
    (State.GIVEN, Happening.ASK_FOR_MORE): State.REPLACED,
    (State.GIVEN, Happening.WAIT): State.EXPIRED,
}
"""Every other pair changes nothing: what has ended stays as it ended."""


def after(state: State, happening: Happening) -> State:
    """Return where it stands afterwards."""
    return TRANSITIONS.get((state, happening), state)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What a person let one application do; of what was asked, `given` is the part they agreed to.

    A no to a part is remembered as well: being asked again at every sign-in wears people down
    until they agree.
    """

    id: UUID
    client_id: str
    asked: frozenset[str]
    given: frozenset[str]
    given_at: datetime
    expires_at: datetime

    def covers(self, wanted: frozenset[str], *, now: datetime) -> frozenset[str] | None:
        """Return what may be given of `wanted`; None when the person must be asked (again).

        They are asked when more is wanted than ever was, when the year is over, and when nothing
        of what is wanted was agreed to.
        """
        if now >= self.expires_at or not wanted <= self.asked:
            return None
        return wanted & self.given or None


def chosen(wanted: frozenset[str], ticked: frozenset[str]) -> frozenset[str]:
    """Return what somebody agreed to on the page; who they are is part of every yes.

    Raises:
        NothingChosen: nothing beyond that, though more was asked.
    """
    given = wanted & (ticked | {IDENTITY})
    if not given - {IDENTITY} and wanted != frozenset({IDENTITY}):
        raise NothingChosen
    return given


def expiry_of(given_at: datetime) -> datetime:
    """Return the same day a year later; after a 29 February, the 28th."""
    day = given_at.day - 1 if (given_at.month, given_at.day) == _LEAP_DAY else given_at.day
    return given_at.replace(year=given_at.year + 1, day=day)
