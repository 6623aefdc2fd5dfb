"""Which letters a bank transfer carries, and that no name becomes another one."""

import unicodedata

import pytest
from hypothesis import given, strategies as st

from services.benefits.applications.domain.kana import (
    BANK_SIGNS,
    MARKS,
    NotExpressible,
    ZenginText,
    fits,
    full_width,
    to_zengin,
)

ALLOWED = frozenset(map(chr, range(ord("ｱ"), ord("ﾟ") + 1))) | frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ()-."
)
LETTERS = (
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン"
)
VOICED = "ガギグゲゴザジズゼゾダヂヅデドバビブベボヴパピプペポ"
NAMES = st.text(alphabet=LETTERS + VOICED + " ", min_size=1).filter(lambda name: name.strip())


class TestToZengin:
    @pytest.mark.parametrize(
        ("typed", "written"),
        [
            ("キタミ　ハナコ", "ｷﾀﾐ ﾊﾅｺ"),
            ("きたみ はなこ", "ｷﾀﾐ ﾊﾅｺ"),
            ("ｷﾀﾐ ﾊﾅｺ", "ｷﾀﾐ ﾊﾅｺ"),
            ("ガク", "ｶﾞｸ"),
            ("カ゛ク", "ｶﾞｸ"),
            ("ショウジ", "ｼﾖｳｼﾞ"),
            ("ヴァイオリン", "ｳﾞｱｲｵﾘﾝ"),
            ("スーパー", "ｽ-ﾊﾟ-"),
            ("ｽｰﾊﾟｰ", "ｽ-ﾊﾟ-"),
            ("カ）タマイレ", "ｶ)ﾀﾏｲﾚ"),
            ("Ａｂｃ．１２", "ABC.12"),
            ("  キタミ   ハナコ ", "ｷﾀﾐ ﾊﾅｺ"),
            ("ヵヶヮ", "ｶｹﾜ"),
        ],
    )
    def test_writes_names_as_banks_print_them(self, typed: str, written: str) -> None:
        assert to_zengin(typed) == written

    def test_lists_every_letter_it_cannot_write_with_its_position(self) -> None:
        with pytest.raises(NotExpressible) as refused:
            to_zengin("北見ハナコ、")
        assert [(fault.position, fault.character) for fault in refused.value.faults] == [
            (1, "北"),
            (2, "見"),
            (6, "、"),
        ]

    @pytest.mark.parametrize(
        "name", ["ヲ", "ヰ", "ヱ", "ヷ", "㈱", "①", "㌔", "é", "・", "_", "\n"]
    )
    def test_does_not_guess(self, name: str) -> None:
        with pytest.raises(NotExpressible):
            to_zengin(name)

    @pytest.mark.parametrize("name", ["゛", "ア゛", "ﾞｶ", "カ゛゛", "カ゜", " ゛"])
    def test_refuses_a_mark_without_its_kana(self, name: str) -> None:
        with pytest.raises(NotExpressible):
            to_zengin(name)

    @pytest.mark.parametrize("name", ["", " ", "　"])
    def test_refuses_an_empty_name(self, name: str) -> None:
        with pytest.raises(NotExpressible):
            to_zengin(name)

    def test_gives_a_bank_no_signs_but_the_hyphen(self) -> None:
        with pytest.raises(NotExpressible):
            to_zengin("クレデイ．スイス", signs=BANK_SIGNS)

    @given(st.text())
    def test_writes_only_letters_of_one_byte(self, text: str) -> None:
        try:
            written = to_zengin(text)
        except NotExpressible:
            return
        assert set(written) <= ALLOWED
        assert len(written.encode("shift_jis")) == len(written)
        assert unicodedata.normalize("NFC", full_width(written))

    @given(NAMES)
    def test_writes_the_same_name_the_second_time(self, name: str) -> None:
        once = to_zengin(name)
        assert to_zengin(once) == once

    @given(NAMES)
    def test_can_be_read_back(self, name: str) -> None:
        assert full_width(to_zengin(name)) == " ".join(name.split())

    @given(NAMES, NAMES)
    def test_never_makes_one_name_of_two(self, one: str, other: str) -> None:
        if " ".join(one.split()) != " ".join(other.split()):
            assert to_zengin(one) != to_zengin(other)


class TestFits:
    def test_keeps_a_kana_and_its_mark_together(self) -> None:
        assert fits(to_zengin("アアアガ"), length=4) == "ｱｱｱ"

    def test_leaves_a_name_that_fits_alone(self) -> None:
        assert fits(to_zengin("アアガ"), length=4) == "ｱｱｶﾞ"

    @given(NAMES, st.integers(min_value=1, max_value=30))
    def test_is_a_beginning_that_no_mark_was_torn_from(self, name: str, length: int) -> None:
        whole = to_zengin(name)
        cut = fits(whole, length=length)
        assert len(cut) <= length
        assert whole.startswith(cut)
        assert whole[len(cut) : len(cut) + 1] not in MARKS

    def test_of_nothing_is_nothing(self) -> None:
        assert fits(ZenginText(""), length=10) == ""
