"""The committed lists are whole: every municipality once, every branch under a bank we know."""

import re
from collections import Counter

import pytest

from foundation.identifiers import CodeKind, MunicipalityCode
from operations.reference import banks, branches, directory, municipality, towns_of

DEMONSTRATIONS = ("012084", "302082", "131016")


class TestDirectory:
    def test_holds_the_nation_every_prefecture_and_every_municipality(self) -> None:
        kinds = Counter(entry.kind for entry in directory())
        assert kinds == {
            CodeKind.NATION: 1,
            CodeKind.PREFECTURE: 47,
            CodeKind.MUNICIPALITY: 1_741,
        }

    def test_names_nobody_twice(self) -> None:
        assert len({entry.code for entry in directory()}) == len(directory())

    def test_leaves_wards_of_designated_cities_to_their_city(self) -> None:
        with pytest.raises(KeyError):
            municipality(MunicipalityCode.parse("011011"))

    def test_holds_the_special_wards_of_tokyo(self) -> None:
        assert municipality(MunicipalityCode.parse("131016")).name == "千代田区"

    def test_puts_parents_before_children(self) -> None:
        seen: set[MunicipalityCode | None] = {None}
        for entry in directory():
            assert entry.parent_code in seen
            seen.add(entry.code)

    def test_gives_each_its_own_corporate_number(self) -> None:
        numbers = [entry.corporate_number for entry in directory()]
        assert numbers.count(None) == 1
        assert len(set(numbers)) == len(numbers)

    def test_keeps_names_that_several_towns_share(self) -> None:
        shared = Counter(entry.name for entry in directory() if entry.name == "府中市")
        assert shared == {"府中市": 2}


class TestBanks:
    def test_have_codes_of_four_digits(self) -> None:
        assert all(re.fullmatch(r"[0-9]{4}", bank.bank_code) for bank in banks())
        assert len({bank.bank_code for bank in banks()}) == len(banks()) == 1_146

    def test_own_every_branch(self) -> None:
        known = {bank.bank_code for bank in banks()}
        assert {branch.bank_code for branch in branches()} <= known

    def test_have_no_branch_twice(self) -> None:
        numbers = {(branch.bank_code, branch.branch_code) for branch in branches()}
        assert len(numbers) == len(branches()) == 28_944


class TestTowns:
    @pytest.mark.parametrize("code", DEMONSTRATIONS)
    def test_of_a_demonstration_are_many_and_its_own(self, code: str) -> None:
        parsed = MunicipalityCode.parse(code)
        towns = towns_of(parsed)
        assert len(towns) >= 40
        assert {town.city for town in towns} == {municipality(parsed).name}

    def test_have_postal_codes_of_seven_digits(self) -> None:
        for entry in directory():
            for town in towns_of(entry.code):
                assert re.fullmatch(r"[0-9]{7}", town.postal_code)
                assert town.prefecture == entry.prefecture_name
