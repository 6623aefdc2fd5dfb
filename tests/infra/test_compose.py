"""The containers are told what the code reads, and may do as little as they can."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from foundation.settings import ServiceSettings
from gateway.settings import GatewaySettings
from infra.identity.settings import SimulatorSettings
from operations.population.importing import CLIENT_ID
from operations.postgres import LOGIN_ROLES
from operations.sealing import SealerSettings
from operations.serve import APPLICATIONS, configuration
from operations.settings import OperationsSettings
from operations.supervision.programmes import SERVICES, Addresses

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, container in CONTAINERS.items() if "build" in container]
DOCKERFILE = (ROOT / "infra" / "images" / "Dockerfile").read_text(encoding="utf-8")
FOLDER = "/var/lib/tamaire"


def environment(name: str) -> dict[str, str]:
    """Return a container's variables as they are when nothing is set outside."""
    given: dict[str, str] = CONTAINERS[name].get("environment", {})
    return {key: with_defaults(value) for key, value in given.items()}


def with_defaults(text: str) -> str:
    replaced = re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", text)
    assert "$" not in replaced, f"{text} has no working value for development"
    return replaced


def mounts(name: str) -> dict[str, str]:
    """Return where a container sees which volume; `:ro` stays with the volume's name."""
    found: dict[str, str] = {}
    for mount in CONTAINERS[name].get("volumes", []):
        volume, target, *mode = mount.split(":")
        found[target] = ":".join([volume, *mode])
    return found


def settings_of(name: str) -> dict[str, str]:
    return {
        key.removeprefix("TAMAIRE_").lower(): value
        for key, value in environment(name).items()
        if key != "TAMAIRE_LISTEN"
    }


def listens_on(name: str) -> int:
    container = CONTAINERS[name]
    if name == "gateway":
        return int(container["command"][-1])
    config = configuration(container["command"][-1], environment(name)["TAMAIRE_LISTEN"])
    assert config.host == "0.0.0.0"  # noqa: S104 - inside a network of its own
    return config.port


class TestEveryContainer:
    @pytest.mark.parametrize("name", CONTAINERS)
    def test_runs_as_nobody_in_particular(self, name: str) -> None:
        uid, _, gid = CONTAINERS[name]["user"].partition(":")
        assert int(uid) > 0
        assert int(gid) > 0

    @pytest.mark.parametrize("name", CONTAINERS)
    def test_cannot_change_itself_or_gain_anything(self, name: str) -> None:
        container = CONTAINERS[name]
        assert container["read_only"] is True
        assert "/tmp" in container["tmpfs"]  # noqa: S108 - the one place that may be written
        assert container["cap_drop"] == ["ALL"]
        assert container["security_opt"] == ["no-new-privileges:true"]
        assert "privileged" not in container
        assert "cap_add" not in container

    @pytest.mark.parametrize("name", CONTAINERS)
    def test_opens_ports_to_this_machine_only(self, name: str) -> None:
        ports: list[str] = CONTAINERS[name].get("ports", [])
        assert all(port.startswith("127.0.0.1:") for port in ports)

    @pytest.mark.parametrize("name", CONTAINERS)
    def test_mounts_named_volumes_only(self, name: str) -> None:
        volumes = {volume.partition(":")[0] for volume in mounts(name).values()}
        assert volumes <= COMPOSE["volumes"].keys()

    @pytest.mark.parametrize("name", OURS)
    def test_is_built_from_a_target_that_exists(self, name: str) -> None:
        build = CONTAINERS[name]["build"]
        assert (ROOT / build["dockerfile"]).is_file()
        assert f" AS {build['target']}\n" in DOCKERFILE

    @pytest.mark.parametrize("name", OURS)
    def test_mounts_where_the_image_has_a_folder_of_its_account(self, name: str) -> None:
        for target in mounts(name):
            folder = target.removeprefix(f"{FOLDER}/")
            assert re.search(rf"\b{folder}\b", DOCKERFILE), target

    @pytest.mark.parametrize("name", CONTAINERS)
    def test_waits_for_what_can_be_waited_for(self, name: str) -> None:
        for other, wait in CONTAINERS[name].get("depends_on", {}).items():
            if wait["condition"] == "service_healthy":
                assert "healthcheck" in CONTAINERS[other]
            else:
                assert CONTAINERS[other]["restart"] == "no"


class TestServices:
    @pytest.mark.parametrize("name", SERVICES)
    def test_are_told_exactly_what_their_settings_read(self, name: str) -> None:
        given = settings_of(name)
        assert given.keys() <= ServiceSettings.model_fields.keys()
        assert ServiceSettings.model_validate(given).environment == "development"

    @pytest.mark.parametrize("name", SERVICES)
    def test_hold_their_own_roles_and_keys(self, name: str) -> None:
        given = settings_of(name)
        assert urlsplit(given["database_url"]).username == f"{name}_app"
        assert urlsplit(given["worker_database_url"]).username == f"{name}_worker"
        assert given["key_directory"] == f"{FOLDER}/keys/{name}"
        assert set(mounts(name)) == {f"{FOLDER}/keys/{name}", f"{FOLDER}/keys/internal"}

    @pytest.mark.parametrize("name", SERVICES)
    def test_are_built_and_started_as_themselves(self, name: str) -> None:
        container = CONTAINERS[name]
        if name == "platform":
            assert container["build"]["target"] == "office"
        else:
            assert container["build"]["args"] == {"SERVICE": name}
        assert container["command"] == ["python", "-m", "operations.serve", name]
        assert name in APPLICATIONS

    @pytest.mark.parametrize("name", SERVICES)
    def test_listen_where_the_gateway_calls_and_health_is_asked(self, name: str) -> None:
        upstreams = json.loads(environment("gateway")["TAMAIRE_GATEWAY_UPSTREAMS"])
        port = listens_on(name)
        assert upstreams[name] == f"tcp:{name}:{port}"
        assert f"http://127.0.0.1:{port}/readyz" in CONTAINERS[name]["healthcheck"]["test"][-1]

    @pytest.mark.parametrize("name", SERVICES)
    def test_are_closed_to_the_outside(self, name: str) -> None:
        assert "ports" not in CONTAINERS[name]


class TestGateway:
    def test_is_told_exactly_what_its_settings_read(self) -> None:
        given = {
            key.removeprefix("gateway_"): value for key, value in settings_of("gateway").items()
        }
        assert given.keys() <= GatewaySettings.model_fields.keys()
        upstreams = json.loads(given.pop("upstreams"))
        read = GatewaySettings.model_validate({**given, "upstreams": upstreams})
        assert set(read.upstreams) == set(SERVICES)
        assert read.issuer == Addresses().base_url

    def test_publishes_its_key_where_the_services_look(self) -> None:
        published = environment("gateway")["TAMAIRE_GATEWAY_INTERNAL_PUBLIC_KEYS"]
        folder = published.rpartition("/")[0]
        for name in SERVICES:
            assert environment(name)["TAMAIRE_INTERNAL_PUBLIC_KEYS"] == published
            assert mounts(name)[folder] == f"{mounts('gateway')[folder]}:ro"

    def test_listens_where_the_machine_and_its_health_look(self) -> None:
        port = listens_on("gateway")
        assert port == Addresses().port
        assert f"127.0.0.1:{port}:{port}" in CONTAINERS["gateway"]["ports"]
        assert f":{port}/livez" in CONTAINERS["gateway"]["healthcheck"]["test"][-1]


class TestSimulator:
    def test_is_told_exactly_what_its_settings_read(self) -> None:
        read = SimulatorSettings.from_environment(environment("simulator"))
        assert read.base_url == Addresses().simulator_url
        assert mounts("simulator")[str(read.directory)] == "simulator"

    def test_shares_the_gateways_loopback(self) -> None:
        port = listens_on("simulator")
        assert port == Addresses().simulator_port
        assert CONTAINERS["simulator"]["network_mode"] == "service:gateway"
        assert f"127.0.0.1:{port}:{port}" in CONTAINERS["gateway"]["ports"]
        assert str(port) in CONTAINERS["simulator"]["healthcheck"]["test"][-1]


class TestSealer:
    def test_is_told_exactly_what_its_settings_read(self) -> None:
        given = {key.removeprefix("sealer_"): value for key, value in settings_of("sealer").items()}
        assert given.keys() <= SealerSettings.model_fields.keys()
        read = SealerSettings.model_validate(given)
        assert urlsplit(read.database_url.get_secret_value()).username == "audit_worker"
        assert set(mounts("sealer")) == {str(read.key.parent), str(read.witness_directory)}

    def test_shares_its_key_with_nobody(self) -> None:
        holders = [name for name in CONTAINERS if f"{FOLDER}/keys/sealer" in mounts(name)]
        assert holders == ["sealer"]


class TestPrepare:
    @pytest.mark.parametrize("name", ["prepare", "residents"])
    def test_is_told_exactly_what_its_settings_read(self, name: str) -> None:
        given = {key.removeprefix("operations_"): value for key, value in settings_of(name).items()}
        assert given.keys() <= OperationsSettings.model_fields.keys()
        read = OperationsSettings.model_validate(given)
        administrator = urlsplit(read.required_database_url())
        assert administrator.username == "postgres"
        assert administrator.password == environment("postgres")["POSTGRES_PASSWORD"]

    def test_gives_every_role_the_password_its_service_has(self) -> None:
        password = environment("prepare")["TAMAIRE_OPERATIONS_ROLE_PASSWORD"]
        urls = [
            urlsplit(value)
            for name in ("gateway", "sealer", *SERVICES)
            for key, value in environment(name).items()
            if key.endswith("DATABASE_URL")
        ]
        assert len(urls) == 13
        assert {url.password for url in urls} == {password}
        assert {url.username for url in urls} <= set(LOGIN_ROLES)
        assert {url.hostname for url in urls} == {"postgres"}

    def test_writes_keys_where_the_services_read_them(self) -> None:
        written = mounts("prepare")
        for name in SERVICES:
            folder = f"{FOLDER}/keys/{name}"
            assert mounts(name)[folder] == f"{written[folder]}:ro"

    def test_lets_the_residents_in_with_the_key_it_made(self) -> None:
        folder = f"{FOLDER}/keys/clients"
        assert mounts("residents")[folder] == f"{mounts('prepare')[folder]}:ro"
        assert CLIENT_ID == "operations"

    def test_runs_a_command_there_is(self) -> None:
        assert "operations prepare --opened" in " ".join(CONTAINERS["residents"]["command"][2:])
        assert '"operations", "prepare", "--folders"' in DOCKERFILE


class TestDockerfile:
    def test_leaves_no_stage_that_runs_as_root(self) -> None:
        built = {CONTAINERS[name]["build"]["target"] for name in OURS}
        stages = re.split(r"(?m)^FROM ", DOCKERFILE)
        final = [stage for stage in stages if stage.partition("\n")[0].split()[-1] in built]
        assert len(final) == len(built)
        assert all("\nUSER 10001:10001\n" in stage for stage in final)

    def test_installs_what_is_locked_and_nothing_else(self) -> None:
        installs = [line for line in DOCKERFILE.splitlines() if "pip install" in line]
        assert len(installs) == 1
        assert "--require-hashes" in DOCKERFILE
        assert "apt-get" not in DOCKERFILE

    def test_copies_only_what_exists_and_may_be_sent(self) -> None:
        sent = (ROOT / ".dockerignore").read_text(encoding="utf-8")
        for line in DOCKERFILE.splitlines():
            if line.startswith("COPY") and "--from" not in line:
                for source in line.split()[1:-1]:
                    assert f"!{source.partition('/')[0]}" in sent, source
                    assert (ROOT / source.replace("${SERVICE}", "benefits")).exists(), source
