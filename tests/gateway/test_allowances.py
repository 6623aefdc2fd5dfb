"""What the operator sets holds at every gateway within a second, and who set it is on record."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from operations.limits import Allowance, changes, every, grant, withdraw
from tests.gateway.test_house import Whole, vendor_token, whole
from tests.support.house import House
from tests.support.wire import KITAMI

if TYPE_CHECKING:
    Connection = asyncpg.Connection[Any]
else:
    Connection = asyncpg.Connection  # generic in its stubs only

__all__ = ["whole"]

PATH = "/benefits/v1/x"
USUAL = '"tenant";q=400;w=2'


@pytest.fixture
async def operator(house: House) -> AsyncGenerator[Connection]:
    connection = await asyncpg.connect(house.dsn("platform_owner"))
    await connection.execute("DELETE FROM platform.traffic_limit_changes")
    yield connection
    await connection.close()


@pytest.fixture
async def reading(whole: Whole) -> AsyncGenerator[Whole]:
    """The gateway with its eye on the bulletin, as it is when it runs."""
    await whole.door.state.bulletin.start()
    yield whole
    await whole.door.state.bulletin.stop()


async def policy(whole: Whole, token: str) -> str:
    return (await whole.ask(PATH, token)).headers["ratelimit-policy"]


async def seconds_until(whole: Whole, token: str, expected: str) -> float:
    began = time.monotonic()
    for _ in range(200):
        if await policy(whole, token) == expected:
            break
        await asyncio.sleep(0.02)
    return time.monotonic() - began


class TestLimits:
    async def test_show_in_the_answers_within_a_second(
        self, reading: Whole, operator: Connection
    ) -> None:
        token = await vendor_token(reading.door)
        assert await policy(reading, token) == USUAL
        wide = Allowance(municipality_code=KITAMI, per_minute=600, burst=50, at_once=5)
        await grant(operator, wide, by="operator")
        assert await seconds_until(reading, token, '"tenant";q=50;w=5') <= 1.0
        narrow = Allowance(
            municipality_code=KITAMI, client_id="demo-vendor", per_minute=60, burst=2, at_once=1
        )
        await grant(operator, narrow, by="operator")
        both = '"tenant";q=50;w=5, "client";q=2;w=2'
        assert await seconds_until(reading, token, both) <= 1.0
        statuses = {(await reading.ask(PATH, token)).status_code for _ in range(4)}
        assert 429 in statuses
        for client in ("demo-vendor", ""):
            assert await withdraw(operator, KITAMI, client, by="operator")
        assert await seconds_until(reading, token, USUAL) <= 1.0

    async def test_are_on_record_with_who_set_them(self, operator: Connection) -> None:
        first = Allowance(municipality_code=KITAMI, per_minute=60, burst=10, at_once=2)
        second = Allowance(municipality_code=KITAMI, per_minute=120, burst=10, at_once=2, weight=3)
        await grant(operator, first, by="tanaka")
        await grant(operator, second, by="suzuki")
        assert await every(operator) == [second]
        assert await withdraw(operator, KITAMI, "", by="tanaka")
        assert not await withdraw(operator, KITAMI, "", by="nobody")
        noted = await changes(operator)
        assert [one["changed_by"] for one in noted] == ["tanaka", "suzuki", "tanaka"]
        rates = [
            [None if one[when] is None else json.loads(one[when])["per_minute"] for one in noted]
            for when in ("before", "after")
        ]
        assert rates == [[120, 60, None], [None, 120, 60]]

    async def test_may_be_changed_by_no_service(self, house: House) -> None:
        connection = await asyncpg.connect(house.dsn("platform_app"))
        try:
            for table in ("traffic_limits", "traffic_limit_changes"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(f"DELETE FROM platform.{table}")
        finally:
            await connection.close()
