"""Reads a transfer file as a bank would, independently of who wrote it.

Source: 全国銀行協会「総合振込」, records of 120 bytes: header 1, data 2, trailer 8, end 9.
"""

from dataclasses import dataclass

RECORD_BYTES = 120
_TRANSFERS = "21"
_AMOUNT = slice(80, 90)
_COUNT = slice(1, 7)
_TOTAL = slice(7, 19)
_TRANSFER_DAY = slice(54, 58)


class NotATransferFile(ValueError):
    """The bank would send it back; the message says why, in Japanese."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferFigures:
    """What a bank compares before it pays: the lines themselves and the trailer's word on them."""

    records: int
    transfer_day: str
    """Month and day, MMDD."""
    amounts: tuple[int, ...]
    trailer_count: int
    trailer_total_yen: int


def read(content: bytes) -> TransferFigures:
    """Take a file apart.

    Raises:
        NotATransferFile: it does not keep to the format, or contradicts itself.
    """
    if not content or len(content) % RECORD_BYTES:
        raise NotATransferFile(f"{len(content)} バイトは {RECORD_BYTES} の倍数ではない")
    records = [
        content[start : start + RECORD_BYTES].decode("cp932")
        for start in range(0, len(content), RECORD_BYTES)
    ]
    if "".join(record[0] for record in records) != f"1{'2' * (len(records) - 3)}89":
        raise NotATransferFile("レコードの並びが 1, 2…, 8, 9 ではない")
    header, *lines, trailer, _ = records
    if header[1:3] != _TRANSFERS:
        raise NotATransferFile(f"種別が {_TRANSFERS} ではない")
    return TransferFigures(
        records=len(records),
        transfer_day=header[_TRANSFER_DAY],
        amounts=tuple(int(line[_AMOUNT]) for line in lines),
        trailer_count=int(trailer[_COUNT]),
        trailer_total_yen=int(trailer[_TOTAL]),
    )
