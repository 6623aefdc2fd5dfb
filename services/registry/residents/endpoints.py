"""Residents over HTTP."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from foundation.database import Page
from foundation.problems import Fault, InvalidInput
from foundation.web import CurrentWork, CursorText, Limit, Listing, OfficeRouter
from services.registry import permissions

from . import service
from .domain import Description, Resident, parse_day, search_kana, search_name
from .problems import HouseholdNotFound, NoMatch, NoRecordOfOwn, ResidentNotFound
from .schemas import HouseholdRead, MatchRead, MatchRequest, OwnRecord, ResidentRead

router = OfficeRouter(tags=["residents"])

Term = Annotated[str | None, Query(min_length=1, max_length=100)]


@router.get(
    "/residents",
    permission=permissions.SEARCH_RESIDENTS,
    summary="氏名・カナ・生年月日のいずれかで住民を探す",
)
async def search_residents(
    work: CurrentWork,
    name: Term = None,
    kana: Term = None,
    birth_on: Term = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Listing[ResidentRead]:
    """Search by exactly one of name, reading or day of birth.

    A name is matched from its beginning, whatever variants of its characters are given; a reading
    in any width and in hiragana too; a day of birth in either calendar.
    """
    search, term = _way_of(name=name, kana=kana, birth_on=birth_on)
    page = await search(work, term, cursor=cursor, limit=limit)
    return Listing[ResidentRead](
        items=[ResidentRead.of(resident) for resident in page.items],
        next_cursor=page.next_cursor,
        has_more=page.has_more,
    )


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


def _way_of(**terms: str | None) -> tuple[Callable[..., Coroutine[Any, Any, Page[Resident]]], Any]:
    """Return how to search, and for what.

    Raises:
        InvalidInput: not exactly one term, a term that holds nothing to search for, or no day.
    """
    given = [(name, term) for name, term in terms.items() if term is not None]
    if len(given) != 1:
        raise _refusal(
            "name",
            "Give exactly one of name, kana and birth_on.",
            "氏名・カナ・生年月日の1つだけを指定",
        )
    name, term = given[0]
    if name == "birth_on":
        try:
            return service.search_by_birth, parse_day(term)
        except ValueError as error:
            raise _refusal(
                name,
                "It must be a full day, such as 2026-04-01 or 令和8年4月1日.",
                "2026-04-01 か 令和8年4月1日 の形で、年月日すべてを指定",
            ) from error
    search, key = (
        (service.search_by_name, search_name)
        if name == "name"
        else (service.search_by_kana, search_kana)
    )
    if not key(term):
        raise _refusal(name, "There is nothing to search for.", "1文字以上で指定")
    return search, term


def _refusal(name: str, detail: str, what_ja: str) -> InvalidInput:
    fault = Fault(
        pointer=f"/{name}", detail=detail, detail_ja=f"{what_ja}してください。", location="query"
    )
    return InvalidInput.of([fault])
