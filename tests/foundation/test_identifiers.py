"""A municipality's code is believed only when its check digit holds."""

import pytest
from hypothesis import given, strategies as st

from foundation.identifiers import CodeKind, MunicipalityCode, check_digit, new_id

KNOWN = ["131016", "401307", "131041", "012084", "302082", "011002", "473821"]


class TestMunicipalityCode:
    @pytest.mark.parametrize("code", KNOWN)
    def test_accepts_a_published_code(self, code: str) -> None:
        assert MunicipalityCode.parse(code) == code

    @pytest.mark.parametrize(
        "text", ["", "13101", "1310160", "１３１０１６", "13101a", " 131016", "131016\n", "481017"]
    )
    def test_refuses_what_is_not_six_ascii_digits_of_a_prefecture(self, text: str) -> None:
        with pytest.raises(ValueError, match="municipality code"):
            MunicipalityCode.parse(text)

    @given(st.sampled_from(KNOWN), st.integers(0, 5), st.integers(1, 9))
    def test_notices_any_single_wrong_digit(self, code: str, place: int, shift: int) -> None:
        wrong = str((int(code[place]) + shift) % 10)
        mistyped = code[:place] + wrong + code[place + 1 :]
        # The digit 0 stands for the remainders 1 and ... 11 - r = 10, so one pair can collide.
        if check_digit(mistyped[:5]) != mistyped[5]:
            with pytest.raises(ValueError, match="municipality code"):
                MunicipalityCode.parse(mistyped)
        else:
            assert place < 5

    def test_knows_the_nation_a_prefecture_and_a_town_apart(self) -> None:
        kinds = [MunicipalityCode.parse(code).kind for code in ("000000", "010006", "012084")]
        assert kinds == [CodeKind.NATION, CodeKind.PREFECTURE, CodeKind.MUNICIPALITY]

    def test_knows_an_invented_place_by_a_prefecture_that_cannot_be(self) -> None:
        assert MunicipalityCode.parse("990019").is_sandbox
        assert not any(MunicipalityCode.parse(code).is_sandbox for code in (*KNOWN, "000000"))
        with pytest.raises(ValueError, match="does not match"):
            MunicipalityCode.parse("990018")

    def test_names_the_prefecture_of_a_town(self) -> None:
        assert MunicipalityCode.parse("131016").prefecture == "130001"


class TestNewId:
    def test_is_a_version_7_uuid_of_the_rfc_variant(self) -> None:
        made = new_id()
        assert made.version == 7
        assert made.variant == "specified in RFC 4122"

    def test_sorts_in_the_order_of_making(self) -> None:
        made = [new_id() for _ in range(10_000)]
        assert made == sorted(made)
        assert len(set(made)) == len(made)
