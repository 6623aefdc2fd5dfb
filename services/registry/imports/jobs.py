"""What happens to a large file behind the counter: parts are judged, then all of it is let in."""

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
"""Who the trail names for work that no person asked for at that moment."""
_AT_ONCE = 3
"""Two parts of one municipality are in memory at a time, and one of another's."""


async def run_jobs(state: AppState) -> None:
    """Do this service's jobs until it stops."""
    worker = Worker(
        _SERVICE,
        state.database,
        state.worker_database,
        handlers(state.keyring),
        at_once=_AT_ONCE,
    )
    await worker.run()


def handlers(keyring: Keyring) -> dict[str, Handler]:
    """Return what does each kind of job; effect, trail and events share the job's transaction."""

    async def check_part(tx: Transaction, job: Job) -> None:
        work = _work(tx, job, keyring)
        await service.check_part_of(work, UUID(job.payload["import_id"]), job.payload["part"])

    async def judge(tx: Transaction, job: Job) -> None:
        await service.judge(_work(tx, job, keyring), UUID(job.payload["import_id"]))

    async def confirm(tx: Transaction, job: Job) -> None:
        await service.let_in(_work(tx, job, keyring), UUID(job.payload["import_id"]))

    return {service.CHECK_PART: check_part, service.JUDGE: judge, service.CONFIRM: confirm}


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
