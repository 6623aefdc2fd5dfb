"""How a service listens is decided in one place, and never more openly than it was told."""

import stat
from pathlib import Path

import pytest

from foundation.web.server import ServiceProtocol
from operations.serve import APPLICATIONS, configuration, reserve

ROOT = Path(__file__).parents[2]


class TestConfiguration:
    def test_listens_on_a_socket_when_told_so(self) -> None:
        assert configuration("benefits", "unix:/run/benefits.sock").uds == "/run/benefits.sock"

    def test_listens_on_the_network_only_when_told_so(self) -> None:
        config = configuration("benefits", "tcp:0.0.0.0:8000")
        assert (config.host, config.port, config.uds) == ("0.0.0.0", 8000, None)  # noqa: S104 - as told

    def test_understands_an_address_of_version_six(self) -> None:
        config = configuration("benefits", "tcp:[::1]:8000")
        assert (config.host, config.port) == ("::1", 8000)

    @pytest.mark.parametrize("listen", ["", "8000", "unix:relative.sock", "tcp:host", "udp:a:1"])
    def test_refuses_what_is_no_address(self, listen: str) -> None:
        with pytest.raises(ValueError, match="TAMAIRE_LISTEN"):
            configuration("benefits", listen)

    def test_refuses_what_is_no_service(self) -> None:
        with pytest.raises(ValueError, match="gateway"):
            configuration("gateway", "tcp:0.0.0.0:8000")

    def test_believes_no_forwarded_address(self) -> None:
        assert not configuration("benefits", "tcp:0.0.0.0:8000").proxy_headers

    def test_sends_head_and_body_of_an_answer_together(self) -> None:
        http = configuration("benefits", "tcp:0.0.0.0:8000").http
        assert isinstance(http, type)
        assert issubclass(http, ServiceProtocol)

    def test_leaves_addresses_out_of_the_log(self) -> None:
        assert not configuration("benefits", "tcp:0.0.0.0:8000").access_log

    @pytest.mark.parametrize("name", APPLICATIONS)
    def test_names_a_file_that_exists(self, name: str) -> None:
        module = APPLICATIONS[name].partition(":")[0]
        assert (ROOT / module.replace(".", "/")).with_suffix(".py").is_file()


class TestReserve:
    def test_leaves_a_socket_that_only_we_may_open(self, tmp_path: Path) -> None:
        path = tmp_path / "s.sock"
        path.touch()
        reserve(path)
        assert stat.S_ISSOCK(path.stat().st_mode)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
