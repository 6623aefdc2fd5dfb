"""Which column is which: our names, or the labels a register's own export has."""

from collections.abc import Mapping, Sequence

COLUMNS: Mapping[str, str] = {
    "resident_number": "宛名番号",
    "household_number": "世帯番号",
    "relationship": "続柄",
    "name_formal": "氏名_正字",
    "name_display": "氏名",
    "name_kana": "氏名カナ",
    "name_kana_verified": "カナ確認",
    "alias": "通称",
    "name_latin": "氏名_英字",
    "birth_on": "生年月日",
    "gender": "性別",
    "postal_code": "郵便番号",
    "address": "住所",
    "nationality": "国籍区分",
    "resident_from": "住民となった日",
    "resident_until": "住民でなくなった日",
    "tax_status": "課税区分",
    "protection": "支援措置",
}
"""Every column, by our name, with its label on paper."""

_BY_LABEL = {label: name for name, label in COLUMNS.items()} | {name: name for name in COLUMNS}


class UnreadableHeader(ValueError):
    """The first line does not name every column exactly once."""

    def __init__(self, *, missing: Sequence[str], unknown: Sequence[str]) -> None:
        super().__init__("The header does not name every column once.")
        self.missing = tuple(missing)
        self.unknown = tuple(unknown)


def column_order(header: Sequence[str]) -> tuple[str, ...]:
    """Return our names of the columns in the file's order.

    Raises:
        UnreadableHeader: naming what is missing and what is unknown or there twice.
    """
    names = [_BY_LABEL.get(cell.strip()) for cell in header]
    missing = [f"{name}({COLUMNS[name]})" for name in COLUMNS if name not in names]
    unknown = [
        cell
        for place, (cell, name) in enumerate(zip(header, names, strict=True))
        if name is None or name in names[:place]
    ]
    if missing or unknown:
        raise UnreadableHeader(missing=missing, unknown=unknown)
    return tuple(name for name in names if name is not None)
