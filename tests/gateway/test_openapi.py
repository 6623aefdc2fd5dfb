"""One description made of several: nothing lost, nothing mixed up, nothing said twice."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from foundation.problems import NotFound, ServiceUnavailable
from foundation.web.refusals import schema_name, schema_of
from gateway.call import Upstream
from gateway.openapi import ContradictoryDescriptions, Description, Document, Part, merge
from tests.support.wire import Asked, Service

ISSUER = "https://tamaire.example"


def response_of(slug: str = "platform/not-found") -> Document:
    """Return a refusal as a service describes it."""
    example = {**NotFound().document(), "type": f"/problems/{slug}"}
    schema = {"$ref": f"#/components/schemas/{schema_name(NotFound)}"}
    content = {"schema": schema, "examples": {slug: {"value": example}}}
    return {"description": "", "content": {"application/problem+json": content}}


def part(name: str, operation: str = "list_things", **schemas: Document) -> Part:
    """Return one service with one operation."""
    area = name.replace("_", "-")
    named = {
        schema_name(NotFound): schema_of(NotFound),
        "Thing": {"type": "object", "title": "Thing", "description": name},
        **schemas,
    }
    described = {
        "operationId": f"{name}_{operation}",
        "tags": ["things"],
        "security": [{"their-own": [f"{area}:read"]}],
        "responses": {
            "200": {
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
            },
            "404": response_of(),
        },
    }
    schemes: Document = {"their-own": {}}
    paths: Document = {f"/{area}/v1/things": {"get": described}, "/livez": {"get": {}}}
    document: Document = {
        "openapi": "3.1.0",
        "paths": paths,
        "components": {"schemas": named, "securitySchemes": schemes},
    }
    return Part(name=name, paths=(f"/{area}/",), document=document)


def references_of(node: Any) -> set[str]:
    """Return every local reference in a document."""
    return set(re.findall(r'"\$ref": "([^"]*)"', json.dumps(node)))


def resolve(document: Document, reference: str) -> Any:
    """Follow a local reference; KeyError when it leads nowhere."""
    found: Any = document
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


class TestMerge:
    def test_keeps_the_paths_of_each_part_and_no_others(self) -> None:
        merged = merge([part("benefits"), part("window_dx")], issuer=ISSUER)
        assert list(merged["paths"]) == ["/benefits/v1/things", "/window-dx/v1/things"]

    def test_calls_components_after_their_part(self) -> None:
        merged = merge([part("benefits"), part("window_dx")], issuer=ISSUER)
        schemas = merged["components"]["schemas"]
        assert schemas["BenefitsThing"]["description"] == "benefits"
        assert schemas["WindowDxThing"]["description"] == "window_dx"
        assert schemas["WindowDxThing"]["title"] == "WindowDxThing"
        answer = merged["paths"]["/window-dx/v1/things"]["get"]["responses"]["200"]
        assert references_of(answer) == {"#/components/schemas/WindowDxThing"}

    def test_says_a_refusal_on_which_all_agree_once(self) -> None:
        merged = merge([part("benefits"), part("window_dx")], issuer=ISSUER)
        problems = [name for name in merged["components"]["schemas"] if "Problem" in name]
        assert problems == ["PlatformNotFoundProblem"]
        places = [item["get"]["responses"]["404"]["$ref"] for item in merged["paths"].values()]
        assert places == ["#/components/responses/platform.not-found"] * 2

    def test_keeps_refusals_apart_on_which_they_do_not_agree(self) -> None:
        other = part("window_dx", PlatformNotFoundProblem={"type": "object", "title": "another"})
        merged = merge([part("benefits"), other], issuer=ISSUER)
        names = {name for name in merged["components"]["schemas"] if name.endswith("Problem")}
        assert names == {"BenefitsPlatformNotFoundProblem", "WindowDxPlatformNotFoundProblem"}
        assert "$ref" not in merged["paths"]["/window-dx/v1/things"]["get"]["responses"]["404"]

    def test_leaves_out_what_nothing_leads_to(self) -> None:
        merged = merge([part("benefits", Forgotten={"type": "object"})], issuer=ISSUER)
        assert "BenefitsForgotten" not in merged["components"]["schemas"]

    def test_says_of_what_is_public_that_it_is(self) -> None:
        desk = replace(part("platform"), is_desk=True)
        for item in desk.document["paths"].values():
            item["get"].pop("security", None)
        merged = merge([desk], issuer=ISSUER)
        assert merged["paths"]["/platform/v1/things"]["get"]["security"] == []

    def test_every_reference_leads_somewhere(self) -> None:
        merged = merge([part("benefits"), part("registry"), part("window_dx")], issuer=ISSUER)
        for reference in references_of(merged):
            assert resolve(merged, reference)

    def test_tells_the_way_to_sign_in_with_all_scopes(self) -> None:
        merged = merge([part("benefits"), part("window_dx")], issuer=ISSUER)
        scheme = merged["components"]["securitySchemes"]["tamaire"]
        for flow in scheme["flows"].values():
            assert list(flow["scopes"]) == ["benefits:read", "window-dx:read"]
            assert flow["tokenUrl"] == f"{ISSUER}/oauth/token"
        operation = merged["paths"]["/benefits/v1/things"]["get"]
        assert operation["security"] == [{"tamaire": ["benefits:read"]}]

    def test_lists_each_refusal_with_what_to_do(self) -> None:
        (entry,) = merge([part("benefits"), part("registry")], issuer=ISSUER)["x-problems"]
        assert entry["type"] == "/problems/platform/not-found"
        assert entry["remedy_ja"] == NotFound.remedy_ja

    def test_refuses_one_operation_name_for_two(self) -> None:
        twins = [part("benefits"), part("registry")]
        for one in twins:
            for item in one.document["paths"].values():
                item["get"]["operationId"] = "list_things"
        with pytest.raises(ContradictoryDescriptions):
            merge(twins, issuer=ISSUER)

    def test_refuses_an_operation_without_a_name(self) -> None:
        nameless = part("benefits")
        del nameless.document["paths"]["/benefits/v1/things"]["get"]["operationId"]
        with pytest.raises(ContradictoryDescriptions):
            merge([nameless], issuer=ISSUER)

    def test_refuses_one_path_of_two_parts(self) -> None:
        with pytest.raises(ContradictoryDescriptions):
            merge([part("benefits"), part("benefits", "other")], issuer=ISSUER)

    def test_leaves_the_parts_as_they_were(self) -> None:
        given_part = part("benefits")
        before = json.dumps(given_part.document)
        merge([given_part], issuer=ISSUER)
        assert json.dumps(given_part.document) == before

    @given(st.permutations(["benefits", "registry", "window_dx"]))
    def test_says_the_same_in_whatever_order_the_parts_come(self, names: list[str]) -> None:
        merged = merge([part(name) for name in names], issuer=ISSUER)
        usual = merge([part(name) for name in sorted(names)], issuer=ISSUER)
        assert merged == usual

    def test_has_a_plain_title(self) -> None:
        merged = merge([part("benefits")], issuer=ISSUER)
        assert merged["info"]["title"] == "Tamaire API"
        assert merged["openapi"].startswith("3.1")


class Spokesman:
    """A service that describes itself, or does not."""

    def __init__(self) -> None:
        self.document: Document | None = part("benefits").document
        self.asked = 0

    async def script(self, asked: Asked) -> None:
        while await asked.head():
            self.asked += 1
            if self.document is None:
                await asked.answer(b"no", status=b"500 Oh")
            else:
                await asked.answer(json.dumps(self.document).encode())


@asynccontextmanager
async def description_of(
    spokesman: Spokesman, folder: Path, clock: list[float]
) -> AsyncGenerator[Description]:
    service = Service(folder / "benefits.sock", spokesman.script)
    await service.open()
    upstream = Upstream.at(f"unix:{service.path}")
    try:
        yield Description(
            {"benefits": ("benefits", upstream)},
            lambda: {"paths": {}},
            issuer=ISSUER,
            clock=lambda: clock[0],
        )
    finally:
        upstream.close()
        await service.close()


class TestDescription:
    async def test_is_fetched_once_in_half_a_minute(self, tmp_path: Path) -> None:
        spokesman, clock = Spokesman(), [0.0]
        async with description_of(spokesman, tmp_path, clock) as description:
            first = await description.current()
            assert (await description.current()) is first
            assert spokesman.asked == 1
            clock[0] = 31.0
            again = await description.current()
            assert spokesman.asked == 2
            assert again is first, "nothing has changed, so nothing is put together anew"

    async def test_has_another_tag_when_the_interface_changed(self, tmp_path: Path) -> None:
        spokesman, clock = Spokesman(), [0.0]
        async with description_of(spokesman, tmp_path, clock) as description:
            first = await description.current()
            spokesman.document = part("benefits", "another_thing").document
            clock[0] = 31.0
            assert (await description.current()).etag != first.etag

    async def test_is_not_given_out_with_a_part_missing(self, tmp_path: Path) -> None:
        spokesman = Spokesman()
        spokesman.document = None
        async with description_of(spokesman, tmp_path, [0.0]) as description:
            with pytest.raises(ServiceUnavailable) as refused:
                await description.current()
            assert refused.value.extensions == {"waiting_for": ["benefits"]}

    async def test_holds_while_a_service_restarts(self, tmp_path: Path) -> None:
        spokesman, clock = Spokesman(), [0.0]
        async with description_of(spokesman, tmp_path, clock) as description:
            first = await description.current()
            spokesman.document = None
            clock[0] = 31.0
            assert (await description.current()) is first

    async def test_many_readers_at_once_get_the_same(self, tmp_path: Path) -> None:
        spokesman = Spokesman()
        async with description_of(spokesman, tmp_path, [0.0]) as description:
            read = await asyncio.gather(*(description.current() for _ in range(20)))
            assert len({one.etag for one in read}) == 1
            assert spokesman.asked == 1

    async def test_a_crowd_at_a_broken_service_does_not_press_it(self, tmp_path: Path) -> None:
        spokesman, clock = Spokesman(), [0.0]
        spokesman.document = None
        async with description_of(spokesman, tmp_path, clock) as description:
            asked = (description.current() for _ in range(20))
            answers = await asyncio.gather(*asked, return_exceptions=True)
            assert {type(one) for one in answers} == {ServiceUnavailable}
            assert spokesman.asked == 1
            spokesman.document = part("benefits").document
            clock[0] = 1.0
            assert await description.current()
