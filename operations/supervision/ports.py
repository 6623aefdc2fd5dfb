"""Whether we can listen where we are asked to, asked before anything is started."""

import errno
import socket

from .failures import PortForbidden, PortTaken
from .programmes import Addresses

_HOST = "127.0.0.1"
_FIRST_CHOICE, _LAST_PORT = 8200, 65535


def require_free(addresses: Addresses, *, option: str = "") -> None:
    """Refuse a pair of ports of which one cannot be had, naming a pair that can.

    Args:
        addresses: the pair.
        option: what the command that works needs besides, to mean the same folder.

    Raises:
        PortTaken, PortForbidden: with the command that works.
    """
    uses = {addresses.port: "gateway", addresses.simulator_port: "simulator"}
    for port, use in uses.items():
        match _refusal(port):
            case None:
                continue
            case errno.EACCES | errno.EPERM:
                raise PortForbidden(port, free=free_pair(), option=option)
            case _:
                raise PortTaken(port, use=use, free=free_pair(), option=option)


def free_pair() -> int:
    """Return a port that is free together with the next one."""
    for port in range(_FIRST_CHOICE + 10, _LAST_PORT, 10):
        if _refusal(port) is None and _refusal(port + 1) is None:
            return port
    return _FIRST_CHOICE


def _refusal(port: int) -> int | None:
    """Return why the port cannot be bound, as an errno; None when it can."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as attempt:
        # As the servers do: connections of the last run that still linger do not count.
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((_HOST, port))
        except OSError as error:
            return error.errno
    return None
