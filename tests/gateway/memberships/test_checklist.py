"""The checklist is computed from what is there, and says of each item why and what to do."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from gateway.memberships.checklist import CONTACTS, NAMES, Facts, checklist

TODAY = date(2026, 11, 23)
DRILL_LASTS = timedelta(days=365)
READY = Facts(
    today=TODAY,
    administrators=2,
    directory_in_use=True,
    has_residents=True,
    drilled_on=TODAY,
    drill_lasts=DRILL_LASTS,
    contacts=frozenset(CONTACTS),
    disclosure="none",
    services=frozenset({"registry", "benefits"}),
    paper_routes=frozenset({"registry", "benefits"}),
)


def missing(facts: Facts) -> list[str]:
    return [item.name for item in checklist(facts) if not item.is_met]


class TestChecklist:
    def test_of_a_municipality_that_is_ready_is_met(self) -> None:
        assert missing(READY) == []

    def test_of_one_that_has_nothing_names_everything(self) -> None:
        assert missing(Facts(today=TODAY)) == list(NAMES)

    @pytest.mark.parametrize(
        ("facts", "item"),
        [
            (replace(READY, administrators=1), "administrators"),
            (replace(READY, directory_in_use=False), "directory"),
            (replace(READY, has_residents=False), "data"),
            (replace(READY, drilled_on=None), "restore"),
            (
                replace(READY, drilled_on=TODAY - DRILL_LASTS - timedelta(days=1)),
                "restore",
            ),
            (replace(READY, drilled_on=TODAY + timedelta(days=1)), "restore"),
            (replace(READY, contacts=frozenset({"privacy", "security"})), "contacts"),
            (replace(READY, disclosure=None), "disclosure"),
            (replace(READY, paper_routes=frozenset({"registry"})), "paper_routes"),
            (replace(READY, services=frozenset()), "paper_routes"),
        ],
    )
    def test_names_the_one_that_is_missing(self, facts: Facts, item: str) -> None:
        assert missing(facts) == [item]

    def test_asks_a_prefecture_for_nothing_it_has_no_residents_for(self) -> None:
        prefecture = Facts(today=TODAY, has_a_register=False)

        assert missing(prefecture) == ["administrators", "directory", "contacts"]

    def test_a_drill_as_old_as_is_laid_down_still_counts(self) -> None:
        assert missing(replace(READY, drilled_on=TODAY - DRILL_LASTS)) == []

    def test_says_which_contact_and_which_route_are_missing(self) -> None:
        facts = replace(READY, contacts=frozenset({"privacy"}), paper_routes=frozenset())
        remedies = {item.name: item.remedy_en for item in checklist(facts)}

        assert remedies["contacts"].endswith("Missing: operational, security")
        assert remedies["paper_routes"].endswith("Missing: registry, benefits")

    def test_every_item_speaks_both_languages(self) -> None:
        for item in checklist(Facts(today=TODAY)):
            assert item.why_ja
            assert item.why_en
            assert item.remedy_ja
            assert item.remedy_en
            assert item.title_ja
            assert item.title_en
