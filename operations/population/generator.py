"""Invents a municipality's register: every household, housed, numbered, dated and taxed.

Nothing here looks at a clock or a machine's state: the same code, seed, size and day give the same
register, byte for byte, so a demonstration can be repeated and a test can be trusted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from foundation.identifiers import MunicipalityCode

from .cast import Scene, scenes_of
from .chance import Chance, Lottery, age_on, years_before
from .composition import Composer
from .numbering import Numbering
from .places import Places
from .profiles import profile_of
from .residents import (
    HOUSEHOLDER,
    Address,
    Household,
    HouseholdKind as Kind,
    Member,
    Population,
    Resident,
    TaxStatus,
)
from .taxation import WHOLLY_EXEMPT, statuses

AS_OF = date(2026, 10, 1)
"""The day the invented registers describe; fixed, so that people do not age between two starts."""
SIZES = {"012084": 2_400, "302082": 2_200, "131016": 2_600}
"""How many people live in each demonstration; those who have moved out come on top."""
SEED = "tamaire"
_IN_SANDBOX = 300

_SMALLEST = 100
_PROTECTED_SHARE, _PROTECTED_TOGETHER = 0.003, 2.7
_LEAVERS = 0.02
_CHILDREN_LEAVING, _LEAVING_HOME = 0.05, range(18, 27)
_VAGUE_BIRTHS, _VAGUE_FROM_AGE = 0.03, 80
_FIRST_RESIDENT, _FIRST_HOUSEHOLD = 1_000_001, 5_000_001
_OWN_ARRIVAL = frozenset({Kind.FOREIGN_SINGLE, Kind.FOREIGN_FAMILY, Kind.INSTITUTION})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stay:
    """What the register says of one member besides who they are."""

    since: date
    until: date | None
    status: TaxStatus
    birth_text: str
    kana_verified: bool
    is_protected: bool


class Town:
    """One municipality being populated. Iterate `households()` once."""

    def __init__(self, code: MunicipalityCode, *, size: int, seed: str, as_of: date) -> None:
        if size < _SMALLEST:
            message = f"A town of fewer than {_SMALLEST} people is no register to try things on."
            raise ValueError(message)
        self._chance = Chance(f"{code}|{seed}|{size}")
        self._profile = profile_of(code)
        self._places = Places(code, self._chance, apartments=self._profile.apartments)
        self._composer = Composer(self._chance, as_of=as_of, origins=self._profile.origins)
        self._kinds = Lottery(list(self._profile.mixture.items()))
        self._residents = Numbering(_FIRST_RESIDENT)
        self._numbers = Numbering(_FIRST_HOUSEHOLD)
        self._code, self._size, self._as_of = code, size, as_of
        self.kept_apart: list[tuple[str, str]] = []

    def households(self) -> Iterator[Household]:
        """Yield the named people first, then the protected, then everybody until the town is full.

        Some households on top of its size have moved out and are still on file.
        """
        present = 0
        for household in self._first():
            present += _present(household)
            yield household
        while present < self._size:
            household = self._invent(room=self._size - present)
            present += _present(household)
            yield household
            if self._chance.happens(_LEAVERS):
                yield self._moved_out()

    def _first(self) -> Iterator[Household]:
        apart: list[Household] = []
        for scene in scenes_of(self._code):
            household = self._play(scene)
            if scene.is_protected or apart:
                apart.append(household)
            yield household
        named = sum(r.is_protected for household in apart for r in household.residents)
        for _ in range(round((self._size * _PROTECTED_SHARE - named) / _PROTECTED_TOGETHER)):
            pair = self._separated()
            apart.extend(pair)
            yield from pair
        numbers = [household.household_number for household in apart]
        self.kept_apart.extend(zip(numbers[::2], numbers[1::2], strict=True))

    # --- the cast

    def _play(self, scene: Scene) -> Household:
        stays = [
            _Stay(
                since=max(scene.since, player.member.born_on),
                until=scene.until,
                status=player.tax_status,
                birth_text=scene.birth_text or player.member.born_on.isoformat(),
                kana_verified=not player.member.is_foreign,
                is_protected=scene.is_protected,
            )
            for player in scene.players
        ]
        return self._register(
            scene.kind,
            [player.member for player in scene.players],
            stays,
            self._places.at(scene.town, lot=scene.lot, house=scene.house),
        )

    # --- the invented

    def _invent(self, *, room: int) -> Household:
        kind = self._chance.draw(self._kinds)
        members = self._composer.compose(kind)
        if len(members) > room:
            kind, members = Kind.YOUNG_SINGLE, self._composer.compose(Kind.YOUNG_SINGLE)
        stays = self._stays(kind, members)
        return self._register(kind, members, stays, self._places.home(kind))

    def _moved_out(self) -> Household:
        kind = self._chance.draw(self._kinds)
        members = self._composer.compose(kind)
        until = self._as_of - timedelta(days=self._chance.integer(1, 700))
        members = [member for member in members if member.born_on < until]
        stays = self._stays(kind, members, until=until)
        return self._register(kind, members, stays, self._places.home(kind))

    def _separated(self) -> tuple[Household, Household]:
        """Register a protected family, and in another household the person it fled."""
        protected, other = self._composer.separated()
        kinds = (Kind.SINGLE_PARENT, Kind.MIDDLE_SINGLE)
        made = [
            self._register(
                kind,
                members,
                self._stays(kind, members, is_protected=kind is Kind.SINGLE_PARENT),
                self._places.home(kind),
            )
            for kind, members in zip(kinds, (protected, other), strict=True)
        ]
        return made[0], made[1]

    def _stays(
        self,
        kind: Kind,
        members: Sequence[Member],
        *,
        until: date | None = None,
        is_protected: bool = False,
    ) -> list[_Stay]:
        latest = until or self._as_of
        since = self._arrivals(kind, members, latest=latest)
        taxed = statuses(
            members,
            since=since,
            chance=self._chance,
            exemption=min(WHOLLY_EXEMPT[kind] * self._profile.exemption, 0.95),
            as_of=self._as_of,
        )
        return [
            _Stay(
                since=came_on,
                until=until or self._departure(member, since=came_on),
                status=status,
                birth_text=self._birth_text(member, since=came_on),
                kana_verified=not member.is_foreign and self._chance.happens(0.86),
                is_protected=is_protected,
            )
            for member, came_on, status in zip(members, since, taxed, strict=True)
        ]

    def _arrivals(self, kind: Kind, members: Sequence[Member], *, latest: date) -> list[date]:
        """Return from when each member has been a resident: birth, marriage or moving in."""
        head = members[0]
        adult_for = max(age_on(latest, head.born_on) - 18, 1)
        longest = min(adult_for, 6 if kind in _OWN_ARRIVAL else 40)
        # People who live alone have mostly come lately; families stay.
        years = (self._chance.towards_low if len(members) == 1 else self._chance.integer)(
            0, longest - 1
        )
        moved_on = years_before(latest, years) - timedelta(days=self._chance.integer(1, 364))
        native = kind not in _OWN_ARRIVAL and self._chance.happens(self._profile.natives)
        return [_arrival(member, head=head, moved_on=moved_on, native=native) for member in members]

    def _departure(self, member: Member, *, since: date) -> date | None:
        """Return the day a grown child left the family for another town, for a few of them."""
        is_leaving = (
            member.relationship == "子"
            and age_on(self._as_of, member.born_on) in _LEAVING_HOME
            and self._chance.happens(_CHILDREN_LEAVING)
        )
        if not is_leaving:
            return None
        earliest = max(since, years_before(self._as_of, 2)) + timedelta(days=1)
        return self._chance.day_between(earliest, self._as_of - timedelta(days=1))

    def _birth_text(self, member: Member, *, since: date) -> str:
        """Return the birth as the register has it; of some very old people not the whole day."""
        text = member.born_on.isoformat()
        is_vague = (
            age_on(self._as_of, member.born_on) >= _VAGUE_FROM_AGE
            and since.year > member.born_on.year
            and self._chance.happens(_VAGUE_BIRTHS)
        )
        if not is_vague:
            return text
        return text[:4] + "-00-00" if self._chance.happens(0.6) else text[:7] + "-00"

    def _register(
        self, kind: Kind, members: Sequence[Member], stays: Sequence[_Stay], address: Address
    ) -> Household:
        return Household(
            household_number=self._numbers.take(),
            kind=kind,
            address=address,
            residents=tuple(
                Resident(
                    resident_number=self._residents.take(),
                    relationship=member.relationship,
                    name=member.name,
                    name_kana_verified=stay.kana_verified,
                    born_on=member.born_on,
                    birth_text=stay.birth_text,
                    gender=member.gender,
                    is_foreign=member.is_foreign,
                    resident_from=stay.since,
                    resident_until=stay.until,
                    tax_status=stay.status,
                    is_protected=stay.is_protected,
                )
                for member, stay in zip(members, stays, strict=True)
            ),
        )


def _arrival(member: Member, *, head: Member, moved_on: date, native: bool) -> date:
    if native and member.relationship in {HOUSEHOLDER, "子", "子の子"}:
        return member.born_on
    if native and member.relationship in {"父", "母"}:
        return head.born_on
    return max(member.born_on, moved_on)


def _present(household: Household) -> int:
    return sum(resident.is_current for resident in household.residents)


def generate(
    code: MunicipalityCode, *, size: int | None = None, seed: str = SEED, as_of: date = AS_OF
) -> Population:
    """Return the whole invented register of a municipality.

    Without a size, a demonstration municipality has its own, the sandbox 300 people and any other
    1,000.

    Raises:
        ValueError: the size is below 100, or the code is no municipality's.
        KeyError: it is in no directory.
    """
    usual = SIZES.get(code, _IN_SANDBOX if code.is_sandbox else 1_000)
    town = Town(code, size=size or usual, seed=seed, as_of=as_of)
    households = tuple(town.households())
    return Population(
        code=code, as_of=as_of, households=households, kept_apart=tuple(town.kept_apart)
    )
