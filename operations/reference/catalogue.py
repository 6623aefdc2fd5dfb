"""The published lists as we keep them: municipalities, prefectures, banks, branches and towns."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from foundation.identifiers import CodeKind, MunicipalityCode

from .check_digits import corporate_number_of

_DATA = Path(__file__).parent / "data"
_WARD = "行政区"
_NATION = MunicipalityCode("000000")


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryEntry:
    """A tenant the platform knows of, whether or not it has come on board."""

    code: MunicipalityCode
    name: str
    name_kana: str
    prefecture_name: str
    """Empty for the nation."""
    parent_code: MunicipalityCode | None

    @property
    def kind(self) -> CodeKind:
        return self.code.kind

    @property
    def corporate_number(self) -> str | None:
        return corporate_number_of(self.code)


@dataclass(frozen=True, slots=True)
class Bank:
    """A financial institution as the Zengin system numbers it: four digits."""

    bank_code: str
    name: str
    kana: str


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of a bank: three digits, unique within the bank only."""

    bank_code: str
    branch_code: str
    name: str
    kana: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A town (町域) with its postal code, seven digits without the hyphen."""

    municipality_code: MunicipalityCode
    postal_code: str
    prefecture: str
    city: str
    """The municipality with its county or, in a designated city, its ward."""
    name: str
    has_chome: bool


def read(file_name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of one of the committed files, each as a mapping by column name."""
    with (_DATA / file_name).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


@cache
def directory() -> tuple[DirectoryEntry, ...]:
    """Return the nation, its 47 prefectures and 1,741 municipalities, parents before children.

    Wards of designated cities are offices of their city, not municipalities, and are left out.

    Raises:
        ValueError: a code in the file fails its check digit; nothing may be loaded from it.
    """
    nation = DirectoryEntry(
        code=_NATION, name="国", name_kana="クニ", prefecture_name="", parent_code=None
    )
    entries = [_entry(row) for row in read("lg_codes.csv") if row["kind"] != _WARD]
    entries.sort(key=lambda entry: (entry.kind is CodeKind.MUNICIPALITY, entry.code))
    return (nation, *entries)


def _entry(row: dict[str, str]) -> DirectoryEntry:
    code = MunicipalityCode.parse(row["lg_code"])
    is_prefecture = code.kind is CodeKind.PREFECTURE
    return DirectoryEntry(
        code=code,
        name=row["name"],
        name_kana=row["kana"],
        prefecture_name=row["pref_name"],
        parent_code=_NATION if is_prefecture else code.prefecture,
    )


@cache
def _by_code() -> dict[MunicipalityCode, DirectoryEntry]:
    return {entry.code: entry for entry in directory()}


def municipality(code: MunicipalityCode) -> DirectoryEntry:
    """Return the directory entry of a code.

    Raises:
        KeyError: no municipality, prefecture or nation has this code, or it is a ward's.
    """
    return _by_code()[code]


@cache
def banks() -> tuple[Bank, ...]:
    """Return the financial institutions in order of their code."""
    return tuple(Bank(row["bank_code"], row["name"], row["kana"]) for row in read("banks.csv"))


@cache
def branches() -> tuple[Branch, ...]:
    """Return the branches in order of bank and branch code."""
    return tuple(
        Branch(row["bank_code"], row["branch_code"], row["name"], row["kana"])
        for row in read("bank_branches.csv")
    )


@cache
def _towns() -> dict[MunicipalityCode, tuple[Town, ...]]:
    found: dict[MunicipalityCode, list[Town]] = {}
    for row in read("postal_towns.csv"):
        code = MunicipalityCode.parse(row["municipality_code"])
        town = Town(
            municipality_code=code,
            postal_code=row["postal_code"],
            prefecture=row["prefecture"],
            city=row["city"],
            name=row["town"],
            has_chome=row["has_chome"] == "1",
        )
        found.setdefault(code, []).append(town)
    return {code: tuple(towns) for code, towns in found.items()}


def towns_of(code: MunicipalityCode) -> tuple[Town, ...]:
    """Return the towns we know in a municipality; a sample, except in the demo municipalities."""
    return _towns().get(code, ())
