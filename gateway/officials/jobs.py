"""What becomes due without anybody asking: a provider's end, and the end of a duty.

Each is a row among the platform's jobs, so that it happens once, and also after a restart.
"""

from collections.abc import Mapping
from uuid import UUID

from foundation.database import Transaction
from foundation.encryption import Keyring
from foundation.events import Handler, Job, Worker
from foundation.web import AppState

from .grants import service as grants
from .providers import life


async def keep_time(state: AppState) -> None:
    """Do what is due for as long as the office is open."""
    worker = Worker(state.service, state.database, state.worker_database, handlers(state.keyring))
    await worker.run()


def handlers(keyring: Keyring) -> Mapping[str, Handler]:
    """Return what is done for each kind of job."""

    async def end_grant(work: Transaction, job: Job) -> None:
        tenancy = work.tenancy
        if tenancy is not None:
            cipher = keyring.cipher(tenancy.tenant_id)
            await grants.complete(work, cipher, UUID(job.payload["grant_id"]))

    async def end_provider(work: Transaction, job: Job) -> None:
        tenancy = work.tenancy
        if tenancy is not None:
            cipher = keyring.cipher(tenancy.tenant_id)
            await life.complete_retirement(work, cipher, UUID(job.payload["provider_id"]))

    return {grants.END: end_grant, life.RETIREMENT: end_provider}
