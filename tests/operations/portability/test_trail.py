"""What takes two people is not done by one who writes their name in two ways."""

import pytest

from operations.portability.refusals import SamePerson
from operations.portability.trail import two_people


@pytest.mark.parametrize(
    ("by", "confirmed_by"),
    [
        ("sato", "sato"),
        ("sato", " Sato "),
        ("sato", "ｓａｔｏ"),
        ("SATO", "ＳＡＴＯ"),
        ("佐藤 花子", "佐藤\u3000花子"),
        ("佐藤 花子", "佐藤花子"),
        ("sato", "sa\u200bto"),
        ("sato", "\ufeffsato"),
        ("sato", "sato\u2060"),
        ("サトウ", "ｻﾄｳ"),
        ("ガトウ", "カ\u3099トウ"),
        ("sato", ""),
        ("sato", "\u3000\u200d"),
    ],
    ids=ascii,
)
def test_one_name_in_two_spellings_is_one_person(by: str, confirmed_by: str) -> None:
    for pair in ((by, confirmed_by), (f"{by}\u200d", confirmed_by)):
        with pytest.raises(SamePerson):
            two_people(*pair)


@pytest.mark.parametrize("confirmed_by", ["suzuki", "佐藤 花代", "ｓａｔｏ２"])
def test_two_names_are_two_people(confirmed_by: str) -> None:
    two_people("sato", confirmed_by)
    two_people("佐藤 花子", confirmed_by)
