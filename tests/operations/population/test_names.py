"""The tables of names are rich enough, read as written, and survive every file they pass."""

import re

import pytest

from operations.population.chance import Chance, Lottery
from operations.population.names import (
    FEMALE,
    MALE,
    NameBook,
    NamePart,
    given_names,
    japanese,
    surnames,
    without_variation_selectors,
)

DIFFICULT = ["髙﨑", "𠮷田", "渡邊\U000e0102", "渡邉", "斉\U000e0103藤", "葛\U000e0100西", "𣘺本"]
KATAKANA = re.compile("[ァ-ヴー]+")


class TestTables:
    def test_hold_enough_family_names(self) -> None:
        assert len({part.display for part in surnames().things}) >= 120

    @pytest.mark.parametrize("gender", [MALE, FEMALE])
    def test_hold_enough_given_names(self, gender: str) -> None:
        names = {
            part.formal for year in range(1920, 2027) for part in given_names(gender, year).things
        }
        assert len(names) >= 120

    @pytest.mark.parametrize("gender", [MALE, FEMALE])
    @pytest.mark.parametrize("year", range(1918, 2027, 4))
    def test_offer_a_choice_in_every_year(self, gender: str, year: int) -> None:
        assert len(given_names(gender, year).things) >= 20

    def test_read_every_part_in_katakana(self) -> None:
        parts = [*surnames().things]
        for year in (1930, 1950, 1970, 1990, 2010):
            parts += given_names(MALE, year).things + given_names(FEMALE, year).things
        assert all(KATAKANA.fullmatch(part.kana) for part in parts)

    @pytest.mark.parametrize("spelling", DIFFICULT)
    def test_hold_spellings_that_break_systems(self, spelling: str) -> None:
        assert any(part.formal == spelling for part in surnames().things)

    def test_give_no_child_of_today_a_name_of_the_grandparents(self) -> None:
        assert "キヨ" not in {part.kana for part in given_names(FEMALE, 2020).things}


class TestSpelling:
    @pytest.mark.parametrize("spelling", DIFFICULT)
    def test_survives_a_file(self, spelling: str) -> None:
        assert spelling.encode().decode() == spelling

    def test_loses_only_its_variation_selector_on_a_screen(self) -> None:
        assert without_variation_selectors("斉\U000e0103藤") == "斉藤"

    def test_parts_the_names_with_a_full_width_space(self) -> None:
        name = japanese(NamePart("髙﨑", "高﨑", "タカサキ"), NamePart("誠", "誠", "マコト"))
        assert (name.formal, name.display, name.kana) == (
            "髙﨑　誠",
            "高﨑　誠",
            "タカサキ　マコト",
        )


class TestForeignNames:
    def test_are_in_latin_letters_and_read_in_katakana(self) -> None:
        book = NameBook(Chance("foreign"))
        for _ in range(200):
            family = book.foreign_family(Lottery([("vietnam", 1.0), ("europe", 1.0)]))
            name = book.foreign(family, gender=FEMALE, year=1998)
            assert re.fullmatch(r"[A-Z' -]+", name.latin)
            assert name.formal == name.latin

    def test_often_come_with_an_alias_in_families_that_came_long_ago(self) -> None:
        book = NameBook(Chance("aliases"))
        family = book.foreign_family(Lottery([("korea", 1.0)]))
        aliases = [book.foreign(family, gender=MALE, year=1960).alias for _ in range(100)]
        assert 30 < sum(map(bool, aliases)) < 90
