"""Parameters of an address, as strict as a body: one spelling for each value, none twice, none new.

FastAPI would read `1_000` and ` 12` as numbers, `0` as a day in 1970, and pass over what it does
not know. A filter that is silently not applied shows a list that is silently wrong.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import NoneType, UnionType
from typing import Any, Union, cast, get_args, get_origin
from uuid import UUID

from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_flat_params
from starlette.requests import Request

from foundation.problems import Fault

from .documents import text_fault
from .faults import Location

TENANT_NAMES = frozenset({"municipality_code", "tenant", "tenant_id"})
"""Names under which a request may repeat, but never choose, its municipality."""

_SPELLINGS: Mapping[type, tuple[re.Pattern[str], str, str]] = {
    bool: (
        re.compile("true|false"),
        "It must be true or false.",
        "true か false で指定してください。",
    ),
    int: (
        re.compile(r"0|-?[1-9][0-9]{0,18}"),
        "It must be a whole number.",
        "整数で指定してください。",
    ),
    UUID: (
        re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
        "It must be a UUID.",
        "UUID で指定してください。",
    ),
    datetime: (
        re.compile(
            r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
            r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
        ),
        "It must be an instant with an offset (RFC 3339).",
        "時差を含む日時(RFC 3339)で指定してください。",
    ),
    date: (
        re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
        "It must be a day, such as 2026-04-01.",
        "2026-04-01 の形の日付で指定してください。",
    ),
}
_LEAST_INTEGER, _GREATEST_INTEGER = -(2**63), 2**63 - 1
_LONGEST = 1_024


@dataclass(frozen=True, slots=True)
class Expected:
    """One declared parameter: its Python type, and whether it may be given several times."""

    kind: type[object]
    repeated: bool


@dataclass(frozen=True, slots=True)
class Parameters:
    """What an operation lets its address carry."""

    query: Mapping[str, Expected]
    path: Mapping[str, Expected]

    @classmethod
    def of(cls, dependant: Dependant) -> "Parameters":
        """Read the parameters FastAPI found in the endpoint and its dependencies.

        Raises:
            TypeError: a parameter is of a type that has more than one spelling.
        """
        found: dict[str, dict[str, Expected]] = {"query": {}, "path": {}}
        for field in get_flat_params(dependant):
            # The members of a model of parameters carry no place; only queries are modelled.
            place = str(getattr(getattr(field.field_info, "in_", None), "value", "query"))
            if place in found:
                found[place][field.alias] = _expected(field.alias, field.field_info.annotation)
        return cls(query=found["query"], path=found["path"])

    def faults(self, request: Request) -> Iterator[Fault]:
        """Yield what is wrong with the parameters of this request, beyond FastAPI's own checks."""
        given = request.query_params
        for name in given:
            expected = self.query.get(name)
            if expected is None:
                if name not in TENANT_NAMES:
                    yield _unknown(name)
                continue
            values = given.getlist(name)
            if len(values) > 1 and not expected.repeated:
                yield _fault(name, "query", "It is given twice.", "2 回以上指定されています。")
                continue
            for value in values:
                yield from _misspelt(name, "query", value, expected.kind)
        for name, expected in self.path.items():
            value = str(request.path_params.get(name, ""))
            yield from _misspelt(name, "path", value, expected.kind)


def _misspelt(name: str, location: Location, value: str, kind: type) -> Iterator[Fault]:
    if len(value) > _LONGEST:
        yield _fault(name, location, "It is too long.", "長すぎます。")
    elif (reason := text_fault(value)) is not None:
        yield _fault(name, location, *reason)
    elif (spelling := _SPELLINGS.get(kind)) is not None:
        pattern, english, japanese = spelling
        if pattern.fullmatch(value) is None:
            yield _fault(name, location, english, japanese)
        elif kind is int and not _LEAST_INTEGER <= int(value) <= _GREATEST_INTEGER:
            yield _fault(name, location, "It is too large a number.", "数値が大きすぎます。")


def _expected(name: str, annotation: Any) -> Expected:
    kinds = [kind for kind in _members(annotation) if kind is not NoneType]
    if len(kinds) != 1:
        raise TypeError(f"The parameter {name} has no one type.")
    kind, repeated = kinds[0], False
    if get_origin(kind) in {list, tuple, set, frozenset}:
        (kind, *_), repeated = get_args(kind), True
        (kind,) = _members(kind)
    if get_origin(kind) is not None:  # Literal: a text among texts
        return Expected(str, repeated)
    if not isinstance(kind, type) or issubclass(kind, float):
        raise TypeError(f"The parameter {name} is of a type with more than one spelling.")
    return Expected(cast("type[object]", kind), repeated)


def _members(annotation: Any) -> list[Any]:
    """Return the alternatives of a type, without the notes of `Annotated` and `NewType`."""
    while hasattr(annotation, "__metadata__"):
        annotation = annotation.__origin__
    while hasattr(annotation, "__supertype__"):
        annotation = annotation.__supertype__
    if get_origin(annotation) in {Union, UnionType}:
        return [member for part in get_args(annotation) for member in _members(part)]
    return [annotation]


def _unknown(name: str) -> Fault:
    shown = name if text_fault(name) is None else "…"
    return _fault(shown[:64], "query", "It is not known here.", "ここでは使えない項目です。")


def _fault(name: str, location: Location, english: str, japanese: str) -> Fault:
    return Fault(pointer=f"/{name}", detail=english, detail_ja=japanese, location=location)
