"""Leaving word that a sign-in has ended, for the application it was made through.

The word is left in the transaction that ends the session, so it is neither lost when the process
dies nor sent of an end that was undone. `gateway.logout.backchannel` delivers it.
"""

from typing import Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from foundation.database import Statement, Transaction, tenant_is
from foundation.events import JobQueue

from .models import ClientRow, SessionRow

KIND: Final = "platform.backchannel-logout"
_QUEUE: Final = JobQueue("platform")
_LISTENS = Statement(
    "platform.sessions.farewell",
    select(ClientRow.client_id)
    .join(SessionRow, SessionRow.client_id == ClientRow.client_id)
    .where(
        tenant_is(SessionRow),
        SessionRow.id == bindparam("session", type_=Uuid),
        ClientRow.backchannel_logout_uri.is_not(None),
    ),
)


async def leave_word(work: Transaction, session_id: UUID) -> None:
    """Have the application of a session told that it ended, if it wishes to be told."""
    if await work.fetch_one(_LISTENS, session=session_id) is not None:
        await _QUEUE.enqueue(work, KIND, {"session": str(session_id)})
