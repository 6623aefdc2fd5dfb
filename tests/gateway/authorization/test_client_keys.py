"""By which keys a client may prove itself: one by one on record, or at an address of its own."""

import json
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from foundation import clock
from foundation.identity import SigningKey
from foundation.identity.outbound import GuardedTransport
from gateway.clients.published_keys import PublishedKeys
from tests.support.front_door import ISSUER, FrontDoor
from tests.support.third_party import ThirdParty, registered

KEYS = "https://vendor.example/keys.json"


async def machine(door: FrontDoor, **given: Any) -> ThirdParty:
    return await registered(
        door, profile="machine", kinds=["machine"], scopes=["benefits:read"], **given
    )


async def asked(who: ThirdParty, **form: Any) -> httpx.Response:
    return await who.post(
        "/oauth/token",
        {"grant_type": "client_credentials"} | form,
        proof=who.proof(),
        place=who.door.tenancies.kitami,
    )


class TestKeysOnRecord:
    async def test_let_a_machine_in(self, door: FrontDoor) -> None:
        vendor = await machine(door)
        assert (await asked(vendor)).json()["token_type"] == "DPoP"

    async def test_are_several_at_a_time(self, door: FrontDoor) -> None:
        vendor, second = await machine(door), SigningKey.generate("Ed25519")
        sql = "INSERT INTO platform.client_keys (client_id, kid, jwk) VALUES ($1, $2, $3)"
        await door.as_owner(sql, vendor.client_id, second.kid, _json(second))
        for key in (vendor.key, second):
            form = {"client_assertion": door.assertion(vendor.client_id, key=key)}
            assert (await asked(vendor, **form)).status_code == 200

    async def test_are_good_until_they_are_withdrawn(self, door: FrontDoor) -> None:
        vendor = await machine(door)
        await door.as_owner(
            "UPDATE platform.client_keys SET status = 'revoked' WHERE client_id = $1",
            vendor.client_id,
        )
        assert (await asked(vendor)).json()["error"] == "invalid_client"

    async def test_are_good_until_they_expire(self, door: FrontDoor) -> None:
        vendor = await machine(door)
        await door.as_owner(
            "UPDATE platform.client_keys SET expires_at = $2 WHERE client_id = $1",
            vendor.client_id,
            clock.now() + timedelta(minutes=5),
        )
        assert (await asked(vendor)).status_code == 200
        with clock.frozen(clock.now() + timedelta(minutes=6)):
            assert (await asked(vendor)).json()["error"] == "invalid_client"

    async def test_a_client_whose_last_key_is_gone_does_not_become_public(
        self, door: FrontDoor
    ) -> None:
        own = await registered(door, profile="first_party")
        await door.as_owner(
            "UPDATE platform.client_keys SET status = 'revoked' WHERE client_id = $1",
            own.client_id,
        )
        form = {"client_assertion": None, "client_assertion_type": None}
        answer = await own.post("/oauth/revoke", {"token": "x", "client_id": own.client_id} | form)
        assert answer.json()["error"] == "invalid_client"

    async def test_show_when_they_were_last_used(self, door: FrontDoor) -> None:
        vendor = await machine(door)
        now = clock.now()
        for seconds, noted in ((0, 0), (30, 0), (90, 90)):
            with clock.frozen(now + timedelta(seconds=seconds)):
                assert (await asked(vendor)).status_code == 200
            assert await _last_used(vendor) == now + timedelta(seconds=noted)


class TestTheAudience:
    @pytest.mark.parametrize("profile", ["machine", "third_party"])
    @pytest.mark.parametrize("aud", [f"{ISSUER}/oauth/token", [ISSUER, "https://x.example"]])
    async def test_of_a_foreign_client_is_the_issuer_alone(
        self, door: FrontDoor, profile: str, aud: Any
    ) -> None:
        vendor = await registered(door, profile=profile, kinds=["machine"])
        assertion = door.assertion(vendor.client_id, key=vendor.key, aud=aud)
        answer = await asked(vendor, client_assertion=assertion)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert "aud" in answer.json()["error_description"]

    async def test_is_not_explained_to_whom_the_key_is_not(self, door: FrontDoor) -> None:
        vendor, thief = await machine(door), SigningKey.generate("ES256")
        assertion = door.assertion(vendor.client_id, key=thief, aud="https://x.example")
        answer = await asked(vendor, client_assertion=assertion)
        assert "error_description" not in answer.json()


class TestRegistration:
    async def test_ends_on_its_day(self, door: FrontDoor) -> None:
        vendor = await machine(door, expires_at=clock.now() + timedelta(minutes=1))
        assert (await asked(vendor)).status_code == 200
        with clock.frozen(clock.now() + timedelta(minutes=2)):
            assert (await asked(vendor)).json()["error"] == "invalid_client"

    async def test_of_a_machine_without_a_key_in_hand_gives_nothing(self, door: FrontDoor) -> None:
        vendor = await machine(door)
        answer = await vendor.post(
            "/oauth/token", {"grant_type": "client_credentials"}, place=door.tenancies.kitami
        )
        assert answer.json()["error"] == "invalid_dpop_proof"

    async def test_of_one_of_ours_may_leave_it_at_bearer(self, door: FrontDoor) -> None:
        own = await registered(
            door, profile="first_party", kinds=["machine"], scopes=["benefits:read"]
        )
        form = {"grant_type": "client_credentials"}
        answer = await own.post("/oauth/token", form, place=door.tenancies.kitami)
        assert answer.json()["token_type"] == "Bearer"


class TestPublishedKeys:
    async def test_let_a_machine_in_that_changes_them_itself(self, door: FrontDoor) -> None:
        vendor = await machine(door, jwks_uri=KEYS)
        published = [vendor.key.public()]
        fetched: list[str] = []

        async def serve(request: httpx.Request) -> httpx.Response:
            fetched.append(str(request.url))
            return httpx.Response(200, json={"keys": published})

        async def resolve(host: str, port: int) -> list[str]:
            return ["8.8.8.8"] if (host, port) == ("vendor.example", 443) else []

        now = [100.0]
        door.state.published_keys = PublishedKeys(
            GuardedTransport(httpx.MockTransport(serve), resolve=resolve),
            allow_loopback=False,
            monotonic=lambda: now[0],
        )
        assert (await asked(vendor)).status_code == 200
        assert (await asked(vendor)).status_code == 200
        assert fetched == ["https://8.8.8.8/keys.json"]
        vendor.key = SigningKey.generate("ES256")
        published[:] = [vendor.key.public()]
        assert (await asked(vendor)).status_code == 401
        now[0] += 31
        assert (await asked(vendor)).status_code == 200
        assert len(fetched) == 2


def _json(key: SigningKey) -> str:
    return json.dumps(key.public())


async def _last_used(vendor: ThirdParty) -> Any:
    connection = await asyncpg.connect(vendor.door.house.dsn("platform_owner"))
    try:
        return await connection.fetchval(
            "SELECT last_used_at FROM platform.client_keys WHERE client_id = $1", vendor.client_id
        )
    finally:
        await connection.close()
