"""The common request, read at a glance: one whole head, every line of it known to be harmless.

Nine of ten requests look like the one before. Their lines are remembered once they have been
judged, so that the next request is read by looking its lines up. This reader decides nothing: it
knows what it is sure of, and whatever it is not sure of it leaves untouched to the thorough one
(httptools and `gateway.forwarding.headers`), which begins again with the first byte. It accepts
less than the thorough reader in every respect; a test compares the two on whatever both accept.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from .headers import FORWARDED

LARGEST_HEAD_BYTES: Final = 8_192
LARGEST_BODY_BYTES: Final = 65_536
MOST_LINES: Final = 48
_MOST_REMEMBERED: Final = 4_096
_LONGEST_REMEMBERED: Final = 512
_END: Final = b"\r\n\r\n"

_SEGMENT: Final = rb"[A-Za-z0-9_~!$&'()*+,;=:@\-][A-Za-z0-9_~!$&'()*+,;=:@.\-]*"
_REQUEST_LINE: Final = re.compile(
    rb"(GET|HEAD|POST|PUT|PATCH|DELETE) "
    rb"((/([a-z\-]+)(?:/" + _SEGMENT + rb")*)(?:\?([A-Za-z0-9_~!$&'()*+,;=:@.\-/?%]+))?)"
    rb" HTTP/1\.1"
)
_LINE: Final = re.compile(
    rb"([A-Za-z0-9!#$%&'*+\-.^_`|~]+): ?([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)"
)
_LENGTH: Final = re.compile(rb"[0-9]{1,6}")
_WITH_BODY: Final = frozenset({b"POST", b"PUT", b"PATCH"})

# What a line is to us. Of those that are numbered by a bit a second one is a contradiction.
HOST, TOKEN, LENGTH, TENANT, PURPOSE, TRACE = 1, 2, 4, 8, 16, 32
_CONNECTION: Final = 64
_KEY: Final = 512
TIMEOUT: Final = 2_048
_ALSO_ONCE: Final[Mapping[bytes, int]] = {
    b"content-type": 128,
    b"content-encoding": 256,
    b"idempotency-key": _KEY,
    b"range": 1_024,
}
_MEANING: Final[Mapping[bytes, int]] = {
    b"host": HOST,
    b"authorization": TOKEN,
    b"content-length": LENGTH,
    b"tamaire-municipality": TENANT,
    b"tamaire-purpose": PURPOSE,
    b"tamaire-timeout-ms": TIMEOUT,
    b"traceparent": TRACE,
    b"connection": _CONNECTION,
}
_IGNORED: Final = frozenset(
    {
        b"dnt",
        b"pragma",
        b"priority",
        b"referer",
        b"sec-fetch-dest",
        b"sec-fetch-mode",
        b"sec-fetch-site",
        b"sec-gpc",
        b"x-request-id",
    }
)
"""Known to mean nothing to us. Any other name is for the thorough reader to judge."""
_TOKEN_FIELD: Final = frozenset({b"Authorization: ", b"authorization: "})
_TOKEN_LINE: Final = b"\r\nAuthorization: "
_TOKEN_FROM: Final = len(_TOKEN_LINE)
_UNREMEMBERED: Final = TOKEN | LENGTH | TRACE | _KEY
"""Lines that differ each time, or that nobody may find in our memory."""


class _Line(NamedTuple):
    """What a line means: its bit, the value where we need it, and what a service hears of it."""

    bit: int
    value: bytes
    passed_on: bytes


class PlainRequest:
    """A request of which everything is here and nothing is in doubt. Absent fields are None."""

    __slots__ = (
        "body",
        "has_key",
        "host",
        "is_common",
        "length",
        "lines",
        "method",
        "path",
        "prefix",
        "purpose",
        "query",
        "target",
        "tenant",
        "timeout",
        "token",
        "trace",
    )

    def __init__(self, found: re.Match[bytes], body: bytes) -> None:
        self.method, self.target, self.path, self.prefix, query = found.groups()
        self.query: bytes = query or b""
        self.body = body
        self.is_common = False
        self.has_key = False
        self.lines: list[bytes] = []
        self.host: bytes | None = None
        self.token: bytes | None = None
        self.length: bytes | None = None
        self.tenant: bytes | None = None
        self.purpose: bytes | None = None
        self.timeout: bytes | None = None
        self.trace: bytes | None = None

    def note(self, line: _Line) -> None:
        """Keep what one of our own fields says."""
        bit, value = line.bit, line.value
        if bit == TOKEN:
            self.token = value
        elif bit == HOST:
            self.host = value
        elif bit == TRACE:
            self.trace = value
        elif bit == PURPOSE:
            self.purpose = value
        elif bit == TENANT:
            self.tenant = value
        elif bit == LENGTH:
            self.length = value
        elif bit == TIMEOUT:
            self.timeout = value


class _Block:
    """The header section of a request, but for its token, in which nothing was in doubt."""

    __slots__ = ("host", "lines", "purpose", "tenant", "timeout")

    def __init__(self, request: PlainRequest) -> None:
        self.lines = b"".join(request.lines)
        self.host = request.host
        self.tenant = request.tenant
        self.purpose = request.purpose
        self.timeout = request.timeout


class PlainReader:
    """Remembers harmless lines and sections; one for all connections of a process."""

    def __init__(self) -> None:
        self._known: dict[bytes, _Line] = {}
        self._blocks: dict[bytes, _Block] = {}

    def __len__(self) -> int:
        return len(self._known) + len(self._blocks)

    def read(self, data: bytes) -> PlainRequest | None:
        """Return the one request that these bytes are, or None if that is not quite certain."""
        end = data.find(_END)
        if end < 0 or end > LARGEST_HEAD_BYTES:
            return None
        line_end = data.find(b"\r\n")
        found = _REQUEST_LINE.fullmatch(data, 0, line_end)
        if found is None:
            return None
        body_at = end + 4
        if body_at < len(data):
            request = PlainRequest(found, data[body_at:])
            lines = data[line_end + 2 : end].split(b"\r\n")
            return request if self._take(lines, request) and _is_whole(request) else None
        return self._read_bodiless(data, line_end, end, PlainRequest(found, b""))

    def _read_bodiless(
        self, data: bytes, line_end: int, end: int, request: PlainRequest
    ) -> PlainRequest | None:
        """Read a header section, of which mostly only the token was not seen before."""
        token_at = data.find(_TOKEN_LINE, line_end)
        token_end = data.find(b"\r\n", token_at + 2)
        key = data[line_end:token_at] + data[token_end:] if token_at > 0 else b""
        block = self._blocks.get(key)
        if block is not None:
            request.lines.append(block.lines)
            request.host, request.tenant = block.host, block.tenant
            request.purpose, request.timeout = block.purpose, block.timeout
            request.is_common = True
            request.token = data[token_at + _TOKEN_FROM : token_end]
            return request
        if not self._take(data[line_end + 2 : end].split(b"\r\n"), request):
            return None
        if request.length is not None:
            return request if _is_whole(request) else None
        if request.is_common and 0 < len(key) <= _LONGEST_REMEMBERED:
            if len(self._blocks) >= _MOST_REMEMBERED:
                self._blocks.clear()
            self._blocks[key] = _Block(request)
        return request

    def _take(self, lines: list[bytes], request: PlainRequest) -> bool:
        """Sort the lines into the request; False when one of them raises a doubt."""
        if len(lines) > MOST_LINES:
            return False
        known, passed_on, seen = self._known, request.lines, 0
        for text in lines:
            line = known.get(text) or self._learn(text)
            if line is None:
                return False
            bit = line.bit
            if bit:
                if seen & bit:
                    return False
                seen |= bit
                request.note(line)
            if line.passed_on:
                passed_on.append(line.passed_on)
        request.has_key = bool(seen & _KEY)
        request.is_common = not seen & _UNREMEMBERED & ~TOKEN
        return bool(seen & HOST)

    def _learn(self, text: bytes) -> _Line | None:
        """Judge a line, and remember it unless it is somebody's own."""
        if text[:15] in _TOKEN_FIELD:
            # The longest line of all, and judged by whoever believes the token.
            return _Line(TOKEN, text[15:], b"")
        match = _LINE.fullmatch(text)
        if match is None:
            return None
        name, value = match[1].lower(), match[2]
        bit = _MEANING.get(name) or _ALSO_ONCE.get(name, 0)
        passed_on = name + b": " + value + b"\r\n" if name in FORWARDED else b""
        if not bit and not passed_on and name not in _IGNORED:
            return None
        if bit == _CONNECTION and value.lower() != b"keep-alive":
            return None
        line = _Line(bit, value, passed_on)
        if not bit & _UNREMEMBERED and len(text) <= _LONGEST_REMEMBERED:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[text] = line
        return line


def _is_whole(request: PlainRequest) -> bool:
    """Whether exactly the announced body is here, and there is one only where there may be."""
    if request.length is None:
        return not request.body
    return (
        request.method in _WITH_BODY
        and _LENGTH.fullmatch(request.length) is not None
        and int(request.length) == len(request.body) <= LARGEST_BODY_BYTES
    )
