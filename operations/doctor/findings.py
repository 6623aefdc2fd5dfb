"""What the doctor can say of one thing."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Good; worth knowing; or something that will stop you."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at, what was seen, and, if it is not good, what to do."""

    subject: str
    state: State
    seen: str
    remedy_ja: str = ""
    remedy: str = ""


def good(subject: str, seen: str) -> Finding:
    """Say that a thing is as it should be."""
    return Finding(subject=subject, state=State.GOOD, seen=seen)


def doubtful(subject: str, seen: str, *, remedy_ja: str, remedy: str) -> Finding:
    """Say that a thing may become a hindrance."""
    state = State.DOUBTFUL
    return Finding(subject=subject, state=state, seen=seen, remedy_ja=remedy_ja, remedy=remedy)


def bad(subject: str, seen: str, *, remedy_ja: str, remedy: str) -> Finding:
    """Say that a thing stands in the way."""
    return Finding(subject=subject, state=State.BAD, seen=seen, remedy_ja=remedy_ja, remedy=remedy)
