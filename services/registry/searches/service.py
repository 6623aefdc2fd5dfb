"""How somebody is found: the fewest who could be meant are looked through, or all walked along."""

from typing import NamedTuple
from uuid import UUID

from foundation.database import Page, decode_cursor, encode_cursor
from foundation.work import Work
from services.registry.residents.domain import Resident
from services.registry.residents.repository import Residents

from .domain import BEFORE_ALL, BEFORE_WITHIN, Place, Wanted
from .problems import TooManyFormerly
from .repository import MOST_CANDIDATES, Searches


class _Found(NamedTuple):
    """Whom a page shows, and from where the next one goes on."""

    places: list[Place]
    go_on: Place | None


async def address_key(work: Work, typed: str) -> str:
    """Return an address as it is compared."""
    return await Searches(work.tx).address_key(typed)


async def search(work: Work, wanted: Wanted, *, cursor: str | None, limit: int) -> Page[Resident]:
    """Return a page of who is meant: called exactly so first, then beginning so, then within.

    A page may hold fewer than asked for, or nobody, and still have a next one: what one request
    looks at is bounded, and nobody is left out.

    Raises:
        InvalidCursor: the cursor is not one of this list's (400).
        TooManyFormerly: too many were called so before for a list in order (422).
    """
    after = Place(*decode_cursor(cursor, int, str, UUID)) if cursor else BEFORE_ALL
    found = await _found(Searches(work.tx), wanted, after=after, limit=limit)
    shown = await Residents(work.tx).of_ids([place.id for place in found.places])
    await work.record(
        "registry.resident.search",
        subjects=[resident.id for resident in shown],
        detail={"count": len(shown)},
    )
    return Page(items=shown, next_cursor=encode_cursor(*found.go_on) if found.go_on else None)


async def _found(searches: Searches, wanted: Wanted, *, after: Place, limit: int) -> _Found:
    if wanted.former:
        return await _formerly(searches, wanted, after=after, limit=limit)
    if wanted.is_beginning_alone and after.rank == 0:
        # What most ask most of the time: who begins so fills the page.
        walked = await searches.along(wanted, after=after, limit=limit + 1)
        if len(walked.met) > limit or walked.broke_off or not wanted.has_letters_within:
            return _page(walked.met, walked.broke_off, limit=limit)
        within = await _found(searches, wanted, after=BEFORE_WITHIN, limit=limit)
        places = [*walked.met, *within.places]
        go_on = within.go_on if len(places) <= limit else None
        return _page(places, go_on, limit=limit)
    few = await _few(searches, wanted)
    if few is not None:
        places = await searches.among(few, wanted, open_only=False, after=after, limit=limit + 1)
        return _page(places, None, limit=limit)
    return await _walk(searches, wanted, after=after, limit=limit)


async def _few(searches: Searches, wanted: Wanted) -> list[UUID] | None:
    """Return some few among whom all who fit are, or None if what is known fits many."""
    if wanted.resident_number:
        return await searches.of_number(wanted.resident_number)
    if wanted.household_number:
        return await searches.of_household_number(wanted.household_number)
    candidates: list[UUID] | None = None
    if wanted.has_letters_within:
        candidates = await searches.with_letters(wanted)
    if wanted.born and (candidates is None or len(candidates) > MOST_CANDIDATES):
        candidates = await searches.born_on(wanted)
    return candidates if candidates is not None and len(candidates) <= MOST_CANDIDATES else None


async def _walk(searches: Searches, wanted: Wanted, *, after: Place, limit: int) -> _Found:
    walked = await searches.along(wanted, after=after, limit=limit + 1)
    places, broke_off = walked.met, walked.broke_off
    is_through = len(places) <= limit and broke_off is None
    if is_through and after.rank == 0 and wanted.beginning:
        walked = await searches.along(wanted, after=BEFORE_WITHIN, limit=limit + 1 - len(places))
        places, broke_off = [*places, *walked.met], walked.broke_off
    return _page(places, broke_off, limit=limit)


async def _formerly(searches: Searches, wanted: Wanted, *, after: Place, limit: int) -> _Found:
    ids = await searches.formerly(wanted)
    if len(ids) > MOST_CANDIDATES:
        raise TooManyFormerly
    present = Wanted(resident_number=wanted.resident_number)
    places = await searches.among(
        ids, present, open_only=wanted.address != "", after=after, limit=limit + 1
    )
    return _page(places, None, limit=limit)


def _page(places: list[Place], broke_off: Place | None, *, limit: int) -> _Found:
    if len(places) > limit:
        return _Found(places[:limit], places[limit - 1])
    return _Found(places, broke_off)
