"""What officials do with a measure; whom it names is protected from its first moment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from foundation import clock
from foundation.authorization import Denied
from foundation.database import Page, UniqueViolation, decode_cursor, page_of
from foundation.identifiers import new_id
from foundation.parameters import PROTECTION_NOTICE
from foundation.problems import Fault, InvalidInput
from foundation.work import Work
from services.registry.protection.domain import (
    Act,
    AlertKind,
    IllegalStep,
    Measure,
    MeasureId,
    MeasureState,
    OfficeWork,
    Origin,
    Part,
    Perpetrator,
    Proposal,
    ProtectedPerson,
    TooEarlyToExtend,
    after,
    extended_to,
    last_day_of,
    may_follow,
    notice_day,
)
from services.registry.protection.events import MeasureMoved
from services.registry.protection.problems import (
    ExtensionTooEarly,
    MeasureNotFound,
    MeasureStateConflict,
    SecondOfficialNeeded,
)
from services.registry.protection.repository import PARAMETERS, Concealment, Measures
from services.registry.residents.domain import Resident, search_name
from services.registry.residents.repository import Residents

from .alarms import raise_alert

LOOK_AT_CALENDAR: Final = "registry.protection.look_at_calendar"
EARLIEST_NOTICE: Final = timedelta(days=PROTECTION_NOTICE.most or PROTECTION_NOTICE.least)
"""When it is first asked how early the ending is to be announced, as it is laid down then."""
_BEFORE_ALL = UUID(int=0)
_SAME_HOUSEHOLD = "同一世帯"
_MANAGE = "registry.protection.manage"
_DECIDE = "registry.protection.decide"
_UNKNOWN_PERSON = Fault(
    pointer="/persons",
    detail="The register knows no such resident.",
    detail_ja="この住民は住民情報に登録されていません。",
)
_UNKNOWN_PERPETRATOR = Fault(
    pointer="/perpetrators",
    detail="The register knows no such resident, or they are among the protected.",
    detail_ja="この住民は住民情報に登録されていないか、保護の対象者として指定されています。",
)
_TWICE = Fault(
    pointer="/persons",
    detail="Name each person once, and exactly one of them as the applicant.",
    detail_ja="対象者は1人1回、申出者はちょうど1人を指定してください。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What the office is told when somebody asks for protection."""

    origin: Origin
    caretaker: str
    office_work: frozenset[OfficeWork]
    excluded_officials: frozenset[str]
    informed_by: str
    informed_on: date | None
    notes: str
    persons: tuple[ProtectedPerson, ...]
    perpetrators: tuple[Perpetrator, ...]


async def apply(work: Work, application: Application) -> Measure:
    """Take an application: from this moment on nobody sees where its people live.

    Raises:
        InvalidInput: the register does not know somebody, or somebody is named twice (422).
    """
    await _require_sound(work, application)
    now, persons = clock.now(), await _with_household(work, application)
    ids = [person.resident_id for person in persons]
    if await Concealment(work.tx, work.cipher).hide(ids, at=now) != set(ids):
        raise InvalidInput.of([_UNKNOWN_PERSON])
    measure = Measure(
        id=MeasureId(new_id()),
        state=MeasureState.APPLIED,
        applied_on=clock.today(),
        ends_on=None,
        proposal=None,
        opened_by=work.principal.subject,
        opened_at=now,
        version=1,
        origin=application.origin,
        caretaker=application.caretaker or work.principal.subject,
        office_work=application.office_work,
        excluded_officials=application.excluded_officials,
        informed_by=application.informed_by,
        informed_on=application.informed_on,
        notes=application.notes,
        persons=persons,
        perpetrators=application.perpetrators,
    )
    await Measures(work.tx, work.cipher).add(measure)
    await _told(work, measure, _MANAGE, "apply")
    return measure


async def read(work: Work, measure_id: UUID) -> Measure:
    """Return a measure.

    Raises:
        Denied: there is none, or it is not for the caller to know (404); on record and alerted.
    """
    measure = _admitted(work, await Measures(work.tx, work.cipher).get(measure_id))
    await work.record("registry.protection.read", subjects=_protected(measure), obj=str(measure_id))
    return measure


async def list_measures(
    work: Work, *, states: Sequence[MeasureState], cursor: str | None, limit: int
) -> Page[Measure]:
    """Return measures in these states, the eldest first.

    Raises:
        InvalidCursor: the cursor is not one of this list's (400).
    """
    position: UUID = decode_cursor(cursor, UUID)[0] if cursor else _BEFORE_ALL
    found = await Measures(work.tx, work.cipher).listed(
        asker=work.principal.subject, states=states, after=position, limit=limit + 1
    )
    page = page_of(found, limit=limit, key=lambda measure: (measure.id,))
    named = [one for measure in page.items for one in _protected(measure)]
    await work.record("registry.protection.read", subjects=named, detail={"count": len(page.items)})
    return page


async def provide(work: Work, measure_id: UUID) -> Measure:
    """Record that the measure is in force provisionally (仮支援措置) until it is decided.

    Raises:
        Denied: 404, as for `read`.
        MeasureStateConflict: it is decided already (409).
    """
    measure = await _to_change(work, measure_id)
    return await _move(work, measure, Act.PROVIDE, ends_on=measure.ends_on)


async def join(work: Work, measure_id: UUID, person: ProtectedPerson) -> Measure:
    """Protect somebody more by a measure, from this moment on.

    Raises:
        Denied: 404, as for `read`.
        MeasureStateConflict: it is over, or protects them already (409).
        InvalidInput: the register does not know them, or it protects from them (422).
    """
    measure = await _to_change(work, measure_id)
    if measure.state is MeasureState.RELEASED:
        raise MeasureStateConflict
    if person.resident_id in {one.resident_id for one in measure.perpetrators}:
        raise InvalidInput.of([_UNKNOWN_PERPETRATOR])
    now = clock.now()
    if not await Concealment(work.tx, work.cipher).hide([person.resident_id], at=now):
        raise InvalidInput.of([_UNKNOWN_PERSON])
    measures = Measures(work.tx, work.cipher)
    try:
        await measures.add_person(measure.id, person)
    except UniqueViolation as named:
        raise MeasureStateConflict from named
    await measures.move(
        measure,
        state=measure.state,
        ends_on=measure.ends_on,
        proposal=measure.proposal,
        at=now,
    )
    joined = replace(measure, persons=(*measure.persons, person), version=measure.version + 1)
    await _told(work, joined, _MANAGE, "join")
    return joined


async def propose(work: Work, measure_id: UUID, act: Act, *, reason: str) -> Measure:
    """Propose to grant or to release; nothing changes until a second official decides.

    Raises:
        Denied: 404, as for `read`.
        MeasureStateConflict: the act does not begin there, or another one waits (409).
    """
    measure = await _to_change(work, measure_id)
    _require(measure, act)
    if measure.proposal is not None:
        raise MeasureStateConflict
    proposal = Proposal(act=act, by=work.principal.subject, reason=reason)
    await Measures(work.tx, work.cipher).move(
        measure,
        state=measure.state,
        ends_on=measure.ends_on,
        proposal=proposal,
        at=clock.now(),
    )
    await _recorded(work, measure, _MANAGE, f"propose_{act.value}")
    return replace(measure, proposal=proposal, version=measure.version + 1)


async def decide(work: Work, measure_id: UUID, *, agreed: bool) -> Measure:
    """Say the second word: what was proposed happens, or the proposal is gone.

    Raises:
        Denied: 404 as for `read`, or 403: the caller proposed it; on record and alerted.
        MeasureStateConflict: nothing waits (409).
    """
    measure = await _to_change(work, measure_id)
    proposal = measure.proposal
    if proposal is None:
        raise MeasureStateConflict
    if proposal.by == work.principal.subject:
        raise Denied(SecondOfficialNeeded(), subjects=_protected(measure))
    if not agreed:
        await Measures(work.tx, work.cipher).move(
            measure, state=measure.state, ends_on=measure.ends_on, proposal=None, at=clock.now()
        )
        await _recorded(work, measure, _DECIDE, f"decline_{proposal.act.value}")
        return replace(measure, proposal=None, version=measure.version + 1)
    ends_on = last_day_of(clock.today()) if proposal.act is Act.GRANT else measure.ends_on
    moved = await _move(work, measure, proposal.act, ends_on=ends_on, action=_DECIDE)
    if moved.state is MeasureState.RELEASED:
        ids = _protected(moved)
        await Concealment(work.tx, work.cipher).show(ids, at=clock.now())
    return moved


async def extend(work: Work, measure_id: UUID) -> Measure:
    """Record that the measure goes on for another year.

    Raises:
        Denied: 404, as for `read`.
        MeasureStateConflict: it was never granted, or is over (409).
        ExtensionTooEarly: its last day is more than a month away (409).
    """
    measure, today = await _to_change(work, measure_id), clock.today()
    try:
        measure.require_extensible(today=today)
    except TooEarlyToExtend as early:
        raise ExtensionTooEarly from early
    except IllegalStep as illegal:
        raise MeasureStateConflict from illegal
    ends_on = extended_to(measure.ends_on or today, today=today)
    return await _move(work, measure, Act.EXTEND, ends_on=ends_on)


async def look_at_calendar(work: Work, measure_id: UUID) -> None:
    """Say what the calendar has to say of a measure, and come back when it has more to say."""
    measure, today = await Measures(work.tx, work.cipher).get_for_change(measure_id), clock.today()
    if measure is None:
        return
    ahead = await PARAMETERS.lasting(work.tx, PROTECTION_NOTICE)
    act = measure.due(today=today, ahead=ahead)
    if act is None:
        # What was laid down may have changed since this day was chosen.
        if measure.ends_on and may_follow(measure.state, Act.WARN):
            await _come_back(work, measure, notice_day(measure.ends_on, ahead=ahead))
        return
    kind = AlertKind.EXPIRING if act is Act.WARN else AlertKind.OVERDUE
    moved = await _move(work, measure, act, ends_on=measure.ends_on)
    await raise_alert(work, kind, action=LOOK_AT_CALENDAR, measure_id=moved.id)


async def _move(
    work: Work, measure: Measure, act: Act, *, ends_on: date | None, action: str = _MANAGE
) -> Measure:
    """Take a step, keep it, tell of it, and have the calendar looked at when it matters next.

    Raises:
        MeasureStateConflict: the step does not begin there (409).
    """
    state = _require(measure, act)
    now, measures = clock.now(), Measures(work.tx, work.cipher)
    decided = measure.proposal if measure.proposal and measure.proposal.act is act else None
    waiting = None if decided or state is MeasureState.RELEASED else measure.proposal
    await measures.took(measure, act.value, by=work.principal.subject, proposal=decided, at=now)
    await measures.move(measure, state=state, ends_on=ends_on, proposal=waiting, at=now)
    moved = replace(
        measure, state=state, ends_on=ends_on, proposal=waiting, version=measure.version + 1
    )
    await _told(work, moved, action, act.value)
    if state in (MeasureState.GRANTED, MeasureState.EXTENDED) and ends_on is not None:
        await _come_back(work, moved, ends_on - EARLIEST_NOTICE)
    elif state is MeasureState.EXPIRING and ends_on is not None:
        await _come_back(work, moved, ends_on + timedelta(days=1))
    return moved


def _require(measure: Measure, act: Act) -> MeasureState:
    try:
        return after(measure.state, act)
    except IllegalStep as illegal:
        raise MeasureStateConflict from illegal


async def _come_back(work: Work, measure: Measure, on: date) -> None:
    await work.enqueue(
        LOOK_AT_CALENDAR,
        {"measure_id": str(measure.id)},
        available_at=datetime.combine(on, time(), clock.JST),
    )


async def _require_sound(work: Work, application: Application) -> None:
    persons = [person.resident_id for person in application.persons]
    applicants = [one for one in application.persons if one.part is Part.APPLICANT]
    if len(set(persons)) != len(persons) or len(applicants) != 1:
        raise InvalidInput.of([_TWICE])
    residents = Residents(work.tx)
    for perpetrator in application.perpetrators:
        known = perpetrator.resident_id
        if known is not None and (known in persons or await residents.get(known) is None):
            raise InvalidInput.of([_UNKNOWN_PERPETRATOR])


async def _with_household(work: Work, application: Application) -> tuple[ProtectedPerson, ...]:
    """Return whom to protect: also who lives with them, for their address is the same.

    Not where the one they are protected from may live too, by number or by name, and not where
    nobody is named: hidden from himself, his own address would tell him of the measure.
    """
    persons, residents = list(application.persons), Residents(work.tx)
    for person in application.persons if application.perpetrators else ():
        known = await residents.get(person.resident_id)
        household = await residents.household(known.household_id) if known else None
        members = household.members if household else ()
        if any(_may_be(member, application.perpetrators) for member in members):
            continue
        named = {one.resident_id for one in persons}
        persons += [
            ProtectedPerson(resident_id=member.id, part=Part.ACCOMPANYING, relation=_SAME_HOUSEHOLD)
            for member in members
            if member.id not in named
        ]
    return tuple(persons)


def _may_be(member: Resident, perpetrators: Sequence[Perpetrator]) -> bool:
    return any(
        member.id == one.resident_id or search_name(member.name_display) == search_name(one.name)
        for one in perpetrators
    )


async def _to_change(work: Work, measure_id: UUID) -> Measure:
    return _admitted(work, await Measures(work.tx, work.cipher).get_for_change(measure_id))


def _admitted(work: Work, measure: Measure | None) -> Measure:
    """Return a measure to who may know of it.

    Raises:
        Denied: 404 for everybody else; what it would have concerned is on record.
    """
    if measure is None:
        raise Denied(MeasureNotFound())
    if work.principal.subject in measure.excluded_officials:
        raise Denied(MeasureNotFound(), subjects=_protected(measure))
    return measure


def _protected(measure: Measure) -> list[UUID]:
    return [person.resident_id for person in measure.persons]


async def _recorded(work: Work, measure: Measure, action: str, act: str) -> None:
    await work.record(
        action, subjects=_protected(measure), obj=str(measure.id), detail={"act": act}
    )


async def _told(work: Work, measure: Measure, action: str, act: str) -> None:
    await _recorded(work, measure, action, act)
    await work.emit(MeasureMoved(subject_id=measure.id, state=measure.state.value))
