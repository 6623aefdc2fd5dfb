"""Dates and attributes written the way the cards write them."""

from datetime import UTC, date, datetime

import pytest
from cryptography import x509

from infra.identity.jpki.profile import (
    ADDRESS,
    ADDRESS_SUBSTITUTES,
    BORN,
    GENDER,
    NAME,
    NAME_SUBSTITUTES,
    Holder,
    era_date,
    fifth_birthday_after,
    is_of_signing_age,
    utf8_string,
)


class TestEraDate:
    @pytest.mark.parametrize(
        ("day", "written"),
        [
            (date(1980, 2, 17), "319800217"),
            (date(2019, 5, 1), "520190501"),
            (date(2019, 4, 30), "420190430"),
            (date(1989, 1, 8), "419890108"),
            (date(1989, 1, 7), "319890107"),
            (date(1926, 12, 25), "319261225"),
            (date(1926, 12, 24), "219261224"),
            (date(1912, 7, 30), "219120730"),
            (date(1912, 7, 29), "119120729"),
            (date(1867, 12, 31), "018671231"),
        ],
    )
    def test_is_the_eras_digit_and_the_gregorian_date(self, day: date, written: str) -> None:
        assert era_date(day) == written


class TestFifthBirthday:
    @pytest.mark.parametrize(
        ("issued", "born_on", "last_day"),
        [
            (datetime(2026, 6, 1, tzinfo=UTC), date(1985, 3, 15), date(2031, 3, 15)),
            (datetime(2026, 6, 1, tzinfo=UTC), date(1985, 6, 2), date(2030, 6, 2)),
            (datetime(2026, 6, 1, tzinfo=UTC), date(1985, 6, 1), date(2031, 6, 1)),
            # 15:00 in UTC is the next day in Japan: the birthday is over.
            (datetime(2026, 6, 1, 15, tzinfo=UTC), date(1985, 6, 1), date(2031, 6, 1)),
            (datetime(2026, 5, 31, 15, tzinfo=UTC), date(1985, 6, 1), date(2031, 6, 1)),
            (datetime(2026, 5, 31, 14, tzinfo=UTC), date(1985, 6, 1), date(2030, 6, 1)),
            (datetime(2026, 6, 1, tzinfo=UTC), date(2000, 2, 29), date(2031, 2, 28)),
            (datetime(2027, 6, 1, tzinfo=UTC), date(2000, 2, 29), date(2032, 2, 29)),
        ],
    )
    def test_ends_with_the_day_in_japan(
        self, issued: datetime, born_on: date, last_day: date
    ) -> None:
        end = fifth_birthday_after(issued, born_on)
        assert end == datetime(last_day.year, last_day.month, last_day.day, 14, 59, 59, tzinfo=UTC)


class TestSigningAge:
    @pytest.mark.parametrize(
        ("on", "old_enough"), [(date(2030, 3, 31), False), (date(2030, 4, 1), True)]
    )
    def test_begins_on_the_fifteenth_birthday(self, on: date, old_enough: bool) -> None:  # noqa: FBT001 - a table's column
        assert is_of_signing_age(date(2015, 4, 1), on) is old_enough


class TestHolder:
    def test_is_written_in_the_order_of_real_cards(self) -> None:
        holder = Holder(
            name="髙橋 花子",
            name_substitutes="10000",
            gender="2",
            born_on=date(1980, 2, 17),
            address="北海道北見市",
            address_substitutes="",
        )
        entries = [
            entry
            for entry in holder.subject_alternative_name()
            if isinstance(entry, x509.OtherName)
        ]
        assert [(entry.type_id, entry.value) for entry in entries] == [
            (NAME, utf8_string("髙橋 花子")),
            (BORN, utf8_string("319800217")),
            (GENDER, utf8_string("2")),
            (ADDRESS, utf8_string("北海道北見市")),
            (NAME_SUBSTITUTES, utf8_string("10000")),
            (ADDRESS_SUBSTITUTES, utf8_string("000000")),
        ]


class TestUtf8String:
    @pytest.mark.parametrize(
        ("size", "head"),
        [
            (0, "0c00"),
            (127, "0c7f"),
            (128, "0c8180"),
            (255, "0c81ff"),
            (256, "0c820100"),
            (600, "0c820258"),
        ],
    )
    def test_states_its_length_in_the_shortest_form(self, size: int, head: str) -> None:
        assert utf8_string("a" * size) == bytes.fromhex(head) + b"a" * size
