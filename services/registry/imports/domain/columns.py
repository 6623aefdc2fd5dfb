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
"""Every column that must be there, by our name, with its label on paper."""

OPTIONAL: Mapping[str, str] = {
    "history_number": "履歴番号",
    "change_reason": "異動事由",
    "changed_on": "異動日",
    "notified_on": "届出日",
}
"""What a register may tell besides: which state of a person this is, and how it came about."""

_BY_LABEL = {
    spelling: name for name, label in {**COLUMNS, **OPTIONAL}.items() for spelling in (label, name)
}


class UnreadableHeader(ValueError):
    """The first line does not name every column exactly once."""

    def __init__(self, *, missing: Sequence[str], unknown: Sequence[str]) -> None:
        super().__init__("The header does not name every column once.")
        self.missing = tuple(missing)
        self.unknown = tuple(unknown)


def column_named(heading: str) -> str | None:
    """Return our name of a column by its label on paper, or by that name itself."""
    return _BY_LABEL.get(heading)
