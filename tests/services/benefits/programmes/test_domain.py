"""What a programme may become, and how its facts are written in Japanese."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, strategies as st

from foundation.identifiers import new_id
from foundation.money import yen
from services.benefits.programmes.domain import (
    TRANSITIONS,
    Condition,
    Programme,
    ProgrammeId,
    ProgrammeState,
    Terms,
    current_rule,
    date_ja,
    fiscal_year_ja,
    rule_of,
)


def some_terms(**changes: date) -> Terms:
    days: dict[str, Any] = {
        "reference_on": date(2026, 6, 1),
        "application_from": date(2026, 7, 1),
        "application_until": date(2026, 12, 28),
    } | changes
    return Terms(
        code="R8-BUKKA",
        name="物価高騰対応支援給付金",
        legal_ground="支給要綱",
        fiscal_year=2026,
        amount_per_household_yen=yen(30_000),
        condition=Condition.HOUSEHOLD_TAX_EXEMPT,
        seizure_ban=True,
        tax_free=True,
        **days,
    )


def a_programme(state: ProgrammeState) -> Programme:
    return Programme(id=ProgrammeId(new_id()), terms=some_terms(), state=state, version=1)


class TestProgramme:
    @given(st.sampled_from(ProgrammeState), st.sampled_from(ProgrammeState))
    def test_never_goes_back(self, before: ProgrammeState, after: ProgrammeState) -> None:
        order = list(ProgrammeState)
        if a_programme(before).may_become(after):
            assert order.index(after) == order.index(before) + 1

    def test_has_a_row_for_every_state(self) -> None:
        assert set(TRANSITIONS) == set(ProgrammeState)

    @pytest.mark.parametrize(
        ("day", "open_"),
        [
            (date(2026, 6, 30), False),
            (date(2026, 7, 1), True),
            (date(2026, 12, 28), True),
            (date(2026, 12, 29), False),
        ],
    )
    def test_takes_applications_on_both_ends_of_its_period(self, day: date, *, open_: bool) -> None:
        assert a_programme(ProgrammeState.PUBLISHED).takes_applications(day) is open_

    @pytest.mark.parametrize("state", [ProgrammeState.DRAFT, ProgrammeState.CLOSED])
    def test_takes_none_unless_it_is_published(self, state: ProgrammeState) -> None:
        assert not a_programme(state).takes_applications(date(2026, 8, 1))


class TestTerms:
    def test_without_contradiction_have_no_faults(self) -> None:
        assert some_terms().faults() == ()

    def test_name_every_contradiction_at_once(self) -> None:
        faults = some_terms(
            application_from=date(2026, 5, 1), application_until=date(2026, 4, 1)
        ).faults()
        assert [pointer for pointer, *_ in faults] == ["/application_until", "/application_from"]


class TestRules:
    @pytest.mark.parametrize("condition", list(Condition))
    def test_never_admit_a_person_whose_status_is_not_known(self, condition: Condition) -> None:
        assert "unknown" not in current_rule(condition).admitted_tax_statuses

    @pytest.mark.parametrize("condition", list(Condition))
    def test_of_old_offers_are_still_found(self, condition: Condition) -> None:
        for version in range(1, current_rule(condition).version + 1):
            assert rule_of(condition, version=version).version == version

    def test_that_never_were_are_not_made_up(self) -> None:
        with pytest.raises(KeyError):
            rule_of(Condition.HOUSEHOLD_TAX_EXEMPT, version=0)


class TestWords:
    @pytest.mark.parametrize(
        ("year", "written"),
        [(2018, "2018年度"), (2019, "令和元年度"), (2020, "令和2年度"), (2026, "令和8年度")],
    )
    def test_name_the_fiscal_year_as_on_paper(self, year: int, written: str) -> None:
        assert fiscal_year_ja(year) == written

    @pytest.mark.parametrize(
        ("day", "written"),
        [
            (date(2026, 6, 1), "令和8年(2026年)6月1日"),
            (date(2019, 5, 1), "令和元年(2019年)5月1日"),
            (date(2019, 4, 30), "2019年4月30日"),
        ],
    )
    def test_write_a_day_in_both_calendars(self, day: date, written: str) -> None:
        assert date_ja(day) == written
