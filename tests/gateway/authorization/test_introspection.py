"""Whether a token holds is told to those whom it concerns, and to nobody else."""

from datetime import timedelta

import pytest

from foundation import clock
from tests.support.front_door import FrontDoor
from tests.support.third_party import ThirdParty, registered

INACTIVE = {"active": False}


@pytest.fixture
async def vendor(door: FrontDoor) -> ThirdParty:
    return await registered(door)


async def asked(who: ThirdParty, token: str) -> dict[str, object]:
    answer = await who.post("/oauth/introspect", {"token": token})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    return answer.json()


class TestIntrospection:
    async def test_tells_a_client_what_it_was_given(self, vendor: ThirdParty) -> None:
        tokens = await vendor.tokens()
        said = await asked(vendor, tokens["access_token"])
        assert (said["active"], said["token_type"]) == (True, "DPoP")
        assert (said["client_id"], said["tenant"]) == (vendor.client_id, "012084")
        assert said["cnf"] == {"jkt": vendor.hand.kid}
        refresh = await asked(vendor, tokens["refresh_token"])
        assert (refresh["active"], refresh["sub"]) == (True, said["sub"])

    async def test_tells_nobody_elses(self, vendor: ThirdParty) -> None:
        tokens, other = await vendor.tokens(), await registered(vendor.door)
        assert await asked(other, tokens["access_token"]) == INACTIVE
        assert await asked(other, tokens["refresh_token"]) == INACTIVE

    async def test_tells_a_machine_that_the_municipality_lets_ask(self, door: FrontDoor) -> None:
        tokens = await door.official_tokens("administrator")
        machine = await registered(
            door, profile="machine", kinds=["machine"], scopes=["platform:introspect"]
        )
        assert (await asked(machine, tokens["access_token"]))["active"] is True
        assert (await asked(machine, tokens["refresh_token"]))["active"] is True
        elsewhere = await door.resident_tokens(door.tenancies.kinokawa)
        assert await asked(machine, elsewhere["access_token"]) == INACTIVE

    @pytest.mark.parametrize("token", ["x", "a.b.c", "012084." + "a" * 43, "999999." + "a" * 43])
    async def test_what_is_none_of_ours_is_not_active(self, vendor: ThirdParty, token: str) -> None:
        assert await asked(vendor, token) == INACTIVE

    async def test_what_ended_is_not_active(self, vendor: ThirdParty) -> None:
        first = await vendor.tokens()
        second = (await vendor.refresh(first["refresh_token"])).json()
        assert await asked(vendor, first["refresh_token"]) == INACTIVE
        await vendor.post("/oauth/revoke", {"token": second["refresh_token"]})
        await vendor.door.state.revocations.refresh()
        for token in (first["access_token"], second["access_token"], second["refresh_token"]):
            assert await asked(vendor, token) == INACTIVE

    async def test_what_expired_is_not_active(self, vendor: ThirdParty) -> None:
        tokens = await vendor.tokens()
        with clock.frozen(clock.now() + timedelta(minutes=31)):
            for name in ("access_token", "refresh_token"):
                assert await asked(vendor, tokens[name]) == INACTIVE

    async def test_a_client_that_proves_nothing_is_told_nothing(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens()
        form = {"token": tokens["access_token"], "client_id": "demo-portal"}
        answer = await door.http.post("/oauth/introspect", data=form)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")

    async def test_needs_a_token(self, vendor: ThirdParty) -> None:
        answer = await vendor.post("/oauth/introspect", {})
        assert answer.json()["error"] == "invalid_request"
