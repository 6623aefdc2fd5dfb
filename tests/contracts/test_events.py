"""What we announce is what others were promised; a change is a new version beside the old one."""

import json
from datetime import UTC, date, datetime
from types import NoneType
from typing import Any, get_args, get_type_hints
from uuid import UUID

import pytest
from hypothesis import given, settings, strategies as st
from jsonschema_rs import Draft202012Validator

from foundation.events import Event
from tests.contracts.events import COMMITTED, announced, as_text, catalogue, contract_of

ANNOUNCED = announced()
CODES = st.from_regex(r"[A-Za-z0-9_.:/-]{0,64}", fullmatch=True)
VALUES: dict[Any, st.SearchStrategy[Any]] = {
    UUID: st.uuids(),
    NoneType: st.none(),
    int: st.integers(),
    bool: st.booleans(),
    str: CODES,
    date: st.dates(),
    datetime: st.datetimes(timezones=st.just(UTC)),
}


class TestEvents:
    def test_are_what_was_promised(self) -> None:
        """Write `tests/contracts/events.json` anew only when nobody can rely on the old one yet."""
        promised = json.loads(COMMITTED.read_text("utf-8"))
        assert catalogue() == promised
        assert COMMITTED.read_text("utf-8") == as_text(promised)

    def test_are_announced_by_the_service_they_are_named_after(self) -> None:
        elsewhere = {
            name for name, event in ANNOUNCED.items() if service_of(event) != name.partition(".")[0]
        }
        assert elsewhere == set()

    @pytest.mark.parametrize("name", ANNOUNCED)
    def test_say_what_their_contract_says(self, name: str) -> None:
        event = ANNOUNCED[name]
        validator = Draft202012Validator(contract_of(event), validate_formats=True)

        @settings(max_examples=20, deadline=None)
        @given(_made(event))
        def holds(made: Event) -> None:
            validator.validate(dict(made.data()))

        holds()


def service_of(event: type[Event]) -> str:
    """Return whose code announces it; the gateway's office is the service `platform`."""
    house, service, *_ = event.__module__.split(".")
    return "platform" if house == "gateway" else service


def _made(event: type[Event]) -> st.SearchStrategy[Event]:
    hints = get_type_hints(event)
    hints.pop("type_")
    return st.builds(event, **{name: _values(kind) for name, kind in hints.items()})


def _values(kind: Any) -> st.SearchStrategy[Any]:
    return st.one_of(*(VALUES[member] for member in get_args(kind) or (kind,)))
