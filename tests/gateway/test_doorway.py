"""What the door refuses is said of every operation behind it, whoever described the operation."""

from typing import Any

from foundation.problems import MEDIA_TYPE, MalformedRequest, TooManyRequests
from foundation.web.refusals import responses_of, schema_name, schema_of
from gateway.doorway import seen_through_the_door

AREA = ("/things/",)


def document() -> dict[str, Any]:
    """Return a part with two operations, one of which sends something."""
    reading = {"responses": {"200": {"description": ""}, **responses_of([MalformedRequest])}}
    sending: dict[str, Any] = {
        "requestBody": {"content": {}},
        "responses": {"201": {"description": ""}, **responses_of([TooManyRequests])},
    }
    return {
        "paths": {"/things/v1/all": {"get": reading, "post": sending}, "/livez": {"get": {}}},
        "components": {"schemas": {schema_name(MalformedRequest): schema_of(MalformedRequest)}},
    }


def shown(responses: dict[str, Any], status: str) -> set[str]:
    """Return the refusals that a response shows as examples."""
    return set(responses[status]["content"][MEDIA_TYPE]["examples"])


class TestSeenThroughTheDoor:
    def test_adds_to_a_status_what_the_service_says_of_it(self) -> None:
        seen = seen_through_the_door(document(), AREA, is_desk=False)
        responses = seen["paths"]["/things/v1/all"]["get"]["responses"]
        assert shown(responses, "400") == {
            "platform/malformed-request",
            "platform/ambiguous-request",
            "platform/unknown-purpose",
            "platform/unreadable-timeout",
        }
        assert len(responses["400"]["content"][MEDIA_TYPE]["schema"]["anyOf"]) == 4

    def test_tells_what_can_become_of_the_way_to_a_service(self) -> None:
        seen = seen_through_the_door(document(), AREA, is_desk=False)
        responses = seen["paths"]["/things/v1/all"]["get"]["responses"]
        assert {"417", "431", "502", "503", "504"} <= responses.keys()
        assert "408" not in responses

    def test_tells_what_can_become_of_sending(self) -> None:
        seen = seen_through_the_door(document(), AREA, is_desk=False)
        assert "408" in seen["paths"]["/things/v1/all"]["post"]["responses"]
        desk = seen_through_the_door(document(), AREA, is_desk=True)
        assert {"408", "411", "413"} <= desk["paths"]["/things/v1/all"]["post"]["responses"].keys()

    def test_tells_the_rate_of_a_service_and_not_of_the_desk(self) -> None:
        seen = seen_through_the_door(document(), AREA, is_desk=False)
        for status in ("201", "429"):
            answer = seen["paths"]["/things/v1/all"]["post"]["responses"][status]
            assert {"RateLimit", "RateLimit-Policy"} <= answer["headers"].keys()
        desk = seen_through_the_door(document(), AREA, is_desk=True)
        assert "headers" not in desk["paths"]["/things/v1/all"]["get"]["responses"]["200"]

    def test_describes_every_refusal_it_names(self) -> None:
        seen = seen_through_the_door(document(), AREA, is_desk=False)
        assert "PlatformUpstreamTimeoutProblem" in seen["components"]["schemas"]

    def test_leaves_other_addresses_and_the_original_alone(self) -> None:
        given = document()
        seen = seen_through_the_door(given, AREA, is_desk=False)
        assert seen["paths"]["/livez"] == {"get": {}}
        assert given == document()
