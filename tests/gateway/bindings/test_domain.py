"""A person becomes a record by itself only when nothing speaks against it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gateway.bindings.domain import (
    SLIP_TRANSITIONS,
    Bound,
    Finding,
    Grade,
    IllegalSlipTransition,
    SignedIn,
    Slip,
    SlipAct,
    SlipState,
    find,
    new_code,
    read_code,
)

HANAKO, TARO = UUID(int=1), UUID(int=2)
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
OLD_CARD = Bound(person="old", resident_id=HANAKO, attributes=b"same")
LEGACY = Bound(person="old", resident_id=HANAKO, attributes=None)
OPEN = {SlipState.HELD, SlipState.SHOWN, SlipState.AWAITING_SECOND}


def a_slip(state: SlipState = SlipState.SHOWN) -> Slip:
    return Slip(
        id=UUID(int=9),
        person="p",
        state=state,
        created_at=NOW,
        expires_at=NOW + timedelta(days=7),
    )


class TestFind:
    @pytest.mark.parametrize(
        ("person", "finding", "record"),
        [
            (SignedIn(own=HANAKO), Finding.KNOWN, HANAKO),
            (SignedIn(own=HANAKO, found=TARO, grade=Grade.EXACT), Finding.KNOWN, HANAKO),
            (SignedIn(), Finding.NONE, None),
            (SignedIn(found=HANAKO, grade=Grade.EXACT), Finding.FREE, HANAKO),
            (SignedIn(found=HANAKO, grade=Grade.NORMALISED), Finding.FREE, HANAKO),
            (SignedIn(found=HANAKO, grade=Grade.OFFICIAL), Finding.HELD, HANAKO),
            (SignedIn(found=HANAKO), Finding.HELD, HANAKO),
            (
                SignedIn(found=HANAKO, grade=Grade.EXACT, attributes=b"same", occupant=OLD_CARD),
                Finding.HELD,
                HANAKO,
            ),
            (
                SignedIn(found=HANAKO, grade=Grade.EXACT, attributes=b"same", occupant=LEGACY),
                Finding.HELD,
                HANAKO,
            ),
            (
                SignedIn(found=HANAKO, grade=Grade.EXACT, attributes=b"other", occupant=OLD_CARD),
                Finding.CONTESTED,
                HANAKO,
            ),
            (SignedIn(attributes=b"same", alike=OLD_CARD), Finding.HELD, HANAKO),
        ],
        ids=str,
    )
    def test_says_how_somebody_stands(
        self, person: SignedIn, finding: Finding, record: UUID | None
    ) -> None:
        assert find(person) == (finding, record)

    @given(
        st.sampled_from([None, *Grade]),
        st.sampled_from([b"same", b"other", None]),
        st.sampled_from([OLD_CARD, LEGACY]),
        st.sampled_from([None, OLD_CARD]),
    )
    def test_never_lets_anybody_take_over_a_record(
        self, grade: Grade | None, attributes: bytes | None, occupant: Bound, alike: Bound | None
    ) -> None:
        person = SignedIn(
            found=HANAKO, grade=grade, attributes=attributes, occupant=occupant, alike=alike
        )
        assert find(person)[0] in {Finding.HELD, Finding.CONTESTED}


class SlipLife(RuleBasedStateMachine):
    """Any sequence of acts: what the table does not list never happens."""

    def __init__(self) -> None:
        super().__init__()
        self.slip = a_slip(SlipState.HELD)
        self.shown = False
        self.seconded = False

    @rule(act=st.sampled_from(SlipAct))
    def befall(self, act: SlipAct) -> None:
        before = self.slip.state
        try:
            after = self.slip.after(act)
        except IllegalSlipTransition:
            assert (before, act) not in SLIP_TRANSITIONS
            return
        assert before in OPEN
        self.shown = self.shown or act is SlipAct.SHOW
        self.seconded = self.seconded or act is SlipAct.PROPOSE
        if after is SlipState.SETTLED and self.seconded:
            assert act is SlipAct.CONFIRM
        self.slip = a_slip(after)

    @invariant()
    def nothing_is_settled_that_was_never_shown(self) -> None:
        if self.slip.state in {SlipState.SETTLED, SlipState.AWAITING_SECOND, SlipState.DECLINED}:
            assert self.shown


TestSlipLife = SlipLife.TestCase


class TestSlip:
    def test_is_closed_after_a_week(self) -> None:
        slip = a_slip()
        assert slip.is_open(NOW + timedelta(days=7, seconds=-1))
        assert not slip.is_open(NOW + timedelta(days=7))
        assert not a_slip(SlipState.SETTLED).is_open(NOW)

    def test_leaves_no_way_out_of_an_end(self) -> None:
        assert {state for state, _ in SLIP_TRANSITIONS} == OPEN


class TestCode:
    def test_is_eight_characters_that_look_like_no_other(self) -> None:
        codes = {new_code() for _ in range(200)}
        assert len(codes) == 200
        assert all(read_code(code) == code and not set(code) & set("ILOU") for code in codes)

    @pytest.mark.parametrize(
        "typed",
        ["K7QM-3X0D", "k7qm3x0d", "K7QM 3XOD", "K7QM‐3X0D", "K7QMー3X0D", " k7qm-3xod "],
    )
    def test_is_read_however_it_is_typed(self, typed: str) -> None:
        assert read_code(typed) == "K7QM-3X0D"

    @pytest.mark.parametrize(
        "typed", ["", "K7QM-3X0", "K7QM-3X0DD", "K7QM-3XUD", "花子花子花子花子"]
    )
    def test_is_none_when_it_cannot_be_one(self, typed: str) -> None:
        assert read_code(typed) is None
