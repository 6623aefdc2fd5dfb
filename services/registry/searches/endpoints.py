"""Searching over HTTP."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Query

from foundation.problems import Fault, InvalidInput
from foundation.web import CurrentWork, CursorText, Limit, Listing, OfficeRouter
from foundation.work import Work
from services.registry import permissions
from services.registry.residents.domain import Days, parse_days, search_kana, search_name
from services.registry.residents.schemas import ResidentRead

from . import service
from .domain import SHORTEST_WITHIN, Wanted
from .problems import TooManyFormerly

router = OfficeRouter(tags=["residents"])

_LONGEST = 100


def _term(description: str) -> Any:
    return Query(min_length=1, max_length=_LONGEST, description=description)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is known of somebody, as it was typed."""

    name: Annotated[str | None, _term("氏名・通称・英字氏名の一部。異体字・空白は問わない。")] = (
        None
    )
    kana: Annotated[str | None, _term("氏名カナの一部。半角・ひらがな・小書きは問わない。")] = None
    birth_on: Annotated[
        str | None, _term("生年月日。和暦・西暦、年や年月だけも可(S55.3.2、昭和55年、1980-03)。")
    ] = None
    address: Annotated[
        str | None, _term("住所の一部。丁目・番地の書き方は問わない(1丁目2番3号、1-2-3)。")
    ] = None
    resident_number: Annotated[str | None, _term("宛名番号。")] = None
    household_number: Annotated[str | None, _term("世帯番号。")] = None
    former: Annotated[bool, Query(description="過去の氏名・住所で探すか。")] = False


@router.get(
    "/residents",
    permission=permissions.SEARCH_RESIDENTS,
    problems=[TooManyFormerly],
    summary="氏名・カナ・生年月日・住所・番号で住民を探す",
)
async def search_residents(
    work: CurrentWork,
    terms: Annotated[Terms, Depends()],
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Listing[ResidentRead]:
    """Search by any of name, reading, day of birth, address and numbers; all given must be true.

    Whoever is called exactly so comes first, then whoever's name or reading begins so, then those
    who have it somewhere in theirs, each in the order of letters. Two letters suffice; one is
    looked for at the beginning only. A protected person is never found by where they live, nor is
    whoever lives with them. A page may be short and still have a next one.
    """
    page = await service.search(work, await _wanted(work, terms), cursor=cursor, limit=limit)
    return Listing[ResidentRead](
        items=[ResidentRead.of(resident) for resident in page.items],
        next_cursor=page.next_cursor,
        has_more=page.has_more,
    )


async def _wanted(work: Work, terms: Terms) -> Wanted:
    """Return what is looked for.

    Raises:
        InvalidInput: nothing, or a term that holds nothing to look for.
    """
    wanted = Wanted(
        name=_key("name", search_name(terms.name or ""), terms.name),
        kana=_key("kana", search_kana(terms.kana or ""), terms.kana),
        address=await _address(work, terms.address),
        born=_days(terms.birth_on),
        resident_number=terms.resident_number or "",
        household_number=terms.household_number or "",
        former=terms.former,
    )
    if wanted == Wanted(former=terms.former):
        raise _refusal("name", "Give at least one term to search for.", "氏名などを1つ以上指定")
    if wanted.former and not wanted.has_letters_within:
        raise _refusal(
            "name",
            "What somebody was called before is found by two letters or more.",
            "過去の氏名・カナ・住所は2文字以上で指定",
        )
    return wanted


def _key(name: str, key: str, typed: str | None) -> str:
    if typed is not None and not key:
        raise _refusal(name, "There is nothing to search for.", "1文字以上で指定")
    return key


async def _address(work: Work, typed: str | None) -> str:
    if typed is None:
        return ""
    key = await service.address_key(work, typed)
    if len(key) < SHORTEST_WITHIN:
        raise _refusal("address", "Two letters at least are needed.", "2文字以上で指定")
    return key


def _days(typed: str | None) -> Days | None:
    try:
        return None if typed is None else parse_days(typed)
    except ValueError as error:
        raise _refusal(
            "birth_on",
            "It must be a day, a month or a year, such as 2026-04-01, 令和8年4月 or S55.",
            "2026-04-01、令和8年4月1日、S55.3.2 の形、または年・年月だけで指定",
        ) from error


def _refusal(name: str, detail: str, what_ja: str) -> InvalidInput:
    fault = Fault(
        pointer=f"/{name}", detail=detail, detail_ja=f"{what_ja}してください。", location="query"
    )
    return InvalidInput.of([fault])
