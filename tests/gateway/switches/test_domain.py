"""A switch goes only where the table says, opens by itself, and never turns anybody away unsaid."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from foundation.identifiers import new_id
from gateway.switches.domain import (
    ACT_TO,
    PLACES,
    SERVICES,
    TRANSITIONS,
    WHOLE,
    Act,
    Closure,
    Incomplete,
    NotAllowed,
    Notice,
    PaperRoute,
    Standing,
    State,
    Switch,
    check_plan,
    in_force,
)

NINE = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOTICE = Notice(
    message_ja="機器の点検のため休止しています。",
    message_en="Paused while the equipment is being checked.",
    paper_route=PaperRoute(
        office_ja="市民課",
        office_en="Citizens' division",
        address_ja="北見市大通西3丁目1番地1",
        address_en="3-1-1 Odori-nishi, Kitami",
        telephone="0157-23-7111",
        hours_ja="平日 8時45分から17時30分",
        hours_en="weekdays 8:45 to 17:30",
    ),
)


def a_switch(state: State = State.OPEN) -> Switch:
    return Switch(id=new_id(), place="benefits", standing=standing(state))


def standing(state: State, *, hours: int = 1, now: datetime = NINE) -> Standing:
    if state is State.OPEN:
        return Standing(state=state)
    until = None if state is State.CLOSED else now + hours * HOUR
    return Standing(state=state, until=until, notice=NOTICE)


def closure(state: State, *, place: str = "benefits", hours: int | None = 1) -> Closure:
    ends_at = None if hours is None else NINE + hours * HOUR
    return Closure(place=place, state=state, starts_at=NINE, ends_at=ends_at, notice=NOTICE)


class TestTransitions:
    def test_lead_to_every_state_and_out_of_every_state(self) -> None:
        assert {*TRANSITIONS.values()} == set(State)
        assert {state for state, _ in TRANSITIONS} == set(State)

    def test_let_time_open_what_was_paused_and_never_what_was_closed(self) -> None:
        elapsing = {state for state, act in TRANSITIONS if act is Act.ELAPSE}
        assert elapsing == {State.PAUSED, State.READ_ONLY}
        assert {TRANSITIONS[state, Act.ELAPSE] for state in elapsing} == {State.OPEN}

    def test_let_only_an_opening_end_a_closing(self) -> None:
        assert {act for state, act in TRANSITIONS if state is State.CLOSED} == {
            Act.OPEN,
            Act.CLOSE,
        }

    @given(
        st.lists(
            st.tuples(st.sampled_from(State), st.integers(1, 5), st.integers(0, 6)), max_size=25
        )
    )
    def test_are_the_only_ways_a_switch_goes(self, wishes: list[tuple[State, int, int]]) -> None:
        switch, now = a_switch(), NINE
        for wish, hours, later in wishes:
            now += later * HOUR
            before = switch.state_at(now)
            way = TRANSITIONS.get((before, ACT_TO[wish]))
            try:
                after = switch.switched(
                    standing(wish, hours=hours, now=now), by="chief", at=now, reason="x"
                )
            except NotAllowed:
                assert way is None
                continue
            assert way is wish or before is wish is State.OPEN
            assert after.version == switch.version + 1
            assert after.state_at(now) is wish
            if after.standing.until is not None:
                assert after.state_at(after.standing.until) is State.OPEN
                assert after.state_at(after.standing.until - timedelta(seconds=1)) is wish
            switch = after


class TestSwitched:
    def test_notes_who_when_and_why(self) -> None:
        paused = a_switch().switched(standing(State.PAUSED), by="chief", at=NINE, reason="点検")
        assert (paused.switched_by, paused.switched_at, paused.reason) == ("chief", NINE, "点検")

    @pytest.mark.parametrize(
        "wish",
        [
            Standing(state=State.OPEN, until=NINE + HOUR),
            Standing(state=State.OPEN, notice=NOTICE),
            Standing(state=State.PAUSED, until=NINE + HOUR),
            Standing(state=State.PAUSED, notice=NOTICE),
            Standing(state=State.PAUSED, until=NINE, notice=NOTICE),
            Standing(state=State.CLOSED),
            Standing(state=State.CLOSED, until=NINE + HOUR, notice=NOTICE),
            Standing(state=State.READ_ONLY),
        ],
    )
    def test_refuses_a_standing_that_says_too_little_or_too_much(self, wish: Standing) -> None:
        with pytest.raises(Incomplete):
            a_switch().switched(wish, by="chief", at=NINE, reason="x")

    def test_may_read_only_without_an_end(self) -> None:
        wish = Standing(state=State.READ_ONLY, notice=NOTICE)
        assert a_switch().switched(wish, by="chief", at=NINE, reason="x").standing == wish


class TestInForce:
    def test_is_nothing_where_nothing_is_closed(self) -> None:
        assert in_force([], "benefits", NINE) is None
        assert in_force([closure(State.PAUSED, place="registry")], "benefits", NINE) is None

    @pytest.mark.parametrize("service", SERVICES)
    def test_closes_every_service_with_the_whole(self, service: str) -> None:
        whole = closure(State.PAUSED, place=WHOLE)
        assert in_force([whole], service, NINE) is whole

    def test_begins_and_ends_to_the_instant(self) -> None:
        planned = closure(State.PAUSED)
        assert in_force([planned], "benefits", NINE - timedelta(microseconds=1)) is None
        assert in_force([planned], "benefits", NINE) is planned
        assert in_force([planned], "benefits", NINE + HOUR) is None

    @given(
        st.lists(
            st.builds(
                closure,
                st.sampled_from([State.READ_ONLY, State.PAUSED, State.CLOSED]),
                place=st.sampled_from(PLACES),
                hours=st.one_of(st.none(), st.integers(1, 4)),
            ),
            max_size=8,
        ),
        st.integers(0, 5),
    )
    def test_is_the_strictest_and_of_equals_the_longest(
        self, closures: list[Closure], hours: int
    ) -> None:
        now = NINE + hours * HOUR
        found = in_force(closures, "benefits", now)
        rivals = [one for one in closures if one.covers("benefits") and one.is_in_force(now)]
        assert (found is None) is (not rivals)
        order = list(State)
        for rival in rivals:
            assert found is not None
            assert order.index(found.state) >= order.index(rival.state)
            if found.state is rival.state and found.ends_at is not None:
                assert rival.ends_at is not None
                assert rival.ends_at <= found.ends_at


class TestCheckPlan:
    @pytest.mark.parametrize(
        ("state", "starts", "ends"),
        [
            (State.CLOSED, 1, 2),
            (State.OPEN, 1, 2),
            (State.PAUSED, 0, 2),
            (State.PAUSED, -1, 2),
            (State.PAUSED, 2, 2),
            (State.PAUSED, 3, 2),
        ],
    )
    def test_refuses_what_could_not_be_carried_out(
        self, state: State, starts: int, ends: int
    ) -> None:
        with pytest.raises(Incomplete):
            check_plan(state, starts_at=NINE + starts * HOUR, ends_at=NINE + ends * HOUR, now=NINE)

    def test_takes_what_lies_ahead(self) -> None:
        check_plan(State.PAUSED, starts_at=NINE + HOUR, ends_at=NINE + 2 * HOUR, now=NINE)
