"""What the calendar and the clock do about protection: they warn, and take a look's time away.

Neither ends a measure. Each job belongs to one measure or one request, so nobody walks through
every municipality every night to find the few.
"""

from collections.abc import Mapping
from uuid import UUID

from foundation.database import Transaction
from foundation.encryption import Keyring
from foundation.events import Handler, Job, Worker
from foundation.identity import Caller, Machine, Purpose
from foundation.web import AppState
from foundation.work import Work

from . import service

_SERVICE = "registry"
_OURSELVES = Machine(client_id="registry", scopes=frozenset())
"""Who the trail names for what the calendar says."""


async def run_jobs(state: AppState) -> None:
    """Do these jobs for as long as the register is open."""
    worker = Worker(_SERVICE, state.database, state.worker_database, handlers(state.keyring))
    await worker.run()


def handlers(keyring: Keyring) -> Mapping[str, Handler]:
    """Return what does each kind of job; effect, trail and alert share the job's transaction."""

    async def look_at_calendar(tx: Transaction, job: Job) -> None:
        await service.look_at_calendar(_work(tx, job, keyring), UUID(job.payload["measure_id"]))

    async def lapse_opening(tx: Transaction, job: Job) -> None:
        await service.lapse(_work(tx, job, keyring), UUID(job.payload["opening_id"]))

    return {
        service.LOOK_AT_CALENDAR: look_at_calendar,
        service.LAPSE_OPENING: lapse_opening,
    }


def _work(tx: Transaction, job: Job, keyring: Keyring) -> Work:
    if tx.tenancy is None:
        raise ValueError("A job belongs to a tenant.")
    return Work(
        service=_SERVICE,
        caller=Caller(principal=_OURSELVES, tenancy=tx.tenancy, purpose=Purpose.REGISTRATION),
        transaction=tx,
        cipher=keyring.cipher(tx.tenancy.tenant_id),
        request_id=str(job.id),
    )
