"""The municipality's own numbers for people and households."""

from typing import Final

_SHORTEST, _LONGEST = 2, 15


def _sums(weights: tuple[int, int, int]) -> tuple[int, ...]:
    """Return the weighted sum of every three digits; the rightmost has the first weight."""
    units, tens, hundreds = weights
    return tuple(
        number % 10 * units + number // 10 % 10 * tens + number // 100 * hundreds
        for number in range(1_000)
    )


_RIGHT: Final = _sums((2, 3, 4))
_LEFT: Final = _sums((5, 6, 7))


def is_register_number(text: str) -> bool:
    """Tell whether the last digit checks the others: modulus 11, weights 2 to 7 from the right.

    A remainder of 0 gives 0; a serial with remainder 1 is never issued. Source: 住民記録システム
    標準仕様書 (宛名番号). A register has a million of them, so six digits are summed at a time.
    """
    if not (_SHORTEST <= len(text) <= _LONGEST and text.isascii() and text.isdigit()):
        return False
    serial, total = int(text[:-1]), 0
    while serial:
        serial, six = divmod(serial, 1_000_000)
        total += _RIGHT[six % 1_000] + _LEFT[six // 1_000]
    remainder = total % 11
    return remainder != 1 and int(text[-1]) == (0 if remainder == 0 else 11 - remainder)
