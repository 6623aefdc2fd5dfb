"""Programmes over HTTP."""

from uuid import UUID

from foundation.problems import Fault, InvalidInput
from foundation.web import CurrentWork, CursorText, IfMatch, Limit, Listing, OfficeRouter
from services.benefits import permissions

from . import service
from .domain import Terms
from .problems import ProgrammeCodeTaken, ProgrammeNotFound, ProgrammeStateConflict
from .schemas import ProgrammeDefine, ProgrammeRead

router = OfficeRouter(prefix="/programmes", tags=["programmes"])


@router.post(
    "",
    permission=permissions.DEFINE_PROGRAMME,
    problems=[ProgrammeCodeTaken],
    status_code=201,
    summary="給付事業を定める(公開前の下書き)",
)
async def define_programme(work: CurrentWork, body: ProgrammeDefine) -> ProgrammeRead:
    """Enter a programme as a draft: nobody outside the office sees it before its publication."""
    return ProgrammeRead.of(await service.define(work, _sound(body)))


@router.get("", permission=permissions.READ_PROGRAMMES, summary="給付事業の一覧を見る")
async def list_programmes(
    work: CurrentWork, limit: Limit = 50, cursor: CursorText = None
) -> Listing[ProgrammeRead]:
    """List programmes, newest first; drafts are listed for officials only."""
    page = await service.list_newest(work, cursor=cursor, limit=limit)
    return Listing[ProgrammeRead](
        items=[ProgrammeRead.of_row(row) for row in page.items],
        next_cursor=page.next_cursor,
        has_more=page.has_more,
    )


@router.get(
    "/{programme_id}",
    permission=permissions.READ_PROGRAMMES,
    problems=[ProgrammeNotFound],
    summary="給付事業の内容を見る",
)
async def read_programme(work: CurrentWork, programme_id: UUID) -> ProgrammeRead:
    """Read one programme with its legal ground, amount, reference date and period."""
    return ProgrammeRead.of(await service.read(work, programme_id))


@router.put(
    "/{programme_id}",
    permission=permissions.DEFINE_PROGRAMME,
    problems=[ProgrammeNotFound, ProgrammeCodeTaken, ProgrammeStateConflict],
    summary="公開前の給付事業を改める",
)
async def redefine_programme(
    work: CurrentWork, programme_id: UUID, body: ProgrammeDefine, version: IfMatch
) -> ProgrammeRead:
    """Change a draft; what is published stands."""
    changed = await service.redefine(work, programme_id, _sound(body), version=version)
    return ProgrammeRead.of(changed)


@router.post(
    "/{programme_id}/publication",
    permission=permissions.DEFINE_PROGRAMME,
    problems=[ProgrammeNotFound, ProgrammeStateConflict],
    summary="給付事業を公開する",
)
async def publish_programme(work: CurrentWork, programme_id: UUID) -> ProgrammeRead:
    """Publish a draft: its terms are final, and its roster can be extracted."""
    return ProgrammeRead.of(await service.publish(work, programme_id))


@router.post(
    "/{programme_id}/closure",
    permission=permissions.DEFINE_PROGRAMME,
    problems=[ProgrammeNotFound, ProgrammeStateConflict],
    summary="給付事業の受付を終える",
)
async def close_programme(work: CurrentWork, programme_id: UUID) -> ProgrammeRead:
    """Take no further answers; what was confirmed is still decided and paid."""
    return ProgrammeRead.of(await service.close(work, programme_id))


def _sound(body: ProgrammeDefine) -> Terms:
    terms = body.terms()
    if faults := terms.faults():
        raise InvalidInput.of(
            [
                Fault(pointer=pointer, detail=english, detail_ja=japanese)
                for pointer, english, japanese in faults
            ]
        )
    return terms
