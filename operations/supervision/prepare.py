"""Only the database's part of a start: for containers, and for an operator who migrates by hand."""

from collections.abc import Sequence
from pathlib import Path

from operations.folder import DataFolder
from operations.postgres import Cluster
from operations.postgres.external import ExternalServer
from operations.postgres.passwords import PasswordSource
from operations.voice import Voice

from .preparation import Ground, Step, prepare
from .programmes import Addresses
from .up import database


def migrate(data: Path, voice: Voice, *, steps: Sequence[Step], url: str | None) -> None:
    """Bring the database of a data folder to the present, whether its instance runs or not.

    Raises:
        Failure: the folder or its database cannot be used.
    """
    folder = DataFolder(data.resolve())
    instance = folder.instance()
    if instance is not None and url is None:
        running = Cluster.create(
            folder.postgres, passwords=folder.passwords, log=folder.log("postgres")
        )
        addresses = Addresses(port=instance.port)
        here = Ground(server=running, folder=folder.root, addresses=addresses, log=folder.log("up"))
        prepare(here, steps, voice, memory=folder.memory)
        return
    folder.claim()
    with folder.held():
        folder.prepare()
        with database(folder, voice, url=url) as (server, _):
            here = Ground(
                server=server, folder=folder.root, addresses=Addresses(), log=folder.log("up")
            )
            prepare(here, steps, voice, memory=folder.memory)


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
