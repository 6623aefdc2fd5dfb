"""The numbers a town hall is known by, and the identifiers our records carry."""

import os
import re
import threading
import time
from enum import StrEnum
from typing import NewType, Self
from uuid import UUID

TenantId = NewType("TenantId", int)
"""A meaningless surrogate that never changes; a municipality's code may, when it merges."""

_SIX_DIGITS = re.compile(r"[0-9]{6}")
_WEIGHTS = (6, 5, 4, 3, 2)
_PREFECTURES = 47
_INVENTED = "99"


class CodeKind(StrEnum):
    """Whose code it is."""

    NATION = "nation"
    PREFECTURE = "prefecture"
    MUNICIPALITY = "municipality"


class MunicipalityCode(str):
    """A 全国地方公共団体コード: JIS X 0401 prefecture, JIS X 0402 municipality, one check digit.

    Always text, because leading zeros count. The nation is written `000000`, which carries no
    check digit of its own. Codes from 99 on name places that do not exist, for vendors to try
    things in: JIS X 0401 numbers the prefectures 01 to 47, so no real place can ever have one.
    """

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Accept six ASCII digits whose last is the check digit of the first five.

        Raises:
            ValueError: anything else, full-width digits included.
        """
        if _SIX_DIGITS.fullmatch(text) is None:
            raise ValueError("A municipality code is six digits, such as 012084.")
        if text != "000000":
            if not 1 <= int(text[:2]) <= _PREFECTURES and text[:2] != _INVENTED:
                raise ValueError("A municipality code begins with a prefecture, 01 to 47.")
            if text[5] != check_digit(text[:5]):
                raise ValueError("The last digit of this municipality code does not match.")
        return cls(text)

    @property
    def kind(self) -> CodeKind:
        if self == "000000":
            return CodeKind.NATION
        return CodeKind.PREFECTURE if self[2:5] == "000" else CodeKind.MUNICIPALITY

    @property
    def is_sandbox(self) -> bool:
        """Whether the place is invented: nobody lives there, and no figure may count it."""
        return self[:2] == _INVENTED

    @property
    def prefecture(self) -> "MunicipalityCode":
        """The code of the prefecture this municipality lies in; the nation's is its own."""
        if self.kind is CodeKind.NATION:
            return self
        stem = f"{self[:2]}000"
        return MunicipalityCode(stem + check_digit(stem))


def check_digit(five_digits: str) -> str:
    """Return the check digit: weights 6 to 2, the last digit of 11 minus the remainder by 11.

    Source: 総務省「全国地方公共団体コード」 仕様.
    """
    total = sum(int(digit) * weight for digit, weight in zip(five_digits, _WEIGHTS, strict=True))
    return str((11 - total % 11) % 10)


SANDBOX = MunicipalityCode.parse("990019")
"""試験市, the one invented municipality of every instance, in which vendors try things."""


_uuid7_guard = threading.Lock()
_uuid7_last = 0


def new_id() -> UUID:
    """Return a UUID of version 7, later than every one this process gave before.

    The 12 bits after the milliseconds hold its fraction (RFC 9562 §6.2 method 3), so records made
    in one breath still sort in the order they were made.
    """
    global _uuid7_last  # noqa: PLW0603 - the order within a process is this one number
    stamp = time.time_ns()
    moment = ((stamp // 1_000_000) << 12) | ((stamp % 1_000_000) * 4096 // 1_000_000)
    with _uuid7_guard:
        moment = max(moment, _uuid7_last + 1)
        _uuid7_last = moment
    tail = int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    value = (moment >> 12) << 80 | 0x7 << 76 | (moment & 0xFFF) << 64 | 0b10 << 62 | tail
    return UUID(int=value)
