"""The digits that catch a slip of the pen in the numbers a town hall writes down."""

import re

from foundation.identifiers import CodeKind, MunicipalityCode

_THIRTEEN_DIGITS = re.compile(r"[0-9]{13}")
_LOCAL_GOVERNMENT = "000020"


def corporate_number_check_digit(twelve_digits: str) -> str:
    """Return the leading digit, 1 to 9, of a 法人番号 whose other twelve digits are given.

    From the right, odd places weigh 1 and even places 2; the digit is 9 less the sum modulo 9.
    Source: 法人番号の指定等に関する省令 2条.
    """
    total = sum(
        int(digit) * (1 if place % 2 else 2)
        for place, digit in enumerate(reversed(twelve_digits), start=1)
    )
    return str(9 - total % 9)


def is_corporate_number(text: str) -> bool:
    """Tell whether the text is thirteen ASCII digits whose first checks the other twelve."""
    if _THIRTEEN_DIGITS.fullmatch(text) is None:
        return False
    return text[0] == corporate_number_check_digit(text[1:])


def corporate_number_of(code: MunicipalityCode) -> str | None:
    """Return the 法人番号 of a prefecture or municipality: `000020`, then its own six digits.

    The nation has none: its ministries each have their own.
    """
    if code.kind is CodeKind.NATION:
        return None
    stem = _LOCAL_GOVERNMENT + code
    return corporate_number_check_digit(stem) + stem


def modulus_11_check_digit(serial: str) -> str | None:
    """Return the check digit of a 宛名番号 or 世帯番号, or None when the serial must be skipped.

    Weights 2 to 7 in turn from the right; the digit is 11 less the remainder, 0 for remainder 0.
    Remainder 1 would need a digit "10", for which the standard gives no rule.
    Source: 住民記録システム標準仕様書, 宛名番号 (M11W2~7).
    """
    total = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(serial)))
    remainder = total % 11
    if remainder == 1:
        return None
    return str((11 - remainder) % 11)
