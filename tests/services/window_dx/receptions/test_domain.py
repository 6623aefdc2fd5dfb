"""A reception goes on only as the table says, whatever clerks try."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, strategies as st

from foundation.identifiers import new_id
from services.window_dx.receptions.domain import (
    TRANSITIONS,
    Act,
    Channel,
    Reception,
    ReceptionId,
    ReceptionState,
)

NINE = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
HERE, THERE = new_id(), new_id()
ENDED = {ReceptionState.FINISHED, ReceptionState.ABSENT}


def a_reception(state: ReceptionState = ReceptionState.WAITING) -> Reception:
    return Reception(
        id=ReceptionId(new_id()),
        window_id=HERE,
        taken_at_window_id=HERE,
        received_on=date(2026, 11, 23),
        number=1,
        matter="転入届",
        channel=Channel.COUNTER,
        taken_by="clerk-1",
        resident_id=None,
        state=state,
        queued_at=NINE,
        called_at=None,
        version=1,
    )


class TestAfter:
    def test_knows_no_way_out_of_an_end(self) -> None:
        assert not [state for state, _ in TRANSITIONS if state in ENDED]

    def test_can_reach_every_state(self) -> None:
        assert {*TRANSITIONS.values()} == set(ReceptionState)

    @given(st.lists(st.sampled_from(list(Act)), max_size=20))
    def test_is_where_the_accepted_acts_lead(self, acts: list[Act]) -> None:
        reception, served = a_reception(), False
        for step, act in enumerate(acts):
            before = reception
            after = reception.after(act, at=NINE + timedelta(minutes=step))
            if after is None:
                assert (before.state, act) not in TRANSITIONS
                continue
            served = served or act is Act.CALLED
            assert after.state is TRANSITIONS[before.state, act]
            assert after.version == before.version + 1
            assert (after.number, after.received_on) == (before.number, before.received_on)
            reception = after
        assert served or reception.state is ReceptionState.WAITING

    def test_notes_when_it_was_called(self) -> None:
        called = a_reception().after(Act.CALLED, at=NINE)
        assert called is not None
        assert called.called_at == NINE


class TestPassedOnTo:
    def test_waits_at_the_other_window_from_now_on_with_its_number(self) -> None:
        later = NINE + timedelta(minutes=5)
        moved = a_reception(ReceptionState.SERVING).passed_on_to(THERE, at=later)
        assert moved is not None
        assert (moved.window_id, moved.taken_at_window_id) == (THERE, HERE)
        assert (moved.state, moved.queued_at, moved.called_at) == (
            ReceptionState.WAITING,
            later,
            None,
        )

    def test_cannot_be_passed_on_to_where_it_is(self) -> None:
        assert a_reception(ReceptionState.SERVING).passed_on_to(HERE, at=NINE) is None

    def test_cannot_be_passed_on_before_it_is_called(self) -> None:
        assert a_reception().passed_on_to(THERE, at=NINE) is None
