"""Statements said in one message with others, their values written out in it.

An exchange with the server costs both sides more than most statements do. The driver sends values
apart from the statement, one statement to a message; PostgreSQL's `EXECUTE` takes both as text, so
a change that needs no answer of its own can wait for the next message. Only values whose text has
one reading are written out; the session reads a backslash as itself.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from .errors import ValueRefused
from .statements import Statement

SETTINGS: Final = {"standard_conforming_strings": "on"}
"""What a session must have for its texts to be read as they are written here."""


class NotPlain(Exception):
    """A value that the driver is to send."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What only one piece of work may be at, and how it is seen that it was done before.

    Held by an advisory lock until the transaction ends, and looked for in a statement after it,
    whose snapshot is therefore younger than the lock.
    """

    hold: Statement
    held: Mapping[str, Any]
    find: Statement
    sought: Mapping[str, Any]


def said(arguments: Sequence[Any]) -> str:
    """Return the values of a statement as `EXECUTE` takes them.

    Raises:
        NotPlain: one of them has more than one reading as text, or none.
        ValueRefused: one has a character that PostgreSQL's texts cannot hold.
    """
    return f"({','.join([_written(one) for one in arguments])})"


def _written(value: object) -> str:
    kind: type[object] = type(value)
    return _WRITTEN.get(kind, _other)(value)


def _text(value: str) -> str:
    if "\x00" in value or (not value.isascii() and _is_broken(value)):
        raise ValueRefused
    doubled = value.replace("'", "''")
    return f"'{doubled}'"


def _is_broken(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return True
    return False


def _instant(value: datetime) -> str:
    if value.tzinfo is None:
        raise NotPlain
    return f"'{value.isoformat()}'"


def _numbers(values: list[Any]) -> str:
    """Write a list of identifiers; the elements of other lists may themselves need quoting."""
    if not all(isinstance(value, UUID) for value in values):
        raise NotPlain
    return f"'{{{','.join(map(str, values))}}}'"


def _other(value: Any) -> str:
    if isinstance(value, str):
        return _text(str.__str__(value))  # what it is, not what it says it is
    if isinstance(value, UUID):
        return f"'{value}'"
    raise NotPlain


_WRITTEN: Final[Mapping[type, Callable[[Any], str]]] = {
    type(None): lambda _: "NULL",
    bool: lambda value: "true" if value else "false",
    int: str,
    str: _text,
    bytes: lambda value: f"'\\x{value.hex()}'",
    UUID: lambda value: f"'{value}'",
    date: lambda value: f"'{value.isoformat()}'",
    datetime: _instant,
    list: _numbers,
}
