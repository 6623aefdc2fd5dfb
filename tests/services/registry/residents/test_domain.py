"""Names, days and addresses are compared by what people mean."""

from datetime import date

import pytest
from hypothesis import given, strategies as st

from services.registry.residents.domain import (
    Description,
    FuzzyDate,
    Grade,
    Precision,
    grade_of,
    normal_address,
    parse_day,
    search_kana,
    search_name,
)

CARD = Description(
    name="北見 花子", birth_on=date(1985, 3, 15), address="北海道北見市北四条東1丁目2番地"
)


class TestSearchName:
    @pytest.mark.parametrize(
        ("written", "meant"),
        [
            ("髙﨑", "高崎"),
            ("𠮷田", "吉田"),
            ("渡邊󠄂", "渡辺"),
            ("渡邉", "渡辺"),
            ("齋藤", "斉藤"),
            ("北見　花子", "北見花子"),
            ("ＮＧＵＹＥＮ Van", "nguyenvan"),
        ],
    )
    def test_folds_what_people_write_interchangeably(self, written: str, meant: str) -> None:
        assert search_name(written) == search_name(meant)

    @given(st.text())
    def test_is_the_same_when_done_twice(self, text: str) -> None:
        assert search_name(search_name(text)) == search_name(text)


class TestSearchKana:
    @pytest.mark.parametrize("written", ["キョウコ", "きょうこ", "ｷｮｳｺ", "キ ヨ ウ コ"])
    def test_reads_any_width_and_any_size(self, written: str) -> None:
        assert search_kana(written) == "キヨウコ"


class TestNormalAddress:
    @pytest.mark.parametrize(
        "written",
        [
            "北海道北見市中央町1丁目2番3号",
            "北海道北見市中央町一丁目2番地の3",
            "北海道北見市中央町１－２－３",
            "北海道 北見市 中央町 1‐2‐3",
        ],
    )
    def test_is_one_for_all_ways_of_writing(self, written: str) -> None:
        assert normal_address(written) == "北海道北見市中央町1-2-3"

    def test_reads_a_two_digit_chome(self) -> None:
        assert normal_address("青葉二十三丁目1番") == "青葉23-1"

    def test_leaves_a_number_in_a_name_alone(self) -> None:
        assert normal_address("三番町5番地") != normal_address("3-町5")


class TestParseDay:
    @pytest.mark.parametrize(
        ("text", "day"),
        [
            ("2026-04-01", date(2026, 4, 1)),
            ("令和8年4月1日", date(2026, 4, 1)),
            ("R8.4.1", date(2026, 4, 1)),
            ("令和元年5月1日", date(2019, 5, 1)),
            ("Ｈ３１．４．３０", date(2019, 4, 30)),
            ("昭和64年1月7日", date(1989, 1, 7)),
            ("S1.12.25", date(1926, 12, 25)),
            ("大正元年7月30日", date(1912, 7, 30)),
            ("m45/7/29", date(1912, 7, 29)),
        ],
    )
    def test_reads_both_calendars(self, text: str, day: date) -> None:
        assert parse_day(text) == day

    @pytest.mark.parametrize(
        "text",
        ["", "2026-02-30", "平成31年5月1日", "昭和64年1月8日", "令和0年1月1日", "R8", "1700-01-01"],
    )
    def test_refuses_a_day_that_never_was(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"day|month|year|written"):
            parse_day(text)

    @given(st.text(max_size=20))
    def test_refuses_or_reads_any_text(self, text: str) -> None:
        try:
            day = parse_day(text)
        except ValueError:
            return
        assert day.year >= 1850


class TestFuzzyDate:
    @pytest.mark.parametrize(
        ("text", "earliest", "precision"),
        [
            ("1932-05-17", date(1932, 5, 17), Precision.DAY),
            ("1932-05-00", date(1932, 5, 1), Precision.MONTH),
            ("1932-00-00", date(1932, 1, 1), Precision.YEAR),
            ("0000-00-00", date(1900, 1, 1), Precision.UNKNOWN),
        ],
    )
    def test_keeps_what_is_known(self, text: str, earliest: date, precision: Precision) -> None:
        assert FuzzyDate.parse(text) == FuzzyDate(text, earliest, precision)

    def test_refuses_a_day_of_no_month(self) -> None:
        with pytest.raises(ValueError, match="day"):
            FuzzyDate.parse("1932-00-17")


class TestGradeOf:
    def test_is_exact_when_all_is_written_alike(self) -> None:
        assert grade_of(CARD, CARD) is Grade.EXACT

    def test_is_normalised_when_only_the_writing_differs(self) -> None:
        register = Description(
            name="北見　花子", birth_on=CARD.birth_on, address="北海道北見市北四条東１－２"
        )
        assert grade_of(CARD, register) is Grade.NORMALISED

    @pytest.mark.parametrize(
        "register",
        [
            Description(name="北見 花代", birth_on=CARD.birth_on, address=CARD.address),
            Description(name=CARD.name, birth_on=date(1985, 3, 16), address=CARD.address),
            Description(name=CARD.name, birth_on=CARD.birth_on, address="北海道北見市北四条東1-3"),
        ],
        ids=["name", "birth", "address"],
    )
    def test_is_none_when_one_attribute_differs(self, register: Description) -> None:
        assert grade_of(CARD, register) is None

    @pytest.mark.parametrize(
        ("name", "address", "grade"),
        [
            ("北見 花子", "北海道北見市北四条東1-2", Grade.NORMALISED),
            ("北見〓子", "北海道北見市北四条東1-2", Grade.OFFICIAL),
            ("北見 花■", "北海道北見市北四条東1-2", Grade.OFFICIAL),
            ("北見 \ue000子", "北海道北見市北四条東1-2", Grade.OFFICIAL),
            ("北見 ?子", "北海道北見市北四条東1-2", Grade.OFFICIAL),
            ("北見 花子", "北海道〓見市北四条東1番地2", Grade.OFFICIAL),
            ("〓見〓子", "北海道北見市北四条東1丁目2", Grade.OFFICIAL),
            ("北海〓子", "北海道北見市北四条東1-2", None),
            ("北見〓〓子", "北海道北見市北四条東1-2", None),
            ("北見〓子", "北海道北見市北四条東1-3", None),
        ],
    )
    def test_neither_rejects_nor_believes_a_character_that_could_not_be_written(
        self, name: str, address: str, grade: Grade | None
    ) -> None:
        register = Description(name="北見 花子", birth_on=CARD.birth_on, address=CARD.address)
        card = Description(name=name, birth_on=CARD.birth_on, address=address)
        assert grade_of(card, register) is grade
        assert grade_of(register, card) is grade

    def test_is_never_automatic_where_both_lack_the_same_character(self) -> None:
        unwritten = Description(name="北見〓子", birth_on=CARD.birth_on, address=CARD.address)
        assert grade_of(unwritten, unwritten) is Grade.OFFICIAL

    def test_is_none_when_a_stated_gender_contradicts(self) -> None:
        woman = Description(
            name=CARD.name, birth_on=CARD.birth_on, address=CARD.address, gender="2"
        )
        man = Description(name=CARD.name, birth_on=CARD.birth_on, address=CARD.address, gender="1")
        unstated = Description(
            name=CARD.name, birth_on=CARD.birth_on, address=CARD.address, gender="9"
        )
        assert grade_of(woman, man) is None
        assert grade_of(woman, unstated) is Grade.EXACT
