"""Read one answer of a service, strictly: what is ambiguous is refused, and its end is exact."""

from dataclasses import dataclass
from typing import Final

import httptools

from .failures import MalformedAnswer

Headers = list[tuple[bytes, bytes]]

LARGEST_HEAD_BYTES: Final = 64 * 1024
MOST_HEADERS: Final = 100
_MOST_INFORMATIONAL: Final = 4
_WITHOUT_BODY: Final = frozenset({204, 304})
_FIRST_FINAL: Final = 200
_LAST_FINAL: Final = 599
_SWITCHING_PROTOCOLS: Final = 101
_MOST_DIGITS: Final = 18
_FRAMING: Final = frozenset({b"content-length", b"transfer-encoding", b"connection"})


@dataclass(slots=True)
class AnswerHead:
    """Status and header fields of a final answer; names in lower case, framing already judged.

    `content_length` is the announced length in bytes, absent when the body comes in chunks.
    """

    status: int
    headers: Headers
    content_length: int | None
    has_body: bool
    keeps_alive: bool
    connection_options: frozenset[bytes]


class AnswerReader:
    """The receiving half of one connection: fed with bytes, it tells heads, bodies and ends apart.

    After `expect` exactly one final answer is read. `surplus` is set when bytes follow its end:
    they belong to no question of ours, so the connection that brought them is never used again.
    """

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._parser_is_spent = False
        self.expect(head_only=False)

    def expect(self, *, head_only: bool) -> None:
        """Prepare for the answer to one request; `head_only` is for HEAD, which has no body."""
        if self._parser_is_spent:
            self._parser = httptools.HttpResponseParser(self)
            self._parser_is_spent = False
        self._head_only = head_only
        self._headers: Headers = []
        self._head_bytes = 0
        self._informational = 0
        self.head: AnswerHead | None = None
        self.chunks: list[bytes] = []
        self.complete = False
        self.surplus = False
        self.keeps_alive = False

    @property
    def expects_body(self) -> bool:
        """Whether the answer to come is one that may have a body: the question was no HEAD."""
        return not self._head_only

    def conclude(self) -> None:
        """Note that the whole answer was read by somebody else, and that nothing followed it."""
        self.complete = self.keeps_alive = True

    def feed(self, data: bytes) -> None:
        """Read on.

        Raises:
            MalformedAnswer: the answer is not one HTTP/1.1 answer of known length.
        """
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if not self.complete:
                raise MalformedAnswer(str(error.__context__ or error)) from error
            self.surplus = True
        if self.head is None:
            self._head_bytes += len(data)
            if self._head_bytes > LARGEST_HEAD_BYTES:
                raise MalformedAnswer("the head does not end")

    # What httptools calls. An exception raised here ends `feed` with a parser error.

    def on_message_begin(self) -> None:
        if self.complete:
            raise MalformedAnswer("bytes after the end")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head_bytes += len(name) + len(value)
        if len(self._headers) >= MOST_HEADERS or self._head_bytes > LARGEST_HEAD_BYTES:
            raise MalformedAnswer("too many header fields")
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < _FIRST_FINAL:
            self._skip_informational(status)
            return
        if self._parser.get_http_version() != "1.1" or status > _LAST_FINAL:
            raise MalformedAnswer("not an HTTP/1.1 answer")
        self.head = self._judge(status)
        self.keeps_alive = self.head.keeps_alive
        self._headers = []
        if self._head_only:
            # The parser believes that a body follows; it is replaced before the next answer.
            self._parser_is_spent = True
            self.complete = True

    def on_body(self, body: bytes) -> None:
        if self.complete:
            self.surplus = True
        else:
            self.chunks.append(body)

    def on_message_complete(self) -> None:
        if self.head is not None:
            self.complete = True

    def _skip_informational(self, status: int) -> None:
        """Pass over 100 and 103; 101 would hand the connection to another protocol."""
        self._informational += 1
        if status == _SWITCHING_PROTOCOLS or self._informational > _MOST_INFORMATIONAL:
            raise MalformedAnswer("an interim answer that cannot be passed over")
        self._headers = []

    def _judge(self, status: int) -> AnswerHead:
        lengths: list[bytes] = []
        encodings: list[bytes] = []
        options: set[bytes] = set()
        for name, value in self._headers:
            if name not in _FRAMING:
                continue
            if name == b"content-length":
                lengths.append(value)
            elif name == b"transfer-encoding":
                encodings.append(value.lower())
            else:
                options.update(option.strip().lower() for option in value.split(b","))
        has_body = not self._head_only and status not in _WITHOUT_BODY
        return AnswerHead(
            status=status,
            headers=self._headers,
            content_length=_length_of(lengths, encodings, required=has_body),
            has_body=has_body,
            keeps_alive=b"close" not in options,
            connection_options=frozenset(options),
        )


def _length_of(lengths: list[bytes], encodings: list[bytes], *, required: bool) -> int | None:
    """Return the announced length; None means chunks. RFC 9112 §6.3, without its tolerances."""
    if len(lengths) + len(encodings) > 1:
        raise MalformedAnswer("two lengths")
    if lengths:
        if not (lengths[0].isdigit() and len(lengths[0]) <= _MOST_DIGITS):
            raise MalformedAnswer("a length that is no number")
        return int(lengths[0])
    if encodings and encodings[0] != b"chunked":
        raise MalformedAnswer("an unknown transfer encoding")
    if required and not encodings:
        raise MalformedAnswer("no length: the end could not be told from a failure")
    return None
