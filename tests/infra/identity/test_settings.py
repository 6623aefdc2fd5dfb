"""The simulator starts in development and nowhere else."""

from pathlib import Path

import pytest

from infra.identity.settings import SimulatorRefused, SimulatorSettings

GOOD = {
    "TAMAIRE_SIMULATOR_ENVIRONMENT": "development",
    "TAMAIRE_SIMULATOR_DIRECTORY": "/data/simulator",
    "TAMAIRE_SIMULATOR_PORT": "8201",
}

BAD: dict[str, dict[str, str]] = {
    "production": {"TAMAIRE_SIMULATOR_ENVIRONMENT": "production"},
    "nothing said": {"TAMAIRE_SIMULATOR_ENVIRONMENT": ""},
    "another spelling": {"TAMAIRE_SIMULATOR_ENVIRONMENT": "Development"},
    "the house disagrees": {"TAMAIRE_ENVIRONMENT": "production"},
    "no directory": {"TAMAIRE_SIMULATOR_DIRECTORY": ""},
    "a relative directory": {"TAMAIRE_SIMULATOR_DIRECTORY": "data"},
    "no port": {"TAMAIRE_SIMULATOR_PORT": ""},
    "port nought": {"TAMAIRE_SIMULATOR_PORT": "0"},
    "port too high": {"TAMAIRE_SIMULATOR_PORT": "65536"},
    "port in full-width digits": {"TAMAIRE_SIMULATOR_PORT": "\uff18\uff12"},
    "an unknown setting": {"TAMAIRE_SIMULATOR_PROT": "8201"},
    "an address with a path": {"TAMAIRE_SIMULATOR_BASE_URL": "http://127.0.0.1:8201/x"},
    "an address without a host": {"TAMAIRE_SIMULATOR_BASE_URL": "http://"},
    "another scheme": {"TAMAIRE_SIMULATOR_BASE_URL": "ftp://127.0.0.1"},
}


class TestFromEnvironment:
    def test_takes_the_loopback_address_unless_told_otherwise(self) -> None:
        settings = SimulatorSettings.from_environment(GOOD | {"PATH": "/bin"})
        assert settings == SimulatorSettings(
            directory=Path("/data/simulator"), base_url="http://127.0.0.1:8201"
        )

    def test_takes_the_address_it_is_told(self) -> None:
        given = GOOD | {"TAMAIRE_SIMULATOR_BASE_URL": "http://identity:8201/"}
        assert SimulatorSettings.from_environment(given).base_url == "http://identity:8201"

    @pytest.mark.parametrize("case", BAD)
    def test_refuses_a_doubtful_setting(self, case: str) -> None:
        with pytest.raises(SimulatorRefused):
            SimulatorSettings.from_environment(GOOD | BAD[case])

    @pytest.mark.parametrize("name", GOOD)
    def test_refuses_a_missing_setting(self, name: str) -> None:
        with pytest.raises(SimulatorRefused):
            SimulatorSettings.from_environment({k: v for k, v in GOOD.items() if k != name})
