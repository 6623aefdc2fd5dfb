"""A front end that was told to prove more can, and what comes back is held against the demand."""

from datetime import timedelta
from typing import Any

import pytest

from foundation import clock
from tests.support.forgery import claims_of
from tests.support.front_door import CARD, FrontDoor, query_of

DEMAND: dict[str, Any] = {"acr_values": "aal3", "max_age": "300"}


async def came_back(door: FrontDoor, says: dict[str, Any], **demand: Any) -> dict[str, str]:
    """Sign somebody in at a provider that says this, and return where the front end is sent."""
    door.resident_provider().id_token = says
    left = await door.authorize(**demand)
    answer = door.resident_provider().approve(left.headers["location"], subject="hanako", says=CARD)
    return query_of((await door.callback(**answer)).headers["location"])


def ago(**age: int) -> int:
    return int((clock.now() - timedelta(**age)).timestamp())


class TestTheDemand:
    async def test_is_passed_to_the_provider(self, door: FrontDoor) -> None:
        asked = query_of((await door.authorize(**DEMAND)).headers["location"])
        assert (asked["acr_values"], asked["max_age"]) == ("aal3 crl", "300")
        assert "prompt" not in asked
        anew = query_of((await door.authorize(prompt="login")).headers["location"])
        assert (anew["prompt"], anew["max_age"]) == ("login", "0")
        usual = query_of((await door.authorize()).headers["location"])
        assert "max_age" not in usual

    @pytest.mark.parametrize(
        ("asked", "error"),
        [
            ({"max_age": "soon"}, "invalid_request"),
            ({"prompt": "none"}, "login_required"),
            ({"acr_values": "aal9"}, "unmet_authentication_requirements"),
        ],
    )
    async def test_that_cannot_be_met_is_refused_at_once(
        self, door: FrontDoor, asked: dict[str, Any], error: str
    ) -> None:
        sent = query_of((await door.authorize(**asked)).headers["location"])
        assert (sent["error"], sent["state"]) == (error, "client-state")

    async def test_met_gives_tokens_that_say_when(self, door: FrontDoor) -> None:
        proven_at = ago(seconds=20)
        sent = await came_back(door, {"auth_time": proven_at}, **DEMAND)
        tokens = (await door.redeem(sent["code"])).json()
        for name in ("access_token", "id_token"):
            claims = claims_of(tokens[name])
            assert (claims["acr"], claims["auth_time"]) == ("aal3", proven_at)
        refreshed = (await door.refresh(tokens["refresh_token"])).json()
        assert claims_of(refreshed["access_token"])["auth_time"] == proven_at

    @pytest.mark.parametrize(
        "says",
        [
            {"auth_time": None},
            {"acr": None},
            {"acr": "aal2"},
            {"acr": "aal9"},
            {"auth_time": ago(minutes=7)},
        ],
        ids=["no time", "no level", "a lower level", "an unknown level", "an old proof"],
    )
    async def test_unmet_gives_nothing(self, door: FrontDoor, says: dict[str, Any]) -> None:
        sent = await came_back(door, says, **DEMAND)
        assert sent["error"] == "unmet_authentication_requirements"
        assert "code" not in sent

    async def test_is_not_met_by_a_proof_from_the_future(self, door: FrontDoor) -> None:
        sent = await came_back(door, {"auth_time": ago(minutes=-3)}, **DEMAND)
        assert sent["error"] == "server_error"

    async def test_of_nothing_takes_what_comes_and_believes_no_silence_of_the_time(
        self, door: FrontDoor
    ) -> None:
        sent = await came_back(door, {"auth_time": None})
        token = (await door.redeem(sent["code"])).json()["access_token"]
        assert claims_of(token)["auth_time"] == 0

    async def test_that_the_provider_says_it_cannot_meet_is_told_so(self, door: FrontDoor) -> None:
        left = await door.authorize(**DEMAND)
        state = query_of(left.headers["location"])["state"]
        back = await door.callback(state=state, error="unmet_authentication_requirements")
        sent = query_of(back.headers["location"])
        assert sent["error"] == "unmet_authentication_requirements"
