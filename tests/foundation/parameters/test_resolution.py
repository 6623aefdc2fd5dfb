"""Whatever anybody wrote for whichever days, there is one value, and only those who may set it."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from foundation.identifiers import CodeKind, MunicipalityCode
from foundation.parameters import (
    ALL,
    BROWSER_IDLE,
    BY_KEY,
    Declaration,
    Kind,
    Step,
    Unit,
    Verdict,
    chain_of,
    next_change,
    resolve,
)
from foundation.parameters.resolution import NEAREST_FIRST

DAYS = st.dates(min_value=date(2026, 1, 1), max_value=date(2027, 12, 31))
LEVELS = st.sets(st.sampled_from(CodeKind)).map(frozenset)
TODAY = date(2026, 11, 24)


def declared(kind: Kind, set_by: frozenset[CodeKind] = frozenset(CodeKind)) -> Declaration:
    """Return a made-up parameter of each kind, of which the house may use only some yet."""
    default = {Kind.BOOLEAN: False, Kind.CHOICE: "letter"}.get(kind, 10)
    return Declaration(
        key="platform.made_up",
        kind=kind,
        default=default,
        set_by=set_by,
        read_by="platform",
        description_ja="試験用",
        description_en="made up",
        ground_ja="試験用",
        ground_en="made up",
        least=1 if default == 10 else 0,
        most=100 if default == 10 else None,
        choices=("letter", "screen") if kind is Kind.CHOICE else (),
    )


DECLARATIONS = st.builds(declared, st.sampled_from(Kind), LEVELS)
SAID = st.none() | st.booleans() | st.integers(-10, 200) | st.sampled_from(["letter", "screen", ""])
STEPS = st.lists(
    st.builds(Step, level=st.sampled_from(CodeKind), starts_on=DAYS, value=SAID),
    unique_by=lambda one: (one.level, one.starts_on),
)


class TestResolving:
    @given(declaration=DECLARATIONS, steps=STEPS, day=DAYS)
    def test_always_finds_a_value_of_the_parameter(
        self, declaration: Declaration, steps: list[Step], day: date
    ) -> None:
        found = resolve(declaration, steps, day=day)
        assert declaration.accepts(found.value)
        assert (found.origin is None) == (found.since is None)
        assert [one.level for one in found.considered] == list(NEAREST_FIRST)

    @given(declaration=DECLARATIONS, steps=STEPS, day=DAYS, data=st.data())
    def test_asks_not_in_which_order_it_was_told(
        self, declaration: Declaration, steps: list[Step], day: date, data: st.DataObject
    ) -> None:
        shuffled = data.draw(st.permutations(steps))
        assert resolve(declaration, steps, day=day) == resolve(declaration, shuffled, day=day)

    @given(declaration=DECLARATIONS, steps=STEPS, day=DAYS)
    def test_never_counts_who_may_not_set_it(
        self, declaration: Declaration, steps: list[Step], day: date
    ) -> None:
        found = resolve(declaration, steps, day=day)
        entitled = [one for one in steps if one.level in declaration.set_by]
        assert found.value == resolve(declaration, entitled, day=day).value
        assert found.origin is None or found.origin in declaration.set_by

    @given(declaration=DECLARATIONS, steps=STEPS, day=DAYS)
    def test_does_not_look_ahead(
        self, declaration: Declaration, steps: list[Step], day: date
    ) -> None:
        begun = [one for one in steps if one.starts_on <= day]
        assert resolve(declaration, steps, day=day) == resolve(declaration, begun, day=day)

    @given(declaration=DECLARATIONS, steps=STEPS, day=DAYS, nearer=LEVELS)
    def test_gives_a_nearer_level_no_less_by_a_right_more(
        self, declaration: Declaration, steps: list[Step], day: date, nearer: frozenset[CodeKind]
    ) -> None:
        """Whoever decided before is outvoted by none that is further away."""
        wider = declared(declaration.kind, declaration.set_by | nearer)
        before = resolve(declaration, steps, day=day).origin
        after = resolve(wider, steps, day=day).origin
        if before is not None:
            assert after is not None
            assert NEAREST_FIRST.index(after) <= NEAREST_FIRST.index(before)

    @given(kind=st.sampled_from(Kind), day=DAYS, ahead=st.integers(0, 400))
    def test_keeps_to_the_municipality_before_the_nation(
        self, kind: Kind, day: date, ahead: int
    ) -> None:
        declaration = declared(kind)
        own = {Kind.BOOLEAN: True, Kind.CHOICE: "screen"}.get(kind, 11)
        steps = [
            Step(level=CodeKind.NATION, starts_on=day, value=declaration.default),
            Step(level=CodeKind.MUNICIPALITY, starts_on=day - timedelta(days=ahead), value=own),
        ]
        found = resolve(declaration, steps, day=day)
        assert (found.value, found.origin) == (own, CodeKind.MUNICIPALITY)
        verdicts = [one.verdict for one in found.considered]
        assert verdicts == [Verdict.IN_FORCE, Verdict.SILENT, Verdict.OVERRIDDEN]

    @given(declaration=DECLARATIONS, steps=STEPS, day=DAYS)
    def test_holds_until_the_day_of_the_next_change(
        self, declaration: Declaration, steps: list[Step], day: date
    ) -> None:
        following = next_change(declaration, steps, day=day)
        last = date(2028, 1, 1) if following is None else following[0]
        value = resolve(declaration, steps, day=day).value
        for step in steps:
            if day <= step.starts_on < last:
                assert resolve(declaration, steps, day=step.starts_on).value == value
        if following is not None:
            assert following[0] > day
            assert following[1] == resolve(declaration, steps, day=last)
            assert following[1].value != value

    def test_says_what_it_passed_over(self) -> None:
        steps = [
            Step(level=CodeKind.MUNICIPALITY, starts_on=TODAY, value=1_000),
            Step(level=CodeKind.PREFECTURE, starts_on=TODAY, value=20),
        ]
        found = resolve(BROWSER_IDLE, steps, day=TODAY)
        assert (found.value, found.origin) == (BROWSER_IDLE.default, None)
        verdicts = [one.verdict for one in found.considered]
        assert verdicts == [Verdict.OUT_OF_BOUNDS, Verdict.NOT_ENTITLED, Verdict.SILENT]


class TestADeclaration:
    @pytest.mark.parametrize("one", ALL, ids=lambda one: one.key)
    def test_is_found_by_its_key_and_explained_in_both_languages(self, one: Declaration) -> None:
        assert BY_KEY[one.key] is one
        assert one.key.startswith(f"{one.read_by}.")
        assert all((one.description_ja, one.description_en, one.ground_ja, one.ground_en))
        assert one.lasting(one.default) > timedelta()

    @pytest.mark.parametrize(
        "changes",
        [
            {"kind": Kind.INTEGER, "most": None},
            {"kind": Kind.BOOLEAN, "default": True, "most": 5},
            {"kind": Kind.CHOICE, "default": "letter", "most": None},
            {"kind": Kind.YEN, "default": 11, "most": 10},
        ],
    )
    def test_that_contradicts_itself_is_refused(self, changes: dict[str, Any]) -> None:
        given_: dict[str, Any] = {
            "key": "platform.made_up",
            "default": 1,
            "set_by": frozenset(),
            "read_by": "platform",
            "description_ja": "x",
            "description_en": "x",
            "ground_ja": "x",
            "ground_en": "x",
            "most": 10,
        }
        with pytest.raises(ValueError, match=r"platform\.made_up"):
            Declaration(**(given_ | changes))

    def test_takes_no_truth_for_a_number(self) -> None:
        assert not declared(Kind.INTEGER).accepts(value=True)
        assert not declared(Kind.BOOLEAN).accepts(value=1)

    def test_that_counts_no_time_lasts_no_time(self) -> None:
        declaration = declared(Kind.YEN)
        assert declaration.unit is Unit.NONE
        with pytest.raises(TypeError):
            declaration.lasting(10)


class TestTheChain:
    def test_leads_from_a_town_over_its_prefecture_to_the_nation(self) -> None:
        kitami = MunicipalityCode.parse("012084")
        assert list(chain_of(kitami)) == ["000000", "010006"]
        assert list(chain_of(kitami.prefecture)) == ["000000"]
        assert list(chain_of(MunicipalityCode.parse("000000"))) == []
