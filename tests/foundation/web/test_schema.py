"""The published description says what the running service does."""

import json
import re
from typing import Any

import pytest

from foundation.authorization import PolicyTable
from foundation.problems import CATALOGUE, MEDIA_TYPE
from foundation.settings import ServiceSettings
from foundation.web import create_application
from tests.foundation.web.example import POLICY, SERVICE, TAKE, router

Json = dict[str, Any]


@pytest.fixture
def document(settings: ServiceSettings) -> Json:
    application = create_application(
        service=SERVICE, title="メモ", routers=[router], policy=POLICY, settings=settings
    )
    return application.openapi()


def _operations(document: Json) -> dict[str, Json]:
    return {
        operation["operationId"]: operation
        for methods in document["paths"].values()
        for operation in methods.values()
    }


class TestTheDescription:
    def test_is_openapi_3_1_and_plain_json(self, document: Json) -> None:
        assert document["openapi"].startswith("3.1")
        assert json.loads(json.dumps(document)) == document

    def test_names_every_operation_by_service_and_function(self, document: Json) -> None:
        assert {"benefits_take_note", "benefits_list_events"} <= _operations(document).keys()

    def test_leaves_no_reference_open(self, document: Json) -> None:
        schemas = document["components"]["schemas"]
        open_or_not = re.findall(r'"\$ref": "#/components/schemas/([^"]+)"', json.dumps(document))
        assert set(open_or_not) <= schemas.keys()
        assert not any("ValidationError" in name for name in schemas)

    def test_says_who_may_and_why(self, document: Json) -> None:
        operation = _operations(document)["benefits_take_note"]
        assert operation["security"] == [{"tamaire": ["benefits:write"]}]
        assert operation["x-permission"] == "benefits.note.take"
        assert operation["x-callers"] == ["official", "resident"]
        assert operation["x-purposes"] == ["application"]
        assert operation["x-personal-data"] is True
        assert operation["summary"] == "メモを取る"

    def test_says_how_surely_somebody_must_have_proven_themselves(self, document: Json) -> None:
        operation = _operations(document)["benefits_seal_note"]
        assert operation["x-assurance"] == {"acr_values": "aal3", "max_age": 300}
        assert operation["x-in-person"] is True
        assert operation["x-callers"] == ["business", "resident"]
        unauthorized = operation["responses"]["401"]["content"][MEDIA_TYPE]
        example = unauthorized["examples"]["platform/step-up-required"]["value"]
        assert (example["acr_values"], example["max_age"]) == ("aal3", 300)
        assert "x-assurance" not in _operations(document)["benefits_take_note"]

    @pytest.mark.parametrize(
        ("name", "statuses"),
        [
            ("benefits_list_notes", {200, 400, 401, 403, 422, 429, 500, 503, 504}),
            ("benefits_read_note", {200, 400, 401, 403, 404, 422, 429, 500, 503, 504}),
            ("benefits_take_note", {201, 400, 401, 403, 409, 413, 415, 422, 429, 500, 503, 504}),
            (
                "benefits_replace_note",
                {200, 400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 429, 500, 503, 504},
            ),
        ],
    )
    def test_lists_every_answer(self, document: Json, name: str, statuses: set[int]) -> None:
        assert {int(status) for status in _operations(document)[name]["responses"]} == statuses

    def test_shows_each_refusal_as_the_document_it_is(self, document: Json) -> None:
        for operation in _operations(document).values():
            for status, response in operation["responses"].items():
                if int(status) < 400:
                    continue
                (media_type,) = response["content"]
                assert media_type == MEDIA_TYPE
                for slug, example in response["content"][MEDIA_TYPE]["examples"].items():
                    assert example["value"]["type"] == CATALOGUE[slug].type_uri()
                    assert example["value"]["status"] == int(status)

    def test_asks_for_the_headers_that_are_needed(self, document: Json) -> None:
        def headers(name: str) -> dict[str, bool]:
            return {
                parameter["name"]: parameter["required"]
                for parameter in _operations(document)[name].get("parameters", [])
                if parameter["in"] == "header"
            }

        assert headers("benefits_take_note") == {"Tamaire-Purpose": False, "Idempotency-Key": True}
        assert headers("benefits_replace_note") == {"Tamaire-Purpose": False, "If-Match": True}
        assert headers("benefits_search_notes") == {"Tamaire-Purpose": False}

    def test_promises_no_text_that_cannot_be_stored(self, document: Json) -> None:
        limit = next(
            parameter
            for parameter in _operations(document)["benefits_list_notes"]["parameters"]
            if parameter["name"] == "limit"
        )
        assert (limit["schema"]["minimum"], limit["schema"]["maximum"]) == (1, 200)
        read = document["components"]["schemas"]["NoteRead"]["properties"]["text"]
        assert read["pattern"] == "^[^\\u0000]*$"

    def test_describes_bodies_and_answers_that_are_not_json(self, document: Json) -> None:
        imports = _operations(document)["benefits_import_notes"]
        assert list(imports["requestBody"]["content"]) == ["text/csv"]
        assert imports["x-max-body-bytes"] == 100
        file = _operations(document)["benefits_read_file"]
        assert list(file["responses"]["200"]["content"]) == ["application/octet-stream"]


class TestPuttingTogether:
    def test_shows_a_body_that_is_not_json(self, document: Json) -> None:
        imported = _operations(document)["benefits_import_notes"]["requestBody"]
        assert imported["content"]["text/csv"]["example"].startswith("番号,本文")

    def test_describes_no_parameter_as_null(self, document: Json) -> None:
        for operation in _operations(document).values():
            for parameter in operation.get("parameters", []):
                assert {"type": "null"} not in parameter["schema"].get("anyOf", [])

    def test_bounds_whole_numbers_by_whole_numbers(self, document: Json) -> None:
        bounds = re.findall(r'"(?:minimum|maximum)": ([^,}]+)', json.dumps(document))
        assert bounds
        assert all(re.fullmatch(r"-?[0-9]+", bound) for bound in bounds)

    def test_refuses_an_act_that_is_not_in_the_policy(self, settings: ServiceSettings) -> None:
        with pytest.raises(ValueError, match="not in the policy"):
            create_application(
                service=SERVICE,
                title="x",
                routers=[router],
                policy=PolicyTable(SERVICE, [TAKE]),
                settings=settings,
            )

    def test_refuses_two_operations_of_one_name(self, settings: ServiceSettings) -> None:
        with pytest.raises(ValueError, match="Two operations"):
            create_application(
                service=SERVICE,
                title="x",
                routers=[router, router],
                policy=POLICY,
                settings=settings,
            )
