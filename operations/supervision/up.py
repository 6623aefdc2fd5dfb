"""The first command: from an empty folder, or a full one, to a house that answers."""

import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from operations.failures import Failure, explaining_a_full_disk
from operations.folder import DataFolder, Instance
from operations.postgres import Cluster
from operations.postgres.external import ExternalServer, Server
from operations.postgres.passwords import Passwords
from operations.voice import Voice

from . import programmes, readiness
from .child import Child
from .house import House, StopWish
from .ports import require_free
from .preparation import Ground, prepare
from .programmes import SERVICES, Addresses
from .steps import AFTER_OPENING, BEFORE_OPENING
from .welcome import welcome

_DATABASE_PAUSE_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the caller of `up` asked for."""

    data: Path
    port: int
    database_url: str | None = None


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
        require_free(addresses)
        with database(folder, voice, url=wanted.database_url) as (server, keep):
            wish.check()
            log = folder.log("up")
            ground = Ground(server=server, folder=folder.root, addresses=addresses, log=log)
            prepare(ground, BEFORE_OPENING, voice, memory=folder.memory)
            wish.check()
            ask = lambda: readiness.ask(addresses.port)  # noqa: E731 - a name for it
            house = House(logs=folder.logs, readiness=ask)
            try:
                _open(house, folder, server, addresses, wish=wish, voice=voice)
                prepare(ground, AFTER_OPENING, voice, memory=folder.memory)
                folder.announce(_instance(addresses))
                welcome(folder, addresses, voice)
                house.watch(wish, on_revival=_telling(voice), on_round=keep)
            finally:
                with voice.step("止める", "stop"):
                    house.stop()


@contextmanager
def database(
    folder: DataFolder, voice: Voice, *, url: str | None
) -> Generator[tuple[Server, Callable[[], None]]]:
    """Give a server for as long as the context lasts, and what to call now and then to keep it."""
    if url is not None:
        yield ExternalServer(url, passwords=Passwords(folder.passwords)), lambda: None
        return
    cluster = _embedded(folder, voice)
    try:
        yield cluster, _keeping(cluster, voice)
    finally:
        cluster.stop()


def _embedded(folder: DataFolder, voice: Voice) -> Cluster:
    with voice.step("データベースを起動する", "database"):
        cluster = Cluster.create(
            folder.postgres, passwords=folder.passwords, log=folder.log("postgres")
        )
        cluster.start(on_wait=lambda: _say_recovery(voice))
    return cluster


def _keeping(cluster: Cluster, voice: Voice) -> Callable[[], None]:
    due, said = 0.0, ""

    def keep() -> None:
        nonlocal due, said
        if cluster.is_running or time.monotonic() < due:
            return
        if not said:
            voice.note("データベースが止まったので再開します", "the database ended; starting it")
        try:
            cluster.start(on_wait=lambda: _say_recovery(voice))
            said = ""
        except Failure as failure:
            if failure.english != said:  # once: it may be hours until somebody makes room
                voice.failure(failure)
            due, said = time.monotonic() + _DATABASE_PAUSE_S, failure.english

    return keep


def _say_recovery(voice: Voice) -> None:
    voice.note("前回の続きから回復しています", "recovering what the last run left")


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
            house.start(programmes.service(name, folder, server.dsn))
        house.start(programmes.sealer(folder, server.dsn))
        house.wait_until_ready(wish)
        house.wait_for(lambda: readiness.listens(addresses.simulator_port), wish)


def _instance(addresses: Addresses) -> Instance:
    return Instance(
        pid=os.getpid(),
        port=addresses.port,
        base_url=addresses.base_url,
        simulator_url=addresses.simulator_url,
    )


def _telling(voice: Voice) -> Callable[[Child, int], None]:
    def tell(child: Child, status: int) -> None:
        voice.note(
            f"{child.name} が終わったので(状態 {status})もう一度起動しました",
            f"{child.name} ended (status {status}) and was started again",
        )

    return tell
