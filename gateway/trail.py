"""How the door leaves entries in the trail: who came in, who was refused, what was taken back."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from foundation import audit
from foundation.database import Transaction
from foundation.identifiers import new_id
from foundation.identity import Caller
from foundation.telemetry import current_context

SERVICE = "platform"


def request_id() -> str:
    """Return the number of the request being served, as the caller was told it."""
    context = current_context()
    return context.request_id if context is not None else str(new_id())


async def note_caller(
    work: Transaction,
    caller: Caller,
    action: str,
    *,
    decision: audit.Decision = "allowed",
    obj: str | None = None,
    detail: Mapping[str, str | int | bool] | None = None,
) -> None:
    """Write what somebody with a token did, or was refused."""
    entry = audit.Entry.of(
        caller,
        service=SERVICE,
        action=action,
        request_id=request_id(),
        object=obj,
        decision=decision,
        detail=detail or {},
    )
    await audit.record(work, entry)


async def note_session(
    work: Transaction,
    session: tuple[str, str, str],
    action: str,
    *,
    decision: audit.Decision = "allowed",
    subjects: Sequence[UUID] = (),
    detail: Mapping[str, str | int | bool] | None = None,
) -> None:
    """Write what befell a session, given as kind, subject and client."""
    kind, subject, client_id = session
    entry = audit.Entry(
        service=SERVICE,
        action=action,
        actor_kind=kind,
        actor=subject,
        client_id=client_id,
        request_id=request_id(),
        subjects=subjects,
        decision=decision,
        detail=detail or {},
    )
    await audit.record(work, entry)
