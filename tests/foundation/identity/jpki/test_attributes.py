"""Eras, substitute characters and variation selectors are read as a card means them."""

import csv
from datetime import date
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given, strategies as st

from foundation.identity.jpki import Inscription, Refusal, SignatureRefused
from foundation.identity.jpki.attributes import birth_date, characters, holder_of, utf8_string
from tests.foundation.identity.jpki.making import Leaf, attributes

ON = date(2026, 6, 1)
WATANABE = "渡邊\U000e0102茂"


def read(**changes: str | None) -> Inscription:
    made = Leaf(names=attributes(**changes)).made()
    return holder_of(x509.load_der_x509_certificate(made), on=ON).name


class TestBirthDate:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("118680125", date(1868, 1, 25)),
            ("119120730", date(1912, 7, 30)),
            ("219120730", date(1912, 7, 30)),
            ("219261225", date(1926, 12, 25)),
            ("319261225", date(1926, 12, 25)),
            ("319800217", date(1980, 2, 17)),
            ("319890107", date(1989, 1, 7)),
            ("419890108", date(1989, 1, 8)),
            ("420000229", date(2000, 2, 29)),
            ("420190430", date(2019, 4, 30)),
            ("520190501", date(2019, 5, 1)),
            ("019320701", date(1932, 7, 1)),
            ("000000000", None),
            ("019320000", None),
        ],
    )
    def test_reads_every_era(self, text: str, expected: date | None) -> None:
        assert birth_date(text, on=ON) == expected

    @pytest.mark.parametrize(
        "text",
        [
            "118680124",
            "119120731",
            "219120729",
            "219261226",
            "319261224",
            "319890108",
            "419890107",
            "420190501",
            "520190430",
            "419000229",
            "420011301",
            "419990431",
            "520260602",
            "019320231",
            "019320700",
            "300000000",
            "４19920415",
            "41992041",
            "4199204150",
            "",
        ],
    )
    def test_refuses_days_that_cannot_be(self, text: str) -> None:
        with pytest.raises(SignatureRefused) as refused:
            birth_date(text, on=ON)
        assert refused.value.refusal is Refusal.BIRTH_DATE_IMPOSSIBLE

    @given(st.dates(min_value=date(1868, 1, 25), max_value=ON))
    def test_reads_each_day_in_one_era_or_on_a_day_of_change_in_two(self, day: date) -> None:
        read_in = [era for era in "12345" if _reads(f"{era}{day:%Y%m%d}")]
        changes = {date(1912, 7, 30), date(1926, 12, 25)}
        assert len(read_in) == (2 if day in changes else 1)


def _reads(text: str) -> bool:
    try:
        return birth_date(text, on=ON) is not None
    except SignatureRefused:
        return False


class TestSubstitutes:
    def test_mark_the_characters_they_stand_at(self) -> None:
        assert read(name="高崎誠", name_flags="110").substituted == {0, 1}

    def test_count_a_character_with_its_selector_as_one(self) -> None:
        assert read(name=WATANABE, name_flags="010").substituted == {1}

    def test_are_understood_where_the_selector_is_counted_too(self) -> None:
        assert read(name=WATANABE, name_flags="0010").substituted == {1}
        assert read(name=WATANABE, name_flags="0100").substituted == {1}

    def test_count_a_character_beyond_the_first_plane_as_one(self) -> None:
        assert read(name="𠮷田", name_flags="10").substituted == {0}

    def test_excuse_a_difference_where_they_stand_and_nowhere_else(self) -> None:
        inscription = read(name="斉藤涼", name_flags="100")
        assert inscription.may_be("斉\U000e0103藤涼")
        assert inscription.may_be("齋藤涼")
        assert not inscription.may_be("齋藤良")
        assert not inscription.may_be("齋藤")
        assert not read(name="斉藤涼", name_flags="000").may_be("齋藤涼")

    @given(st.text(max_size=20))
    def test_never_lose_a_character(self, text: str) -> None:
        assert "".join(characters(text)) == text


class TestEraVectors:
    def test_agree_with_two_independent_calendars(self) -> None:
        vectors = Path(__file__).with_name("era_vectors.csv")
        with vectors.open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["icu_java_agree"] == "1"]
        digits = {"明治": "1", "大正": "2", "昭和": "3", "平成": "4", "令和": "5"}
        for row in rows:
            day = date.fromisoformat(row["gregorian"])
            text = f"{digits[row['icu_era']]}{day:%Y%m%d}"
            assert birth_date(text, on=date(2101, 1, 1)) == day
        assert len(rows) >= 15


class TestUtf8String:
    def test_reads_short_and_long_texts(self) -> None:
        assert utf8_string(b"\x0c\x01A") == "A"
        assert utf8_string(b"\x0c\x81\x80" + b"A" * 128) == "A" * 128
        assert utf8_string(b"\x0c\x82\x01\x00" + b"A" * 256) == "A" * 256

    @pytest.mark.parametrize(
        "der",
        [
            b"",
            b"\x0c",
            b"\x0c\x00",
            b"\x0c\x01AB",
            b"\x0c\x02A",
            b"\x0c\x81\x01A",
            b"\x0c\x80A\x00\x00",
            b"\x0c\x82\x00\x80" + b"A" * 128,
            b"\x13\x01A",
            b"\x0c\x01\xff",
        ],
    )
    def test_refuses_what_is_not_written_the_one_way(self, der: bytes) -> None:
        with pytest.raises(SignatureRefused) as refused:
            utf8_string(der)
        assert refused.value.refusal is Refusal.ATTRIBUTE_MALFORMED
