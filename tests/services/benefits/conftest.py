"""Towns with a benefits section, each test its own."""

from collections.abc import Awaitable, Callable

import pytest

from tests.services.benefits.town import Town, load_banks
from tests.support.callers import ServiceClient
from tests.support.house import House, Tenancies

Start = Callable[[str], Awaitable[ServiceClient]]


@pytest.fixture
async def benefits(house: House, service_client: Start) -> ServiceClient:
    await load_banks(house)
    return await service_client("benefits")


@pytest.fixture
def town(house: House, tenancies: Tenancies, benefits: ServiceClient) -> Town:
    return Town(house, tenancies.kitami, benefits)


@pytest.fixture
def other_town(house: House, tenancies: Tenancies, benefits: ServiceClient) -> Town:
    return Town(house, tenancies.kinokawa, benefits)
