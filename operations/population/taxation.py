"""Says how each member of a household is taxed, so that the household makes sense as a whole."""

from collections.abc import Sequence
from datetime import date

from .chance import Chance, age_on
from .residents import HOUSEHOLDER, HouseholdKind as Kind, Member, TaxStatus

WHOLLY_EXEMPT = {
    Kind.YOUNG_SINGLE: 0.20,
    Kind.MIDDLE_SINGLE: 0.22,
    Kind.ELDERLY_SINGLE: 0.52,
    Kind.YOUNG_COUPLE: 0.04,
    Kind.MIDDLE_COUPLE: 0.09,
    Kind.ELDERLY_COUPLE: 0.31,
    Kind.FAMILY: 0.05,
    Kind.ADULT_CHILD_FAMILY: 0.12,
    Kind.SINGLE_PARENT: 0.42,
    Kind.PARENT_AND_ADULT_CHILD: 0.27,
    Kind.THREE_GENERATIONS: 0.04,
    Kind.SHARED: 0.18,
    Kind.INSTITUTION: 0.75,
    Kind.FOREIGN_SINGLE: 0.25,
    Kind.FOREIGN_FAMILY: 0.20,
    Kind.MIXED_COUPLE: 0.10,
}
_PER_CAPITA_ONLY = 0.07
_UNDECLARED = 0.012
_EARNS_FROM = 18


def statuses(
    members: Sequence[Member],
    *,
    since: Sequence[date],
    chance: Chance,
    exemption: float,
    as_of: date,
) -> list[TaxStatus]:
    """Return a status for each member, in order.

    `since` says from when each has been a resident. The municipality where a person lived on
    1 January taxes them for that year (地方税法 39条, 318条): of an adult who came later it knows
    nothing. Minors without income are exempt, whatever their parents pay. `exemption` is the
    chance that nobody in the household owes anything.
    """
    assessed_on = date(as_of.year, 1, 1)
    bearing = _bearing(chance, exemption)
    found: list[TaxStatus] = []
    for member, came_on in zip(members, since, strict=True):
        if age_on(as_of, member.born_on) < _EARNS_FROM:
            found.append(TaxStatus.EXEMPT)
        elif came_on > assessed_on or chance.happens(_UNDECLARED):
            found.append(TaxStatus.UNKNOWN)
        elif member.relationship == HOUSEHOLDER:
            found.append(bearing)
        else:
            found.append(_beside(bearing, chance))
    return found


def _bearing(chance: Chance, exemption: float) -> TaxStatus:
    """Return what the householder owes: it decides what the household can be."""
    if chance.happens(exemption):
        return TaxStatus.EXEMPT
    if chance.happens(_PER_CAPITA_ONLY):
        return TaxStatus.PER_CAPITA_ONLY
    return TaxStatus.TAXED


def _beside(bearing: TaxStatus, chance: Chance) -> TaxStatus:
    """Return the status of another adult: never above the householder's, often a dependant's."""
    if bearing is TaxStatus.EXEMPT:
        return TaxStatus.EXEMPT
    if bearing is TaxStatus.PER_CAPITA_ONLY:
        return TaxStatus.PER_CAPITA_ONLY if chance.happens(0.3) else TaxStatus.EXEMPT
    if chance.happens(0.55):
        return TaxStatus.TAXED
    return TaxStatus.PER_CAPITA_ONLY if chance.happens(0.2) else TaxStatus.EXEMPT
