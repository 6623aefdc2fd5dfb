"""Residents over HTTP."""

from uuid import UUID

from foundation.web import CurrentWork, OfficeRouter
from services.registry import permissions

from . import service
from .domain import Description
from .problems import HouseholdNotFound, NoMatch, NoRecordOfOwn, ResidentNotFound
from .schemas import HouseholdRead, MatchRead, MatchRequest, OwnRecord, ResidentRead

router = OfficeRouter(tags=["residents"])


@router.get(
    "/residents/{resident_id}",
    permission=permissions.READ_RESIDENT,
    problems=[ResidentNotFound],
    summary="住民の記録を見る",
)
async def read_resident(work: CurrentWork, resident_id: UUID) -> ResidentRead:
    """Read one resident; the address of a protected person is masked for everybody."""
    return ResidentRead.of(await service.read(work, resident_id))


@router.get(
    "/residents/{resident_id}/household",
    permission=permissions.READ_RESIDENT,
    problems=[ResidentNotFound],
    summary="住民の属する世帯の記録を見る",
)
async def read_household_of_resident(work: CurrentWork, resident_id: UUID) -> HouseholdRead:
    """Read the household somebody belongs to, with its present members."""
    return HouseholdRead.of(await service.read_household_of(work, resident_id))


@router.get(
    "/households/{household_id}",
    permission=permissions.READ_RESIDENT,
    problems=[HouseholdNotFound],
    summary="世帯の記録を見る",
)
async def read_household(work: CurrentWork, household_id: UUID) -> HouseholdRead:
    """Read a household and its present members."""
    return HouseholdRead.of(await service.read_household(work, household_id))


@router.get(
    "/me",
    permission=permissions.READ_OWN_RECORD,
    problems=[NoRecordOfOwn],
    summary="自分の記録を見る",
)
async def read_own_record(work: CurrentWork) -> OwnRecord:
    """Read one's own record and who belongs to the household."""
    return OwnRecord.of(*await service.read_own(work))


@router.post(
    "/matches",
    permission=permissions.MATCH_RESIDENT,
    problems=[NoMatch],
    idempotent_post=False,
    summary="カードの4情報を住民の記録と突き合わせる",
)
async def match_resident(work: CurrentWork, body: MatchRequest) -> MatchRead:
    """Find the one resident a card describes. Only the gateway may ask, at a first sign-in."""
    card = Description(
        name=body.name,
        kana=body.kana,
        birth_on=body.birth_on,
        address=body.address,
        gender=body.gender,
    )
    resident, grade = await service.match(work, card)
    return MatchRead(resident_id=resident.id, grade=grade)
