"""Which header fields cross the gateway: those on a list, each once, and never an identity.

Towards a service the list is one of permissions: a field that is not named here does not pass,
so no name under which somebody might claim to be somebody else can be forgotten. Towards the
client the list is one of refusals, for an answer is written by our own services.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from .wire import AnswerHead, Headers

FORWARDED: Final = frozenset(
    {
        b"accept",
        b"accept-encoding",
        b"accept-language",
        b"cache-control",
        b"content-digest",
        b"content-disposition",
        b"content-encoding",
        b"content-language",
        b"content-type",
        b"idempotency-key",
        b"if-match",
        b"if-modified-since",
        b"if-none-match",
        b"if-range",
        b"if-unmodified-since",
        b"prefer",
        b"range",
        b"tracestate",
        b"user-agent",
    }
)
"""What a service may hear from the client, word for word."""

_ONCE: Final = frozenset(
    {
        b"authorization",
        b"content-length",
        b"content-type",
        b"content-encoding",
        b"expect",
        b"host",
        b"idempotency-key",
        b"range",
        b"tamaire-municipality",
        b"tamaire-purpose",
        b"tamaire-timeout-ms",
        b"traceparent",
        b"transfer-encoding",
        b"upgrade",
    }
)
"""Fields of which a second one is a contradiction, even when both say the same."""

_HOP_BY_HOP: Final = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authentication-info",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
"""RFC 9110 §7.6.1: meant for the next hop only."""

NOT_ANSWERED: Final = _HOP_BY_HOP | {
    b"content-length",  # ours: from the framing that was judged
    b"date",
    b"server",
    b"set-cookie",  # sessions belong to the gateway; a service could only fixate one
    b"x-powered-by",
    b"x-request-id",
    b"ratelimit",
    b"ratelimit-policy",
    b"referrer-policy",  # said at the door for every answer, so once
    b"x-content-type-options",
}

FRAMED_ELSEWHERE: Final = frozenset({b"transfer-encoding", b"trailer", b"upgrade"})
"""Fields whose presence says that the answer is not framed by its length."""

_UNSAFE_VALUE: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_NAME: Final = re.compile(rb"[a-z0-9!#$%&'*+\-.^_`|~]+")
_LONGEST_LINE_BYTES: Final = 8 * 1024
_MOST_HEADERS: Final = 100
_LARGEST_HEAD_BYTES: Final = 32 * 1024
_MOST_DIGITS: Final = 18


class RefusedHeaders(ValueError):
    """Header fields that contradict each other, or that could be read in two ways."""


class OversizeHeaders(RefusedHeaders):
    """More header bytes than any honest request needs."""


@dataclass(slots=True)
class Intake:
    """What was found in a request's header section; `lines` is what may go on to a service."""

    once: dict[bytes, bytes] = field(default_factory=dict[bytes, bytes])
    lines: list[bytes] = field(default_factory=list[bytes])
    connection_options: list[bytes] = field(default_factory=list[bytes])

    @property
    def content_length(self) -> int | None:
        """The announced length of the body in bytes."""
        text = self.once.get(b"content-length")
        return None if text is None else int(text)

    @property
    def is_chunked(self) -> bool:
        """Whether the body comes in chunks, its length unknown."""
        return b"transfer-encoding" in self.once


def read_headers(headers: Headers) -> Intake:
    """Sort a request's header fields.

    Raises:
        RefusedHeaders: a control character, a repeated field of which there can be one, or two
            ways to tell the length of the body (RFC 9112 §6.3: request smuggling).
        OversizeHeaders: more than 100 fields, 8 KiB in one or 32 KiB together.
    """
    _check_bytes(headers)
    intake = Intake()
    for name, value in headers:
        if name in _ONCE:
            if name in intake.once:
                raise RefusedHeaders(f"The header {name.decode()} is there twice.")
            intake.once[name] = value
        if name in FORWARDED:
            intake.lines.append(name + b": " + value + b"\r\n")
        elif name == b"connection":
            intake.connection_options += [option.strip().lower() for option in value.split(b",")]
    _check_framing(intake.once)
    _drop_named(intake)
    return intake


def _check_bytes(headers: Headers) -> None:
    """Look at all fields in one go, which is cheaper than at each."""
    names = [name for name, _ in headers]
    values = [value for _, value in headers]
    every_name, every_value = b"".join(names), b"".join(values)
    if (
        len(names) > _MOST_HEADERS
        or len(every_name) + len(every_value) > _LARGEST_HEAD_BYTES
        or len(max(values, key=len, default=b"")) > _LONGEST_LINE_BYTES
    ):
        raise OversizeHeaders("The header section is too large.")
    if _UNSAFE_VALUE.search(every_value) is not None:
        raise RefusedHeaders("A header field holds a control character.")
    if b"" in names or (names and _NAME.fullmatch(every_name) is None):
        raise RefusedHeaders("A header field has no proper name.")


def _check_framing(once: dict[bytes, bytes]) -> None:
    length, encoding = once.get(b"content-length"), once.get(b"transfer-encoding")
    if length is not None:
        if encoding is not None:
            raise RefusedHeaders("The length of the body is told in two ways.")
        if not (length.isdigit() and len(length) <= _MOST_DIGITS):
            raise RefusedHeaders("The length of the body is not a number.")
    if encoding is not None and encoding.lower() != b"chunked":
        raise RefusedHeaders("The transfer encoding is not supported.")


def _drop_named(intake: Intake) -> None:
    """Leave out what the `Connection` field declares to be for this hop only."""
    for option in intake.connection_options:
        if option in FORWARDED:
            prefix = option + b": "
            intake.lines = [line for line in intake.lines if not line.startswith(prefix)]


def answer_headers(head: AnswerHead) -> Headers:
    """Return the fields of a service's answer that the client is given."""
    dropped = NOT_ANSWERED
    if head.connection_options - {b"close", b"keep-alive"}:
        dropped = dropped | head.connection_options
    headers = [pair for pair in head.headers if pair[0] not in dropped]
    if head.content_length is not None and not _is_empty_by_definition(head.status):
        headers.append((b"content-length", b"%d" % head.content_length))
    return headers


def is_answerable(headers: Headers) -> bool:
    """Whether no field of an answer could break out of its line (response splitting)."""
    return all(
        _UNSAFE_VALUE.search(value) is None and _NAME.fullmatch(name) is not None
        for name, value in headers
    )


def _is_empty_by_definition(status: int) -> bool:
    return status in {204, 304}
