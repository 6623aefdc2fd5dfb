"""Gateways as a proof runs them: several processes, one issuer, real access tokens."""

import json
import random
import socket
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from gateway.keys import GatewayKeys
from tests.proofs.papers import AccessPapers
from tests.proofs.processes import Replica
from tests.support.house import SERVICES, House

_HOST = "127.0.0.1"


class Doorway:
    """One gateway for each service process, all of them one issuer, as behind one address."""

    def __init__(
        self,
        house: House,
        room: Path,
        *,
        service: str,
        behind: Sequence[Replica],
        traffic: Mapping[str, str] | None = None,
    ) -> None:
        """`traffic` holds settings of the traffic that differ from the usual."""
        self._traffic = traffic or {}
        self._house = house
        self._room = room
        first = free_ports(len(behind))
        self._issuer = f"http://{_HOST}:{first}"
        self._keys = GatewayKeys(
            room / "gateway-keys", internal_public=house.folder / "internal.jwks.json"
        )
        self.gateways = [
            self._gateway(n, first + n, upstreams=self._upstreams(service, replica.address))
            for n, replica in enumerate(behind)
        ]

    @property
    def papers(self) -> AccessPapers:
        """Whoever signs access tokens as the gateway does after a sign-in."""
        return AccessPapers(self._keys.access_tokens.signing, issuer=self._issuer)

    @property
    def addresses(self) -> list[str]:
        return [gateway.address for gateway in self.gateways]

    def _upstreams(self, service: str, address: str) -> dict[str, str]:
        """Name the one service that is there; the gateway is told of all four."""
        nowhere = {name: f"unix:{self._room / f'no-{name}.sock'}" for name in SERVICES}
        return nowhere | {service: address}

    def _gateway(self, number: int, port: int, *, upstreams: dict[str, str]) -> Replica:
        variables = {
            "ENVIRONMENT": "development",
            "ISSUER": self._issuer,
            "DATABASE_URL": self._house.dsn("platform_app"),
            "KEY_DIRECTORY": str(self._room / "gateway-keys"),
            "INTERNAL_PUBLIC_KEYS": str(self._house.folder / "internal.jwks.json"),
            "UPSTREAMS": json.dumps(upstreams),
            "LOG_LEVEL": "ERROR",
        }
        return Replica(
            f"gateway {number}",
            command=("gateway", _HOST, str(port)),
            variables={
                **{f"TAMAIRE_GATEWAY_{name}": value for name, value in variables.items()},
                **{f"TAMAIRE_TRAFFIC_{name}": value for name, value in self._traffic.items()},
            },
            address=f"tcp:{_HOST}:{port}",
            log=self._room / f"gateway-{number}.log",
        )


def free_ports(count: int) -> int:
    """Return the first of some neighbouring free ports, out of everybody else's way.

    A gateway that was killed leaves its port free for a moment. Were it one that other tests look
    for first, or that the kernel lends to clients, somebody else would answer in our name.
    """
    while True:
        first = random.randrange(20_000, 32_000)  # noqa: S311 - a spread, no secret
        with ExitStack() as held:
            try:
                for port in range(first, first + count):
                    held.enter_context(socket.create_server((_HOST, port)))
            except OSError:
                continue
        return first


@contextmanager
def standing(replicas: Sequence[Replica]) -> Generator[None]:
    """Run these processes and end them."""
    try:
        for replica in replicas:
            replica.start()
        for replica in replicas:
            replica.wait_until_ready()
        yield
    finally:
        for replica in replicas:
            replica.kill()


def services(house: House, room: Path, *, service: str, count: int) -> list[Replica]:
    """Return several processes of one service over the house's one database."""
    variables = house.environment_of(service)
    return [Replica.of_service(service, n, variables=variables, folder=room) for n in range(count)]
