"""One's own sign-ins over HTTP, at the platform's office."""

from typing import Literal
from uuid import UUID

from foundation.web import CurrentWork, Listing, OfficeRouter
from gateway import permissions

from . import service
from .problems import SessionNotFound
from .schemas import SessionRead, SessionsEnded

router = OfficeRouter(prefix="/sessions", tags=["sessions"])

_WITHIN_SECONDS = 1


@router.get("", permission=permissions.READ_OWN_SESSIONS, summary="自分のサインインの一覧を見る")
async def list_sessions(work: CurrentWork) -> Listing[SessionRead]:
    """List the caller's open sign-ins, through whatever application."""
    current, found = await service.own_sign_ins(work)
    return Listing[SessionRead](items=[SessionRead.of(one, current=current) for one in found])


@router.delete(
    "/{session_id}",
    permission=permissions.END_OWN_SESSION,
    problems=[SessionNotFound],
    summary="自分のサインインを一つ終了する",
)
async def end_session(work: CurrentWork, session_id: UUID) -> SessionsEnded:
    """End one of the caller's sign-ins, also the one they use now."""
    ended = await service.end_one(work, session_id)
    return SessionsEnded(sessions_ended=ended, effective_within_seconds=_WITHIN_SECONDS)


@router.delete(
    "", permission=permissions.END_OWN_SESSION, summary="自分のサインインをすべて終了する"
)
async def end_sessions(
    work: CurrentWork, keep: Literal["none", "current"] = "none"
) -> SessionsEnded:
    """End all of the caller's sign-ins; with `keep=current`, all but the one they use now."""
    ended = await service.end_every(work, keep_current=keep == "current")
    return SessionsEnded(sessions_ended=ended, effective_within_seconds=_WITHIN_SECONDS)
