"""Numbers for requests and spans, made by the thousand: asking the kernel each time is dearer."""

import os
import time
from typing import Final

_POOL_BYTES: Final = 8_192
_VARIANTS: Final = ("8", "9", "a", "b")


class Numbers:
    """Random digits in stock; one for all connections of a process, which has one thread."""

    def __init__(self) -> None:
        self._digits = ""
        self._at = 0

    def digits(self, count: int) -> str:
        """Return so many random lower-case hexadecimal digits, none of them given before."""
        at = self._at
        end = at + count
        if end > len(self._digits):
            self._digits, at, end = os.urandom(_POOL_BYTES).hex(), 0, count
        self._at = end
        return self._digits[at:end]

    def request_id(self) -> str:
        """Return a UUID of version 7 (RFC 9562 §5.7) as text."""
        moment = f"{time.time_ns() // 1_000_000:012x}"
        tail = self.digits(19)
        variant = _VARIANTS[int(tail[3], 16) & 3]
        return f"{moment[:8]}-{moment[8:]}-7{tail[:3]}-{variant}{tail[4:7]}-{tail[7:]}"

    def span_id(self) -> str:
        """Return the eight octets of a span; all zeros would be none (W3C Trace Context §3.2.2)."""
        return "1" + self.digits(15)

    def trace_id(self) -> str:
        """Return the sixteen octets of a trace."""
        return "1" + self.digits(31)
