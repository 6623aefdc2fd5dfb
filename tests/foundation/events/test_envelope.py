"""An event says that something happened; it cannot say to whom."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

import pytest

from foundation.encryption import Secret
from foundation.events import EVENT_TYPES, Event, NotThin

SUBJECT = UUID("01890a5d-ac96-774b-bcce-b302099a8057")


class Route(StrEnum):
    PUSH = "push"


@dataclass(frozen=True)
class LanternLit(Event):
    type_: ClassVar[str] = "festival.lantern.lit.v1"
    lantern_id: UUID
    route: Route
    amount_yen: int
    lit_on: date
    lit_at: datetime
    is_last: bool = False
    reason: str | None = None


def a_lantern(reason: str | None = None) -> LanternLit:
    return LanternLit(
        SUBJECT,
        Route.PUSH,
        30_000,
        date(2026, 4, 1),
        datetime(2026, 4, 1, 9, tzinfo=UTC),
        reason=reason,
        subject_id=SUBJECT,
    )


class TestData:
    def test_carries_identifiers_codes_dates_and_amounts(self) -> None:
        assert a_lantern("R-01").data() == {
            "lantern_id": str(SUBJECT),
            "route": "push",
            "amount_yen": 30_000,
            "lit_on": "2026-04-01",
            "lit_at": "2026-04-01T09:00:00+00:00",
            "is_last": False,
            "reason": "R-01",
        }

    @pytest.mark.parametrize("text", ["北見 花子", "ハナコ", "two words", "a@example.jp", "x" * 65])
    def test_refuses_text_that_could_name_somebody(self, text: str) -> None:
        with pytest.raises(NotThin, match="reason"):
            a_lantern(text).data()

    def test_refuses_what_is_neither_text_nor_a_whole_number(self) -> None:
        @dataclass(frozen=True)
        class LanternWeighed(Event):
            type_: ClassVar[str] = "festival.lantern.weighed.v1"
            weight: object

        for weight in (0.5, b"1", ["1"], Secret("1")):
            with pytest.raises(NotThin, match="weight"):
                LanternWeighed(weight, subject_id=SUBJECT).data()


class TestNaming:
    def test_enters_the_list_of_events(self) -> None:
        assert EVENT_TYPES["festival.lantern.lit.v1"] is LanternLit

    @pytest.mark.parametrize(
        "name",
        [
            "",
            "lit",
            "festival.lit.v1",
            "festival.lantern.lit",
            "festival.lantern.lit.v0",
            "Festival.lantern.lit.v1",
            "window-dx.lantern.lit.v1",
            "a.b.c.d.v1",
        ],
    )
    def test_refuses_a_name_against_the_rule(self, name: str) -> None:
        with pytest.raises(TypeError, match="type_"):
            type("Misnamed", (Event,), {"type_": name})

    def test_refuses_a_class_that_only_inherits_its_name(self) -> None:
        with pytest.raises(TypeError, match="type_"):
            type("LanternLitAgain", (LanternLit,), {})

    def test_refuses_a_name_that_is_taken(self) -> None:
        with pytest.raises(TypeError, match="LanternLit"):
            type("OtherLantern", (Event,), {"type_": "festival.lantern.lit.v1"})

    def test_allows_slots_although_they_make_the_class_twice(self) -> None:
        @dataclass(frozen=True, slots=True)
        class LanternMoved(Event):
            type_: ClassVar[str] = "festival.lantern.moved.v1"

        assert EVENT_TYPES["festival.lantern.moved.v1"] is LanternMoved
