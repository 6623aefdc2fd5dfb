"""The first command: from an empty folder, or a full one, to a house that answers."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from operations.failures import explaining_a_full_disk
from operations.folder import DataFolder, Instance
from operations.postgres import Cluster
from operations.postgres.external import Server
from operations.voice import Voice

from . import programmes, readiness
from .child import Child
from .databases import database, without_account
from .house import House, StopWish
from .nightly import Nightly
from .ports import require_free
from .preparation import Ground, prepare
from .programmes import SERVICES, Addresses
from .restarting import fulfil
from .steps import AFTER_OPENING, BEFORE_OPENING
from .welcome import welcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the caller of `up` asked for."""

    data: Path
    port: int
    database_url: str | None = None
    keep_history: int | None = None
    """For how many days past minutes can be brought back; as the last time if None."""


def up(wanted: Wanted, voice: Voice) -> None:
    """Start the house and stand until asked to stop; leaves nothing running, whatever happens.

    Raises:
        Failure: it could not start; with what to do about it.
        StopRequested: we were asked to stop before it stood.
    """
    folder = DataFolder(wanted.data.resolve())
    addresses = Addresses(port=wanted.port)
    folder.claim()
    with StopWish() as wish, folder.held(), explaining_a_full_disk(folder.root):
        folder.prepare()
        require_free(addresses, option=folder.option)
        with database(folder, voice, url=wanted.database_url, keep_history=wanted.keep_history) as (
            server,
            keep,
        ):
            wish.check()
            log = folder.log("up")
            ground = Ground(server=server, folder=folder.root, addresses=addresses, log=log)
            prepare(ground, BEFORE_OPENING, voice, memory=folder.memory)
            wish.check()
            ask = lambda: readiness.ask(addresses.port)  # noqa: E731 - a name for it
            house, nights = House(logs=folder.logs, readiness=ask), _nights(folder, server)
            try:
                _open(house, folder, server, addresses, wish=wish, voice=voice)
                prepare(ground, AFTER_OPENING, voice, memory=folder.memory)
                folder.announce(_instance(addresses, wanted.database_url))
                welcome(folder, addresses, voice)
                duties = (keep, *(nightly.look for nightly in nights))
                rounds = _each_round(house, folder, duties)
                house.watch(wish, on_revival=_telling(voice), on_round=rounds)
            finally:
                with voice.step("止める", "stop"):
                    for nightly in nights:
                        nightly.stop()
                    house.stop()


def _open(
    house: House,
    folder: DataFolder,
    server: Server,
    addresses: Addresses,
    *,
    wish: StopWish,
    voice: Voice,
) -> None:
    """Start every process; the services once the gateway has said whose word they may trust."""
    with voice.step("入口と業務を起動する", "gateway and services"):
        house.start(programmes.gateway(folder, server.dsn, addresses))
        house.start(programmes.simulator(folder, addresses))
        house.wait_for(programmes.internal_public_keys(folder).exists, wish)
        for name in SERVICES:
            if name == "platform":
                house.start(programmes.office(folder, server.dsn, addresses))
            else:
                house.start(programmes.service(name, folder, server.dsn))
        house.start(programmes.sealer(folder, server.dsn))
        house.wait_until_ready(wish)
        house.wait_for(lambda: readiness.listens(addresses.simulator_port), wish)


def _instance(addresses: Addresses, database_url: str | None) -> Instance:
    return Instance(
        pid=os.getpid(),
        port=addresses.port,
        base_url=addresses.base_url,
        simulator_url=addresses.simulator_url,
        database=without_account(database_url) if database_url else "",
    )


def _nights(folder: DataFolder, server: Server) -> Sequence[Nightly]:
    """Return what is done once a night: the sandbox anew, and a base of the history if one is."""
    own, where = (sys.executable, "-m", "operations"), ("--json", "--data", str(folder.root))
    sandbox = Nightly((*own, "sandbox", "reset", *where), log=folder.log("sandbox"))
    if not isinstance(server, Cluster) or server.history.days == 0:
        return [sandbox]
    renew = (*own, "tenants", "history", "--renew", *where)
    return [sandbox, Nightly(renew, log=folder.log("history"), due=True)]


def _each_round(
    house: House, folder: DataFolder, duties: Sequence[Callable[[], None]]
) -> Callable[[], None]:
    """Return what is done between two looks: our duties, and a restart of who is asked to."""

    def do() -> None:
        for duty in duties:
            duty()
        fulfil(house, folder)

    return do


def _telling(voice: Voice) -> Callable[[Child, int], None]:
    def tell(child: Child, status: int) -> None:
        voice.note(
            f"{child.name} が終わったので(状態 {status})もう一度起動しました",
            f"{child.name} ended (status {status}) and was started again",
        )

    return tell
