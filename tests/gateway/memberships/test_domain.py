"""The life of a municipality: every way there is, and no other."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from foundation.identifiers import new_id
from gateway.memberships.domain import (
    NEEDS_NOTICE,
    NOTICE_PERIOD,
    TAKING_PART,
    TRANSITIONS,
    Act,
    ActState,
    AlreadyDecided,
    Membership,
    NotPossible,
    NotTwoPeople,
    Stage,
    Step,
    TooSoon,
    Words,
)

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
WORDS = Words(message_ja="点検のため休止します。", message_en="Paused for maintenance.")


def step(act: Act = Act.GO_LIVE) -> Step:
    return Step(
        id=new_id(),
        act=act,
        state=ActState.PROPOSED,
        reason="準備が整った",
        words=None,
        proposed_by="first",
        proposed_at=NOW,
    )


class LifeOfAMunicipality(RuleBasedStateMachine):
    """Tries acts in any order, at any time, and compares with the table."""

    def __init__(self) -> None:
        super().__init__()
        self.has_been_live = False
        self.now = NOW
        self.town = Membership(stage=Stage.LISTED, since=NOW)

    @rule(hours=st.integers(min_value=0, max_value=24 * 40))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(act=st.sampled_from(Act), spoken=st.booleans())
    def somebody_acts(self, act: Act, *, spoken: bool) -> None:
        before = self.town
        wanted = TRANSITIONS.get((before.stage, act))
        if act is Act.STAY and wanted is not None and not self.has_been_live:
            wanted = Stage.TRIAL
        if wanted is None or (act in NEEDS_NOTICE and not spoken):
            with pytest.raises(NotPossible):
                before.after(act, at=self.now, words=WORDS if spoken else None)
            return
        assert before.since is not None
        if act is Act.CLOSE and self.now < before.since + NOTICE_PERIOD:
            with pytest.raises(TooSoon):
                before.after(act, at=self.now)
            return
        self.town = before.after(act, at=self.now, words=WORDS if spoken else None)
        assert self.town.stage is wanted
        self.has_been_live |= act is Act.GO_LIVE
        assert self.town.version == before.version + 1
        assert self.town.since == self.now

    @invariant()
    def whoever_turns_people_away_has_told_them_why(self) -> None:
        shut = self.town.stage in (Stage.PAUSED, Stage.LEAVING)
        assert shut == (self.town.words is not None)

    @invariant()
    def whoever_takes_part_came_on_board(self) -> None:
        assert self.town.takes_part == (self.town.stage in TAKING_PART)
        assert not self.town.takes_part or self.town.onboarded_at is not None

    @invariant()
    def nobody_is_live_who_did_not_go_live(self) -> None:
        assert self.has_been_live or self.town.stage not in (Stage.LIVE, Stage.PAUSED)

    @precondition(lambda self: self.town.stage is Stage.CLOSED)
    @invariant()
    def what_is_closed_stays_closed(self) -> None:
        assert self.town.possible == []


TestLifeOfAMunicipality = LifeOfAMunicipality.TestCase


class TestServices:
    def test_are_taken_up_and_given_up_one_by_one(self) -> None:
        town = Membership(stage=Stage.TRIAL, services=frozenset({"benefits"}))

        assert town.taking("registry", part=True).services == {"registry", "benefits"}
        assert town.taking("benefits", part=False).services == frozenset()


class TestStep:
    def test_going_live_takes_two_people(self) -> None:
        with pytest.raises(NotTwoPeople):
            step().confirmed(by="first", at=NOW)

        assert step().confirmed(by="second", at=NOW).decided_by == "second"

    def test_a_pause_takes_one(self) -> None:
        assert step(Act.PAUSE).confirmed(by="first", at=NOW).state is ActState.DONE

    def test_is_decided_once(self) -> None:
        done = step().confirmed(by="second", at=NOW)

        with pytest.raises(AlreadyDecided):
            done.confirmed(by="third", at=NOW)
        with pytest.raises(AlreadyDecided):
            done.withdrawn(by="first", at=NOW)
        assert step().withdrawn(by="first", at=NOW).state is ActState.WITHDRAWN
