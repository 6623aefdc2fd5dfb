"""What others rely on about our events, drawn from the classes that announce them."""

import importlib
import json
import pkgutil
from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_type_hints
from uuid import UUID

import gateway
import services
from foundation.events import EVENT_TYPES, Event

COMMITTED = Path(__file__).with_name("events.json")
PLAIN: Mapping[Any, Mapping[str, Any]] = {
    UUID: {"type": "string", "format": "uuid"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    str: {"type": "string", "pattern": "^[A-Za-z0-9_.:/-]{0,64}$"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
    NoneType: {"type": "null"},
}


def announced() -> dict[str, type[Event]]:
    """Return every event that a service can announce, by its type."""
    for house in (services, gateway):
        for module in pkgutil.walk_packages(house.__path__, f"{house.__name__}."):
            if module.name.rpartition(".")[2] == "events":
                importlib.import_module(module.name)
    return {
        name: event
        for name, event in sorted(EVENT_TYPES.items())
        if event.__module__.startswith(("services.", "gateway."))
    }


def contract_of(event: type[Event]) -> dict[str, Any]:
    """Return the JSON Schema of an event's data; what it is about is the first line we wrote."""
    hints = get_type_hints(event)
    names = [field.name for field in fields(event) if field.name != "subject_id"]
    return {
        "description": (event.__doc__ or "").partition("\n")[0],
        "type": "object",
        "properties": {name: _schema(hints[name]) for name in names},
        "required": names,
        "additionalProperties": False,
    }


def catalogue() -> dict[str, Any]:
    """Return the whole of what is promised, as it is committed."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Events of Tamaire, by type: the `data` of each.",
        "$defs": {name: contract_of(event) for name, event in announced().items()},
    }


def as_text(promised: Mapping[str, Any]) -> str:
    return json.dumps(promised, ensure_ascii=False, indent=2) + "\n"


def _schema(kind: Any) -> Mapping[str, Any]:
    members = get_args(kind)
    return {"anyOf": [PLAIN[member] for member in members]} if members else PLAIN[kind]
