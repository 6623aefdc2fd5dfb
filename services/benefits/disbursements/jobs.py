"""What happens behind the counter: files are sealed, outdated proposals are voided."""

from uuid import UUID

from foundation.database import Transaction
from foundation.encryption import Keyring
from foundation.events import Handler, Job, Worker
from foundation.identity import Caller, Machine, Purpose
from foundation.web import AppState
from foundation.work import Work
from services.benefits.applications.service import VOID_OUTDATED_PROPOSAL

from . import service

_SERVICE = "benefits"
_OURSELVES = Machine(client_id="benefits", scopes=frozenset())
"""Who the trail names for work that no person asked for at that moment."""


async def run_jobs(state: AppState) -> None:
    """Do this service's jobs until it stops."""
    worker = Worker(_SERVICE, state.database, state.worker_database, handlers(state.keyring))
    await worker.run()


def handlers(keyring: Keyring) -> dict[str, Handler]:
    """Return what does each kind of job; effect, trail and events share the job's transaction."""

    async def seal_transfer_file(tx: Transaction, job: Job) -> None:
        await service.seal(_work(tx, job, keyring), UUID(job.payload["proposal_id"]))

    async def void_outdated_proposal(tx: Transaction, job: Job) -> None:
        await service.void_if_outdated(_work(tx, job, keyring), UUID(job.payload["programme_id"]))

    return {
        service.SEAL_TRANSFER_FILE: seal_transfer_file,
        VOID_OUTDATED_PROPOSAL: void_outdated_proposal,
    }


def _work(tx: Transaction, job: Job, keyring: Keyring) -> Work:
    if tx.tenancy is None:
        raise ValueError("A job belongs to a tenant.")
    return Work(
        service=_SERVICE,
        caller=Caller(principal=_OURSELVES, tenancy=tx.tenancy, purpose=Purpose.PAYMENT),
        transaction=tx,
        cipher=keyring.cipher(tx.tenancy.tenant_id),
        request_id=str(job.id),
    )
