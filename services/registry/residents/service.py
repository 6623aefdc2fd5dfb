"""What officials, residents and the gateway ask of the register; every answer leaves its trail."""

from collections.abc import Sequence
from uuid import UUID

from foundation.identity import Resident as SignedInResident
from foundation.work import Work

from .domain import (
    Description,
    Grade,
    Household,
    Resident,
    agree_where_written,
    grade_of,
    search_name,
)
from .problems import HouseholdNotFound, NoMatch, NoRecordOfOwn, ResidentNotFound
from .repository import Residents

_BEFORE_ALL = UUID(int=0)
_MOST_OF_A_DAY = 500
"""More were never born on one day in the largest city."""


async def read(work: Work, resident_id: UUID) -> Resident:
    """Return a resident.

    Raises:
        ResidentNotFound: another municipality's, or nobody (404).
    """
    resident = await Residents(work.tx).get(resident_id)
    if resident is None:
        raise ResidentNotFound
    await work.record("registry.resident.read", subject=resident.id, obj=str(resident.id))
    return resident


async def read_household(work: Work, household_id: UUID) -> Household:
    """Return a household with its present members.

    Raises:
        HouseholdNotFound: another municipality's, or none (404).
    """
    household = await Residents(work.tx).household(household_id)
    if household is None:
        raise HouseholdNotFound
    await work.record(
        "registry.resident.read",
        subjects=[member.id for member in household.members],
        obj=str(household.id),
    )
    return household


async def read_household_of(work: Work, resident_id: UUID) -> Household:
    """Return the household of a resident, with its present members.

    Raises:
        ResidentNotFound: another municipality's, or nobody (404).
    """
    resident = await Residents(work.tx).get(resident_id)
    if resident is None:
        raise ResidentNotFound
    return await read_household(work, resident.household_id)


async def read_own(work: Work) -> tuple[Resident, Household]:
    """Return the record of who is signed in, and their household.

    Raises:
        NoRecordOfOwn: the person is not bound to a record (404).
    """
    principal = work.principal
    bound = principal.resident_id if isinstance(principal, SignedInResident) else None
    residents = Residents(work.tx)
    own = await residents.get(bound) if bound is not None else None
    household = await residents.household(own.household_id) if own is not None else None
    if own is None or household is None:
        raise NoRecordOfOwn
    await work.record("registry.resident.read_own", subject=own.id, obj=str(own.id))
    return own, household


async def match(work: Work, card: Description) -> tuple[Resident, Grade]:
    """Return the one resident whom a card describes.

    A protected person's sealed address is opened here to be compared; it goes nowhere.

    Raises:
        NoMatch: nobody, or more than one person, answers to it (404); which, is not said.
    """
    residents = Residents(work.tx)
    named = await residents.candidates(search_name(card.name), card.birth_on)
    matched = await _graded(work, card, named)
    if not matched:
        # A character that could not be written keeps a name from being found by itself.
        born = await residents.born_on(card.birth_on, after=_BEFORE_ALL, limit=_MOST_OF_A_DAY)
        present = [one for one in born if one.resident_until is None]
        matched = await _graded(work, card, present)
    if len(matched) != 1:
        raise NoMatch
    resident, grade = matched[0]
    await work.record("registry.resident.match", subject=resident.id, detail={"grade": grade.value})
    return resident, grade


async def _graded(
    work: Work, card: Description, candidates: Sequence[Resident]
) -> list[tuple[Resident, Grade]]:
    residents = Residents(work.tx)
    matched: list[tuple[Resident, Grade]] = []
    for candidate in candidates:
        if not agree_where_written(search_name(card.name), search_name(candidate.name_display)):
            continue
        address = candidate.address
        if candidate.is_protected:
            address = await residents.sealed_address(candidate, work.cipher)
        grade = grade_of(card, _described(candidate, address))
        if grade is not None:
            matched.append((candidate, grade))
    return matched


def _described(resident: Resident, address: str) -> Description:
    return Description(
        name=resident.name_display,
        birth_on=resident.birth_on,
        address=address,
        kana=resident.name_kana,
        gender=resident.gender,
    )
