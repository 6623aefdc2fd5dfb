"""Claims that every reader reads alike.

RFC 8259 §4 leaves open which of two equal names counts. A token in which the tenant stands twice
would be one municipality's to whoever wrote it and another's to whoever reads it, so none is read.
"""

import json
from typing import Any, NoReturn


class StrictDecoder(json.JSONDecoder):
    """JSON without repeated names and without NaN: two readers must never read two things."""

    def __init__(self) -> None:
        super().__init__(object_pairs_hook=_once, parse_constant=_refuse)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is repeated")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
