"""Which processes make up the house, and exactly what each of them is told.

A service is told its own two database roles and its own keys, and nothing of anybody else's.
"""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from operations.folder import DataFolder

from .child import Programme
from .listening import PLACE

SERVICES = ("registry", "benefits", "window_dx", "consultation", "platform")
_ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where people and machines reach this instance."""

    port: int = 8200

    @property
    def simulator_port(self) -> int:
        return self.port + 1

    @property
    def base_url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def simulator_url(self) -> str:
        return f"http://{HOST}:{self.simulator_port}"


def internal_public_keys(folder: DataFolder) -> Path:
    """Return the file in which the gateway publishes the key of the internal token."""
    return folder.keys / "internal" / "jwks.json"


def socket_of(folder: DataFolder, service: str) -> Path:
    """Return where a service listens: a socket of mode 0600 in a folder of mode 0700."""
    return folder.run / f"{service}.sock"


def gateway(folder: DataFolder, dsn: Callable[[str], str], addresses: Addresses) -> Programme:
    """Return the one door; `dsn` gives the address of the database for a role."""
    upstreams = {service: f"unix:{socket_of(folder, service)}" for service in SERVICES}
    return _programme(
        "gateway",
        command=("gateway", PLACE),  # it has a server of its own
        listen=f"tcp:{HOST}:{addresses.port}",
        variables={
            "TAMAIRE_GATEWAY_ENVIRONMENT": "development",
            "TAMAIRE_GATEWAY_ISSUER": addresses.base_url,
            "TAMAIRE_GATEWAY_DATABASE_URL": dsn("platform_app"),
            "TAMAIRE_GATEWAY_WORKER_DATABASE_URL": dsn("platform_worker"),
            "TAMAIRE_GATEWAY_KEY_DIRECTORY": str(folder.keys / "gateway"),
            "TAMAIRE_GATEWAY_INTERNAL_PUBLIC_KEYS": str(internal_public_keys(folder)),
            "TAMAIRE_GATEWAY_UPSTREAMS": json.dumps(upstreams),
            "TAMAIRE_GATEWAY_TENANT_KEY_DIRECTORY": str(folder.keys / "platform"),
            "TAMAIRE_GATEWAY_JPKI": json.dumps(authorities(folder, addresses)),
        },
    )


def authorities(folder: DataFolder, addresses: Addresses) -> dict[str, object]:
    """Return the one authority of the demonstration, whose cards are all test cards.

    The simulator makes its certificate when the first card is used.
    """
    at = f"{addresses.simulator_url}/jpki/signing"
    root = {
        "certificate": str(folder.simulator / "jpki" / "signing" / "certificate.pem"),
        "crl": f"{at}/list.crl",
        "ocsp": f"{at}/ocsp",
    }
    return {"roots": [root], "test_cards": True}


def office(folder: DataFolder, dsn: Callable[[str], str], addresses: Addresses) -> Programme:
    """Return the platform's office: a service that also knows the house's address."""
    plain = service("platform", folder, dsn)
    more = {
        "TAMAIRE_ISSUER": addresses.base_url,
        "TAMAIRE_JPKI": json.dumps(authorities(folder, addresses)),
    }
    return replace(plain, environment={**plain.environment, **more})


def service(name: str, folder: DataFolder, dsn: Callable[[str], str]) -> Programme:
    """Return one service, on a socket that only our own account may open."""
    return _programme(
        name,
        command=("operations.serve", name),
        listen=f"unix:{socket_of(folder, name)}",
        variables={
            "TAMAIRE_LISTEN": PLACE,
            "TAMAIRE_ENVIRONMENT": "development",
            "TAMAIRE_DATABASE_URL": dsn(f"{name}_app"),
            "TAMAIRE_WORKER_DATABASE_URL": dsn(f"{name}_worker"),
            "TAMAIRE_KEY_DIRECTORY": str(folder.keys / name),
            "TAMAIRE_INTERNAL_PUBLIC_KEYS": str(internal_public_keys(folder)),
        },
    )


def sealing_key(folder: DataFolder) -> Path:
    """Return the file of the key that seals the trail; its public half lies beside it."""
    return folder.keys / "sealer" / "seal.key"


def witness(folder: DataFolder) -> Path:
    """Return where seals are kept outside the database."""
    return folder.root / "witness"


def sealer(folder: DataFolder, dsn: Callable[[str], str]) -> Programme:
    """Return the one process that seals the trail, and holds the key for it."""
    return _programme(
        "sealer",
        command=("operations.sealing",),
        variables={
            "TAMAIRE_SEALER_DATABASE_URL": dsn("audit_worker"),
            "TAMAIRE_SEALER_KEY": str(sealing_key(folder)),
            "TAMAIRE_SEALER_WITNESS_DIRECTORY": str(witness(folder)),
        },
    )


def simulator(folder: DataFolder, addresses: Addresses) -> Programme:
    """Return the identity simulator: the cards and the officials of the demonstration."""
    return _programme(
        "simulator",
        command=("operations.serve", "simulator"),
        variables={
            "TAMAIRE_LISTEN": f"tcp:{HOST}:{addresses.simulator_port}",
            "TAMAIRE_SIMULATOR_ENVIRONMENT": "development",
            "TAMAIRE_SIMULATOR_DIRECTORY": str(folder.simulator),
            "TAMAIRE_SIMULATOR_PORT": str(addresses.simulator_port),
            "TAMAIRE_SIMULATOR_BASE_URL": addresses.simulator_url,
        },
    )


def _programme(
    name: str, *, command: tuple[str, ...], variables: dict[str, str], listen: str = ""
) -> Programme:
    environment = {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(_ROOT),
        "PYTHONSAFEPATH": "1",
        "PYTHONUNBUFFERED": "1",
        **variables,
    }
    command = (sys.executable, "-m", *command)
    return Programme(name=name, command=command, environment=environment, listen=listen)
