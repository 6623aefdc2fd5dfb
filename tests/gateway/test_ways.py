"""Who is refused is told whose share is used up: a client's, a municipality's, or everybody's."""

import asyncio
from pathlib import Path

import pytest

from foundation.problems import DeadlineExceeded, Problem, ServiceUnavailable
from gateway.fairness import Gate, GateLimits, Share
from gateway.forwarding.pool import Address, Pool, PoolLimits
from gateway.forwarding.problems import ClientBusy, TenantBusy
from gateway.ways import Way


@pytest.fixture
def way(tmp_path: Path) -> Way:
    """A way with four slots: three for each municipality, two for each of its clients."""
    limits = GateLimits(slots=4, share=Share(at_once=3, each=2), patience=0.05, waiting_each=2)
    pool = Pool(Address.parse(f"unix:{tmp_path}/nobody.sock"), PoolLimits())
    return Way(pool=pool, gate=Gate(limits))


def taken(way: Way, tenant: int, client: str) -> int:
    """Enter until there is no more room; return how often that was."""
    times = 0
    while way.try_enter(tenant, client):
        times += 1
    return times


async def queued(way: Way, tenant: int, client: str) -> Problem | None:
    """Wait without a task, and return what was told."""
    told: asyncio.Future[Problem | None] = asyncio.get_running_loop().create_future()
    way.queue_up(tenant, told.set_result, client)
    return await told


class TestRefusals:
    async def test_of_a_client_beyond_its_share_name_the_client(self, way: Way) -> None:
        assert taken(way, 1, "vendor") == 2
        with pytest.raises(ClientBusy):
            await way.enter(1, "vendor")
        assert isinstance(await queued(way, 1, "vendor"), ClientBusy)
        assert way.try_enter(1, "counter")  # its colleague is not refused

    async def test_of_a_municipality_beyond_its_share_name_the_municipality(self, way: Way) -> None:
        assert (taken(way, 1, "vendor"), taken(way, 1, "counter")) == (2, 1)
        with pytest.raises(TenantBusy):
            await way.enter(1, "counter")

    async def test_for_which_nobody_is_to_blame_are_no_reproach(self, way: Way) -> None:
        assert (taken(way, 1, "a"), taken(way, 2, "b")) == (2, 2)
        with pytest.raises(ServiceUnavailable):
            await way.enter(3, "c")

    @pytest.mark.parametrize("seconds", [0.0, 0.02])
    async def test_past_the_deadline_say_that_it_passed(self, way: Way, seconds: float) -> None:
        taken(way, 1, "vendor")
        until = way.clock() + seconds
        with pytest.raises(DeadlineExceeded):
            await way.enter(1, "vendor", until=until)

    async def test_come_to_the_one_beyond_when_too_many_wait(self, way: Way) -> None:
        taken(way, 1, "vendor")
        for _ in range(2):
            way.queue_up(1, lambda _: None, "vendor")
        with pytest.raises(ClientBusy):
            way.queue_up(1, lambda _: None, "vendor")
