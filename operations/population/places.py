"""Gives each household a home in a real town of its municipality, at a lot nobody need live at."""

from collections.abc import Sequence

from foundation.identifiers import CodeKind, MunicipalityCode
from operations.reference import Town, municipality, towns_of

from .chance import Chance
from .profiles import TOKYO_WARDS
from .residents import Address, HouseholdKind

_WIDE = str.maketrans("0123456789-", "０１２３４５６７８９－")
_BUILDINGS = ("コーポ", "メゾン", "ハイツ", "グランハイム", "サンライズ", "リバーサイド", "パレス")
_TOWERS = ("レジデンス", "タワー", "パークハウス", "コート", "アーバンハイム", "ステージ")
_OPEN_BUILDINGS = 200
_NOWHERE = "9999999"
"""No letter can be sent there."""
_INVENTED = ("見本町", "仮町", "例町", "試町")
_FILLED_AGAIN = 0.75


def wide(number: int | str) -> str:
    """Return digits in the full width in which registers print addresses."""
    return str(number).translate(_WIDE)


class Places:
    """The homes of one municipality; buildings are entered again until they are full."""

    def __init__(self, code: MunicipalityCode, chance: Chance, *, apartments: float) -> None:
        towns = towns_of(code) or _invented(code)
        self._chance = chance
        self._apartments = apartments
        self._towns = towns
        self._counts_houses = code[:2] == TOKYO_WARDS
        self._buildings: list[_Building] = []
        self._nursing_homes = [
            self._named("特別養護老人ホーム", name) for name in ("ひまわり", "やすらぎ")
        ]
        self._dormitory = self._named("国際寮", "")

    def home(self, kind: HouseholdKind) -> Address:
        """Return an address for a household of a kind."""
        if kind is HouseholdKind.INSTITUTION:
            return self._chance.pick(self._nursing_homes)
        if kind is HouseholdKind.FOREIGN_SINGLE and self._chance.happens(0.5):
            return self._dormitory
        if self._chance.happens(self._apartments):
            return self._apartment()
        return self._lot(self._town())

    def at(self, town_name: str, *, lot: int, house: int) -> Address:
        """Return a fixed address: for the named people, who must live at the same place always.

        Raises:
            LookupError: the municipality has no such town.
        """
        for town in self._towns:
            if town.name == town_name:
                return self._address(town, chome=1, lot=lot, house=house)
        raise LookupError(town_name)

    def _town(self) -> Town:
        return self._chance.pick(self._towns)

    def _lot(self, town: Town) -> Address:
        most = 45 if town.has_chome else 1900
        return self._address(
            town,
            chome=self._chance.integer(1, 4),
            lot=self._chance.integer(1, most),
            house=self._chance.integer(1, 30),
        )

    def _address(self, town: Town, *, chome: int, lot: int, house: int) -> Address:
        text = f"{town.prefecture}{town.city}{town.name}"
        if town.has_chome:
            text += f"{wide(chome)}丁目"
        if self._counts_houses:
            text += f"{wide(min(lot, 45))}番{wide(house)}号"
        else:
            text += f"{wide(lot)}番地{wide(house)}"
        return Address(town.postal_code, text)

    def _named(self, kind: str, name: str) -> Address:
        lot = self._lot(self._town())
        return Address(lot.postal_code, f"{lot.text}　{kind}{name}")

    def _apartment(self) -> Address:
        full = len(self._buildings) >= _OPEN_BUILDINGS
        if self._buildings and (full or self._chance.happens(_FILLED_AGAIN)):
            building = self._chance.pick(self._buildings)
        else:
            building = self._new_building()
            self._buildings.append(building)
        home = building.let(self._chance)
        if not building.free_rooms:
            self._buildings.remove(building)
        return home

    def _new_building(self) -> "_Building":
        town = self._town()
        lot = self._lot(town)
        names: Sequence[str] = _TOWERS if self._counts_houses else _BUILDINGS
        low, high = (4, 14) if self._counts_houses else (2, 4)
        storeys = self._chance.integer(low, high)
        name = f"{self._chance.pick(names)}{town.name}"
        rooms = [floor * 100 + door for floor in range(1, storeys + 1) for door in range(1, 9)]
        return _Building(Address(lot.postal_code, f"{lot.text}　{name}"), rooms)


def _invented(code: MunicipalityCode) -> tuple[Town, ...]:
    """Return towns that are none, in a municipality of which we know no other.

    Raises:
        ValueError: the code is a prefecture's, or the nation's.
        KeyError: no municipality has it.
    """
    prefecture, city = ("試験用", "試験市") if code.is_sandbox else _called(code)
    return tuple(
        Town(
            municipality_code=code,
            postal_code=_NOWHERE,
            prefecture=prefecture,
            city=city,
            name=name,
            has_chome=True,
        )
        for name in _INVENTED
    )


def _called(code: MunicipalityCode) -> tuple[str, str]:
    if code.kind is not CodeKind.MUNICIPALITY:
        message = f"{code} is no municipality, so nobody can live there."
        raise ValueError(message)
    entry = municipality(code)
    return entry.prefecture_name, entry.name


class _Building:
    """An apartment house and the rooms nobody lives in yet."""

    __slots__ = ("_address", "free_rooms")

    def __init__(self, address: Address, free_rooms: list[int]) -> None:
        self._address = address
        self.free_rooms = free_rooms

    def let(self, chance: Chance) -> Address:
        """Give one of the free rooms away."""
        room = chance.pick(self.free_rooms)
        self.free_rooms.remove(room)
        return Address(self._address.postal_code, f"{self._address.text}{wide(room)}号")
