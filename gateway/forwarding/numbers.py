"""Numbers for requests and spans, made by the thousand: asking the kernel each time is dearer."""

import os
import time
from typing import Final

_POOL_BYTES: Final = 16_384
_DIGITS: Final = 65
_VARIANTS: Final = "89ab89ab89ab89ab"
_HEXADECIMAL: Final = {digit: int(digit, 16) for digit in "0123456789abcdef"}


class Numbers:
    """Random digits in stock; one for all connections of a process, which has one thread."""

    def __init__(self) -> None:
        self._digits = ""
        self._at = 0
        self._millisecond = 0
        self._moment = ""

    def next(self) -> tuple[str, str, str]:
        """Return a request's number, and a trace and a span of its own.

        The number is the text of a UUID of version 7 (RFC 9562 §5.7); sixteen octets name the
        trace and eight the span, in lower-case hexadecimal and never all zeros (W3C Trace Context
        §3.2.2).
        """
        at = self._at
        if at + _DIGITS > len(self._digits):
            self._digits, at = os.urandom(_POOL_BYTES).hex(), 0
        self._at = end = at + _DIGITS
        digits = self._digits[at:end]
        millisecond = time.time_ns() // 1_000_000
        if millisecond != self._millisecond:
            moment = f"{millisecond:012x}"
            self._millisecond, self._moment = millisecond, f"{moment[:8]}-{moment[8:]}-7"
        variant = _VARIANTS[_HEXADECIMAL[digits[3]]]
        number = f"{self._moment}{digits[:3]}-{variant}{digits[4:7]}-{digits[7:19]}"
        return number, f"1{digits[19:50]}", f"1{digits[50:]}"
