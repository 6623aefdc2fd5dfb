"""Run one service, or the identity simulator, the same way at home and in a town's cluster.

`python -m operations.serve benefits`, with the address in `TAMAIRE_LISTEN`: `unix:/path/to.sock`
(the default way: only our own account may open it), `tcp:HOST:PORT` inside a container network, or
`fd:LISTENER:READY` for a socket that was opened for us (see `foundation.web.serving`).
"""

import os
import socket
import sys
from pathlib import Path

import uvicorn

from foundation.web.serving import Inherited, Lingering, serve

APPLICATIONS = {
    "registry": "services.registry.app:create",
    "benefits": "services.benefits.app:create",
    "window_dx": "services.window_dx.app:create",
    "consultation": "services.consultation.app:create",
    "platform": "gateway.office.app:create",
    "simulator": "infra.identity.app:create",
}
_GRACE_S = 20
_USAGE = 64  # sysexits.h: EX_USAGE


def configuration(name: str, listen: str) -> uvicorn.Config:
    """Return how `name` is served at `listen`.

    Raises:
        ValueError: `name` is no deployable, or `listen` is no address.
    """
    if name not in APPLICATIONS:
        raise ValueError(f"{name} is none of: {', '.join(APPLICATIONS)}")
    config = uvicorn.Config(
        APPLICATIONS[name],
        factory=True,
        loop="uvloop",
        http=Lingering,
        ws="none",
        lifespan="on",
        access_log=False,  # our own log lines know the tenant, and leave out the query
        log_config=None,  # our own leaves out the words of an error, which may quote a person
        server_header=False,
        proxy_headers=False,  # who speaks to us is decided by a token, never by X-Forwarded-For
        timeout_graceful_shutdown=_GRACE_S,
    )
    kind, _, address = listen.partition(":")
    if kind == "unix" and Path(address).is_absolute():
        config.uds = address
    elif kind == "tcp" and address.rpartition(":")[2].isdigit():
        host, _, port = address.rpartition(":")
        config.host, config.port = host.strip("[]"), int(port)
    elif Inherited.parse(listen) is None:
        raise ValueError(f"TAMAIRE_LISTEN is {listen!r}: no unix:/path, tcp:host:port or fd:number")
    return config


def reserve(path: Path) -> None:
    """Leave an unconnected socket of mode 0600 at `path`: uvicorn keeps the mode of what it finds.

    Without it the socket would be open to every account that can reach its folder.
    """
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as reserved:
        reserved.bind(str(path))
    path.chmod(0o600)


def main(arguments: list[str]) -> None:
    """Serve until told to stop."""
    # Taken out before anything reads its settings, which refuse what they do not know.
    listen = os.environ.pop("TAMAIRE_LISTEN", "")  # noqa: TID251 - addressed to this module
    try:
        config = configuration(arguments[0] if arguments else "", listen)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(_USAGE)
    if config.uds:
        reserve(Path(config.uds))
    serve(config, Inherited.parse(listen))


if __name__ == "__main__":
    main(sys.argv[1:])
