"""Readiness is the readiness of every part, asked together and seldom."""

import asyncio

from gateway.health import NotReady, Readiness


class Part:
    """A part that can be made not ready."""

    def __init__(self) -> None:
        self.asked = 0
        self.error: Exception | None = None

    async def check(self) -> None:
        self.asked += 1
        if self.error is not None:
            raise self.error


class TestFailing:
    async def test_names_nobody_when_all_are_ready(self) -> None:
        assert await Readiness({"database": Part().check}).failing() == []

    async def test_names_each_part_that_is_not_ready(self) -> None:
        ready, tired, broken = Part(), Part(), Part()
        tired.error, broken.error = NotReady(), RuntimeError("whatever it is")
        parts = {"a": ready.check, "b": tired.check, "c": broken.check}
        assert await Readiness(parts).failing() == ["b", "c"]

    async def test_asks_once_for_a_crowd(self) -> None:
        part = Part()
        readiness = Readiness({"a": part.check})
        await asyncio.gather(*(readiness.failing() for _ in range(50)))
        assert part.asked == 1

    async def test_asks_again_when_the_answer_is_old(self) -> None:
        now, part = [0.0], Part()
        readiness = Readiness({"a": part.check}, clock=lambda: now[0])
        assert await readiness.failing() == []
        part.error = NotReady()
        assert await readiness.failing() == []
        now[0] = 0.5
        assert await readiness.failing() == ["a"]
