"""Long lists in pages that neither skip nor repeat a row while others are being added."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

T = TypeVar("T")

_MAXIMUM_CURSOR_CHARACTERS = 512
_READERS: dict[type, Callable[[Any], Any]] = {
    UUID: UUID,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
}


class InvalidCursor(ValueError):
    """A cursor that this list did not give out."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; `next_cursor` is absent on the last."""

    items: Sequence[T]
    next_cursor: str | None

    @property
    def has_more(self) -> bool:
        return self.next_cursor is not None


def encode_cursor(*values: UUID | datetime | date | int | str) -> str:
    """Return an opaque cursor for the key of the last row shown."""
    plain = [value if isinstance(value, int | str) else _text(value) for value in values]
    said = json.dumps(plain, ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(said).decode().rstrip("=")


def decode_cursor(cursor: str, *types: type) -> tuple[Any, ...]:
    """Return the values of a cursor, each of the type expected of it.

    Raises:
        InvalidCursor: it was not given out by a list with this key.
    """
    if len(cursor) > _MAXIMUM_CURSOR_CHARACTERS:
        raise InvalidCursor
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        plain = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        return tuple(_read(value, kind) for value, kind in zip(plain, types, strict=True))
    except (binascii.Error, ValueError, TypeError, RecursionError, AttributeError) as error:
        raise InvalidCursor from error


def page_of(
    rows: Sequence[T],
    *,
    limit: int,
    key: Callable[[T], tuple[UUID | datetime | date | int | str, ...]],
) -> Page[T]:
    """Make a page of rows asked for with `limit + 1`: the extra one says there is more."""
    shown = rows[:limit]
    more = len(rows) > limit
    return Page(items=shown, next_cursor=encode_cursor(*key(shown[-1])) if more else None)


def _text(value: UUID | datetime | date) -> str:
    return str(value) if isinstance(value, UUID) else value.isoformat()


def _read(value: Any, kind: type) -> Any:
    if kind in _READERS:
        return _READERS[kind](value)
    if type(value) is not kind or (kind is int and not -(2**63) <= value < 2**63):
        raise InvalidCursor
    return value
