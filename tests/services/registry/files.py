"""Registers for tests, stating only what matters."""

from collections.abc import Iterable, Mapping

from services.registry.imports.domain import COLUMNS, is_register_number

ORDINARY = {
    "relationship": "世帯主",
    "name_formal": "北見　花子",
    "name_display": "北見 花子",
    "name_kana": "キタミ ハナコ",
    "name_kana_verified": "1",
    "alias": "",
    "name_latin": "",
    "birth_on": "1985-03-15",
    "gender": "2",
    "postal_code": "0900024",
    "address": "北海道北見市北四条東1丁目2番地",
    "nationality": "japanese",
    "resident_from": "2010-04-01",
    "resident_until": "",
    "tax_status": "exempt",
    "protection": "",
}


def numbers(count: int, first: int = 1_000_000) -> list[str]:
    """Return register numbers whose check digits hold."""
    found: list[str] = []
    serial = first
    while len(found) < count:
        found += [f"{serial}{d}" for d in range(10) if is_register_number(f"{serial}{d}")]
        serial += 1
    return found[:count]


def a_line(number: int = 0, household: int | None = None, /, **changes: str) -> dict[str, str]:
    """Return a line; `number` and `household` count people and households from 0."""
    given = numbers(number + 1)[number]
    own = numbers((household if household is not None else number) + 1, first=5_000_000)[-1]
    return {"resident_number": given, "household_number": own, **ORDINARY, **changes}


def a_file(lines: Iterable[Mapping[str, str]], *, labels: bool = False) -> str:
    """Return a CSV of these lines, with our names or the labels on paper."""
    header = COLUMNS.values() if labels else COLUMNS
    rows = [",".join(header), *(",".join(line[name] for name in COLUMNS) for line in lines)]
    return "\n".join(rows) + "\n"
