"""What the gateway does for those who are signed in: tell, show, and take back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from foundation import audit, clock
from foundation.authorization import Denied, Permission
from foundation.database import Page, Row, Transaction, page_of
from foundation.identity import Caller, Machine, Official, Purpose, Resident
from foundation.problems import Forbidden, NotFound, Problem
from gateway import trail
from gateway.authorization import repository as sessions
from gateway.authorization.service import end, withdraw
from gateway.bindings import repository as bindings
from gateway.clients import repository as clients
from gateway.state import GatewayState

from .permissions import PERMISSIONS, REVOKE
from .schemas import (
    AccessRead,
    BindingRead,
    MeRead,
    MunicipalityRead,
    NextStep,
    RevocationCreate,
    RevocationRead,
)

_WITHIN_SECONDS = 1
_ACTORS_JA = {"official": "自治体の職員", "resident": "別の住民", "machine": "自治体のシステム"}
_SERVICES_JA = {
    "benefits": "給付",
    "consultation": "相談支援",
    "platform": "サインインと利用記録",
    "registry": "住民登録",
    "window_dx": "窓口",
}
_PURPOSES_JA = {
    Purpose.APPLICATION: "申請の受付と審査",
    Purpose.PAYMENT: "支払",
    Purpose.RECEPTION: "窓口での対応",
    Purpose.CONSULTATION: "相談支援",
    Purpose.REGISTRATION: "住民登録の管理",
    Purpose.STATUTORY_INQUIRY: "法令に基づく照会",
    Purpose.AUDIT: "利用状況の確認",
    Purpose.OPERATION: "業務の運営",
    Purpose.EMERGENCY: "緊急の対応",
}
_NEXT_STEPS = {
    "unmatched": NextStep(
        ja="お住まいの自治体の窓口に本人確認書類をお持ちください。職員が登録内容を確認します。",
        en="Please bring an identity document to your municipality's counter; an official will "
        "check your registration.",
    ),
    "unavailable": NextStep(
        ja="ただいま登録内容を確認できません。しばらくしてから、もう一度サインインしてください。",
        en="Your registration cannot be checked at the moment. Please sign in again later.",
    ),
}


class ResidentUnbound(Forbidden):
    """Signed in, but not yet known to be anybody in this municipality's register."""

    slug = "platform/resident-unbound"
    title = "Your sign-in is not yet connected to this municipality's register."
    title_ja = "サインインした方と、この自治体の登録情報がまだ結び付いていません。"
    remedy = "See /platform/v1/me for what to do; your municipality's counter can help."
    remedy_ja = "/platform/v1/me の案内をご確認のうえ、自治体の窓口にご相談ください。"


async def settled(door: GatewayState, caller: Caller, act: Permission) -> Caller:
    """Return the caller with the purpose settled; a refusal is written to the trail first.

    Raises:
        Problem: Forbidden and its kin, as the policy table says.
    """
    try:
        return PERMISSIONS.decide(caller, act)
    except Denied as denied:
        await _note_refusal(door, caller, act, denied.problem)
        raise denied.problem from denied


async def describe(door: GatewayState, caller: Caller) -> MeRead:
    """Say who the token says is calling, and for a resident how they stand to the register."""
    principal = caller.principal
    place = door.tenants.participant(caller.tenancy.code)
    resident = await _standing(door, caller) if isinstance(principal, Resident) else None
    person = None if isinstance(principal, Machine) else principal
    return MeRead(
        kind=principal.kind,
        subject=principal.subject,
        client_id=principal.client_id,
        municipality=MunicipalityRead.of(place),
        scopes=sorted(principal.scopes),
        roles=sorted(principal.roles) if isinstance(principal, Official) else [],
        acr=person.acr if person else None,
        auth_time=person.auth_time if person else None,
        binding=resident.status if resident else None,
        resident=resident,
    )


async def access_log(
    door: GatewayState, caller: Caller, *, before: tuple[datetime, UUID] | None, limit: int
) -> Page[AccessRead]:
    """Return who touched the caller's own data, newest first.

    Raises:
        ResidentUnbound: it is not known which record is the caller's (403: the log is theirs by
            right, and the way to it is at the counter).
    """
    principal = caller.principal
    resident_id = principal.resident_id if isinstance(principal, Resident) else None
    if resident_id is None:
        raise ResidentUnbound
    async with door.database.transaction(caller.tenancy) as work:
        rows = await audit.entries_about(work, resident_id, before=before, limit=limit + 1)
        await trail.note_caller(work, caller, "platform.access-log.read")
    page = page_of(rows, limit=limit, key=lambda row: (row["at"], row["id"]))
    return Page(
        items=[_shown(row, subject=principal.subject) for row in page.items],
        next_cursor=page.next_cursor,
    )


async def take_back(
    door: GatewayState, caller: Caller, request: RevocationCreate
) -> RevocationRead:
    """End a session, all of somebody's sessions, or a client's leave, within a second.

    To ask twice changes nothing the second time, so a repeat after a lost answer is harmless.

    Raises:
        NotFound: this municipality has no such session, or gave the client no leave.
    """
    named = str(request.session_id or request.subject or request.client_id)
    try:
        async with door.database.transaction(caller.tenancy) as work:
            kind, ended = await _taken_back(work, request)
            await trail.note_caller(
                work,
                caller,
                REVOKE.action,
                obj=named,
                detail={"kind": kind, "sessions_ended": ended},
            )
    except NotFound as nothing:
        await _note_refusal(door, caller, REVOKE, nothing, obj=named)
        raise
    return RevocationRead(kind=kind, sessions_ended=ended, effective_within_seconds=_WITHIN_SECONDS)


async def _taken_back(
    work: Transaction, request: RevocationCreate
) -> tuple[Literal["session", "subject", "client"], int]:
    because, now = "revoked-by-administrator", clock.now()
    if request.session_id is not None:
        if await sessions.session_locked(work, request.session_id) is None:
            raise NotFound
        return "session", await _end_all(work, [request.session_id], because=because)
    if request.subject is not None:
        found = await sessions.open_sessions_of_subject(work, request.subject, now=now)
        return "subject", await _end_all(work, found, because=because)
    client_id = request.client_id or ""
    if not await clients.withdraw_leave(work, client_id, at=now) and not await clients.had_leave(
        work, client_id
    ):
        raise NotFound
    await withdraw(work, "client", client_id)
    found = await sessions.open_sessions_of_client(work, client_id, now=now)
    return "client", await _end_all(work, found, because=because)


async def _end_all(work: Transaction, found: Sequence[UUID], *, because: str) -> int:
    return sum([await end(work, session_id, because=because) for session_id in found])


async def _standing(door: GatewayState, caller: Caller) -> BindingRead:
    """Return how the resident stands now: an official may have bound them since they signed in."""
    principal = caller.principal
    if not isinstance(principal, Resident):
        raise TypeError("Only residents are bound to the register.")
    bound, status = principal.resident_id, "unmatched"
    if bound is None:
        async with door.database.transaction(caller.tenancy) as work:
            session = await sessions.session(work, UUID(principal.session_id))
            if session is not None:
                bound = await bindings.find(work, session.person)
                status = session.binding
    if bound is not None:
        return BindingRead(status="bound", resident_id=bound, next_step=None)
    unbound = "unavailable" if status == "unavailable" else "unmatched"
    return BindingRead(status=unbound, resident_id=None, next_step=_NEXT_STEPS[unbound])


async def _note_refusal(
    door: GatewayState, caller: Caller, act: Permission, problem: Problem, *, obj: str | None = None
) -> None:
    async with door.database.transaction(caller.tenancy) as work:
        await trail.note_caller(
            work, caller, act.action, decision="denied", obj=obj, detail={"because": problem.slug}
        )


def _shown(row: Row, *, subject: str) -> AccessRead:
    """Return an entry without the name of who acted: the municipality answers for its officials."""
    own = row["actor_kind"] == "resident" and row["actor"] == subject
    return AccessRead(
        reference=row["id"],
        at=row["at"],
        service=row["service"],
        action=row["action"],
        actor_kind=row["actor_kind"],
        by_yourself=own,
        purpose=row["purpose"],
        decision=row["decision"],
        summary_ja=sentence(row, own=own),
    )


def sentence(row: Row, *, own: bool) -> str:
    """Say in a sentence what an entry says in codes; a code without a word says itself."""
    actor = "あなたご自身" if own else _ACTORS_JA.get(row["actor_kind"], row["actor_kind"])
    why = f"{_PURPOSES_JA[Purpose(row['purpose'])]}のために、" if row["purpose"] else ""
    end = "利用しました" if row["decision"] == "allowed" else "利用しようとして断られました"
    return f"{actor}が、{why}{_SERVICES_JA.get(row['service'], row['service'])}の情報を{end}。"
