"""What counsellors do with cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never
from uuid import UUID

from foundation import clock
from foundation.database import Page, decode_cursor, page_of
from foundation.identifiers import new_id
from foundation.identity import Official, Role
from foundation.problems import Fault, InvalidInput, PreconditionFailed
from foundation.work import Work

from .domain import (
    Case,
    CaseAct,
    CaseFacts,
    CaseId,
    CaseOfMember,
    CaseRole,
    CaseState,
    Confidentiality,
    Consultee,
    LeadFixed,
    Member,
    MembersFull,
    NoSuchMember,
    Standing,
    Theme,
)
from .events import CaseOpened
from .policies import Act, Decision, counsels, decide
from .problems import (
    CaseMembersFull,
    CaseNotFound,
    CaseRoleInsufficient,
    CaseStateConflict,
    LeadNotReplaceable,
    MemberNotFound,
)
from .repository import Cases

_AFTER_ALL = UUID(int=(1 << 128) - 1)
_UNKNOWN_RESIDENT = Fault(
    pointer="/resident_id",
    detail="The register knows no such resident.",
    detail_ja="この住民は住民情報に登録されていません。",
)
_NAMED_TWICE = Fault(
    pointer="/consultee",
    detail="A resident's name is the register's; leave the consultee out.",
    detail_ja="住民を指定したときは、相談者の氏名や連絡先を指定できません。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What is known when somebody comes for advice; it may be that nothing is."""

    theme: Theme
    confidentiality: Confidentiality
    consultee: Consultee


async def open_case(work: Work, intake: Intake) -> Case:
    """Open a case, led by the counsellor who took it in.

    Raises:
        InvalidInput: the register does not know the resident, or a resident is named twice (422).
    """
    cases, consultee = Cases(work.tx, work.cipher), intake.consultee
    if consultee.resident_id is not None:
        if consultee.name is not None or consultee.contact is not None:
            raise InvalidInput.of([_NAMED_TWICE])
        if not await cases.is_resident(consultee.resident_id):
            raise InvalidInput.of([_UNKNOWN_RESIDENT])
    now, counsellor = clock.now(), work.principal.subject
    case = Case(
        id=CaseId(new_id()),
        theme=intake.theme,
        classified_as=intake.confidentiality,
        consultee=consultee,
        state=CaseState.OPENED,
        members=(Member(subject=counsellor, role=CaseRole.LEAD, since=now),),
        opened_by=counsellor,
        opened_at=now,
        version=1,
    )
    await cases.add(case)
    await work.emit(CaseOpened(subject_id=case.id))
    await _record(work, "consultation.case.open", case)
    return case


async def read(work: Work, case_id: UUID) -> Case:
    """Return a case with its members.

    Raises:
        CaseNotFound: the caller has no role on it (404).
    """
    case = await Cases(work.tx, work.cipher).get(case_id, asker=work.principal.subject)
    return await _admitted(work, "consultation.case.read", case, Act.READ_CASE)


async def list_own(
    work: Work, *, states: Sequence[CaseState], cursor: str | None, limit: int
) -> Page[CaseOfMember]:
    """Return the cases on which the caller has a role, the last opened first; no others exist.

    Raises:
        InvalidCursor: the cursor is not one of this list's (400).
    """
    before: UUID = decode_cursor(cursor, UUID)[0] if cursor else _AFTER_ALL
    found: list[CaseOfMember] = []
    if counsels(duties_of(work)):
        found = await Cases(work.tx, work.cipher).listed(
            asker=work.principal.subject, states=states, before=before, limit=limit + 1
        )
    page = page_of(found, limit=limit, key=lambda case: (case.id,))
    residents = [case.consultee.resident_id for case in page.items]
    await work.record(
        "consultation.case.list",
        subjects=[resident_id for resident_id in residents if resident_id],
        detail={"count": len(page.items)},
    )
    return page


async def classify(
    work: Work, case_id: UUID, *, theme: Theme, confidentiality: Confidentiality, version: int
) -> Case:
    """Say anew what the case is about and how closely it is kept.

    Raises:
        CaseNotFound: 404.
        CaseRoleInsufficient: the caller does not lead it (403).
        PreconditionFailed: it changed since it was read (412).
    """
    case = await _to_change(work, case_id, Act.CLASSIFY, version=version)
    changed = case.classified(theme=theme, confidentiality=confidentiality)
    await Cases(work.tx, work.cipher).keep(changed)
    await _record(work, "consultation.case.classify", changed)
    return changed


async def move(work: Work, case_id: UUID, act: CaseAct, *, version: int) -> Case:
    """Begin, end or take up again the support.

    Raises:
        CaseNotFound: 404.
        CaseRoleInsufficient: 403.
        PreconditionFailed: 412.
        CaseStateConflict: the act does not begin where the case stands (409).
    """
    case = await _to_change(work, case_id, Act.MOVE, version=version)
    moved = case.after(act)
    if moved is None:
        raise CaseStateConflict
    await Cases(work.tx, work.cipher).keep(moved)
    await _record(work, "consultation.case.move", moved, act=str(act))
    return moved


async def set_member(
    work: Work, case_id: UUID, *, subject: str, role: CaseRole, version: int
) -> Case:
    """Give an official a role on the case, or another one than they have.

    Raises:
        CaseNotFound: 404.
        CaseRoleInsufficient: 403.
        PreconditionFailed: 412.
        LeadNotReplaceable: it is the lead's own role (409).
        CaseMembersFull: 409.
    """
    case = await _to_change(work, case_id, Act.MANAGE_MEMBERS, version=version)
    member = Member(subject=subject, role=role, since=clock.now())
    try:
        changed = case.with_member(member)
    except LeadFixed as fixed:
        raise LeadNotReplaceable from fixed
    except MembersFull as full:
        raise CaseMembersFull from full
    cases = Cases(work.tx, work.cipher)
    if not await cases.set_role(case_id, subject, role=role):
        await cases.add_member(case_id, member)
    await cases.keep(changed)
    await _record(work, "consultation.member.manage", changed, member=subject, role=str(role))
    return changed


async def remove_member(work: Work, case_id: UUID, *, subject: str, version: int) -> Case:
    """Take an official's role away; from this moment the case does not exist for them.

    Raises:
        CaseNotFound, MemberNotFound: 404.
        CaseRoleInsufficient: 403.
        PreconditionFailed: 412.
        LeadNotReplaceable: the lead hands over first (409).
    """
    case = await _to_change(work, case_id, Act.MANAGE_MEMBERS, version=version)
    try:
        changed = case.without(subject)
    except NoSuchMember as unknown:
        raise MemberNotFound from unknown
    except LeadFixed as fixed:
        raise LeadNotReplaceable from fixed
    cases = Cases(work.tx, work.cipher)
    await cases.remove_member(case_id, subject)
    await cases.keep(changed)
    await _record(work, "consultation.member.manage", changed, member=subject, role="none")
    return changed


async def hand_over(work: Work, case_id: UUID, *, subject: str, version: int) -> Case:
    """Let another member lead the case; the former lead goes on as a worker.

    Raises:
        CaseNotFound, MemberNotFound: 404.
        CaseRoleInsufficient: 403.
        PreconditionFailed: 412.
    """
    case = await _to_change(work, case_id, Act.HAND_OVER, version=version)
    try:
        changed = case.handed_over_to(subject)
    except NoSuchMember as unknown:
        raise MemberNotFound from unknown
    cases = Cases(work.tx, work.cipher)
    # In this order: the table takes no second lead, not even for the length of a transaction.
    await cases.set_role(case_id, case.lead.subject, role=CaseRole.WORKER)
    await cases.set_role(case_id, subject, role=CaseRole.LEAD)
    await cases.keep(changed)
    await _record(work, "consultation.case.hand_over", changed, member=subject)
    return changed


def admit(work: Work, standing: Standing | None, act: Act) -> Standing:
    """Let the caller go on, by their standing on the case.

    Raises:
        CaseNotFound: they have no role on it, or are no counsellor (404).
        CaseRoleInsufficient: their role does not include the act (403).
    """
    if standing is None:
        raise CaseNotFound
    decision = decide(
        act,
        duties=duties_of(work),
        role=standing.role,
        confidentiality=standing.confidentiality,
    )
    match decision:
        case Decision.GRANTED:
            return standing
        case Decision.REFUSED:
            raise CaseRoleInsufficient
        case Decision.HIDDEN:
            raise CaseNotFound
        case _:
            assert_never(decision)


def duties_of(work: Work) -> frozenset[Role]:
    """Return the duties of the official who asks; nobody else has any."""
    return work.principal.roles if isinstance(work.principal, Official) else frozenset()


async def _to_change(work: Work, case_id: UUID, act: Act, *, version: int) -> Case:
    subject = work.principal.subject
    case = await Cases(work.tx, work.cipher).get_for_change(case_id, asker=subject)
    if case is None:
        raise CaseNotFound
    admit(work, case.standing_of(subject), act)
    if case.version != version:
        raise PreconditionFailed
    return case


async def _admitted(work: Work, action: str, case: Case | None, act: Act) -> Case:
    if case is None:
        raise CaseNotFound
    admit(work, case.standing_of(work.principal.subject), act)
    await _record(work, action, case)
    return case


async def _record(work: Work, action: str, case: CaseFacts, **detail: str) -> None:
    await work.record(action, subject=case.consultee.resident_id, obj=str(case.id), detail=detail)
