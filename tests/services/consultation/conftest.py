"""Two desks in two municipalities, and what the service writes into its log meanwhile."""

import io
import logging
from collections.abc import Awaitable, Callable, Iterator

import pytest
import structlog

from foundation.telemetry import configure_logging
from tests.services.consultation.desk import Desk
from tests.support.callers import ServiceClient
from tests.support.house import House, Tenancies

Start = Callable[[str], Awaitable[ServiceClient]]


@pytest.fixture
async def consultation(service_client: Start) -> ServiceClient:
    return await service_client("consultation")


@pytest.fixture
def desk(house: House, tenancies: Tenancies, consultation: ServiceClient) -> Desk:
    return Desk(house, tenancies.kitami, consultation)


@pytest.fixture
def other(house: House, tenancies: Tenancies, consultation: ServiceClient) -> Desk:
    return Desk(house, tenancies.kinokawa, consultation)


@pytest.fixture
def log(consultation: ServiceClient) -> Iterator[io.StringIO]:
    """Catch every line the running service writes, however unimportant."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    stream = io.StringIO()
    configure_logging(consultation.service, level="DEBUG", stream=stream)
    yield stream
    root.handlers, level = before
    root.setLevel(level)
    structlog.reset_defaults()
