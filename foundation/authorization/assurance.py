"""How surely, and how lately, somebody must have proven themselves before a weighty act.

A token says how its holder signed in (`acr`) and when (`auth_time`). Whether that suffices is
judged here, at every request and against the clock, because a proof grows old while the token
lives. The refusal tells a front end what to ask for, so that it can simply ask (RFC 9470).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from foundation import clock
from foundation.identity import Person
from foundation.problems import StepUpRequired

SATISFIED_BY: Final[Mapping[str, frozenset[str]]] = {
    "aal1": frozenset({"aal1", "aal2", "aal3"}),
    "aal2": frozenset({"aal2", "aal3"}),
    "aal3": frozenset({"aal3"}),
}
"""Which levels are at least as sure as each (NIST SP 800-63B §4: password, two factors, hardware
key). A level that is not listed satisfies nothing and cannot be required."""

_AHEAD = timedelta(seconds=60)
"""How far a provider's clock may be ahead of ours; a proof from further ahead proves nothing."""


@dataclass(frozen=True, slots=True)
class Assurance:
    """What an act demands: a level at least, and a proof no older than `max_age`.

    Either may be None: then any level, or any sign-in still open, will do.
    """

    acr: str | None = None
    max_age: timedelta | None = None

    def __post_init__(self) -> None:
        """Refuse a demand that could never be met, or is none.

        Raises:
            ValueError: the level is unknown, the age is not positive, or both are missing.
        """
        if self.acr is not None and self.acr not in SATISFIED_BY:
            raise ValueError(f"{self.acr} is not a known level of assurance.")
        if self.max_age is not None and self.max_age < timedelta(seconds=1):
            raise ValueError("A proof is at least a second old when it arrives.")
        if self.acr is None and self.max_age is None:
            raise ValueError("An assurance demands a level, an age, or both.")

    @property
    def challenge(self) -> dict[str, str | int]:
        """The parameters of the authorization request that would satisfy it (RFC 9470 §3)."""
        asked: dict[str, str | int] = {}
        if self.acr is not None:
            asked["acr_values"] = self.acr
        if self.max_age is not None:
            asked["max_age"] = int(self.max_age.total_seconds())
        return asked

    def is_met_by(self, person: Person) -> bool:
        """Tell whether this sign-in suffices at this moment."""
        if self.acr is not None and person.acr not in SATISFIED_BY[self.acr]:
            return False
        if self.max_age is None:
            return True
        return -_AHEAD <= clock.now() - person.auth_time <= self.max_age

    def refusal(self) -> StepUpRequired:
        """Return what a caller is told whose proof does not suffice."""
        asked = self.challenge
        said = "".join(f', {name}="{value}"' for name, value in asked.items())
        extensions: dict[str, Any] = {**asked}
        return StepUpRequired(
            headers={
                "WWW-Authenticate": f'Bearer error="{StepUpRequired.error}"'
                f', error_description="{StepUpRequired.title}"{said}'
            },
            **extensions,
        )


CARD_WITHIN_5_MINUTES: Final = Assurance(acr="aal3", max_age=timedelta(minutes=5))
"""The card and its PIN, just now: for what would send somebody's money elsewhere."""
