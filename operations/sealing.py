"""The sealer: every few seconds it puts the new entries of the trail under a signed seal.

`python -m operations.sealing`. It is a process of its own because it is the only one that holds the
sealing key, and because a trail that the services themselves could seal would prove little.
"""

import asyncio
import signal
from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from foundation.audit import Report, Sealer, Signer, Verifier, Witness, verify_tenant
from foundation.database import Database
from foundation.identifiers import TenantId
from foundation.settings import Settings
from foundation.telemetry import configure_logging

_POOL = 2


class SealerSettings(Settings):
    """Read from `TAMAIRE_SEALER_…`."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="TAMAIRE_SEALER_", case_sensitive=False
    )

    database_url: SecretStr
    """As the role `audit_worker`, which reads the trail of all and changes none of it."""
    key: Path
    """The signing key; made at the first start, its public half beside it as `.pub`."""
    witness_directory: Path
    """Where the seals are kept outside the database; best on another disk."""


async def seal(settings: SealerSettings) -> None:
    """Seal until told to stop."""
    database = await Database.open(
        settings.database_url.get_secret_value(), application_name="sealer", size=_POOL
    )
    sealer = Sealer(
        database, signer=Signer.at(settings.key), witness=Witness(settings.witness_directory)
    )
    loop = asyncio.get_running_loop()
    for wish in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(wish, sealer.stop)
    try:
        await sealer.run()
    finally:
        await database.close()


def sealed_tenants(witness_directory: Path) -> list[TenantId]:
    """Return the tenants that have a seal."""
    return sorted(TenantId(int(path.stem)) for path in witness_directory.glob("*.checkpoints"))


async def verify_all(dsn: str, *, key: Path, witness_directory: Path) -> dict[TenantId, Report]:
    """Check the trail of every sealed tenant against the seals outside the database."""
    verifier = Verifier.parse(key.with_name(f"{key.name}.pub").read_text("utf-8"))
    witness = Witness(witness_directory)
    database = await Database.open(dsn, application_name="verifier", size=_POOL)
    try:
        return {
            tenant: await verify_tenant(database, tenant, witness.notes(tenant), verifier)
            for tenant in sealed_tenants(witness_directory)
        }
    finally:
        await database.close()


def main() -> None:
    """Serve as the sealer."""
    configure_logging("sealer", level="INFO")
    asyncio.run(seal(SealerSettings.from_environment()))


if __name__ == "__main__":
    main()
