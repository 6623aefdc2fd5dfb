"""An endpoint is called by the short way only where that way understands all it wants."""

from typing import Annotated, Any
from uuid import UUID

import pytest
from fastapi import Depends, Header, Query, Request, Response
from pydantic import ValidationError
from starlette.datastructures import QueryParams

from foundation.web import CurrentWork, IfMatch, Limit, Wire
from foundation.web.shortcut import NotUnderstood, Plan
from foundation.work import Work


class Thing(Wire):
    name: str


def plan_of(endpoint: Any, *, path: tuple[str, ...] = ()) -> Plan | None:
    return Plan.of(endpoint, path=path, body=None, status_code=None)


def asked(query: str = "", **path: str) -> Request:
    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "headers": [],
        "query_string": query.encode(),
        "path_params": path,
    }
    return Request(scope)


WORK: Any = object.__new__(Work)


async def listing(work: CurrentWork, limit: Limit = 50) -> Thing:
    del work
    return Thing(name=str(limit))


class TestPlan:
    async def test_reads_what_the_address_says(self) -> None:
        plan = plan_of(listing)
        assert plan is not None
        given = await plan.arguments(asked("limit=20"), WORK, None)
        assert (given["limit"], given["work"]) == (20, WORK)
        assert (await plan.arguments(asked(), WORK, None))["limit"] == 50

    @pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "limit="])
    async def test_leaves_what_is_not_valid_to_be_explained(self, query: str) -> None:
        plan = plan_of(listing)
        assert plan is not None
        with pytest.raises(NotUnderstood):
            await plan.arguments(asked(query), WORK, None)

    async def test_reads_numbers_of_the_path_and_lists(self) -> None:
        async def named(
            work: CurrentWork, thing_id: UUID, kind: Annotated[list[str] | None, Query()] = None
        ) -> Thing:
            raise NotImplementedError(work, thing_id, kind)

        plan = plan_of(named, path=("thing_id",))
        assert plan is not None
        number = "01930b7e-0000-7000-8000-000000000001"
        given = await plan.arguments(asked("kind=a&kind=b", thing_id=number), WORK, None)
        assert given["thing_id"] == UUID(number)
        assert given["kind"] == QueryParams("kind=a&kind=b").getlist("kind")

    def test_asks_the_framework_for_anything_else(self) -> None:
        async def heard(work: CurrentWork, accept: Annotated[str, Header()]) -> Thing:
            raise NotImplementedError(work, accept)

        async def depending(work: CurrentWork, thing: Annotated[Thing, Depends(listing)]) -> Thing:
            raise NotImplementedError(work, thing)

        async def itself(work: CurrentWork, response: Response) -> Thing:
            raise NotImplementedError(work, response)

        async def raw(work: CurrentWork) -> Response:
            raise NotImplementedError(work)

        assert [plan_of(one) for one in (heard, depending, itself, raw)] == [None] * 4

    def test_knows_the_version_a_caller_means(self) -> None:
        async def changed(work: CurrentWork, version: IfMatch) -> Thing:
            raise NotImplementedError(work, version)

        plan = plan_of(changed)
        assert plan is not None
        assert list(plan.asked) == ["version"]


class TestWritten:
    def test_is_json_of_what_was_promised(self) -> None:
        plan = plan_of(listing)
        assert plan is not None
        response = plan.written(Thing(name="北見"))
        assert response.body == '{"name":"北見"}'.encode()
        assert response.headers["content-type"] == "application/json"

    def test_is_never_something_else(self) -> None:
        plan = plan_of(listing)
        assert plan is not None
        with pytest.raises(ValidationError):
            plan.written({"another": 1})

    def test_is_nothing_where_nothing_is_said(self) -> None:
        async def silent(work: CurrentWork) -> None:
            del work

        plan = Plan.of(silent, path=(), body=None, status_code=204)
        assert plan is not None
        assert plan.written(None).body == b""
