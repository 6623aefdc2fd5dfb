"""An answer is believed from the one provider a sign-in was sent to, and from nobody else."""

import pytest

from foundation.identity import SigningKey
from tests.gateway.officials.town import OWN, TownHall
from tests.support.front_door import PROVIDERS, query_of

EVIL = "http://login.evil.example/realms/staff"


async def refusal(town: TownHall, provider_id: str, **changes: str) -> str:
    """Sign in honestly but for `changes` in the answer; return the error at the front end."""
    left = await town.door.authorize(
        client_id="demo-desk", scope="openid platform:read", identity_provider=provider_id
    )
    answer = town.directory().approve(left.headers["location"], subject="tanaka")
    at = changes.pop("at", provider_id)
    back = await town.come_back(None if at == "" else at, answer | changes)
    return query_of(back.headers["location"]).get("error", "")


async def test_an_honest_answer_is_believed(town: TownHall) -> None:
    provider = await town.activated()
    assert await refusal(town, provider["id"]) == ""


async def test_another_issuer_s_answer_is_not(town: TownHall) -> None:
    provider = await town.activated()
    assert await refusal(town, provider["id"], iss=EVIL) == "server_error"


async def test_an_answer_at_the_address_of_another_provider_is_not(town: TownHall) -> None:
    provider = await town.activated()
    first = await town.first()
    assert await refusal(town, provider["id"], at=first) == "server_error"
    assert await refusal(town, provider["id"], at="") == "server_error"


async def test_a_provider_that_names_itself_must_always_do_so(town: TownHall) -> None:
    town.directory()
    provider = await town.registered()
    del provider
    directory = town.directory()
    directory.metadata["authorization_response_iss_parameter_supported"] = True
    again = (await town.call("GET", "/identity-providers")).json()["items"][0]
    examined = await town.call("POST", f"/identity-providers/{again['id']}/examination")
    assert examined.status_code == 200, examined.text
    location = await town.left(again["id"])
    answer = directory.approve(location, subject="sato", says={"groups": ["情報政策課"]})
    page = await town.come_back(again["id"], answer)
    assert "成功しませんでした" in page.text
    location = await town.left(again["id"])
    answer = directory.approve(location, subject="sato", says={"groups": ["情報政策課"]})
    page = await town.come_back(again["id"], answer | {"iss": OWN})
    assert "成功しました" in page.text


async def test_a_code_of_another_sign_in_is_not_taken(town: TownHall) -> None:
    provider = await town.activated()
    mine = await town.door.authorize(
        client_id="demo-desk", scope="openid platform:read", identity_provider=provider["id"]
    )
    hers = await town.door.authorize(
        client_id="demo-desk", scope="openid platform:read", identity_provider=provider["id"]
    )
    directory = town.directory()
    answer = directory.approve(mine.headers["location"], subject="attacker")
    swapped = directory.approve(hers.headers["location"], subject="victim")
    back = await town.come_back(provider["id"], {**answer, "code": swapped["code"]})
    assert "code" not in query_of(back.headers["location"])


async def test_a_code_of_another_provider_is_redeemed_at_neither(town: TownHall) -> None:
    """The classic mix-up: the browser was led to an honest provider by a dishonest one."""
    provider = await town.activated()
    left = await town.door.authorize(
        client_id="demo-desk", scope="openid platform:read", identity_provider=provider["id"]
    )
    first = town.door.world.provider(f"{PROVIDERS}/officials/{town.tenancy.code}")
    answer = first.approve(left.headers["location"], subject="tanaka")
    asked = len(first.requests)
    back = await town.come_back(provider["id"], answer)
    assert "code" not in query_of(back.headers["location"])
    assert len(first.requests) == asked


async def test_an_issuer_with_the_same_client_id_is_another_issuer(town: TownHall) -> None:
    provider = await town.activated()
    other = town.door.world.provider(EVIL)
    left = await town.door.authorize(
        client_id="demo-desk", scope="openid platform:read", identity_provider=provider["id"]
    )
    directory = town.directory()
    answer = directory.approve(left.headers["location"], subject="tanaka")
    directory.id_token = {"iss": EVIL}
    directory.key = other.key
    back = await town.come_back(provider["id"], answer)
    assert query_of(back.headers["location"])["error"] == "server_error"


async def test_a_document_changed_after_activation_leads_nobody_astray(town: TownHall) -> None:
    provider = await town.activated()
    directory, thief = town.directory(), town.door.world.provider(EVIL)
    directory.metadata |= {
        name: f"{EVIL}/protocol/openid-connect/{path}"
        for name, path in (
            ("authorization_endpoint", "auth"),
            ("token_endpoint", "token"),
            ("userinfo_endpoint", "userinfo"),
            ("jwks_uri", "certs"),
        )
    }
    tokens = await town.official(provider["id"], "tanaka", "窓口課")
    assert tokens["access_token"]
    assert thief.requests == []


async def test_other_endpoints_than_those_tried_are_tried_anew(town: TownHall) -> None:
    provider = await town.registered()
    await town.tried(provider["id"], "sato", "情報政策課")
    town.directory().metadata["token_endpoint"] = f"{OWN}/elsewhere/token"
    examined = await town.call("POST", f"/identity-providers/{provider['id']}/examination")
    assert examined.json()["state"] == "draft"


async def test_a_trial_s_answer_is_no_sign_in_and_the_reverse(town: TownHall) -> None:
    provider = await town.activated()
    left = await town.door.authorize(
        client_id="demo-desk", scope="openid platform:read", identity_provider=provider["id"]
    )
    answer = town.directory().approve(left.headers["location"], subject="tanaka")
    as_trial = await town.come_back(provider["id"], answer | {"state": "trial." + answer["state"]})
    assert as_trial.status_code == 400
    assert as_trial.json()["type"] == "/problems/platform/trial-not-found"


@pytest.mark.parametrize("algorithm", ["HS256", "none", "EdDSA"])
async def test_an_algorithm_that_was_not_examined_is_not_taken(
    town: TownHall, algorithm: str
) -> None:
    provider = await town.activated()
    directory = town.directory()
    left = await town.door.authorize(
        client_id="demo-desk", scope="openid platform:read", identity_provider=provider["id"]
    )
    answer = directory.approve(left.headers["location"], subject="tanaka")
    directory.raw_id_token = {
        "HS256": "eyJhbGciOiJIUzI1NiIsImtpZCI6ImsifQ.e30.c2ln",
        "none": "eyJhbGciOiJub25lIn0.e30.",
        "EdDSA": SigningKey.generate("Ed25519").sign({"sub": "tanaka"}, typ="JWT"),
    }[algorithm]
    back = await town.come_back(provider["id"], answer)
    assert query_of(back.headers["location"])["error"] == "server_error"
