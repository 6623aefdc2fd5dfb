"""Whoever hangs up at any moment leaves nothing behind that another municipality could be given.

The quick form is part of the suite. The long one, 10,000 times:
`.venv/bin/pytest tests/proofs/test_cancellation.py -m slow -s`
"""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest

from foundation.identifiers import new_id
from foundation.tenancy import Tenancy
from tests.proofs.doorway import Doorway, services, standing
from tests.proofs.figures import say
from tests.proofs.premises import open_municipality
from tests.support.callers import a_machine
from tests.support.house import House

QUICK, LONG = 300, 10_000
AT_ONCE = 24
_SEED = 20_261_123
_WINDOWS = """
INSERT INTO window_dx.windows (tenant_id, id, code, name, version)
SELECT $1, id, 'w' || n, $3, 1 FROM unnest($2::uuid[]) WITH ORDINALITY AS given (id, n)
"""
_LEFT_OPEN = """
SELECT count(*) FROM pg_stat_activity
WHERE application_name = 'window_dx' AND state NOT IN ('idle', 'active')
"""


def canary(tenancy: Tenancy) -> str:
    """Return what stands in every row of one municipality and of no other."""
    return f"CANARY-{int(tenancy.tenant_id):06}"


async def furnish(house: House, tenancies: Sequence[Tenancy]) -> None:
    connection = await asyncpg.connect(house.dsn("window_dx_owner"))
    try:
        for tenancy in tenancies:
            ids = [new_id() for _ in range(40)]
            await connection.execute(_WINDOWS, tenancy.tenant_id, ids, canary(tenancy))
    finally:
        await connection.close()


class Storm:
    """Clients of two municipalities, most of whom hang up in the middle of something."""

    def __init__(self, address: str, papers: Sequence[str], canaries: Sequence[str]) -> None:
        host, _, port = address.removeprefix("tcp:").partition(":")
        self._host, self._port = host, int(port)
        self._papers, self._canaries = papers, canaries
        self._chance = random.Random(_SEED)  # noqa: S311 - repeatable on purpose
        self.seen: Counter[str] = Counter()

    async def rage(self, times: int) -> None:
        """Ask so many times, a few dozen at once, each on a connection of its own or its last."""
        turns = iter(range(times))

        async def client() -> None:
            for _ in turns:
                await self._ask(self._chance.randrange(len(self._papers)))

        await asyncio.gather(*(client() for _ in range(AT_ONCE)))

    async def _ask(self, who: int) -> None:
        """Ask one to three times on one connection, and hang up somewhere on the way."""
        reader, writer = await asyncio.open_connection(self._host, self._port)
        try:
            for _ in range(self._chance.randrange(1, 4)):
                if not await self._exchange(reader, writer, who):
                    return
        except (ConnectionError, asyncio.IncompleteReadError):
            self.seen["broken off"] += 1
        finally:
            writer.transport.abort()

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, who: int
    ) -> bool:
        """Send a request and read its answer, or a part of either; False after hanging up."""
        question = (
            "GET /window-dx/v1/windows HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: {self._papers[who]}\r\n\r\n"
        ).encode()
        fate = self._chance.random()
        if fate < 0.25:
            writer.write(question[: self._chance.randrange(len(question))])
            await self._linger()
            self.seen["hung up while asking"] += 1
            return False
        writer.write(question)
        if fate < 0.75:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._chance.random() * 0.03):
                    part = await reader.read(self._chance.randrange(1, 4_000))
                    self._check(part, who)
            self.seen["hung up while being answered"] += 1
            return False
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        body = await reader.readexactly(length)
        self._check(body, who)
        self.seen[f"answered {head[9:12].decode()}"] += 1
        assert not head.startswith(b"HTTP/1.1 200") or self._canaries[who].encode() in body
        return True

    async def _linger(self) -> None:
        await asyncio.sleep(self._chance.random() * 0.01)

    def _check(self, received: bytes, who: int) -> None:
        for other, mark in enumerate(self._canaries):
            assert other == who or mark.encode() not in received, "somebody else's answer"


async def left_open(house: House) -> int:
    connection = await asyncpg.connect(house.superuser_dsn())
    try:
        count: int = await connection.fetchval(_LEFT_OPEN)
    finally:
        await connection.close()
    return count


class TestHangingUp:
    def test_leaves_nothing_for_anybody_else(self, durable_house: House, room: Path) -> None:
        run(durable_house, room, QUICK)

    @pytest.mark.slow
    def test_leaves_nothing_for_anybody_else_ten_thousand_times(
        self, durable_house: House, room: Path
    ) -> None:
        run(durable_house, room, LONG)


def run(house: House, room: Path, times: int) -> None:
    """Let a storm rage over real processes, and look at what it left."""
    behind = services(house, room, service="window_dx", count=1)
    rate = {"TENANT_RATE_PER_SECOND": "100000", "TENANT_BURST": "100000"}
    doorway = Doorway(house, room, service="window_dx", behind=behind, traffic=rate)
    numbers = (601, 602)

    async def prepared() -> list[Tenancy]:
        towns = [await open_municipality(house, number=n, listed=True) for n in numbers]
        await furnish(house, towns)
        return towns

    towns = asyncio.run(prepared())
    papers = [doorway.papers.of(a_machine(), town) for town in towns]
    storm = Storm(doorway.addresses[0], papers, [canary(town) for town in towns])
    with standing([*behind, *doorway.gateways]):
        asyncio.run(storm.rage(times))
        open_now = asyncio.run(left_open(house))
        calm = Storm(doorway.addresses[0], papers, [canary(town) for town in towns])
        asyncio.run(calm.rage(50))
    say(cancellation=f"{times} clients", **{k.replace(" ", "_"): v for k, v in storm.seen.items()})
    assert open_now == 0
    assert storm.seen["answered 200"]
    assert storm.seen["hung up while being answered"] > times / 4
    assert calm.seen["answered 200"]
