"""What is wrong with a value, in words for the person who sent it, in both languages."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal, cast

from foundation.problems import Fault, InvalidInput

from .documents import Place, pointer_to

Location = Literal["body", "query", "path", "header"]

MOST_FAULTS = 1_000
"""Beyond this a list of faults helps nobody, and its length would be the sender's to choose."""

_WORDS: Mapping[str, tuple[str, str]] = {
    "missing": ("It is required.", "必須の項目です。"),
    "extra_forbidden": ("It is not known here.", "ここでは使えない項目です。"),
    "string_type": ("It must be a text.", "文字列で指定してください。"),
    "string_too_short": (
        "It must have at least {min_length} characters.",
        "{min_length} 文字以上で指定してください。",
    ),
    "string_too_long": (
        "It must have at most {max_length} characters.",
        "{max_length} 文字以内で指定してください。",
    ),
    "string_pattern_mismatch": ("It is not of the agreed form.", "形式が正しくありません。"),
    "int_type": ("It must be a whole number.", "整数で指定してください。"),
    "int_parsing": ("It must be a whole number.", "整数で指定してください。"),
    "int_from_float": ("It must be a whole number.", "整数で指定してください。"),
    "float_type": ("It must be a number.", "数値で指定してください。"),
    "bool_type": ("It must be true or false.", "true か false で指定してください。"),
    "bool_parsing": ("It must be true or false.", "true か false で指定してください。"),
    "greater_than": ("It must be more than {gt}.", "{gt} より大きい値を指定してください。"),
    "greater_than_equal": ("It must be {ge} or more.", "{ge} 以上の値を指定してください。"),
    "less_than": ("It must be less than {lt}.", "{lt} より小さい値を指定してください。"),
    "less_than_equal": ("It must be {le} or less.", "{le} 以下の値を指定してください。"),
    "enum": ("It must be one of: {expected}.", "次のいずれかです: {expected}"),
    "literal_error": (
        "It must be one of: {expected}.",
        "次のいずれかです: {expected}",
    ),
    "list_type": ("It must be a list.", "配列で指定してください。"),
    "tuple_type": ("It must be a list.", "配列で指定してください。"),
    "set_type": ("It must be a list without repetitions.", "重複のない配列にしてください。"),
    "frozen_set_type": (
        "It must be a list without repetitions.",
        "重複のない配列にしてください。",
    ),
    "dict_type": ("It must be an object.", "オブジェクトで指定してください。"),
    "model_type": ("It must be an object.", "オブジェクトで指定してください。"),
    "model_attributes_type": ("It must be an object.", "オブジェクトで指定してください。"),
    "too_short": (
        "It must have at least {min_length} items.",
        "{min_length} 件以上で指定してください。",
    ),
    "too_long": ("It must have at most {max_length} items.", "{max_length} 件以内にしてください。"),
    "none_required": ("It must be null.", "null を指定してください。"),
    "municipality_code": (
        "It is not a municipality code: six digits, the last of which checks the others.",
        "全国地方公共団体コードとして正しくありません。検査数字を含む 6 桁で指定してください。",
    ),
}

_FAMILIES: Sequence[tuple[str, tuple[str, str]]] = (
    ("date_from_datetime", ("It must be a day, such as 2026-04-01.", "日付で指定してください。")),
    ("datetime", ("It must be an instant with an offset (RFC 3339).", "日時で指定してください。")),
    ("timezone", ("It must be an instant with an offset (RFC 3339).", "時差も指定してください。")),
    (
        "date",
        ("It must be a day, such as 2026-04-01.", "2026-04-01 の形で指定してください。"),
    ),
    ("time", ("It must be a time of day, such as 09:30.", "時刻で指定してください。")),
    ("uuid", ("It must be a UUID.", "UUID で指定してください。")),
    ("union_tag", ("Its kind is not known here.", "種類の指定が正しくありません。")),
)

_BETWEEN: Final = re.compile(r", | or ")
"""What pydantic sets between the values it would have taken: 'a', 'b' or 'c'."""
_OTHERWISE = ("It is not acceptable.", "値が正しくありません。")
_LOCATIONS: Mapping[str, Location] = {
    "body": "body",
    "query": "query",
    "path": "path",
    "header": "header",
}


def faults_of(errors: Iterable[Mapping[str, Any]]) -> list[Fault]:
    """Return pydantic's errors as faults; the offending values themselves are left behind."""
    return [_fault_of(error) for error in errors]


def refuse(*groups: Iterable[Fault]) -> InvalidInput:
    """Return the refusal that lists every fault once; of two at one place the first stands."""
    by_place: dict[tuple[str, str], Fault] = {}
    for group in groups:
        for fault in group:
            by_place.setdefault((fault.location, fault.pointer), fault)
    return InvalidInput.of(list(by_place.values())[:MOST_FAULTS])


def _fault_of(error: Mapping[str, Any]) -> Fault:
    place = cast("Place", tuple(error.get("loc", ())))
    location = _LOCATIONS.get(str(place[0])) if place else None
    english, japanese = _words_for(str(error.get("type", "")), error)
    return Fault(
        pointer=pointer_to(place if location is None else place[1:]),
        detail=english,
        detail_ja=japanese,
        location=location or "body",
    )


def _words_for(kind: str, error: Mapping[str, Any]) -> tuple[str, str]:
    if kind in _WORDS:
        english, japanese = _WORDS[kind]
        context = cast("Mapping[str, Any]", error.get("ctx") or {})
        return english.format_map(_Known(context)), japanese.format_map(_in_japanese(context))
    for beginning, words in _FAMILIES:
        if kind.startswith(beginning):
            return words
    return _own_words(kind, error)


def _own_words(kind: str, error: Mapping[str, Any]) -> tuple[str, str]:
    """Return the sentence a validator of ours gave; only ours say `value_error`."""
    context = cast("Mapping[str, Any]", error.get("ctx") or {})
    reason = context.get("error")
    if kind == "value_error" and isinstance(reason, ValueError) and reason.args:
        return str(reason.args[0]), str(reason.args[-1])
    return _OTHERWISE


def _in_japanese(context: Mapping[str, Any]) -> "_Known":
    """Return the figures of an error, a list of values set as a Japanese sentence has it."""
    figures = _Known(context)
    if "expected" in figures:
        figures["expected"] = "、".join(_BETWEEN.split(str(figures["expected"])))
    return figures


class _Known(dict[str, Any]):
    """Figures of an error; one that pydantic did not give is shown as an ellipsis."""

    def __missing__(self, key: str) -> str:
        return "…"
