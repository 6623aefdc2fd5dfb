"""Numbers for requests and spans, made by the thousand: asking the kernel each time is dearer."""

import os
import re
import time
from typing import Final

_IN_STOCK: Final = 256
_DIGITS: Final = 66
_PIECES: Final = re.compile(r"(...)(.)(...)(.{12})(.{31})(.{15}).")
_VARIANT_OF: Final = dict(zip("0123456789abcdef", "89ab89ab89ab89ab", strict=True))


class Numbers:
    """Random digits in stock; one for all connections of a process, which has one thread."""

    def __init__(self) -> None:
        self._stock: list[tuple[str, str, str, str, str, str]] = []
        self._millisecond = 0
        self._moment = ""

    def next(self) -> tuple[str, str, str]:
        """Return a request's number, and a trace and a span of its own.

        The number is the text of a UUID of version 7 (RFC 9562 §5.7); sixteen octets name the
        trace and eight the span, in lower-case hexadecimal and never all zeros (W3C Trace Context
        §3.2.2).
        """
        if not self._stock:
            self._stock = _PIECES.findall(os.urandom(_IN_STOCK * _DIGITS // 2).hex())
        one, variant, two, three, trace, span = self._stock.pop()
        millisecond = time.time_ns() // 1_000_000
        if millisecond != self._millisecond:
            moment = f"{millisecond:012x}"
            self._millisecond, self._moment = millisecond, f"{moment[:8]}-{moment[8:]}-7"
        number = f"{self._moment}{one}-{_VARIANT_OF[variant]}{two}-{three}"
        return number, f"1{trace}", f"1{span}"
