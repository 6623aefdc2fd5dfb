"""A parameter has one spelling, is given once, and is known; anything else is a fault."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode
from uuid import UUID

import pytest
from fastapi import FastAPI, Query
from fastapi.routing import APIRoute
from hypothesis import given, strategies as st
from pydantic import BaseModel
from starlette.requests import Request

from foundation.problems import Fault
from foundation.web.parameters import Parameters


class Colour(StrEnum):
    RED = "red"


async def _search(  # noqa: PLR0913, PLR0917 - one parameter of each kind
    thing_id: UUID,
    limit: int = 50,
    on: date | None = None,
    at: datetime | None = None,
    flag: Annotated[bool | None, Query()] = None,
    colour: Colour = Colour.RED,
    kind: Literal["a", "b"] = "a",
    tags: Annotated[list[str], Query()] = [],  # noqa: B006 - FastAPI copies it
    name: str = "",
) -> None:
    del thing_id, limit, on, at, flag, colour, kind, tags, name


def _parameters_of(endpoint: Any) -> Parameters:
    application = FastAPI()
    route = APIRoute("/things/{thing_id}", endpoint)
    application.router.routes.append(route)
    return Parameters.of(route.dependant)


PARAMETERS = _parameters_of(_search)
THING = "01890a5d-ac96-774b-bcce-b302099a8057"


def _faults(query: str, thing: str = THING) -> list[Fault]:
    scope: dict[str, Any] = {
        "type": "http",
        "query_string": query.encode(),
        "path_params": {"thing_id": thing},
        "headers": [],
    }
    return list(PARAMETERS.faults(Request(scope)))


class TestFaults:
    @pytest.mark.parametrize(
        "query",
        [
            "",
            "limit=10&on=2026-04-01&at=2026-04-01T09:00:00%2B09:00&flag=true",
            "tags=a&tags=b&colour=red&kind=a&name=%E5%8C%97%E8%A6%8B",
            "limit=-9223372036854775808",
            "municipality_code=012084",
        ],
    )
    def test_are_none_where_everything_is_as_agreed(self, query: str) -> None:
        assert _faults(query) == []

    @pytest.mark.parametrize(
        "query",
        [
            "limit=1_0",
            "limit=%201",
            "limit=%2B1",
            "limit=01",
            "limit=1.0",
            "limit=１",
            "limit=",
            "limit=9223372036854775808",
            "limit=1&limit=2",
            "on=0",
            "on=2026-4-1",
            "on=20260401",
            "at=2026-04-01T09:00:00",
            "at=1",
            "flag=1",
            "flag=yes",
            "flag=TRUE",
            "name=%00",
            "unknown=1",
            "name=" + "x" * 2_000,
        ],
    )
    def test_are_found_in_every_other_spelling(self, query: str) -> None:
        (fault,) = _faults(query)
        assert fault.location == "query"
        assert fault.detail
        assert fault.detail_ja

    @pytest.mark.parametrize("thing", ["1", "{" + THING + "}", "urn:uuid:" + THING, "x\x00"])
    def test_are_found_in_the_path(self, thing: str) -> None:
        (fault,) = _faults("", thing)
        assert (fault.location, fault.pointer) == ("path", "/thing_id")

    def test_are_all_listed(self) -> None:
        places = {fault.pointer for fault in _faults("limit=x&on=x&more=1", "x")}
        assert places == {"/limit", "/on", "/more", "/thing_id"}

    @given(name=st.text(min_size=1, max_size=20), value=st.text(max_size=20))
    def test_never_fail_on_whatever_is_sent(self, name: str, value: str) -> None:
        if any("\ud800" <= character <= "\udfff" for character in name + value):
            return
        _faults(urlencode({name: value}, quote_via=quote))


class TestDeclaring:
    def test_refuses_a_parameter_with_several_spellings(self) -> None:
        async def fraction(thing_id: float) -> None:
            del thing_id

        async def either(thing_id: int | str) -> None:
            del thing_id

        for endpoint in (fraction, either):
            with pytest.raises(TypeError, match="thing_id"):
                _parameters_of(endpoint)

    def test_looks_into_a_model_of_parameters(self) -> None:
        class Filters(BaseModel):
            limit: int = 1

        async def search(thing_id: UUID, filters: Annotated[Filters, Query()]) -> None:
            del thing_id, filters

        assert _parameters_of(search).query["limit"].kind is int
