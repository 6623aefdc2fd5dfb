"""Hands out 宛名番号 and 世帯番号: serials with a check digit, skipping those that have none."""

from operations.reference import modulus_11_check_digit


class Numbering:
    """Ten digits a number: nine of serial, one of check (M11W2~7)."""

    __slots__ = ("_serial",)

    def __init__(self, first_serial: int) -> None:
        self._serial = first_serial - 1

    def take(self) -> str:
        """Return the next number whose check digit exists."""
        while True:
            self._serial += 1
            serial = f"{self._serial:09d}"
            digit = modulus_11_check_digit(serial)
            if digit is not None:
                return serial + digit


def is_register_number(text: str) -> bool:
    """Tell whether the text is a number this numbering could have handed out."""
    if len(text) != 10 or not text.isascii() or not text.isdigit():  # noqa: PLR2004 - see class
        return False
    return modulus_11_check_digit(text[:9]) == text[9]
