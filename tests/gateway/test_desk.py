"""The front desk as its published interface describes it."""

import httpx

from foundation.problems import CATALOGUE
from gateway.desk import create_front_desk, describe_front_desk
from tests.support.front_door import FrontDoor


class TestDescription:
    async def test_every_operation_has_a_name_of_its_own_and_says_how_it_fails(
        self, door: FrontDoor
    ) -> None:
        described = describe_front_desk(create_front_desk(door.state))
        operations = [
            (path, operation)
            for path, item in described["paths"].items()
            for operation in item.values()
        ]
        names = [operation["operationId"] for _, operation in operations]
        assert len(names) == len(set(names))
        for path, operation in operations:
            assert operation["summary"], path
            is_asked_something = operation.get("parameters") or "requestBody" in operation
            if path.startswith(("/platform/", "/oauth/")) and is_asked_something:
                assert any(status.startswith("4") for status in operation["responses"]), path

    async def test_asks_nobody_for_a_token_but_to_say_whose_it_is(self, door: FrontDoor) -> None:
        described = describe_front_desk(create_front_desk(door.state))
        secured = {
            path
            for path, item in described["paths"].items()
            for operation in item.values()
            if any("tamaire" in way for way in operation.get("security", []))
        }
        assert secured == {"/oauth/userinfo"}, "what needs a token is asked of the office"


def test_every_refusal_of_the_desk_is_in_the_catalogue() -> None:
    assert {
        "platform/municipality-required",
        "platform/municipality-not-found",
        "platform/unknown-client",
        "platform/redirect-not-registered",
        "platform/sign-in-not-found",
        "platform/resident-unbound",
        "platform/revocations-unknown",
    } <= CATALOGUE.keys()


async def test_the_bare_address_leads_to_the_documentation(door: FrontDoor) -> None:
    transport = httpx.ASGITransport(app=create_front_desk(door.state))
    async with httpx.AsyncClient(transport=transport, base_url="http://door") as stranger:
        answer = await stranger.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/docs")
