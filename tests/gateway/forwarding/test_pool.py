"""Few connections, shared in order; no slot is ever lost and none is ever two people's."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from gateway.forwarding.failures import PoolExhausted, UpstreamDown
from gateway.forwarding.pool import Address, Pool, PoolLimits
from tests.support.wire import Service, politely


@pytest.fixture
async def address(tmp_path: Path) -> AsyncGenerator[Address]:
    service = Service(tmp_path / "s.sock", politely)
    await service.open()
    yield Address.parse(f"unix:{service.path}")
    await service.close()


def pool_at(address: Address, *, size: int = 1, queue_seconds: float = 5.0) -> Pool:
    return Pool(address, PoolLimits(size=size, queue_seconds=queue_seconds, connect_seconds=5))


class TestAcquire:
    async def test_gives_each_a_connection_of_their_own(self, address: Address) -> None:
        pool = pool_at(address, size=3)
        taken = [await pool.acquire() for _ in range(3)]
        assert len({id(connection) for connection in taken}) == 3
        assert pool.in_use == 3
        for connection in taken:
            pool.release(connection)
        assert pool.in_use == 0

    async def test_hands_a_slot_on_in_order_of_arrival(self, address: Address) -> None:
        pool = pool_at(address)
        first = await pool.acquire()
        order: list[int] = []

        async def come(number: int) -> None:
            connection = await pool.acquire()
            order.append(number)
            await asyncio.sleep(0)
            pool.release(connection)

        tasks = [asyncio.create_task(come(number)) for number in range(5)]
        await asyncio.sleep(0.01)
        assert pool.waiting == 5
        pool.release(first)
        await asyncio.gather(*tasks)
        assert order == list(range(5))
        assert pool.in_use == 0

    async def test_does_not_let_a_newcomer_pass_who_waits(self, address: Address) -> None:
        pool = pool_at(address)
        first = await pool.acquire()
        waiting = asyncio.create_task(pool.acquire())
        await asyncio.sleep(0.01)
        pool.release(first)
        newcomer = asyncio.create_task(pool.acquire())
        connection = await waiting
        assert not newcomer.done()
        pool.release(connection)
        pool.release(await newcomer)

    async def test_passes_a_slot_on_that_came_to_one_who_had_just_left(
        self, address: Address
    ) -> None:
        pool = pool_at(address)
        first = await pool.acquire()
        leaving, staying = (asyncio.create_task(pool.acquire()) for _ in range(2))
        await asyncio.sleep(0.01)
        pool.release(first)
        leaving.cancel()
        pool.release(await staying)
        assert pool.in_use == 0

    async def test_keeps_its_slots_whatever_is_cancelled_when(self, address: Address) -> None:
        pool = pool_at(address, size=2)
        for ticks in range(60):
            tasks = [asyncio.create_task(_visit(pool)) for _ in range(6)]
            for _ in range(ticks):
                await asyncio.sleep(0)
            for task in tasks[::2]:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            assert (pool.in_use, pool.waiting) == (0, 0)

    async def test_keeps_its_slots_when_the_service_is_down(self, tmp_path: Path) -> None:
        pool = pool_at(Address.parse(f"unix:{tmp_path}/nobody.sock"))
        for _ in range(3):
            with pytest.raises(UpstreamDown):
                await pool.acquire()
        assert pool.in_use == 0

    async def test_gives_up_when_nothing_becomes_free(self, address: Address) -> None:
        pool = pool_at(address, queue_seconds=0.01)
        taken = await pool.acquire()
        with pytest.raises(PoolExhausted):
            await pool.acquire()
        assert pool.waiting == 0
        pool.release(taken)
        pool.release(await pool.acquire())


class TestClose:
    async def test_turns_away_who_waits_and_who_comes(self, address: Address) -> None:
        pool = pool_at(address)
        taken = await pool.acquire()
        waiting = asyncio.create_task(pool.acquire())
        await asyncio.sleep(0.01)
        pool.close()
        for attempt in (waiting, pool.acquire()):
            with pytest.raises((UpstreamDown, PoolExhausted)):
                await attempt
        pool.release(taken)
        assert taken.is_closed
        assert pool.idle == 0


async def _visit(pool: Pool) -> None:
    connection = await pool.acquire()
    try:
        await asyncio.sleep(0)
    finally:
        pool.release(connection)
