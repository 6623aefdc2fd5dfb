"""Whether the gateway says that the whole house is ready: the one question everything waits for."""

import http.client
import json
import socket
from contextlib import closing, suppress
from dataclasses import dataclass, field

HOST = "127.0.0.1"
_TIMEOUT_S = 2.0
_DOCUMENT_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Readiness:
    """The gateway's answer; `unready` names what it still waits for, as far as it says so."""

    is_ready: bool
    unready: tuple[str, ...] = field(default=())


def ask(port: int) -> Readiness:
    """Ask `/readyz` once; silence is an answer too."""
    try:
        with closing(http.client.HTTPConnection(HOST, port, timeout=_TIMEOUT_S)) as connection:
            connection.request("GET", "/readyz", headers={"Accept": "application/json"})
            response = connection.getresponse()
            body = response.read(65_536)
    except (OSError, http.client.HTTPException):
        return Readiness(is_ready=False)
    if response.status == http.client.OK:
        return Readiness(is_ready=True)
    return Readiness(is_ready=False, unready=_named(body))


def _named(body: bytes) -> tuple[str, ...]:
    """Read `waiting_for` out of the gateway's problem (RFC 9457)."""
    with suppress(ValueError, KeyError, TypeError):
        return tuple(str(name) for name in json.loads(body)["waiting_for"])
    return ()


def listens(port: int) -> bool:
    """Tell whether anybody takes connections there."""
    with suppress(OSError), socket.create_connection((HOST, port), timeout=_TIMEOUT_S):
        return True
    return False


def fetch(port: int, path: str) -> str:
    """Return a public document of the instance that listens on a port of this machine."""
    with closing(http.client.HTTPConnection(HOST, port, timeout=_DOCUMENT_TIMEOUT_S)) as connection:
        connection.request("GET", path, headers={"Accept": "application/json"})
        return connection.getresponse().read().decode("utf-8")
