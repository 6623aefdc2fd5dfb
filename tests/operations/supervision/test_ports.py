"""A port that is taken is noticed before anything is started, and one that works is named."""

import socket
from collections.abc import Generator

import pytest

from operations.supervision.failures import PortTaken
from operations.supervision.ports import free_pair, require_free
from operations.supervision.programmes import Addresses


@pytest.fixture
def taken() -> Generator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


class TestRequireFree:
    def test_refuses_a_taken_port_for_the_gateway(self, taken: int) -> None:
        with pytest.raises(PortTaken, match=r"gateway") as refused:
            require_free(Addresses(port=taken))
        assert "./tamaire up --port " in refused.value.remedy

    def test_names_a_command_that_means_the_same_folder(self, taken: int) -> None:
        with pytest.raises(PortTaken) as refused:
            require_free(Addresses(port=taken), option=" --data elsewhere")
        assert refused.value.remedy.endswith(" --data elsewhere`.")
        assert " --data elsewhere`" in refused.value.remedy_ja

    def test_refuses_a_taken_port_for_the_simulator(self) -> None:
        port = free_pair()
        with socket.socket() as neighbour:
            neighbour.bind(("127.0.0.1", port + 1))
            neighbour.listen()
            with pytest.raises(PortTaken, match=str(port + 1)):
                require_free(Addresses(port=port))

    def test_accepts_what_it_recommends(self) -> None:
        require_free(Addresses(port=free_pair()))
