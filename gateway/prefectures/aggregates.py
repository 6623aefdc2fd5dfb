"""What the nation, a prefecture and a municipality are shown of the figures that were let out.

Each is shown its own circle: the nation all of Japan, a prefecture its own municipalities, a
municipality itself. Nothing is read here but the directory and figures that each municipality
counted and let out by itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from foundation import clock
from foundation.database import Row, decode_cursor
from foundation.identifiers import CodeKind, MunicipalityCode
from foundation.work import Work
from gateway.figures import repository
from gateway.figures.domain import Shown

_OPEN: Final = "open_applications"
_NOTHING: Final = Shown("", None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """One municipality: what the directory says of it, and what it lets out."""

    code: MunicipalityCode
    name: str
    status: str
    services: Sequence[str]
    counted_at: datetime | None
    residents: int | None
    applications: Shown
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A prefecture, or all that is shown: of whom figures are there, and their totals."""

    code: str
    municipalities: int
    disclosing: int
    residents: int
    applications: Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregates:
    """Everything that one page shows."""

    total: Area
    prefectures: Sequence[Area]
    towns: Sequence[Town]
    has_more: bool


async def aggregates(work: Work, *, cursor: str | None, limit: int) -> Aggregates:
    """Return the figures of the caller's own circle; totals are of all of it on every page.

    Raises:
        InvalidCursor: the cursor is not one of this list's (400).
    """
    after: str = decode_cursor(cursor, str)[0] if cursor else ""
    own = work.tenancy.code
    first, last = _circle(own)
    reach = "nation" if own.kind is CodeKind.NATION else "prefecture"
    today = clock.today()
    rows = await repository.among(work.tx, first=first, last=last, reach=reach, today=today)
    places = await repository.places(work.tx, first=first, last=last, today=today)
    country = _country(str(own), rows)
    towns = _towns(places, rows, country)
    following = [town for town in towns if str(town.code) > after]
    return Aggregates(
        total=_area(str(own), towns, country),
        prefectures=_prefectures(towns, country),
        towns=following[:limit],
        has_more=len(following) > limit,
    )


def _circle(code: MunicipalityCode) -> tuple[str, str]:
    """Return the first and the last code of those whose figures an office is shown."""
    match code.kind:
        case CodeKind.NATION:
            return "000000", "999999"
        case CodeKind.PREFECTURE:
            return f"{code[:2]}0000", f"{code[:2]}9999"
        case _:
            return str(code), str(code)


def _country(name: str, rows: Iterable[Row]) -> Shown:
    """Return what is open, by prefecture, by municipality, by programme."""
    prefectures: dict[str, dict[str, list[Shown]]] = {}
    for row in rows:
        if row["measure"] == _OPEN:
            code: str = row["municipality_code"]
            towns = prefectures.setdefault(code[:2], {})
            programme = Shown(row["programme"], row["amount"] or None, row["yen"] or None)
            towns.setdefault(code, []).append(programme)
    return Shown.of(
        name,
        [
            Shown.of(prefix, [Shown.of(code, parts) for code, parts in towns.items()])
            for prefix, towns in prefectures.items()
        ],
    )


def _towns(places: Iterable[Row], rows: Iterable[Row], country: Shown) -> list[Town]:
    figures: dict[str, list[Row]] = {}
    for row in rows:
        figures.setdefault(row["municipality_code"], []).append(row)
    open_in = {town.name: town for prefecture in country.parts for town in prefecture.parts}
    return [_town(place, figures.get(place["municipality_code"], []), open_in) for place in places]


def _town(place: Row, rows: Sequence[Row], open_in: Mapping[str, Shown]) -> Town:
    code = place["municipality_code"]
    none_open = Shown(code, 0, 0) if rows else _NOTHING
    return Town(
        code=MunicipalityCode.parse(code),
        name=place["name"],
        status=place["status"],
        services=place["services"],
        counted_at=max((row["counted_at"] for row in rows), default=None),
        residents=next((row["amount"] for row in rows if row["measure"] == "residents"), None),
        applications=open_in.get(code, none_open),
        labels={row["programme"]: row["label"] for row in rows if row["measure"] == _OPEN},
    )


def _prefectures(towns: Sequence[Town], country: Shown) -> list[Area]:
    by_prefix: dict[str, list[Town]] = {}
    for town in towns:
        by_prefix.setdefault(str(town.code)[:2], []).append(town)
    return [
        _area(str(own[0].code.prefecture), own, country.part(prefix) or Shown(prefix, 0, 0))
        for prefix, own in by_prefix.items()
    ]


def _area(code: str, towns: Sequence[Town], applications: Shown) -> Area:
    return Area(
        code=code,
        municipalities=len(towns),
        disclosing=sum(town.counted_at is not None for town in towns),
        # Of what is shown, and rounded already, as all totals are: they add nothing to be known.
        residents=sum(town.residents or 0 for town in towns),
        applications=applications,
    )
