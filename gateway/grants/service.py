"""What a municipality's administrator does with vendors: looks, grants a part, ends."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from uuid import UUID

from foundation import clock
from foundation.database import Page, decode_cursor, page_of
from foundation.problems import PreconditionFailed
from foundation.work import Work
from gateway import withdrawals
from gateway.revocations import service as revocations
from gateway.revocations.schemas import RevocationCreate
from gateway.vendors import counts
from gateway.vendors.access import (
    AccessRequest,
    AccessState,
    Decision,
    IllegalStep,
    MoreThanAsked,
    NoSuchEnd,
)
from gateway.vendors.problems import (
    AccessRequestDecided,
    AccessRequestNotFound,
    ClientGrantNotFound,
    GrantBeyondRequest,
)

from . import repository
from .repository import LAST_ID, Grant, Petition

StoredState = Literal["requested", "granted", "refused", "withdrawn", "ended"]
"""What can be looked for; a leave that ran out by its date is found among those granted."""
STORED: tuple[StoredState, ...] = ("requested", "granted", "refused", "withdrawn", "ended")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an administrator decides; without scopes and an end it is a refusal."""

    decision: Literal["granted", "refused"]
    reason: str
    scopes: frozenset[str] = frozenset()
    until: date | None = None


async def list_requests(
    work: Work, *, state: StoredState | None, cursor: str | None, limit: int
) -> Page[Petition]:
    """Return requests to this municipality, newest first.

    Raises:
        InvalidCursor: the cursor is not one of this list's (400).
    """
    before: UUID = decode_cursor(cursor, UUID)[0] if cursor else LAST_ID
    states = STORED if state is None else (state,)
    found = await repository.newest(work.tx, states=states, before=before, limit=limit + 1)
    return page_of(found, limit=limit, key=lambda petition: (petition.request.id,))


async def read_request(work: Work, request_id: UUID) -> Petition:
    """Return one request.

    Raises:
        AccessRequestNotFound: it is another municipality's, or nowhere (404).
    """
    found = await repository.find(work.tx, request_id)
    if found is None:
        raise AccessRequestNotFound
    return found


async def decide(work: Work, request_id: UUID, answer: Answer) -> Petition:
    """Grant a part of what is asked until a day, or refuse.

    Raises:
        AccessRequestNotFound: 404.
        AccessRequestDecided: it is decided, or its vendor took it back (409).
        GrantBeyondRequest: more than asked, nothing, or for too long (422).
    """
    petition = await repository.find_locked(work.tx, request_id)
    if petition is None:
        raise AccessRequestNotFound
    decision = Decision(at=clock.now(), by=work.principal.subject, reason=answer.reason)
    request = petition.request
    try:
        if answer.decision == "refused":
            decided = request.refused(decision)
        else:
            decided = request.granted(
                answer.scopes, until=end_of(answer.until, decision.at), decision=decision
            )
    except IllegalStep as error:
        raise AccessRequestDecided(state=str(request.seen_at(decision.at).state)) from error
    except (MoreThanAsked, NoSuchEnd) as error:
        raise GrantBeyondRequest from error
    if decided.state is AccessState.GRANTED:
        await _replace(work, decided, by=decision.by)
    await repository.keep(work.tx, decided)
    await counts.answered(work.tx, decided.client_id)
    await work.record(
        f"platform.access-request.{decided.state}",
        obj=str(request_id),
        detail={
            "client": decided.client_id,
            "scopes": " ".join(sorted(decided.granted_scopes)),
        },
    )
    return await read_request(work, request_id)


async def _replace(work: Work, decided: AccessRequest, *, by: str) -> None:
    """Put a leave in force; tokens given on a wider one end within a second.

    Sessions go on: what is refused is asked for anew, and given as far as the new leave reaches.
    """
    await withdrawals.stand_still(work.tx, decided.client_id)
    before = await repository.hold_grant(work.tx, decided.client_id)
    await repository.end_requests(work.tx, decided.client_id)
    await repository.give(work.tx, decided, by=by)
    if before is not None and before.is_wider_than(decided.granted_scopes, decided.expires_at):
        code = str(work.tenancy.code)
        await withdrawals.say_of_client(work.tx, decided.client_id, code=code)


async def list_grants(work: Work, *, cursor: str | None, limit: int) -> Page[Grant]:
    """Return every client this municipality ever let in, by its name.

    Raises:
        InvalidCursor: 400.
    """
    after = str(decode_cursor(cursor, str)[0]) if cursor else ""
    found = await repository.grants(work.tx, after=after, limit=limit + 1)
    return page_of(found, limit=limit, key=lambda grant: (grant.client_id,))


async def read_grant(work: Work, client_id: str) -> Grant:
    """Return the leave of one client.

    Raises:
        ClientGrantNotFound: this municipality gave it none (404).
    """
    found = None if "\0" in client_id else await repository.grant_of(work.tx, client_id)
    if found is None:
        raise ClientGrantNotFound
    return found


async def end_grant(work: Work, client_id: str, *, version: int, reason: str) -> None:
    """End a leave: nothing of the client is accepted here a second later.

    Raises:
        ClientGrantNotFound: there is none in force (404).
        PreconditionFailed: somebody changed it meanwhile (412).
    """
    if "\0" in client_id:
        raise ClientGrantNotFound
    await withdrawals.stand_still(work.tx, client_id)
    held = await repository.hold_grant(work.tx, client_id)
    if held is None or held.withdrawn_at is not None:
        raise ClientGrantNotFound
    if held.version != version:
        raise PreconditionFailed
    await revocations.take_back(work, RevocationCreate(client_id=client_id, reason=reason))
    await repository.end_requests(work.tx, client_id)
    await repository.note_ended(work.tx, client_id)


def end_of(day: date | None, now: datetime) -> datetime:
    """Return the instant a leave ends: with its last day, by the clocks of the town hall."""
    if day is None:
        return now
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=clock.JST)
