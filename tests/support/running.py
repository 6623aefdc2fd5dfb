"""One whole house, as the first command starts it, for every journey that leaves it standing."""

from collections.abc import Generator

import pytest

from tests.journeys.running_house import RunningHouse, free_pair


@pytest.fixture(scope="session")
def running_house(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningHouse]:
    """Give a house that others have been to: to start one takes as long as most journeys."""
    running = RunningHouse(tmp_path_factory.mktemp("running") / "data", port=free_pair())
    try:
        running.wait()
        yield running
    finally:
        running.stop()
        running.erase()
