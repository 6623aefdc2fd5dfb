"""The life of a municipality on the platform, from an entry in a list to the day it has left.

Anybody may try it; nobody goes live before what would hurt later is in order, and two people of the
municipality itself say so. Whoever pauses or leaves says where the same is done on paper meanwhile.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

SERVICES: Final = ("registry", "benefits", "window_dx", "consultation")
"""What a municipality may take part in. The platform's own office is always there."""
NOTICE_PERIOD: Final = timedelta(days=30)
"""From the day a municipality says it leaves until its doors are closed for good, at least."""


class Stage(StrEnum):
    """How far a municipality has come."""

    LISTED = "listed"
    TRIAL = "trial"
    LIVE = "live"
    PAUSED = "paused"
    LEAVING = "leaving"
    CLOSED = "closed"


class Act(StrEnum):
    """What moves it on."""

    ONBOARD = "onboard"
    GO_LIVE = "go_live"
    PAUSE = "pause"
    RESUME = "resume"
    LEAVE = "leave"
    STAY = "stay"
    CLOSE = "close"


TRANSITIONS: Final[Mapping[tuple[Stage, Act], Stage]] = {
    (Stage.LISTED, Act.ONBOARD): Stage.TRIAL,
    (Stage.TRIAL, Act.GO_LIVE): Stage.LIVE,
    (Stage.TRIAL, Act.LEAVE): Stage.LEAVING,
    (Stage.LIVE, Act.PAUSE): Stage.PAUSED,
    (Stage.LIVE, Act.LEAVE): Stage.LEAVING,
    (Stage.PAUSED, Act.RESUME): Stage.LIVE,
    (Stage.PAUSED, Act.LEAVE): Stage.LEAVING,
    (Stage.LEAVING, Act.STAY): Stage.PAUSED,
    (Stage.LEAVING, Act.CLOSE): Stage.CLOSED,
}
"""Who stays after all is paused; who left from a trial is on trial again, or would go live so."""
TAKING_PART: Final = frozenset({Stage.TRIAL, Stage.LIVE, Stage.PAUSED, Stage.LEAVING})
"""Where people may sign in: who pauses or leaves must still reach its own office."""
BY_THE_TOWN: Final = frozenset({Act.GO_LIVE, Act.PAUSE, Act.RESUME, Act.LEAVE, Act.STAY})
"""What a municipality's own administrators may do; the operators may do everything but go live."""
BY_OPERATORS: Final = frozenset(Act) - {Act.GO_LIVE}
TWO_PEOPLE: Final = frozenset({Act.GO_LIVE, Act.LEAVE})
"""What one administrator proposes and another confirms."""
NEEDS_NOTICE: Final = frozenset({Act.PAUSE, Act.LEAVE})
"""What turns people away, so they are told why."""


class NotPossible(Exception):
    """The act does not begin where the municipality stands."""


class TooSoon(Exception):
    """The period of notice is not over."""


class NotTwoPeople(Exception):
    """Who proposed it cannot confirm it."""


class AlreadyDecided(Exception):
    """It was done, or taken back, before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is told to whoever comes: public, without names."""

    message_ja: str
    message_en: str


STAYING: Final = Words(
    message_ja="利用終了を取りやめ、再開の準備をしています。",
    message_en="It stays after all, and is about to resume.",
)
"""Told while it is paused, unless in other words; a pause and a farewell have their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """Where one municipality stands.

    `since` is None for what stood before anybody counted. `left_from` is where one that is leaving
    stood before.
    """

    stage: Stage
    services: frozenset[str] = frozenset(SERVICES)
    words: Words | None = None
    since: datetime | None = None
    left_from: Stage | None = None
    onboarded_at: datetime | None = None
    version: int = 1

    @property
    def takes_part(self) -> bool:
        return self.stage in TAKING_PART

    @property
    def possible(self) -> list[Act]:
        """What may come next, in the order of the acts."""
        return [act for act in Act if (self.stage, act) in TRANSITIONS]

    def after(self, act: Act, *, at: datetime, words: Words | None = None) -> "Membership":
        """Return where it stands after an act.

        Raises:
            NotPossible: the table knows no such way, or people would be turned away unspoken to.
            TooSoon: the doors would be closed before the period of notice is over.
        """
        reached = self._reached(act)
        if reached is None or (act in NEEDS_NOTICE and words is None):
            raise NotPossible(f"{self.stage} → {act}")
        if act is Act.CLOSE and self.since is not None and at < self.since + NOTICE_PERIOD:
            raise TooSoon
        shut = reached in (Stage.PAUSED, Stage.LEAVING)
        return replace(
            self,
            stage=reached,
            words=(words or STAYING) if shut else None,
            since=at,
            left_from=self.stage if act is Act.LEAVE else None,
            onboarded_at=at if act is Act.ONBOARD else self.onboarded_at,
            version=self.version + 1,
        )

    def _reached(self, act: Act) -> Stage | None:
        if act is Act.STAY and self.left_from is Stage.TRIAL:
            return Stage.TRIAL
        return TRANSITIONS.get((self.stage, act))

    def taking(self, service: str, *, part: bool) -> "Membership":
        """Return it with one service more, or one less."""
        services = self.services | {service} if part else self.services - {service}
        return replace(self, services=services, version=self.version + 1)


class ActState(StrEnum):
    """How far an act has come that administrators have begun."""

    PROPOSED = "proposed"
    DONE = "done"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An act of a municipality's administrators, and who stood behind it."""

    id: UUID
    act: Act
    state: ActState
    reason: str
    words: Words | None
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None

    def confirmed(self, *, by: str, at: datetime) -> "Step":
        """Return it as done.

        Raises:
            AlreadyDecided: it is no proposal any more.
            NotTwoPeople: who proposed it would confirm it.
        """
        self._require_open()
        if self.act in TWO_PEOPLE and by == self.proposed_by:
            raise NotTwoPeople
        return replace(self, state=ActState.DONE, decided_by=by, decided_at=at)

    def withdrawn(self, *, by: str, at: datetime) -> "Step":
        """Return it as taken back; any administrator may.

        Raises:
            AlreadyDecided: it is no proposal any more.
        """
        self._require_open()
        return replace(self, state=ActState.WITHDRAWN, decided_by=by, decided_at=at)

    def _require_open(self) -> None:
        if self.state is not ActState.PROPOSED:
            raise AlreadyDecided


def words_of(document: Mapping[str, Any] | None) -> Words | None:
    """Return words as they were kept."""
    if document is None:
        return None
    return Words(message_ja=document["message_ja"], message_en=document["message_en"])
