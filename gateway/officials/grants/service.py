"""What administrators do with duties given by name: give, approve, shorten, take back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from foundation import clock
from foundation.database import Page, Transaction, decode_cursor, page_of
from foundation.encryption import Cipher
from foundation.identifiers import new_id
from foundation.identity import Role
from foundation.problems import Fault, InvalidInput, PreconditionFailed
from foundation.work import Work
from gateway.access import LIFETIME_SECONDS
from gateway.authorization import repository as sessions
from gateway.authorization.service import end
from gateway.duties import acts
from gateway.duties.domain import (
    SENSITIVE,
    ActNotPossible,
    Grant,
    GrantAct,
    GrantState,
    NamedBy,
    NotTwoPeople,
    Period,
    conflicts_of,
)
from gateway.officials.providers.life import require_way_in

from . import repository
from .problems import (
    FourEyesRequired,
    NotForOneself,
    RoleGrantNotFound,
    RoleGrantStateConflict,
)

END = "platform.role-grant.end"
"""The kind of the job that makes sure a duty is over when its time is."""

_AFTER_ALL = UUID(int=(1 << 128) - 1)
_BECAUSE = "role-ended"
_TOKEN = timedelta(seconds=LIFETIME_SECONDS)
_ACTS = {
    GrantAct.APPROVED: acts.DECIDE_GRANT,
    GrantAct.DECLINED: acts.DECIDE_GRANT,
    GrantAct.WITHDRAWN: acts.GRANT_ROLE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A duty somebody is to have, and from which day to which."""

    named_by: NamedBy
    name: str = field(repr=False)
    role: Role
    first_day: date
    last_day: date | None
    reason: str = field(repr=False)


Conflicts = list[tuple[Role, Role, str, str]]


async def propose(work: Work, proposal: Proposal) -> tuple[Grant, Conflicts]:
    """Give a duty, or propose it where a second administrator must approve.

    Raises:
        InvalidInput: it begins in the past or ends before it begins, or nobody is called so (422).
        NotForOneself: the caller would give themselves a sensitive duty (403).
    """
    _check_days(proposal)
    now, caller = clock.now(), work.principal.subject
    subject = await repository.known_as(work.tx, work.cipher, proposal.named_by, proposal.name)
    if proposal.named_by == "subject" and subject is None:
        raise InvalidInput.of([_NOBODY])
    is_sensitive = proposal.role in SENSITIVE
    if is_sensitive and subject == caller:
        raise NotForOneself
    grant = Grant(
        id=new_id(),
        subject=subject,
        named_by=proposal.named_by,
        name=None if proposal.named_by == "subject" else proposal.name.strip(),
        name_hash=repository.hash_of(work.cipher, proposal.named_by, proposal.name),
        role=proposal.role,
        period=Period.of_days(proposal.first_day, proposal.last_day),
        reason=proposal.reason,
        state=GrantState.PROPOSED if is_sensitive else GrantState.GRANTED,
        proposed_by=caller,
        proposed_at=now,
        decided_by=None if is_sensitive else caller,
        decided_at=None if is_sensitive else now,
        changed_at=now,
    )
    await repository.add(work.tx, work.cipher, grant)
    await watch(work, grant)
    await _record(work, acts.GRANT_ROLE.action, grant)
    return grant, await conflicts_with(work, grant)


async def read(work: Work, grant_id: UUID) -> tuple[Grant, Conflicts]:
    """Return a grant.

    Raises:
        RoleGrantNotFound: 404.
    """
    grant = await repository.get(work.tx, work.cipher, grant_id)
    if grant is None:
        raise RoleGrantNotFound
    return grant, await conflicts_with(work, grant)


async def listed(
    work: Work, *, states: Sequence[GrantState], cursor: str | None, limit: int
) -> Page[Grant]:
    """Return grants, the last given first.

    Raises:
        InvalidCursor: the cursor is not one of this list's (400).
    """
    before: UUID = decode_cursor(cursor, UUID)[0] if cursor else _AFTER_ALL
    found = await repository.listed(
        work.tx, work.cipher, states=states, before=before, limit=limit + 1
    )
    return page_of(found, limit=limit, key=lambda grant: (grant.id,))


async def decide(
    work: Work, grant_id: UUID, act: GrantAct, *, version: int
) -> tuple[Grant, Conflicts]:
    """Approve or decline a proposal, or withdraw one's own.

    Raises:
        RoleGrantNotFound: 404.
        PreconditionFailed: it changed since it was read (412).
        FourEyesRequired: who proposed it, or is to have it, would approve it (403).
        RoleGrantStateConflict: it is no proposal, or not the caller's to withdraw (409).
    """
    grant = await _held(work, grant_id, version=version)
    decided = _after(grant, act, work)
    await repository.keep(work.tx, work.cipher, decided)
    if decided.state is GrantState.GRANTED:
        await watch(work, decided)
    await _record(work, _ACTS[act].action, decided)
    return decided, await conflicts_with(work, decided)


async def revoke(work: Work, grant_id: UUID, *, version: int) -> tuple[Grant, Conflicts]:
    """Take a duty back; whoever had it is signed out everywhere within a second.

    Raises:
        RoleGrantNotFound: 404.
        PreconditionFailed: it changed since it was read (412).
        RoleGrantStateConflict: it was not given, or is taken back already (409).
        LastWayIn: fewer than two administrators would be left (409).
    """
    grant = await _held(work, grant_id, version=version)
    if grant.role is Role.ADMINISTRATOR and grant.state is GrantState.GRANTED:
        await require_way_in(work, without_grant=grant.id)
    revoked = _after(grant, GrantAct.REVOKED, work)
    await repository.keep(work.tx, work.cipher, revoked)
    if grant.period.contains(clock.now()):
        await end_sessions(work.tx, grant.subject)
    await _record(work, acts.END_GRANT.action, revoked)
    return revoked, []


async def shorten(
    work: Work, grant_id: UUID, last_day: date, *, version: int
) -> tuple[Grant, Conflicts]:
    """Give a duty an earlier last day; a later one is a new grant, with all its eyes.

    Raises:
        RoleGrantNotFound: 404.
        PreconditionFailed: it changed since it was read (412).
        RoleGrantStateConflict: it was not given, or is over (409).
        InvalidInput: the day is past, before the first, or not earlier than it was (422).
        LastWayIn: fewer than two administrators would be left (409).
    """
    grant = await _held(work, grant_id, version=version)
    if grant.state is not GrantState.GRANTED:
        raise RoleGrantStateConflict
    before = grant.period.last_day
    if last_day < max(clock.today(), grant.period.first_day) or (before and last_day >= before):
        raise InvalidInput.of([_NOT_EARLIER])
    if grant.role is Role.ADMINISTRATOR:
        await require_way_in(work, without_grant=grant.id)
    shortened = grant.ending(last_day, at=clock.now())
    await repository.keep(work.tx, work.cipher, shortened)
    await watch(work, shortened)
    await _record(work, acts.END_GRANT.action, shortened)
    return shortened, await conflicts_with(work, shortened)


async def watch(work: Work, grant: Grant) -> None:
    """Leave a job for the moment a duty ends."""
    if grant.state is GrantState.GRANTED and grant.period.ends_at is not None:
        await work.enqueue(END, {"grant_id": str(grant.id)}, available_at=grant.period.ends_at)


async def complete(work: Transaction, cipher: Cipher, grant_id: UUID) -> None:
    """See to it that a duty whose time is over is in nobody's hands.

    Tokens end with the duties they name, so there is mostly nothing to do. Only one that was given
    before the end was written down could outlive it: then the person signs in again.
    """
    grant = await repository.get(work, cipher, grant_id)
    now = clock.now()
    if grant is None or grant.state is not GrantState.GRANTED:
        return
    ends_at = grant.period.ends_at
    if ends_at is not None and ends_at <= now and grant.changed_at + _TOKEN > ends_at:
        await end_sessions(work, grant.subject)


async def end_sessions(work: Transaction, subject: str | None) -> int:
    """Sign somebody out everywhere; what they still may do, they do after signing in again."""
    if subject is None:
        return 0
    found = await sessions.open_sessions_of_subject(work, subject, now=clock.now())
    return sum([await end(work, session_id, because=_BECAUSE) for session_id in found])


async def conflicts_with(work: Work, grant: Grant) -> Conflicts:
    """Return which of somebody's duties by name should not be in one hand with this one."""
    if grant.subject is None and grant.name_hash is None:
        return []
    others = await repository.not_over(
        work.tx,
        work.cipher,
        subjects=[grant.subject] if grant.subject else [],
        hashes=[grant.name_hash] if grant.name_hash else [],
        moment=grant.period.starts_at,
    )
    held = {one.role for one in others if one.id != grant.id} | {grant.role}
    return [pair for pair in conflicts_of(held) if grant.role in pair[:2]]


def _check_days(proposal: Proposal) -> None:
    faults: list[Fault] = []
    if proposal.first_day < clock.today():
        faults.append(_PAST)
    if proposal.last_day is not None and proposal.last_day < proposal.first_day:
        faults.append(_REVERSED)
    if faults:
        raise InvalidInput.of(faults)


def _after(grant: Grant, act: GrantAct, work: Work) -> Grant:
    try:
        return grant.after(act, by=work.principal.subject, at=clock.now())
    except NotTwoPeople as error:
        raise FourEyesRequired from error
    except ActNotPossible as error:
        raise RoleGrantStateConflict from error


async def _held(work: Work, grant_id: UUID, *, version: int) -> Grant:
    grant = await repository.get(work.tx, work.cipher, grant_id, to_change=True)
    if grant is None:
        raise RoleGrantNotFound
    if grant.version != version:
        raise PreconditionFailed
    return grant


async def _record(work: Work, action: str, grant: Grant) -> None:
    detail = {"role": grant.role.value, "state": str(grant.state)}
    await work.record(action, obj=str(grant.id), detail=detail)


_PAST = Fault(
    pointer="/starts_on",
    detail="A duty is not given for days that are over.",
    detail_ja="開始日には、今日以降の日付を指定してください。",
)
_REVERSED = Fault(
    pointer="/ends_on",
    detail="The last day is before the first.",
    detail_ja="終了日が開始日より前です。",
)
_NOT_EARLIER = Fault(
    pointer="/ends_on",
    detail="The last day can be moved to an earlier one, from today on.",
    detail_ja="終了日は、今日以降で、いまの終了日より前の日付にだけ変更できます。",
)
_NOBODY = Fault(
    pointer="/subject",
    detail="Nobody with this subject has signed in; name the person by number or address.",
    detail_ja="この識別子の職員はいません。まだサインインしていない職員は、職員番号かメール"
    "アドレスで指定してください。",
)
