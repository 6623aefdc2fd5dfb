"""An invented register of any size, with faults planted where the proof knows them."""

import csv
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from services.registry.imports.domain import COLUMNS, FaultKind, is_register_number
from tests.services.registry.files import ORDINARY

FAMILY_NAMES: Final = (
    "北見",
    "髙橋",
    "渡邊󠄂",
    "佐藤",
    "鈴木",
    "𠮷田",
    "山﨑",
    "中村",
    "小林",
    "加藤",
)
GIVEN_NAMES: Final = ("花子", "太郎", "桜", "健一", "美咲", "大翔", "結衣", "蓮", "陽菜", "誠")
READINGS: Final = (
    "ハナコ",
    "タロウ",
    "サクラ",
    "ケンイチ",
    "ミサキ",
    "ヒロト",
    "ユイ",
    "レン",
    "ヒナ",
    "マコト",
)
FAULTS: Final = {
    FaultKind.RESIDENT_NUMBER: ("resident_number", "1000000000001"),
    FaultKind.HOUSEHOLD_NUMBER: ("household_number", "５０００"),
    FaultKind.NAME_MISSING: ("name_formal", ""),
    FaultKind.NAME_UNREPRESENTABLE: ("name_display", "北見\ue000"),
    FaultKind.KANA: ("name_kana", "北見"),
    FaultKind.BIRTH_DATE: ("birth_on", "1985-02-30"),
    FaultKind.RESIDENCE_DATES: ("resident_until", "1800-01-01"),
    FaultKind.GENDER: ("gender", "3"),
    FaultKind.RELATIONSHIP: ("relationship", "孫"),
    FaultKind.TAX_STATUS: ("tax_status", "none"),
    FaultKind.POSTAL_CODE: ("postal_code", "09000"),
    FaultKind.ADDRESS_MISSING: ("address", " "),
}


def numbers(first: int) -> Iterator[str]:
    """Yield numbers whose check digits hold, for ever."""
    serial = first
    while True:
        found = (f"{serial}{digit}" for digit in range(10))
        yield from (number for number in found if is_register_number(number))
        serial += 1


def people(count: int, *, seed: int = 20261123) -> Iterator[dict[str, str]]:
    """Yield so many residents, household by household, the householder first."""
    chance = random.Random(seed)  # noqa: S311 - a spread, no secret
    residents, households = numbers(10_000_000), numbers(50_000_000)
    left, household = 0, ""
    for _ in range(count):
        is_first = left == 0
        if is_first:
            left, household = chance.choice((1, 1, 2, 3, 4)), next(households)
        left -= 1
        given = chance.randrange(len(GIVEN_NAMES))
        name = f"{chance.choice(FAMILY_NAMES)} {GIVEN_NAMES[given]}"
        yield {
            **ORDINARY,
            "resident_number": next(residents),
            "household_number": household,
            "relationship": "世帯主" if is_first else "子",
            "name_formal": name,
            "name_display": name,
            "name_kana": f"キタミ {READINGS[given]}",
            "birth_on": f"{chance.randint(1930, 2024)}-{chance.randint(1, 12):02}-"
            f"{chance.randint(1, 28):02}",
            "gender": chance.choice("12"),
            "address": f"北海道北見市北{chance.randint(1, 40)}条東{chance.randint(1, 9)}丁目"
            f"{chance.randint(1, 30)}番地{chance.randint(1, 20)}",
            "resident_from": f"{chance.randint(1990, 2025)}-04-01",
            "protection": "dv" if chance.random() < 1 / 5_000 else "",
        }


def write(path: Path, count: int, *, of_each_fault: int = 0) -> dict[FaultKind, int]:
    """Write a register, with so many faults of each kind where they harm nobody else's line."""
    chance = random.Random(count)  # noqa: S311 - a spread, no secret
    # Of a householder a fault would behead the household: only somebody's child is made faulty.
    waiting = [kind for kind in FAULTS for _ in range(of_each_fault)]
    chance.shuffle(waiting)
    planted: dict[FaultKind, int] = dict.fromkeys(FAULTS if of_each_fault else (), 0)
    every = max(count // (3 * len(waiting)), 1) if waiting else 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(COLUMNS), lineterminator="\n")
        writer.writeheader()
        last = 0
        for line, person in enumerate(people(count)):
            if waiting and line - last >= every and person["relationship"] == "子":
                kind, last = waiting.pop(), line
                name, cell = FAULTS[kind]
                person[name] = cell
                planted[kind] += 1
            writer.writerow(person)
    assert not waiting, "there was no room for all faults"
    return planted
