"""Seeing and ending one's own sign-ins, through whatever application they were begun."""

from collections.abc import Sequence
from uuid import UUID

from foundation import clock
from foundation.work import Work
from gateway.authorization.service import end
from gateway.own import own_session

from . import repository
from .problems import SessionNotFound
from .repository import SignIn

_BECAUSE = "ended-by-person"


async def own_sign_ins(work: Work) -> tuple[UUID, list[SignIn]]:
    """Return which session the caller uses now, and all they have open."""
    session = await own_session(work)
    return session.id, await repository.open_of_person(work.tx, session.person, now=clock.now())


async def end_one(work: Work, session_id: UUID) -> int:
    """End one of the caller's own sessions.

    Raises:
        SessionNotFound: it is not open, or not theirs.
    """
    _, found = await own_sign_ins(work)
    if session_id not in {one.id for one in found}:
        raise SessionNotFound
    return await _end_all(work, [session_id])


async def end_every(work: Work, *, keep_current: bool) -> int:
    """End all of the caller's sessions, or all but the one they use now."""
    current, found = await own_sign_ins(work)
    return await _end_all(
        work, [one.id for one in found if not (keep_current and one.id == current)]
    )


async def _end_all(work: Work, found: Sequence[UUID]) -> int:
    ended = sum([await end(work.tx, one, because=_BECAUSE) for one in found])
    await work.record(
        "platform.session.ended",
        obj=str(found[0]) if len(found) == 1 else None,
        detail={"because": _BECAUSE, "sessions_ended": ended},
    )
    return ended
