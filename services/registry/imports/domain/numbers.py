"""The municipality's own numbers for people and households."""

import re

_NUMBER = re.compile("[0-9]{2,15}")
_WEIGHTS = (2, 3, 4, 5, 6, 7)


def is_register_number(text: str) -> bool:
    """Tell whether the last digit checks the others: modulus 11, weights 2 to 7 from the right.

    A remainder of 0 gives 0; a serial with remainder 1 is never issued. Source: 住民記録システム
    標準仕様書 (宛名番号).
    """
    if _NUMBER.fullmatch(text) is None:
        return False
    total = sum(
        int(digit) * _WEIGHTS[place % len(_WEIGHTS)]
        for place, digit in enumerate(reversed(text[:-1]))
    )
    remainder = total % 11
    return remainder != 1 and int(text[-1]) == (0 if remainder == 0 else 11 - remainder)
