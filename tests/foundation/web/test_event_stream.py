"""A listener hears each change once, hears something in every silence, and never for ever."""

import asyncio
from collections.abc import AsyncGenerator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from typing_extensions import override

from foundation.database import Transaction
from foundation.problems import NotFound
from foundation.web import Audience, News, Wire
from foundation.web.event_stream import Pace
from foundation.web.responses import drawn

QUICK = Pace(look_s=0.001, silence_s=0.02, whole_s=0.1)


class Count(Wire):
    """How far it is."""

    done: int


class Going:
    """Something that goes on by one whenever it is looked at, and ends at `end`."""

    def __init__(self, *, end: int, stuck_at: int | None = None) -> None:
        self.done, self.looks = 0, 0
        self._end, self._stuck_at = end, stuck_at

    async def look(self, transaction: Transaction) -> News:
        assert transaction is not None
        self.looks += 1
        if self.done != self._stuck_at:
            self.done += 1
        is_last = self.done == self._end
        content = Count(done=self.done)
        return News(
            id=str(self.done),
            event="settled" if is_last else "progress",
            content=content,
            is_last=is_last,
        )


class Door:
    """A database of which only the transaction is asked, and counted while it is open."""

    def __init__(self) -> None:
        self.open = 0

    def transaction(self, tenancy: Any) -> "Door":
        assert tenancy.tenant_id == 1
        return self

    async def __aenter__(self) -> object:
        self.open += 1
        return object()

    async def __aexit__(self, *of: object) -> None:
        self.open -= 1


def listening(
    audience: Audience, going: Going, door: Door, *, heard: str | None = None
) -> AsyncGenerator[str]:
    state = SimpleNamespace(office=SimpleNamespace(database=door))
    request: Any = SimpleNamespace(app=SimpleNamespace(state=state))
    work: Any = SimpleNamespace(tenancy=SimpleNamespace(tenant_id=1))
    stream = audience.stream(request, work, going.look, heard=heard)
    return cast("AsyncGenerator[str]", stream.body_iterator)


async def told(audience: Audience, going: Going, *, heard: str | None = None) -> list[str]:
    return [said async for said in listening(audience, going, Door(), heard=heard)]


class TestEventStream:
    async def test_tells_each_change_once_and_ends_with_the_last_word(self) -> None:
        said = await told(Audience(pace=QUICK), Going(end=3))
        assert said == [
            "retry: 500\n\n",
            'id: 1\nevent: progress\ndata: {"done":1}\n\n',
            'id: 2\nevent: progress\ndata: {"done":2}\n\n',
            'id: 3\nevent: settled\ndata: {"done":3}\n\n',
            "retry: 60000\n\n",
        ]

    async def test_does_not_say_what_was_heard_before_a_break(self) -> None:
        said = await told(Audience(pace=QUICK), Going(end=2), heard="1")
        assert [one.partition("\n")[0] for one in said[1:-1]] == ["id: 2"]

    async def test_breaks_the_silence_and_ends_before_long(self) -> None:
        said = await told(Audience(pace=QUICK), Going(end=9, stuck_at=1))
        assert said[1].startswith("id: 1")
        assert 1 <= said.count(": still at it\n\n") <= 5
        assert all(one.startswith(":") for one in said[2:])

    async def test_holds_no_transaction_while_it_waits_or_is_read(self) -> None:
        door = Door()
        async for _ in listening(Audience(pace=QUICK), Going(end=4), door):
            assert door.open == 0

    async def test_tells_more_listeners_than_there_is_room_for_once(self) -> None:
        audience, slow = Audience(most=1, pace=QUICK), Going(end=9, stuck_at=1)
        first = listening(audience, slow, Door())
        assert [await anext(first), (await anext(first))[:5]] == ["retry: 500\n\n", "id: 1"]
        said = await told(audience, Going(end=9))
        assert [one.partition("\n")[0] for one in said] == ["retry: 5000", "id: 1"]
        await first.aclose()
        assert len(await told(audience, Going(end=3))) == 5

    async def test_ends_when_it_is_gone(self) -> None:
        class Gone(Going):
            @override
            async def look(self, transaction: Transaction) -> News:
                del transaction
                raise NotFound

        assert await told(Audience(pace=QUICK), Gone(end=1)) == ["retry: 500\n\n"]

    async def test_is_not_drawn_before_it_is_sent(self) -> None:
        going = Going(end=9, stuck_at=1)
        state = SimpleNamespace(office=SimpleNamespace(database=Door()))
        request: Any = SimpleNamespace(app=SimpleNamespace(state=state))
        work: Any = SimpleNamespace(tenancy=SimpleNamespace(tenant_id=1))
        stream = Audience(pace=QUICK).stream(request, work, going.look, heard=None)
        assert await drawn(stream) is stream
        await asyncio.sleep(0)
        assert going.looks == 0


@pytest.mark.parametrize("name", ["look_s", "silence_s", "whole_s"])
def test_no_answer_outlasts_a_process_that_was_asked_to_leave(name: str) -> None:
    assert 0 < getattr(Pace(), name) < 20
