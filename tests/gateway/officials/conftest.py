"""A town hall in a house with an open door."""

import pytest

from tests.gateway.officials.town import TownHall
from tests.support.front_door import FrontDoor


@pytest.fixture
def town(door: FrontDoor) -> TownHall:
    return TownHall(door, door.tenancies.kitami)
