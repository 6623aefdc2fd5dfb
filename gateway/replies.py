"""What the gateway says itself: documents small enough to be sent in one piece."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from foundation.problems import JSON, MEDIA_TYPE, Problem, instance_of
from gateway.forwarding.exchange import Send
from gateway.forwarding.wire import Headers

ALWAYS: Final[Headers] = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
]
"""Fields of every answer that passes the gateway, ours or a service's."""


async def reply(send: Send, status: int, headers: Headers, body: bytes) -> None:
    """Send a whole answer; on HEAD the server leaves out the body."""
    length = (b"content-length", b"%d" % len(body))
    await send(
        {"type": "http.response.start", "status": status, "headers": [*headers, length, *ALWAYS]}
    )
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def reply_json(send: Send, status: int, document: JSON, headers: Headers) -> None:
    """Send a small document that nobody may keep."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    await reply(
        send,
        status,
        [(b"content-type", b"application/json"), (b"cache-control", b"no-store"), *headers],
        body,
    )


async def refuse(send: Send, problem: Problem, *, request_id: str, headers: Headers) -> None:
    """Send a refusal as a problem document (RFC 9457)."""
    await reply(
        send,
        int(problem.status),
        [*_fields_of(problem), *headers],
        _document_of(problem, request_id),
    )


def refusal(problem: Problem, request_id: str) -> tuple[bytes, bytes]:
    """Return a refusal as the beginning of a head, without what every answer carries, and body."""
    body = _document_of(problem, request_id)
    lines = [b"%b: %b\r\n" % pair for pair in _fields_of(problem)]
    status = HTTPStatus(problem.status)
    line = b"HTTP/1.1 %d %b\r\n" % (status.value, status.phrase.encode())
    return b"".join((line, *lines, b"content-length: %d\r\n" % len(body))), body


def _fields_of(problem: Problem) -> Headers:
    own = [(name.lower().encode(), value.encode()) for name, value in problem.headers.items()]
    return [(b"content-type", MEDIA_TYPE.encode()), (b"cache-control", b"no-store"), *own]


def _document_of(problem: Problem, request_id: str) -> bytes:
    document: Mapping[str, Any] = problem.document(instance=instance_of(request_id))
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
