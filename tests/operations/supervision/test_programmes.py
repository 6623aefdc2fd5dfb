"""Each process is told exactly what it reads, and nothing that belongs to another."""

from pathlib import Path

import pytest
from pydantic import TypeAdapter

from foundation.identity.jpki import TrustSettings
from foundation.settings import ServiceSettings
from gateway.office.settings import OfficeSettings
from gateway.settings import GatewaySettings
from infra.identity.settings import SimulatorSettings
from operations.folder import DataFolder
from operations.sealing import SealerSettings
from operations.serve import APPLICATIONS, configuration
from operations.supervision import programmes
from operations.supervision.programmes import SERVICES, Addresses

ADDRESSES = Addresses(port=8200)


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path)


def dsn(role: str) -> str:
    return f"postgresql://{role}:secret-of-{role}@/tamaire"


def told(environment: dict[str, str], prefix: str) -> dict[str, str]:
    return {
        name.removeprefix(prefix).lower(): value
        for name, value in environment.items()
        if name.startswith(prefix) and name != "TAMAIRE_LISTEN"
    }


class TestService:
    @pytest.mark.parametrize("name", SERVICES)
    def test_is_told_what_its_settings_read(self, folder: DataFolder, name: str) -> None:
        environment = dict(programmes.service(name, folder, dsn).environment)
        variables = told(environment, "TAMAIRE_")
        assert variables.keys() <= ServiceSettings.model_fields.keys()
        read = ServiceSettings.model_validate(variables)
        assert read.database_url.get_secret_value() == dsn(f"{name}_app")

    @pytest.mark.parametrize("name", SERVICES)
    def test_is_told_no_secret_of_another(self, folder: DataFolder, name: str) -> None:
        words = " ".join(programmes.service(name, folder, dsn).environment.values())
        others = {*SERVICES, "platform", "audit"} - {name}
        assert not [other for other in others if f"secret-of-{other}" in words]
        assert "owner" not in words
        assert not [other for other in others if str(folder.keys / other) in words]

    @pytest.mark.parametrize("name", SERVICES)
    def test_listens_where_the_gateway_calls(self, folder: DataFolder, name: str) -> None:
        gateway = programmes.gateway(folder, dsn, ADDRESSES).environment
        upstreams = TypeAdapter(dict[str, str]).validate_json(gateway["TAMAIRE_GATEWAY_UPSTREAMS"])
        listen = programmes.service(name, folder, dsn).listen
        assert upstreams[name] == listen
        assert configuration(name, listen).uds == str(folder.run / f"{name}.sock")


class TestOffice:
    def test_is_told_what_its_settings_read(self, folder: DataFolder) -> None:
        environment = dict(programmes.office(folder, dsn, ADDRESSES).environment)
        variables = told(environment, "TAMAIRE_")
        jpki = TrustSettings.model_validate_json(variables.pop("jpki"))
        read = OfficeSettings.model_validate({**variables, "jpki": jpki})
        assert read.issuer == ADDRESSES.base_url
        assert read.key_directory == folder.keys / "platform"

    def test_believes_the_authority_the_gateway_believes(self, folder: DataFolder) -> None:
        office = programmes.office(folder, dsn, ADDRESSES).environment
        gateway = programmes.gateway(folder, dsn, ADDRESSES).environment
        assert office["TAMAIRE_JPKI"] == gateway["TAMAIRE_GATEWAY_JPKI"]


class TestGateway:
    def test_is_told_what_its_settings_read(self, folder: DataFolder) -> None:
        environment = dict(programmes.gateway(folder, dsn, ADDRESSES).environment)
        variables = told(environment, "TAMAIRE_GATEWAY_")
        assert variables.keys() <= GatewaySettings.model_fields.keys()
        upstreams = TypeAdapter(dict[str, str]).validate_json(variables.pop("upstreams"))
        jpki = TrustSettings.model_validate_json(variables.pop("jpki"))
        read = GatewaySettings.model_validate({**variables, "upstreams": upstreams, "jpki": jpki})
        assert read.issuer == "http://127.0.0.1:8200"
        assert set(read.upstreams) == set(SERVICES)

    def test_publishes_its_key_where_the_services_look(self, folder: DataFolder) -> None:
        gateway = programmes.gateway(folder, dsn, ADDRESSES).environment
        published = gateway["TAMAIRE_GATEWAY_INTERNAL_PUBLIC_KEYS"]
        for name in SERVICES:
            environment = programmes.service(name, folder, dsn).environment
            assert environment["TAMAIRE_INTERNAL_PUBLIC_KEYS"] == published


class TestSimulator:
    def test_is_told_what_its_settings_read(self, folder: DataFolder) -> None:
        environment = programmes.simulator(folder, ADDRESSES).environment
        read = SimulatorSettings.from_environment(environment)
        assert (read.base_url, read.directory) == ("http://127.0.0.1:8201", folder.simulator)


class TestSealer:
    def test_is_told_what_its_settings_read(self, folder: DataFolder) -> None:
        variables = told(dict(programmes.sealer(folder, dsn).environment), "TAMAIRE_SEALER_")
        assert variables.keys() <= SealerSettings.model_fields.keys()
        read = SealerSettings.model_validate(variables)
        assert read.database_url.get_secret_value() == dsn("audit_worker")
        assert read.witness_directory.parent == folder.root


class TestEverything:
    def test_nothing_is_inherited(self, folder: DataFolder) -> None:
        every = [
            programmes.gateway(folder, dsn, ADDRESSES),
            programmes.simulator(folder, ADDRESSES),
            programmes.sealer(folder, dsn),
            *(programmes.service(name, folder, dsn) for name in SERVICES),
        ]
        ordinary = {"PATH", "LANG", "PYTHONPATH", "PYTHONSAFEPATH", "PYTHONUNBUFFERED"}
        for programme in every:
            ours = {name for name in programme.environment if name.startswith("TAMAIRE_")}
            assert set(programme.environment) - ours == ordinary

    def test_every_service_can_be_served(self) -> None:
        assert set(APPLICATIONS) == {*SERVICES, "simulator"}
