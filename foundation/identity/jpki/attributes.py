"""Who the holder of a signing certificate is: the four attributes (基本4情報) as the card has them.

They stand in the subject's alternative name as otherName entries of one arc. Where a glyph of the
register has no code on the card, another stands in its place and a flag says so: at such a place
the card's text is known to differ, and must never be held against its holder.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from cryptography import x509
from cryptography.x509.oid import ObjectIdentifier

from .refusal import Refusal, SignatureRefused

_ARC = "1.2.392.200149.8.5.5"
NAME, NAME_SUBSTITUTES, GENDER, BORN, ADDRESS, ADDRESS_SUBSTITUTES = (
    ObjectIdentifier(f"{_ARC}.{number}") for number in range(1, 7)
)
_ALL = frozenset({NAME, NAME_SUBSTITUTES, GENDER, BORN, ADDRESS, ADDRESS_SUBSTITUTES})
_UTF8_STRING = 0x0C
_LONG_FORM = 0x80
_GENDERS = frozenset({"1", "2", "9"})  # JIS X 0303
_FLAGS = re.compile(r"[01]+")
_BORN = re.compile(r"([0-5])([0-9]{4})([0-9]{2})([0-9]{2})")
_UNKNOWN_ERA = "0"
_LAST_DAY = date(9999, 12, 31)
_ERAS: Mapping[str, tuple[date, date]] = {
    "1": (date(1868, 1, 25), date(1912, 7, 30)),
    "2": (date(1912, 7, 30), date(1926, 12, 25)),
    "3": (date(1926, 12, 25), date(1989, 1, 7)),
    "4": (date(1989, 1, 8), date(2019, 4, 30)),
    "5": (date(2019, 5, 1), _LAST_DAY),
}
"""First and last day of 明治, 大正, 昭和, 平成, 令和.

30 July 1912 and 25 December 1926 belong to two eras: the edicts renamed the day they were issued.
"""


@dataclass(frozen=True, slots=True)
class Inscription:
    """A text as the card has it; `substituted` are the places, from 0, of other glyphs."""

    text: str = field(repr=False)
    substituted: frozenset[int] = frozenset()

    def may_be(self, other: str) -> bool:
        """Tell whether the register's text can be this one: equal wherever no flag stands."""
        ours, theirs = characters(self.text), characters(unicodedata.normalize("NFC", other))
        return len(ours) == len(theirs) and all(
            place in self.substituted or mine == yours
            for place, (mine, yours) in enumerate(zip(ours, theirs, strict=True))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CardHolder:
    """The four attributes of a signing certificate; `birth_on` is None where it is not known."""

    name: Inscription
    birth_on: date | None = field(repr=False)
    gender: str = field(repr=False)
    address: Inscription

    @property
    def has_substitutes(self) -> bool:
        return bool(self.name.substituted or self.address.substituted)


def holder_of(certificate: x509.Certificate, *, on: date) -> CardHolder:
    """Read the four attributes as they are to be read on a day.

    Raises:
        SignatureRefused: one is missing, repeated, or says what no card can say.
    """
    found = _attributes(certificate)
    if found[GENDER] not in _GENDERS:
        raise SignatureRefused(Refusal.ATTRIBUTE_MALFORMED)
    return CardHolder(
        name=_inscription(found[NAME], found[NAME_SUBSTITUTES]),
        birth_on=birth_date(found[BORN], on=on),
        gender=found[GENDER],
        address=_inscription(found[ADDRESS], found[ADDRESS_SUBSTITUTES]),
    )


def birth_date(text: str, *, on: date) -> date | None:
    """Read `EYYYYMMDD`: the era's digit, then the *Gregorian* date (`319800217` is 1980-02-17).

    With era 0 (unknown) a date of zeros is an unknown one. The era must be one the date lies in:
    two statements about one day that disagree are none.

    Raises:
        SignatureRefused: no such day, a day of another era, or one that has not come yet.
    """
    parts = _BORN.fullmatch(text)
    if parts is None:
        raise SignatureRefused(Refusal.BIRTH_DATE_IMPOSSIBLE)
    era, year, month, day = parts.groups()
    if era == _UNKNOWN_ERA and (month, day) == ("00", "00"):
        return None
    try:
        born = date(int(year), int(month), int(day))
    except ValueError:
        raise SignatureRefused(Refusal.BIRTH_DATE_IMPOSSIBLE) from None
    first, last = _ERAS.get(era, (date.min, _LAST_DAY))
    if not first <= born <= last or born > on:
        raise SignatureRefused(Refusal.BIRTH_DATE_IMPOSSIBLE)
    return born


def characters(text: str) -> list[str]:
    """Split into what a reader sees as one: a character together with its variation selectors."""
    shapes: list[str] = []
    for one in text:
        if shapes and _is_selector(one):
            shapes[-1] += one
        else:
            shapes.append(one)
    return shapes


def _is_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _attributes(certificate: x509.Certificate) -> dict[ObjectIdentifier, str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        raise SignatureRefused(Refusal.NO_ATTRIBUTES) from None
    found: dict[ObjectIdentifier, str] = {}
    for other in names:
        if not isinstance(other, x509.OtherName) or other.type_id not in _ALL:
            continue
        if other.type_id in found:
            raise SignatureRefused(Refusal.ATTRIBUTE_REPEATED)
        found[other.type_id] = utf8_string(other.value)
    if not found:
        raise SignatureRefused(Refusal.NO_ATTRIBUTES)
    if found.keys() != _ALL:
        raise SignatureRefused(Refusal.ATTRIBUTE_MISSING)
    return found


def _inscription(text: str, flags: str) -> Inscription:
    """Join a text with its flags, one per character.

    A variation selector is no character of its own to a reader, and is one to a program: flags
    that count either way are understood, and a flag on the selector is one on its character.
    """
    shapes = characters(text)
    if _FLAGS.fullmatch(flags) is None:
        raise SignatureRefused(Refusal.SUBSTITUTES_MALFORMED)
    if len(flags) == len(shapes):
        marked = frozenset(place for place, flag in enumerate(flags) if flag == "1")
    elif len(flags) == len(text):
        marked = _folded(shapes, flags)
    else:
        raise SignatureRefused(Refusal.SUBSTITUTES_MALFORMED)
    return Inscription(text, marked)


def _folded(shapes: list[str], flags: str) -> frozenset[int]:
    marked: set[int] = set()
    start = 0
    for place, shape in enumerate(shapes):
        if "1" in flags[start : start + len(shape)]:
            marked.add(place)
        start += len(shape)
    return frozenset(marked)


def utf8_string(der: bytes) -> str:
    """Read a DER UTF8String (X.690 §8.23, §10.1): the shortest length, and nothing after it."""
    content = _content(der)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise SignatureRefused(Refusal.ATTRIBUTE_MALFORMED) from None
    if not text or any(unicodedata.category(one) == "Cc" for one in text):
        raise SignatureRefused(Refusal.ATTRIBUTE_MALFORMED)
    return text


def _content(der: bytes) -> bytes:
    if len(der) < 2 or der[0] != _UTF8_STRING:  # noqa: PLR2004 - a tag and a length
        raise SignatureRefused(Refusal.ATTRIBUTE_MALFORMED)
    size, start = der[1], 2
    if size & _LONG_FORM:
        start += size & ~_LONG_FORM
        length = der[2:start]
        size = int.from_bytes(length, "big")
        if not length or length[0] == 0 or size < _LONG_FORM:
            raise SignatureRefused(Refusal.ATTRIBUTE_MALFORMED)
    if len(der) != start + size:
        raise SignatureRefused(Refusal.ATTRIBUTE_MALFORMED)
    return der[start:]
