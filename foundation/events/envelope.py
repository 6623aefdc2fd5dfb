"""What an event may be called and what it may say: that something happened, never to whom.

Events travel to other services, to vendors and into their logs. They carry identifiers, codes,
dates and amounts; whoever is entitled to more asks for it, and that reading is audited.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import ClassVar, TypeAlias
from uuid import UUID

Plain: TypeAlias = str | int | None

EVENT_TYPES: dict[str, type["Event"]] = {}
"""Every event the running process can announce, by its type."""

_TYPE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){2}\.v[1-9][0-9]*")
_CODE = re.compile(r"[A-Za-z0-9_.:/-]{0,64}")


class NotThin(TypeError):
    """An event was given something other than an identifier, a code, a date or an amount."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact in the past tense; a subclass names its `type_` and adds its fields.

    `type_` is `<service>.<thing>.<happened>.v<n>`, such as `benefits.application.granted.v1`.
    A change that a reader could trip over is a new version beside the old one. `subject_id` is
    what the fact is about; facts about one subject keep their order.
    """

    type_: ClassVar[str]

    subject_id: UUID

    def __init_subclass__(cls) -> None:
        """Enter the list of events.

        Raises:
            TypeError: no type, a type against the naming rule, or one that is taken.
        """
        super().__init_subclass__()
        name = cls.__dict__.get("type_", "")
        if _TYPE.fullmatch(name) is None:
            raise TypeError(f"{cls.__name__} needs a type_ like benefits.application.granted.v1.")
        taken = EVENT_TYPES.get(name)
        # `@dataclass(slots=True)` makes the class a second time; that is still the same event.
        if taken is not None and _origin(taken) != _origin(cls):
            raise TypeError(f"{name} is announced by {taken.__name__} already.")
        EVENT_TYPES[name] = cls

    def data(self) -> Mapping[str, Plain]:
        """Return the fields besides `subject_id` as JSON knows them.

        Raises:
            NotThin: a field holds free text, a fraction or a structure. A name, an address and a
                sentence in Japanese all fail here, which is the point.
        """
        return {
            field.name: _plain(field.name, getattr(self, field.name))
            for field in fields(self)
            if field.name != "subject_id"
        }


def _origin(event: type[Event]) -> tuple[str, str]:
    return event.__module__, event.__name__


def _plain(name: str, value: object) -> Plain:
    match value:
        case None | bool() | int():
            return value
        case UUID():
            return str(value)
        case date() | datetime():
            return value.isoformat()
        case str() if _CODE.fullmatch(value):
            return str(value)
        case _:
            raise NotThin(f"{name} is not an identifier, a code, a date or an amount.")
