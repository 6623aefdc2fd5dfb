"""The whole way of an application of somebody else's, from its pushed request past the question."""

import pytest

from tests.support.forgery import claims_of
from tests.support.front_door import CARD, ISSUER, FrontDoor, query_of
from tests.support.third_party import ThirdParty, registered

WANTED = ("openid", "platform:read", "benefits:read")


@pytest.fixture
async def vendor(door: FrontDoor) -> ThirdParty:
    return await registered(door, kinds=("resident",), scopes=WANTED)


async def asked(vendor: ThirdParty) -> str:
    """Push, sign in with the card, and return the name of the question."""
    pushed = await vendor.push(scope=" ".join(WANTED), proof=vendor.proof("/oauth/par"))
    assert pushed.status_code == 201, pushed.text
    left = await vendor.authorize(pushed.json()["request_uri"])
    provider = vendor.door.resident_provider()
    answer = provider.approve(left.headers["location"], subject="hanako", says=CARD)
    landed = await vendor.door.callback(**answer)
    assert landed.headers["location"].startswith(f"{ISSUER}/oauth/consent?"), landed.text
    return query_of(landed.headers["location"])["request"]


async def answered(vendor: ThirdParty, decision: str, *scopes: str) -> dict[str, str]:
    """Answer the question and return what the application is told."""
    done = await vendor.door.http.post(
        "/oauth/consent",
        data={"request": await asked(vendor), "decision": decision, "scope": list(scopes)},
        headers={"Origin": ISSUER},
    )
    assert done.status_code == 303, done.text
    return query_of(done.headers["location"])


class TestTheWholeWay:
    async def test_leads_past_the_question_to_a_bound_token(self, vendor: ThirdParty) -> None:
        told = await answered(vendor, "all")
        tokens = (await vendor.redeem(told["code"])).json()
        assert tokens["token_type"] == "DPoP"
        assert claims_of(tokens["access_token"])["cnf"] == {"jkt": vendor.hand.kid}
        me = await vendor.get("/platform/v1/me", tokens["access_token"])
        assert me.status_code == 200

    async def test_keeps_the_key_of_the_request_through_the_question(
        self, vendor: ThirdParty
    ) -> None:
        told = await answered(vendor, "all")
        other = (await registered(vendor.door)).hand
        stolen = await vendor.redeem(told["code"], proof=vendor.proof(hand=other))
        assert stolen.json()["error"] == "invalid_grant"

    async def test_gives_only_the_part_that_was_chosen(self, vendor: ThirdParty) -> None:
        told = await answered(vendor, "chosen", "benefits:read")
        tokens = (await vendor.redeem(told["code"])).json()
        assert tokens["scope"] == "benefits:read openid"

    async def test_ends_where_somebody_says_no(self, vendor: ThirdParty) -> None:
        told = await answered(vendor, "refuse")
        assert told["error"] == "access_denied"
        assert "code" not in told
