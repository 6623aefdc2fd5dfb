"""What ends a right when nobody does: its last day, and a protection that begins.

The last day is a job of its own. For protection there is nobody who could be asked to tell: the
register publishes it as a fact about a person, and telling it on would spread what must be kept.
So while a token is out on some right, the two persons of it are looked up again every second.
"""

import asyncio
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from foundation import clock
from foundation.database import Database, DatabaseProblem, Transaction
from foundation.events import Handler, Job, JobQueue, Worker
from foundation.telemetry import logger
from foundation.web import AppState
from gateway import trail
from gateway.representations import repository, taking_up
from gateway.representations.domain import Recorded
from gateway.representations.taking_up import Pair
from gateway.tenants import TenantDirectory

from .ending import EXPIRED, end_by_itself, end_void

EXPIRE: Final = "platform.representation.expire"
_EVERY_SECONDS: Final = 1.0
_log = logger(__name__)


async def watch_last_day(work: Transaction, right: Recorded) -> None:
    """Leave a job for the moment after a right's last day."""
    over = taking_up.end_of(right)
    if over is not None:
        await JobQueue(trail.SERVICE).enqueue(
            work, EXPIRE, {"representation_id": str(right.id)}, available_at=over
        )


async def expire(work: Transaction, right_id: UUID) -> None:
    """End a right whose last day is over; whoever was represented can read that it ended."""
    right = await repository.locked(work, right_id)
    if right is None or right.is_over or right.ends_on is None:
        return
    if clock.today() <= right.ends_on:  # the database's clock is ahead of ours
        await watch_last_day(work, right)
        return
    await end_by_itself(work, right, because=EXPIRED, subjects=[right.represented_id])


async def end_barred(work: Transaction) -> int:
    """End the rights on which a token is out and whose holder is barred by now; return how many."""
    await repository.let_rest(work, now=clock.now())
    rights = await repository.live(work)
    found = await taking_up.standings(work, [Pair.of(right) for right in rights]) if rights else []
    ended = 0
    for right, stands in zip(rights, found, strict=True):
        if stands.represented is None or not stands.is_barred:
            continue
        ended += await end_void(work, right.id)
    return ended


async def look_round(
    database: Database, worker_database: Database, directory: TenantDirectory
) -> int:
    """Look once at every municipality in which somebody acts for another now."""
    async with worker_database.unbound() as worker:
        tenants = await repository.live_somewhere(worker)
    ended = 0
    for place in directory.all() if tenants else ():
        if place.tenancy.tenant_id in tenants:
            async with database.transaction(place.tenancy) as work:
                ended += await end_barred(work)
    return ended


async def keep_watch(state: AppState) -> None:
    """Do both for as long as the office is open."""
    worker = Worker(state.service, state.database, state.worker_database, handlers())
    directory = TenantDirectory()
    await directory.start(state.database)
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(worker.run())
            tasks.create_task(keep_looking(state.database, state.worker_database, directory))
    finally:
        await directory.stop()


async def keep_looking(
    database: Database, worker_database: Database, directory: TenantDirectory
) -> None:
    """Look round once a second; a database that does not answer is asked again."""
    while True:
        try:
            ended = await look_round(database, worker_database, directory)
        except DatabaseProblem as problem:
            _log.warning("representations not looked at", problem=type(problem).__name__)
        else:
            if ended:
                _log.info("representations ended", rights=ended)
        await asyncio.sleep(_EVERY_SECONDS)


def handlers() -> Mapping[str, Handler]:
    """Return what is done for each kind of job."""

    async def end_after_last_day(work: Transaction, job: Job) -> None:
        await expire(work, UUID(job.payload["representation_id"]))

    return {EXPIRE: end_after_last_day}
