"""What the section does with a programme: define it, publish it, close it."""

from dataclasses import replace
from uuid import UUID

from foundation.database import Page, Row, decode_cursor, page_of
from foundation.identifiers import new_id
from foundation.identity import Official
from foundation.problems import PreconditionFailed
from foundation.work import Work

from .domain import Programme, ProgrammeId, ProgrammeState, Terms
from .events import ProgrammeClosed, ProgrammePublished
from .problems import ProgrammeNotFound, ProgrammeStateConflict
from .repository import LAST_ID, Programmes

PUBLIC_STATES = (ProgrammeState.PUBLISHED, ProgrammeState.CLOSED)


async def define(work: Work, terms: Terms) -> Programme:
    """Enter a new programme as a draft.

    Raises:
        ProgrammeCodeTaken: the code already names a programme of this municipality (409).
    """
    programme = await Programmes(work.tx).add(ProgrammeId(new_id()), terms)
    await work.record("benefits.programme.define", obj=str(programme.id))
    return programme


async def read(work: Work, programme_id: UUID) -> Programme:
    """Return a programme; a draft exists for officials only.

    Raises:
        ProgrammeNotFound: it is another municipality's, or not this caller's to see yet (404).
    """
    programme = await Programmes(work.tx).get(programme_id)
    if programme is None or programme.state not in _visible_to(work):
        raise ProgrammeNotFound
    return programme


async def list_newest(work: Work, *, cursor: str | None, limit: int) -> Page[Row]:
    """Return programmes as they are kept, newest first.

    Raises:
        InvalidCursor: the cursor is not one of this list's (400).
    """
    before: UUID = decode_cursor(cursor, UUID)[0] if cursor else LAST_ID
    found = await Programmes(work.tx).newest(
        states=_visible_to(work), before=before, limit=limit + 1
    )
    return page_of(found, limit=limit, key=lambda row: (row["id"],))


async def redefine(work: Work, programme_id: UUID, terms: Terms, *, version: int) -> Programme:
    """Change a draft.

    Raises:
        ProgrammeNotFound: 404.
        PreconditionFailed: somebody changed it meanwhile (412).
        ProgrammeStateConflict: it is published, and its promise stands (409).
        ProgrammeCodeTaken: 409.
    """
    programme = await _to_change(work, programme_id)
    if programme.version != version:
        raise PreconditionFailed
    if programme.state is not ProgrammeState.DRAFT:
        raise ProgrammeStateConflict
    changed = replace(programme, terms=terms, version=version + 1)
    await Programmes(work.tx).rewrite(changed)
    await work.record("benefits.programme.redefine", obj=str(programme_id))
    return changed


async def publish(work: Work, programme_id: UUID) -> Programme:
    """Make the programme public and its terms final.

    Raises:
        ProgrammeNotFound: 404.
        ProgrammeStateConflict: it is not a draft any more (409).
    """
    programme = await _move(work, programme_id, ProgrammeState.PUBLISHED)
    await work.record("benefits.programme.publish", obj=str(programme_id))
    await work.emit(
        ProgrammePublished(
            subject_id=programme.id,
            code=programme.terms.code,
            fiscal_year=programme.terms.fiscal_year,
            amount_per_household_yen=programme.terms.amount_per_household_yen,
        )
    )
    return programme


async def close(work: Work, programme_id: UUID) -> Programme:
    """Take no further answers; what was confirmed is still decided and paid.

    Raises:
        ProgrammeNotFound: 404.
        ProgrammeStateConflict: it is not public (409).
    """
    programme = await _move(work, programme_id, ProgrammeState.CLOSED)
    await work.record("benefits.programme.close", obj=str(programme_id))
    await work.emit(ProgrammeClosed(subject_id=programme.id, code=programme.terms.code))
    return programme


async def _move(work: Work, programme_id: UUID, state: ProgrammeState) -> Programme:
    programme = await _to_change(work, programme_id)
    if not programme.may_become(state):
        raise ProgrammeStateConflict
    moved = replace(programme, state=state, version=programme.version + 1)
    await Programmes(work.tx).move(moved)
    return moved


async def _to_change(work: Work, programme_id: UUID) -> Programme:
    programme = await Programmes(work.tx).get_for_change(programme_id)
    if programme is None:
        raise ProgrammeNotFound
    return programme


def _visible_to(work: Work) -> tuple[ProgrammeState, ...]:
    return tuple(ProgrammeState) if isinstance(work.principal, Official) else PUBLIC_STATES
