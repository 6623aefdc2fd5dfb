"""Addresses: what is not the number of a record leads nowhere, instead of to a record's door."""

import inspect
import re
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from starlette.convertors import Convertor, register_url_convertor
from typing_extensions import override

_PLACE = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


class _RecordNumber(Convertor[UUID]):
    """A UUID in its one canonical form (RFC 9562 §4), so that a record has one address."""

    regex = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

    @override
    def convert(self, value: str) -> UUID:
        return UUID(value)

    @override
    def to_string(self, value: UUID) -> str:
        return str(value)


register_url_convertor("record", _RecordNumber())


def addressed(path: str, endpoint: Callable[..., Awaitable[Any]]) -> str:
    """Return the path with every parameter that is a UUID matched as one.

    So `/notes/file` is never taken for a note, and an address with a misshapen number is one that
    does not exist (404), which is all a caller may learn of a number that is not theirs either.
    """
    parameters = inspect.signature(endpoint, eval_str=True).parameters

    def place(found: re.Match[str]) -> str:
        parameter = parameters.get(found[1])
        if parameter is not None and _supertype(parameter.annotation) is UUID:
            return f"{{{found[1]}:record}}"
        return found[0]

    return _PLACE.sub(place, path)


def _supertype(annotation: Any) -> Any:
    while hasattr(annotation, "__metadata__"):
        annotation = annotation.__origin__
    while hasattr(annotation, "__supertype__"):
        annotation = annotation.__supertype__
    return annotation
