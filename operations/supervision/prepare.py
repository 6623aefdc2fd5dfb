"""Only the database's part of a start: for containers, and for an operator who migrates by hand."""

from collections.abc import Sequence
from pathlib import Path

from operations.folder import DataFolder
from operations.postgres.external import ExternalServer, Server
from operations.postgres.passwords import Passwords, PasswordSource
from operations.voice import Voice

from .databases import database, database_of
from .preparation import Ground, Step, prepare
from .programmes import Addresses


def migrate(data: Path, voice: Voice, *, steps: Sequence[Step], url: str | None) -> None:
    """Bring the database of a data folder to the present, whether its instance runs or not.

    Raises:
        Failure: the folder or its database cannot be used.
    """
    folder = DataFolder(data.resolve())
    if (instance := folder.instance()) is not None:
        named = ExternalServer(url, passwords=Passwords(folder.passwords)) if url else None
        server = named or database_of(folder, instance)
        addresses = Addresses(port=instance.port)
        prepare(_ground(folder, server, addresses), steps, voice, memory=folder.memory)
        return
    folder.claim()
    with folder.held():
        folder.prepare()
        with database(folder, voice, url=url) as (server, _):
            prepare(_ground(folder, server, Addresses()), steps, voice, memory=folder.memory)


def prepare_external(
    url: str, voice: Voice, *, passwords: PasswordSource, folders: Path, steps: Sequence[Step]
) -> None:
    """Prepare somebody else's PostgreSQL, with keys and the simulator's cards below `folders`.

    Nothing is remembered: each step finds out for itself that it has been done.
    """
    here = Ground(
        server=ExternalServer(url, passwords=passwords),
        folder=folders,
        addresses=Addresses(),
    )
    prepare(here, steps, voice, memory=None)


def _ground(folder: DataFolder, server: Server, addresses: Addresses) -> Ground:
    log = folder.log("up")
    return Ground(server=server, folder=folder.root, addresses=addresses, log=log)
