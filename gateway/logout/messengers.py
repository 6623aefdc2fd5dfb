"""Keeping a messenger on the road for as long as the gateway is open."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from pydantic import SecretStr

from foundation.database import Database
from foundation.telemetry import logger
from gateway.state import GatewayState

from .backchannel import messenger

_log = logger(__name__)


@asynccontextmanager
async def on_the_road(door: GatewayState, dsn: SecretStr | None) -> AsyncGenerator[None]:
    """Deliver the words that are left while the block lasts.

    The gateway does this itself, because only it has the keys to sign with; of the database it
    needs the role that sees every municipality's jobs are due, and nothing of what is in them.

    Raises:
        DatabaseProblem: the database does not answer.
    """
    if dsn is None:
        _log.warning("nobody is told of ended sign-ins: no worker database is configured")
        yield
        return
    database = await Database.open(
        dsn.get_secret_value(), application_name="gateway-messenger", size=1
    )
    worker = messenger(door, database)
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        with suppress(asyncio.CancelledError):
            await task
        await database.close()
