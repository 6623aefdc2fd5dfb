"""What a municipality's administrators do about its life: look, prepare, propose, confirm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from foundation import clock
from foundation.database import Page, Row, Transaction, decode_cursor, page_of
from foundation.identifiers import CodeKind, new_id
from foundation.problems import Fault, InvalidInput, PreconditionFailed
from foundation.work import Work
from gateway import permissions
from gateway.figures import repository as figures
from gateway.memberships.checklist import Item
from gateway.memberships.domain import (
    TWO_PEOPLE,
    Act,
    ActState,
    AlreadyDecided,
    Membership,
    NotTwoPeople,
    Step,
    Words,
)
from gateway.memberships.problems import (
    FiguresOnly,
    MembershipActDecided,
    MembershipActNotFound,
    SecondPersonRequired,
)
from gateway.memberships.repository import Memberships

from .events import ServiceTaken
from .moving import examined, keeps_residents, moved, require_ready, write

_LAST: Final = UUID(int=(1 << 128) - 1)
_AHEAD: Final = Fault(
    pointer="/drilled_on",
    detail="A drill is recorded once it has been held.",
    detail_ja="訓練日には、今日以前の日付を指定してください。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a municipality stands, what it laid down, and what is still missing."""

    membership: Membership
    items: Sequence[Item]
    contacts: Mapping[str, Any]
    disclosure: str | None
    routes: Mapping[str, Mapping[str, Any]]


def _book(work: Work) -> Memberships:
    return Memberships(work.tx, code=str(work.tenancy.code))


async def read(work: Work) -> Standing:
    """Return everything about the municipality's membership."""
    return await standing_of(work.tx, str(work.tenancy.code))


async def standing_of(tx: Transaction, code: str) -> Standing:
    """Return everything about the membership of the municipality a transaction belongs to."""
    book = Memberships(tx, code=code)
    membership = await book.read()
    contacts, disclosure = await book.papers()
    return Standing(
        membership=membership,
        items=await examined(tx, code, membership),
        contacts=contacts,
        disclosure=disclosure,
        routes=await book.routes(),
    )


async def set_papers(
    work: Work, contacts: Mapping[str, Any], disclosure: str | None, *, version: int
) -> Standing:
    """Write down whom to ring, and how far figures may go.

    Raises:
        PreconditionFailed: the membership changed since it was read (412).
    """
    book, membership = _book(work), await _held_at(work, version)
    by, at = work.principal.subject, clock.now()
    await book.set_papers(contacts, disclosure, by=by, at=at)
    # What was let out so far was let out under the old word; the next count follows the new one.
    await figures.withdraw(work.tx, str(work.tenancy.code))
    await book.keep(replace(membership, version=membership.version + 1))
    await work.record(permissions.PREPARE_MEMBERSHIP.action, detail={"papers": True})
    return await read(work)


async def set_service(
    work: Work,
    service: str,
    *,
    takes_part: bool,
    route: Mapping[str, Any] | None,
    version: int,
) -> Standing:
    """Take part in a service or no more, and say where it is to be had on paper.

    Raises:
        FiguresOnly: a prefecture or the nation would take part (409).
        PreconditionFailed: the membership changed since it was read (412).
    """
    if takes_part and not keeps_residents(str(work.tenancy.code)):
        raise FiguresOnly
    book, membership = _book(work), await _held_at(work, version)
    by, at = work.principal.subject, clock.now()
    if route is not None:
        await book.set_route(service, route, by=by, at=at)
    await book.keep(membership.taking(service, part=takes_part))
    await work.record(
        permissions.PREPARE_MEMBERSHIP.action, obj=service, detail={"takes_part": takes_part}
    )
    if takes_part != (service in membership.services):
        await work.emit(ServiceTaken(subject_id=new_id(), service=service, takes_part=takes_part))
    return await read(work)


async def record_drill(work: Work, drilled_on: date, *, minutes: int, finding: str) -> UUID:
    """Record that a backup was read back.

    Raises:
        InvalidInput: the day lies ahead (422).
    """
    if drilled_on > clock.today():
        raise InvalidInput.of([_AHEAD])
    drill_id = new_id()
    await _book(work).record_drill(
        {
            "id": drill_id,
            "drilled_on": drilled_on,
            "minutes": minutes,
            "finding": finding,
            "recorded_by": work.principal.subject,
            "recorded_at": clock.now(),
        }
    )
    await work.record(permissions.PREPARE_MEMBERSHIP.action, obj=str(drill_id))
    return drill_id


async def propose(work: Work, act: Act, *, reason: str, words: Words | None) -> Step:
    """Do what one may do alone, and propose what takes two.

    Raises:
        MembershipActRefused: no way leads there from here (409).
        MembershipNotReady: something of the checklist is missing (409).
    """
    book, now = _book(work), clock.now()
    membership = await book.held()
    after = moved(membership, act, at=now, words=words)
    if act is Act.GO_LIVE:
        require_ready(await examined(work.tx, str(work.tenancy.code), membership))
    step = Step(
        id=new_id(),
        act=act,
        state=ActState.PROPOSED,
        reason=reason,
        words=words,
        proposed_by=work.principal.subject,
        proposed_at=now,
    )
    if act not in TWO_PEOPLE:
        step = step.confirmed(by=work.principal.subject, at=now)
        await write(work.tx, str(work.tenancy.code), act, before=membership, after=after)
    await book.add_step(step)
    await _record(work, step)
    return step


async def confirm(work: Work, step_id: UUID) -> Step:
    """Do what another administrator proposed, if everything is still in order.

    Raises:
        MembershipActNotFound: 404.
        MembershipActDecided, MembershipActRefused, MembershipNotReady: 409.
        SecondPersonRequired: who proposed it confirms it (403).
    """
    book, now, code = _book(work), clock.now(), str(work.tenancy.code)
    membership = await book.held()
    step = await _step(work, step_id)
    try:
        done = step.confirmed(by=work.principal.subject, at=now)
    except AlreadyDecided as error:
        raise MembershipActDecided(state=step.state.value) from error
    except NotTwoPeople as error:
        raise SecondPersonRequired from error
    after = moved(membership, step.act, at=now, words=step.words)
    if step.act is Act.GO_LIVE:
        require_ready(await examined(work.tx, code, membership))
    await book.keep_step(done)
    await write(work.tx, code, step.act, before=membership, after=after)
    await _record(work, done)
    return done


async def withdraw(work: Work, step_id: UUID) -> Step:
    """Take a proposal back.

    Raises:
        MembershipActNotFound: 404.
        MembershipActDecided: 409.
    """
    step = await _step(work, step_id)
    try:
        gone = step.withdrawn(by=work.principal.subject, at=clock.now())
    except AlreadyDecided as error:
        raise MembershipActDecided(state=step.state.value) from error
    await _book(work).keep_step(gone)
    await _record(work, gone)
    return gone


async def steps(work: Work, *, cursor: str | None, limit: int) -> Page[Step]:
    """Return what was proposed and done, the last first.

    Raises:
        InvalidCursor: the cursor is not one of this list's (400).
    """
    before: UUID = decode_cursor(cursor, UUID)[0] if cursor else _LAST
    found = await _book(work).steps(before=before, limit=limit + 1)
    return page_of(found, limit=limit, key=lambda step: (step.id,))


async def notices(work: Work, *, cursor: str | None, limit: int) -> Page[Row]:
    """Return notices, the last first: the municipality's own; the nation's list has all.

    Raises:
        InvalidCursor: the cursor is not one of this list's (400).
    """
    before: UUID = decode_cursor(cursor, UUID)[0] if cursor else _LAST
    of_all = work.tenancy.code.kind is CodeKind.NATION
    found = await _book(work).notices(of_all=of_all, before=before, limit=limit + 1)
    return page_of(list(found), limit=limit, key=lambda row: (row["id"],))


async def _held_at(work: Work, version: int) -> Membership:
    membership = await _book(work).held()
    if membership.version != version:
        raise PreconditionFailed
    return membership


async def _step(work: Work, step_id: UUID) -> Step:
    step = await _book(work).step_held(step_id)
    if step is None:
        raise MembershipActNotFound
    return step


async def _record(work: Work, step: Step) -> None:
    await work.record(
        permissions.MOVE_MEMBERSHIP.action,
        obj=str(step.id),
        detail={"act": step.act.value, "state": step.state.value},
    )
