"""The common answer, read at a glance: whole, of announced length, every line of it known.

As with `gateway.forwarding.plain`, whatever is not certain is left to the thorough reader
(`gateway.forwarding.wire`), which then begins with the first byte.
"""

import re
from typing import Final, NamedTuple

from .headers import FRAMED_ELSEWHERE, NOT_ANSWERED

_END: Final = b"\r\n\r\n"
_LARGEST_HEAD_BYTES: Final = 8_192
_MOST_LINES: Final = 48
_MOST_REMEMBERED: Final = 4_096
_LONGEST_REMEMBERED: Final = 512
_STATUS_LINE: Final = re.compile(rb"HTTP/1\.1 ([2-5][0-9][0-9]) [\x20-\x7e]*")
_LINE: Final = re.compile(
    rb"([A-Za-z0-9!#$%&'*+\-.^_`|~]+): ?([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)"
)
_LENGTH_FIELD: Final = b"content-length: "
_MOST_DIGITS: Final = 9
_EMPTY_BY_DEFINITION: Final = frozenset({204, 304})


class PlainAnswer(NamedTuple):
    """A whole answer: `lines` is what the client hears of its head, without the length."""

    status: int
    lines: bytes
    body: bytes


class PlainAnswerReader:
    """Remembers lines of answers; one for all connections of a process."""

    def __init__(self) -> None:
        self._statuses: dict[bytes, int] = {}
        self._known: dict[bytes, bytes] = {}

    def read(self, data: bytes) -> PlainAnswer | None:
        """Return the one answer that these bytes are, or None if that is not quite certain."""
        end = data.find(_END)
        if end < 0 or end > _LARGEST_HEAD_BYTES:
            return None
        lines = data[:end].split(b"\r\n")
        status = self._statuses.get(lines[0]) or self._learn_status(lines[0])
        if not status or len(lines) > _MOST_LINES:
            return None
        del lines[0]
        kept: list[bytes] = []
        body_at = end + 4
        if self._sort(lines, kept) != len(data) - body_at:
            return None
        return PlainAnswer(status, b"".join(kept), data[body_at:])

    def _sort(self, lines: list[bytes], kept: list[bytes]) -> int:
        """Keep what goes on, and return the one announced length; -1 where there is a doubt."""
        known, length = self._known, -1
        for text in lines:
            line = known.get(text)
            if line is None:
                if text[:16].lower() == _LENGTH_FIELD:
                    number = text[16:]
                    if length >= 0 or not number.isdigit() or len(number) > _MOST_DIGITS:
                        return -1
                    length = int(number)
                    continue
                line = self._learn(text)
                if line is None:
                    return -1
            kept.append(line)
        return length

    def _learn_status(self, text: bytes) -> int:
        match = _STATUS_LINE.fullmatch(text)
        if match is None or int(match[1]) in _EMPTY_BY_DEFINITION:
            return 0
        if len(self._statuses) < _MOST_REMEMBERED:
            self._statuses[text] = int(match[1])
        return int(match[1])

    def _learn(self, text: bytes) -> bytes | None:
        """Judge a line: return what goes on to the client, empty for what does not."""
        match = _LINE.fullmatch(text)
        if match is None:
            return None
        name, value = match[1].lower(), match[2]
        if name == b"connection":
            if value.lower() != b"keep-alive":
                return None
        elif name in FRAMED_ELSEWHERE or name == b"content-length":
            return None
        line = b"" if name in NOT_ANSWERED else name + b": " + value + b"\r\n"
        if len(text) <= _LONGEST_REMEMBERED and name not in _OF_EACH_ANSWER:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[text] = line
        return line


_OF_EACH_ANSWER: Final = frozenset({b"x-request-id", b"etag", b"location"})
"""Different each time: remembered, they would crowd out what is worth remembering."""
