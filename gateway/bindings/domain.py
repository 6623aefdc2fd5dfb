"""When a person becomes a record of the register, and when only an official may say so.

Who signs in proves to be the holder of a card, not a line in a register. The step from one to the
other is taken by itself only when nothing speaks against it. Everything else waits for an
official at the counter, or for the person's own earlier sign-in, which proves the same from the
other side. A record is never taken over silently.
"""

import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID


class Grade(StrEnum):
    """On what a binding rests: all written alike, meant alike, or an official's word."""

    EXACT = "exact"
    NORMALISED = "normalised"
    OFFICIAL = "official"


class Finding(StrEnum):
    """What the register has to do with somebody who has just signed in."""

    KNOWN = "known"
    """They were bound before."""
    FREE = "free"
    """One record fits and nobody holds it: they are bound."""
    HELD = "held"
    """A record may be theirs, and somebody must confirm it: a name with a character that could
    not be written, or the record of the person they seem to be, under an earlier card."""
    CONTESTED = "contested"
    """The record that fits is another's, who proved other attributes: recorded, and reported."""
    NONE = "none"
    """No record fits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A binding as it stands; `attributes` is the keyed hash of what was on the card then."""

    person: str
    resident_id: UUID
    attributes: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """What is known of somebody at their sign-in.

    `occupant`: who holds the record that fits. `alike`: who was bound with the very same four
    attributes, whichever record that is.
    """

    own: UUID | None = None
    found: UUID | None = None
    grade: Grade | None = None
    attributes: bytes | None = None
    occupant: Bound | None = None
    alike: Bound | None = None


def find(person: SignedIn) -> tuple[Finding, UUID | None]:
    """Return how they stand to the register, and which record it is about."""
    if person.own is not None:
        return Finding.KNOWN, person.own
    if person.found is None:
        # Nothing fits any more, yet the card says what it said when somebody was bound by it.
        return (Finding.HELD, person.alike.resident_id) if person.alike else (Finding.NONE, None)
    if person.occupant is None:
        automatic = person.grade in {Grade.EXACT, Grade.NORMALISED}
        return (Finding.FREE if automatic else Finding.HELD), person.found
    known = person.occupant.attributes
    if known is None or known == person.attributes:
        return Finding.HELD, person.found
    return Finding.CONTESTED, person.found


class SlipState(StrEnum):
    """Where a slip stands; the first three are open, and a person has one open slip at most."""

    HELD = "held"
    SHOWN = "shown"
    AWAITING_SECOND = "awaiting_second"
    SETTLED = "settled"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class SlipAct(StrEnum):
    """What can befall a slip."""

    SHOW = "show"
    """The person asks for the code."""
    SETTLE = "settle"
    """An official binds, or names the person as somebody's representative; or the person's own
    earlier sign-in confirms."""
    PROPOSE = "propose"
    """An official binds a protected person, which a second one must confirm."""
    CONFIRM = "confirm"
    """The second official confirms."""
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


OPEN: Final = (SlipState.HELD, SlipState.SHOWN, SlipState.AWAITING_SECOND)

SLIP_TRANSITIONS: Final[Mapping[tuple[SlipState, SlipAct], SlipState]] = {
    (SlipState.HELD, SlipAct.SHOW): SlipState.SHOWN,
    (SlipState.SHOWN, SlipAct.SHOW): SlipState.SHOWN,
    (SlipState.SHOWN, SlipAct.SETTLE): SlipState.SETTLED,
    (SlipState.SHOWN, SlipAct.PROPOSE): SlipState.AWAITING_SECOND,
    (SlipState.AWAITING_SECOND, SlipAct.CONFIRM): SlipState.SETTLED,
    (SlipState.SHOWN, SlipAct.DECLINE): SlipState.DECLINED,
    (SlipState.AWAITING_SECOND, SlipAct.DECLINE): SlipState.DECLINED,
    **{(state, SlipAct.WITHDRAW): SlipState.WITHDRAWN for state in OPEN},
    **{(state, SlipAct.EXPIRE): SlipState.EXPIRED for state in OPEN},
}


class IllegalSlipTransition(ValueError):
    """This cannot befall a slip that stands where this one does."""

    def __init__(self, state: SlipState, act: SlipAct) -> None:
        super().__init__(f"{act} does not follow {state}")
        self.state = state


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """By what a person is known at the counter: a code that they see when signed in.

    `candidate_id`: the record it is probably about. `resident_id` and `first_by`: what the first
    official proposed for a protected person.
    """

    id: UUID
    person: str
    state: SlipState
    created_at: datetime
    expires_at: datetime
    version: int = 1
    candidate_id: UUID | None = None
    attributes: bytes | None = None
    code_sealed: bytes | None = None
    resident_id: UUID | None = None
    evidence: str | None = None
    first_by: str | None = None

    def after(self, act: SlipAct) -> SlipState:
        """Return where it stands afterwards.

        Raises:
            IllegalSlipTransition: this cannot happen to it now.
        """
        try:
            return SLIP_TRANSITIONS[self.state, act]
        except KeyError:
            raise IllegalSlipTransition(self.state, act) from None

    def is_open(self, now: datetime) -> bool:
        return self.state in OPEN and now < self.expires_at


class Evidence(StrEnum):
    """Documents that show who somebody is (本人確認書類), as the guideline groups them."""

    INDIVIDUAL_NUMBER_CARD = "individual_number_card"
    DRIVERS_LICENCE = "drivers_licence"
    PASSPORT = "passport"
    RESIDENCE_CARD = "residence_card"
    DISABILITY_CERTIFICATE = "disability_certificate"
    TWO_WITHOUT_PHOTOGRAPH = "two_without_photograph"


_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: none looks like another
_MISREAD: Final = str.maketrans("OIL", "011")
_LENGTH: Final = 8
_GROUPS: Final = re.compile(r"[\s\-‐‑–—−ー]+")


def new_code() -> str:
    """Return a code of 40 random bits, in two groups of four that can be read out."""
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    return f"{code[:4]}-{code[4:]}"


def read_code(text: str) -> str | None:
    """Return a code as it was given out, however it was typed; None when it cannot be one."""
    plain = _GROUPS.sub("", unicodedata.normalize("NFKC", text)).upper().translate(_MISREAD)
    if len(plain) != _LENGTH or not set(plain) <= set(_ALPHABET):
        return None
    return f"{plain[:4]}-{plain[4:]}"
