"""The check digits agree with published numbers and with a library that knows nothing of us."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from stdnum.jp import cn

from foundation.identifiers import MunicipalityCode
from operations import reference
from operations.reference.check_digits import corporate_number_check_digit

_FILE = Path(reference.__file__).parent / "data" / "check_digit_vectors.csv"
_DIGITS = "0123456789"


def _vectors(kind: str) -> list[tuple[str, bool]]:
    with _FILE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return [(row["value"], row["valid"] == "1") for row in rows if row["kind"] == kind]


def _is_municipality_code(text: str) -> bool:
    try:
        MunicipalityCode.parse(text)
    except ValueError:
        return False
    return True


class TestCorporateNumber:
    @pytest.mark.parametrize(("number", "valid"), _vectors("houjin_bangou"))
    def test_agrees_with_published_numbers(self, number: str, valid: bool) -> None:  # noqa: FBT001 - a vector's column
        assert reference.is_corporate_number(number) is valid

    @given(st.text(alphabet=_DIGITS, min_size=12, max_size=12))
    def test_agrees_with_another_implementation(self, stem: str) -> None:
        assert corporate_number_check_digit(stem) == cn.calc_check_digit(stem)

    @given(st.text(alphabet=_DIGITS, min_size=12, max_size=12), st.integers(0, 11), st.data())
    def test_notices_one_wrong_digit(self, stem: str, place: int, data: st.DataObject) -> None:
        number = corporate_number_check_digit(stem) + stem
        # Modulo 9 cannot tell 0 from 9: the one slip this check digit forgives.
        others = {"0", "9"} if stem[place] in "09" else {stem[place]}
        wrong = data.draw(st.sampled_from([d for d in _DIGITS if d not in others]))
        slip = number[: place + 1] + wrong + number[place + 2 :]
        assert not reference.is_corporate_number(slip)

    @pytest.mark.parametrize(
        "text", ["", "８００００２０１３１０１６", "800002013101", "8000020131016\n"]
    )
    def test_is_thirteen_ascii_digits(self, text: str) -> None:
        assert not reference.is_corporate_number(text)

    def test_of_a_municipality_is_derived_from_its_code(self) -> None:
        derived = reference.corporate_number_of(MunicipalityCode.parse("131016"))
        assert derived == "8000020131016"

    def test_of_a_prefecture_is_derived_too(self) -> None:
        derived = reference.corporate_number_of(MunicipalityCode.parse("130001"))
        assert derived == "8000020130001"

    def test_of_the_nation_does_not_exist(self) -> None:
        assert reference.corporate_number_of(MunicipalityCode.parse("000000")) is None


class TestMunicipalityCode:
    @pytest.mark.parametrize(("code", "valid"), _vectors("lg_code"))
    def test_agrees_with_published_codes(self, code: str, valid: bool) -> None:  # noqa: FBT001 - a vector's column
        assert _is_municipality_code(code) is valid


class TestModulus11:
    def test_agrees_with_the_worked_example(self) -> None:
        assert reference.modulus_11_check_digit("1234567") == "4"

    def test_is_zero_when_nothing_remains(self) -> None:
        assert reference.modulus_11_check_digit("000000000") == "0"

    def test_has_no_digit_for_remainder_one(self) -> None:
        # 6 x weight 2 = 12 = 11 + 1.
        assert reference.modulus_11_check_digit("000000006") is None

    @given(st.text(alphabet=_DIGITS, min_size=9, max_size=9), st.integers(0, 8), st.data())
    def test_notices_one_wrong_digit(self, serial: str, place: int, data: st.DataObject) -> None:
        digit = reference.modulus_11_check_digit(serial)
        wrong = data.draw(st.sampled_from([d for d in _DIGITS if d != serial[place]]))
        slip = serial[:place] + wrong + serial[place + 1 :]
        assert digit is None or reference.modulus_11_check_digit(slip) != digit
