"""Ending what was given, at every gateway within a second."""

from collections.abc import Sequence
from uuid import UUID

from foundation import clock
from foundation.problems import NotFound
from foundation.work import Work
from gateway import withdrawals
from gateway.authorization import repository as sessions
from gateway.authorization.service import end
from gateway.clients import repository as clients
from gateway.permissions import REVOKE

from .schemas import RevocationCreate, RevocationRead

_WITHIN_SECONDS = 1
_BECAUSE = "revoked-by-administrator"


async def take_back(work: Work, request: RevocationCreate) -> RevocationRead:
    """End a session, all of somebody's sessions, or a client's leave.

    Raises:
        NotFound: this municipality has no such session, or gave the client no leave.
    """
    if request.session_id is not None:
        named, kind = str(request.session_id), "session"
        ended = await _end_session(work, request.session_id)
    elif request.subject is not None:
        named, kind = request.subject, "subject"
        found = await sessions.open_sessions_of_subject(work.tx, named, now=clock.now())
        ended = await _end_all(work, found)
    else:
        named, kind = request.client_id or "", "client"
        ended = await _end_leave(work, named)
    await work.record(REVOKE.action, obj=named, detail={"kind": kind, "sessions_ended": ended})
    return RevocationRead(kind=kind, sessions_ended=ended, effective_within_seconds=_WITHIN_SECONDS)


async def _end_session(work: Work, session_id: UUID) -> int:
    if await sessions.session_locked(work.tx, session_id) is None:
        raise NotFound
    return await _end_all(work, [session_id])


async def _end_leave(work: Work, client_id: str) -> int:
    await withdrawals.stand_still(work.tx, client_id)
    now = clock.now()
    if not await clients.withdraw_leave(work.tx, client_id, at=now) and not await clients.had_leave(
        work.tx, client_id
    ):
        raise NotFound
    await withdrawals.say_of_client(work.tx, client_id, code=str(work.tenancy.code))
    return await _end_all(work, await sessions.open_sessions_of_client(work.tx, client_id, now=now))


async def _end_all(work: Work, found: Sequence[UUID]) -> int:
    return sum([await end(work.tx, session_id, because=_BECAUSE) for session_id in found])
