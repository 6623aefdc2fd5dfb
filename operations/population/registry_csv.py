"""Writes an invented register in the file format in which real registers are imported."""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator

from .residents import Household, Resident

COLUMNS = (
    "resident_number",
    "household_number",
    "relationship",
    "name_formal",
    "name_display",
    "name_kana",
    "name_kana_verified",
    "alias",
    "name_latin",
    "birth_on",
    "gender",
    "postal_code",
    "address",
    "nationality",
    "resident_from",
    "resident_until",
    "tax_status",
    "protection",
)


def registry_csv(households: Iterable[Household]) -> Iterator[str]:
    """Yield the header, then the lines of one household at a time; UTF-8 when encoded."""
    yield _lines([COLUMNS])
    for household in households:
        yield _lines([_row(household, resident) for resident in household.residents])


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of a file, by which two imports are known to be the same."""
    return hashlib.sha256(content).hexdigest()


def _lines(rows: Iterable[Iterable[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _row(household: Household, resident: Resident) -> tuple[str, ...]:
    name = resident.name
    until = resident.resident_until
    return (
        resident.resident_number,
        household.household_number,
        resident.relationship,
        name.formal,
        name.display,
        name.kana,
        "1" if resident.name_kana_verified else "0",
        name.alias,
        name.latin,
        resident.birth_text,
        resident.gender,
        household.address.postal_code,
        household.address.text,
        "foreign" if resident.is_foreign else "japanese",
        resident.resident_from.isoformat(),
        "" if until is None else until.isoformat(),
        resident.tax_status.value,
        "dv" if resident.is_protected else "",
    )
