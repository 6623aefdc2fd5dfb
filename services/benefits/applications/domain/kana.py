"""The letters a bank transfer can carry, and how a name becomes them without guessing.

Banks compare a payee's name letter by letter. The transfer format (全銀協, 総合振込) knows only
half-width kana, capital Latin letters, digits and four signs; small kana and the long-vowel sign
are written as their large kana and a hyphen. What has no such form is refused with its position:
a kanji has several readings, and a wrong one sends the money back.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NewType

ZenginText = NewType("ZenginText", str)
"""Half-width text of which every character is one byte of a transfer file."""

_VOICED = "\u3099"
_SEMI_VOICED = "\u309a"
_MARKS: Mapping[str, str] = {_VOICED: "ﾞ", _SEMI_VOICED: "ﾟ"}
MARKS = frozenset(_MARKS.values())
"""The two marks that follow their kana as a letter of their own, and never stand alone."""

_HALF_WIDTH: Mapping[str, str] = {
    unicodedata.normalize("NFKC", half): half for half in map(chr, range(ord("ｱ"), ord("ﾝ") + 1))
}
"""ア → ｱ … ン → ﾝ. ヲ, ヰ and ヱ are absent: a transfer file has no letter for them."""

_LARGE: Mapping[int, int] = str.maketrans("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ")
_SAME: Mapping[int, str] = {
    **dict.fromkeys(map(ord, "ー‐‑‒–—―−－ｰ"), "-"),
    **dict.fromkeys(map(ord, "\u3000\u00a0"), " "),
    **dict.fromkeys(map(ord, "゛ﾞ"), _VOICED),
    **dict.fromkeys(map(ord, "゜ﾟ"), _SEMI_VOICED),
}
"""What people type for a hyphen, a space and the two marks."""
_HIRAGANA_TO_KATAKANA = ord("ァ") - ord("ぁ")
_VOICEABLE = frozenset("ｳｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾊﾋﾌﾍﾎ")
_SEMI_VOICEABLE = frozenset("ﾊﾋﾌﾍﾎ")
_LATIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ")
PARTY_SIGNS = frozenset("()-.")
"""The signs of a person's or company's name; a bank's own name has only the hyphen."""
BANK_SIGNS = frozenset("-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One character that a transfer file has no letter for; `position` counts from 1."""

    position: int
    character: str


class NotExpressible(ValueError):
    """The text has characters that a transfer file cannot carry; `faults` lists all of them."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(f"{len(faults)} characters have no letter in a transfer file.")
        self.faults = faults


def to_zengin(text: str, *, signs: frozenset[str] = PARTY_SIGNS) -> ZenginText:
    """Write a name in the letters of a transfer file; spaces become single, ends are trimmed.

    Source: 全銀協 総合振込, 使用可能文字.

    Raises:
        NotExpressible: a character has no letter there, or nothing is left of the name.
    """
    letters: list[str] = []
    faults: list[Fault] = []
    for position, character in enumerate(text, start=1):
        written = _letters(character, after=letters[-1][-1] if letters else "", signs=signs)
        if written is None:
            faults.append(Fault(position=position, character=character))
        else:
            letters.append(written)
    if faults:
        raise NotExpressible(tuple(faults))
    name = " ".join("".join(letters).split())
    if not name:
        raise NotExpressible((Fault(position=1, character=""),))
    return ZenginText(name)


def fits(text: ZenginText, *, length: int) -> ZenginText:
    """Cut a name to the bytes of its field; a kana and its mark stay together or both go."""
    cut = text[:length]
    if len(text) > length and text[length] in MARKS:
        cut = cut[:-1]
    return ZenginText(cut)


def full_width(text: ZenginText) -> str:
    """Show half-width letters as people read them."""
    return unicodedata.normalize("NFKC", text)


def _letters(character: str, *, after: str, signs: frozenset[str]) -> str | None:
    plain = _plain(character)
    if plain in _LATIN or plain in signs:
        return plain
    if plain in _MARKS:
        return _mark(plain, after=after)
    base, *marks = unicodedata.normalize("NFD", plain)
    half = _HALF_WIDTH.get(base)
    if half is None or not marks:
        return half
    mark = _mark(marks[0], after=half)
    return half + mark if mark else None


def _mark(mark: str, *, after: str) -> str | None:
    carriers = _VOICEABLE if mark == _VOICED else _SEMI_VOICEABLE
    return _MARKS[mark] if after in carriers else None


def _plain(character: str) -> str:
    """Bring one character to the form the tables know: full-width kana, capital Latin.

    Only width is folded. Other compatibility forms (㌔, ①, ㈱) are somebody's abbreviation.
    """
    folded = character.translate(_SAME)
    if "\uff00" <= folded <= "\uffef":
        folded = unicodedata.normalize("NFKC", folded)
    if "ぁ" <= folded <= "ゖ":
        folded = chr(ord(folded) + _HIRAGANA_TO_KATAKANA)
    if "a" <= folded <= "z":
        folded = folded.upper()
    return folded.translate(_LARGE)
