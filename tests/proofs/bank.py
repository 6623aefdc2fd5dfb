"""A transfer file as the bank reads it: written from the format's description, not from our code.

Source: 全銀協 総合振込, type 21: records of 120 bytes; header 1, data 2, trailer 8, end 9.
"""

from dataclasses import dataclass

RECORD_BYTES = 120
_CODES = {"1": "ordinary", "2": "current", "4": "savings", "9": "other"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One order to pay."""

    reference: str
    bank_code: str
    branch_code: str
    account_type: str
    account_number: str
    holder: str
    amount_yen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """What the bank would carry out, and the two figures by which it checks the file."""

    entries: tuple[Entry, ...]
    trailer_count: int
    trailer_total_yen: int


def read_file(content: bytes) -> File:
    """Read a file; anything out of place is an AssertionError."""
    assert len(content) % RECORD_BYTES == 0
    records = [
        content[start : start + RECORD_BYTES].decode("shift_jis")
        for start in range(0, len(content), RECORD_BYTES)
    ]
    header, *data, trailer, end = records
    assert (header[0], trailer[0], end[0]) == ("1", "8", "9")
    assert header[1:3] == "21"
    return File(
        entries=tuple(_entry(record) for record in data),
        trailer_count=int(trailer[1:7]),
        trailer_total_yen=int(trailer[7:19]),
    )


def _entry(record: str) -> Entry:
    assert record[0] == "2"
    return Entry(
        bank_code=record[1:5],
        branch_code=record[20:23],
        account_type=_CODES[record[42]],
        account_number=record[43:50],
        holder=record[50:80].rstrip(),
        amount_yen=int(record[80:90]),
        reference=record[91:101],
    )
