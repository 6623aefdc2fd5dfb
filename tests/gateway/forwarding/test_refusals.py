"""A refusal of a service is found in the log by its name, whichever way it went."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from typing_extensions import override

from foundation.problems import Conflict
from foundation.web.responses import problem_response
from gateway.access_logs.book import AccessBook, Noted
from gateway.forwarding.refusals import slug_of
from tests.support.forwarding import Door
from tests.support.wire import Asked, Script

OpenDoor = Callable[..., Awaitable[Door]]
UNOPENED: Any = None
WHOLE = b"content-length: %d\r\n\r\n%b"
CHUNKED = b"transfer-encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n"
REFUSAL = bytes(problem_response(Conflict("Somebody was faster.")).body)


class Kept(AccessBook):
    """Keeps what was noted, and writes nothing."""

    def __init__(self) -> None:
        super().__init__(UNOPENED)
        self.lines: list[Noted] = []

    @override
    def note(self, noted: Noted) -> None:
        self.lines.append(noted)


def answering(status: bytes, framing: bytes, body: bytes) -> Script:
    async def script(asked: Asked) -> None:
        while await asked.head():
            answer = framing % (len(body), body)
            await asked.say(b"HTTP/1.1 " + status + b"\r\nx-a: b\r\n" + answer)

    return script


class TestName:
    def test_is_read_from_the_documents_the_services_write(self) -> None:
        assert slug_of(REFUSAL) == "platform/conflict"
        assert slug_of(b'{"type":"/problems/a/b-c"}') == "a/b-c"

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"nothing",
            b'{"type": "about:blank"}',
            b'{"title": "x", "type": "/problems/a/b"}',
            b'{"type": "/problems/' + b"a" * 300 + b'/b"}',
            b'{"type": "/problems/a/\r\nb"}',
        ],
    )
    def test_of_anything_else_is_not_known(self, body: bytes) -> None:
        assert slug_of(body) == ""


class TestLog:
    @pytest.mark.parametrize("framing", [WHOLE, CHUNKED])
    @pytest.mark.parametrize("headers", [(), ("X-Unknown: 1",)], ids=["short", "thorough"])
    async def test_names_what_a_service_refused(
        self, opened: OpenDoor, framing: bytes, headers: tuple[str, ...]
    ) -> None:
        book = Kept()
        door = await opened(book=book, script=answering(b"409 Conflict", framing, REFUSAL))
        for _ in range(3):
            assert (await door.ask(headers=headers)).status == 409
        assert [(line.status, line.refusal) for line in book.lines] == [
            (409, "platform/conflict")
        ] * 3

    @pytest.mark.parametrize("framing", [WHOLE, CHUNKED])
    async def test_looks_into_nothing_that_went_well(
        self, opened: OpenDoor, framing: bytes
    ) -> None:
        book = Kept()
        door = await opened(book=book, script=answering(b"200 OK", framing, REFUSAL))
        for headers in ((), (), ("X-Unknown: 1",)):
            assert (await door.ask(headers=headers)).status == 200
        assert [line.refusal for line in book.lines] == ["", "", ""]
