"""What the gateway says at a door, by how far the municipality has come."""

from dataclasses import replace
from typing import Any

import pytest

from foundation.identifiers import MunicipalityCode, TenantId
from foundation.problems import Problem
from foundation.tenancy import Tenancy
from gateway.memberships.doors import Doors
from gateway.memberships.problems import (
    MunicipalityLeaving,
    MunicipalityPaused,
    ServiceNotTakenPartIn,
)
from gateway.tenants import Municipality, MunicipalityNotFound, TenantDirectory

KITAMI = Municipality(
    tenancy=Tenancy(TenantId(7), MunicipalityCode.parse("012084")),
    kind="municipality",
    name="北見市",
    name_kana="キタミシ",
    prefecture_name="北海道",
    status="live",
    services=frozenset({"registry", "benefits"}),
)
WORDS = {"message_ja": "統合のため休止します。", "message_en": "Paused for a merger."}
ROUTE = {"office_ja": "市民課"}


def doors(**change: Any) -> Doors:
    made = Doors(TenantDirectory([replace(KITAMI, **change)]))
    made.replace({("012084", "benefits"): ROUTE})
    return made


def said(made: Doors, service: str = "benefits", *, is_reading: bool = False) -> Problem | None:
    try:
        made.check("012084", service, is_reading=is_reading)
    except Problem as problem:
        return problem
    return None


class TestDoors:
    @pytest.mark.parametrize("status", ["trial", "live"])
    def test_are_open_to_a_service_taken_part_in(self, status: str) -> None:
        assert said(doors(status=status)) is None

    def test_have_nothing_behind_them_for_a_service_not_taken_part_in(self) -> None:
        refused = said(doors(), "consultation")

        assert isinstance(refused, ServiceNotTakenPartIn)
        assert refused.status == 404

    def test_of_one_that_pauses_name_the_paper_route(self) -> None:
        refused = said(doors(status="paused", notice=WORDS), is_reading=True)

        assert isinstance(refused, MunicipalityPaused)
        assert refused.status == 503
        assert refused.extensions["paper_route"] == ROUTE
        assert refused.detail == "Paused for a merger."

    def test_of_one_that_leaves_let_read_and_take_nothing_new(self) -> None:
        leaving = doors(status="leaving", notice=WORDS)

        assert said(leaving, is_reading=True) is None
        assert isinstance(said(leaving), MunicipalityLeaving)

    @pytest.mark.parametrize("status", ["trial", "live", "paused", "leaving"])
    def test_of_the_office_stay_within_reach(self, status: str) -> None:
        assert said(doors(status=status, notice=WORDS), "platform") is None

    @pytest.mark.parametrize("status", ["listed", "closed"])
    @pytest.mark.parametrize("service", ["benefits", "platform"])
    def test_are_not_there_before_and_after(self, status: str, service: str) -> None:
        assert isinstance(said(doors(status=status), service), MunicipalityNotFound)
