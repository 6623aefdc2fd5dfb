"""A vendor registers by herself, uses the sandbox at once, and looks after what is hers."""

from typing import Any

import httpx
import pytest

from foundation.identifiers import SANDBOX
from foundation.identity import SigningKey
from foundation.tenancy import Tenancy
from gateway.desk import create_front_desk
from gateway.vendors.registration import NOT_SHARED
from tests.support.front_door import ISSUER, FrontDoor
from tests.support.vendors import ASSERTION_TYPE, Developer, metadata


class TestRegister:
    async def test_gives_a_client_that_works_in_the_sandbox_at_once(
        self, developer: Developer
    ) -> None:
        registered = await developer.register()
        assert registered["environment"] == "sandbox"
        assert registered["municipality_code"] == "990019"
        assert registered["scope"] == "benefits:read window-dx:read"
        assert "client_secret" not in registered
        given = await developer.ask_token(SANDBOX)
        assert given.status_code == 200, given.text
        assert given.json()["token_type"] == "DPoP"
        assert given.json()["scope"] == "benefits:read window-dx:read"

    async def test_gives_nothing_in_a_real_municipality(
        self, developer: Developer, door: FrontDoor
    ) -> None:
        await developer.register()
        refused = await developer.ask_token(door.tenancies.kitami.code)
        assert refused.status_code == 400
        assert refused.json()["error"] == "unauthorized_client"

    async def test_cannot_be_let_into_a_real_municipality_by_the_database_either(
        self, developer: Developer, door: FrontDoor
    ) -> None:
        await developer.register()
        for world in ("sandbox", "production"):
            with pytest.raises(Exception, match="violates foreign key"):
                await door.as_owner(
                    "INSERT INTO platform.client_grants (tenant_id, client_id, scopes,"
                    " environment) VALUES ($1, $2, '{benefits:read}', $3)",
                    int(door.tenancies.kitami.tenant_id),
                    developer.client_id,
                    world,
                )

    async def test_asks_for_reading_only_when_nothing_is_asked_for(
        self, developer: Developer
    ) -> None:
        registered = await developer.register(scope=None)
        assert registered["scope"] == "benefits:events benefits:read window-dx:read"

    async def test_takes_a_client_without_a_key_which_gets_nothing_until_it_has_one(
        self, developer: Developer
    ) -> None:
        await developer.register(jwks=None)
        assert (await developer.ask_token(SANDBOX)).json()["error"] == "invalid_client"
        added = await developer.care("POST", "/keys", json={"jwk": developer.key.public()})
        assert added.status_code == 201, added.text
        assert (await developer.ask_token(SANDBOX)).status_code == 200

    async def test_names_every_fault_at_once_in_both_languages(self, developer: Developer) -> None:
        refused = await developer.send(
            metadata(
                scope="benefits:pay nonsense",
                redirect_uris=["https://example.co.jp/back"],
                jwks={"keys": [{"kty": "oct", "k": "c2VjcmV0"}]},
            )
        )
        assert refused.status_code == 400
        document = refused.json()
        assert document["error"] == "invalid_client_metadata"
        found = {fault["pointer"] for fault in document["errors"]}
        assert found == {"/scope", "/redirect_uris", "/jwks/keys/0"}
        assert all(fault["detail"] and fault["detail_ja"] for fault in document["errors"])
        assert "c2VjcmV0" not in refused.text

    @pytest.mark.parametrize("scope", sorted(NOT_SHARED))
    async def test_gives_nobody_what_would_change_the_sandbox_for_all(
        self, developer: Developer, scope: str
    ) -> None:
        refused = await developer.send(metadata(scope=scope))
        assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/scope"]

    async def test_tells_a_wrong_redirect_address_apart(self, developer: Developer) -> None:
        refused = await developer.send(
            metadata(
                grant_types=["authorization_code"],
                scope="benefits:read",
                redirect_uris=["http://example.co.jp/back"],
            )
        )
        assert refused.json()["error"] == "invalid_redirect_uri"

    @pytest.mark.parametrize(
        "body",
        [
            [],
            "text",
            {},
            {"client_name": "x"},
            metadata(contacts=["nobody"]),
            metadata(contacts=[]),
            metadata(client_name="\n"),
            metadata(token_endpoint_auth_method="client_secret_basic"),
            metadata(grant_types=["password"]),
            metadata(client_name="名" * 300),
        ],
    )
    async def test_refuses_what_is_no_registration(self, developer: Developer, body: Any) -> None:
        refused = await developer.send(body)
        assert refused.status_code == 400
        assert refused.json()["error"] == "invalid_client_metadata"

    async def test_passes_over_what_it_does_not_know(self, developer: Developer) -> None:
        answer = await developer.send(metadata(logo_uri="https://example.co.jp/logo.png", x=1))
        assert answer.status_code == 201

    async def test_asks_one_address_to_wait_after_a_while(self, developer: Developer) -> None:
        transport = httpx.ASGITransport(
            app=create_front_desk(developer.door.state), client=("192.0.2.7", 1)
        )
        async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as somebody:
            answers = [await somebody.post("/oauth/register", json={}) for _ in range(21)]
        assert [answer.status_code for answer in answers] == [400] * 20 + [429]
        assert int(answers[-1].headers["retry-after"]) > 0
        assert answers[-1].json()["error_description_ja"]

    async def test_is_closed_where_there_is_no_sandbox(self, door: FrontDoor) -> None:
        answer = await door.http.post("/oauth/register", json=metadata())
        assert answer.status_code == 503
        assert answer.json()["error"] == "temporarily_unavailable"


class TestMetadata:
    async def test_says_where_to_register(self, door: FrontDoor) -> None:
        said = (await door.http.get("/.well-known/oauth-authorization-server")).json()
        assert said["registration_endpoint"] == f"{ISSUER}/oauth/register"


class TestSecondClient:
    async def test_belongs_to_the_same_vendor_and_to_production(
        self, developer: Developer, door: FrontDoor
    ) -> None:
        await developer.register()
        token = developer.token
        body = metadata(
            environment="production", jwks={"keys": [SigningKey.generate("Ed25519").public()]}
        )
        answer = await developer.send(body, token=token)
        assert answer.status_code == 201, answer.text
        second = answer.json()
        assert second["client_id"].startswith("client-")
        assert "municipality_code" not in second
        async with door.state.database.unbound() as work:
            from gateway.vendors import repository  # noqa: PLC0415

            first = await repository.registered(work, developer.client_id)
            other = await repository.registered(work, second["client_id"])
        assert first is not None
        assert other is not None
        assert first.vendor_id == other.vendor_id

    async def test_is_not_let_in_anywhere_before_somebody_grants_it(
        self, developer: Developer, door: FrontDoor
    ) -> None:
        await developer.register(environment="production")
        for code in (SANDBOX, door.tenancies.kitami.code):
            assert (await developer.ask_token(code)).json()["error"] == "unauthorized_client"

    async def test_may_not_be_answered_on_this_machine(self, developer: Developer) -> None:
        people = metadata(
            grant_types=["authorization_code", "refresh_token"],
            scope="benefits:read",
            redirect_uris=["http://127.0.0.1:3000/back"],
        )
        assert (await developer.send(people)).status_code == 201
        refused = await developer.send(people | {"environment": "production"})
        assert refused.json()["error"] == "invalid_redirect_uri"

    async def test_is_refused_with_a_token_that_is_nobodys(self, developer: Developer) -> None:
        await developer.register()
        for token in ("", "nobody.x", f"{developer.client_id}.x"):
            answer = await developer.send(metadata(), token=token)
            assert answer.status_code == 401, token


class TestManage:
    async def test_shows_what_was_registered_and_takes_it_back_unchanged(
        self, developer: Developer
    ) -> None:
        registered = await developer.register()
        read = await developer.manage("GET")
        assert read.json() == registered
        put = await developer.manage("PUT", json=read.json())
        assert put.status_code == 200, put.text
        assert put.json() == registered

    async def test_changes_name_and_scopes_but_not_its_world_or_kind(
        self, developer: Developer
    ) -> None:
        await developer.register()
        changed = await developer.manage("PUT", json=metadata(scope="benefits:read"))
        assert changed.json()["scope"] == "benefits:read"
        assert (await developer.ask_token(SANDBOX)).json()["scope"] == "benefits:read"
        for member in ({"environment": "production"}, {"jwks": {"keys": [_another()]}}):
            refused = await developer.manage("PUT", json=metadata(**member))
            assert refused.json()["error"] == "invalid_client_metadata"

    async def test_ends_everything_when_deleted(self, developer: Developer) -> None:
        await developer.register()
        token = (await developer.ask_token(SANDBOX)).json()["access_token"]
        access = developer.door.state.access.verify(token)
        assert (await developer.manage("DELETE")).status_code == 204
        await developer.door.state.revocations.refresh()
        assert developer.door.state.revocations.is_revoked(access)
        assert (await developer.ask_token(SANDBOX)).json()["error"] == "invalid_client"
        assert (await developer.manage("GET")).status_code == 401

    async def test_is_nobody_elses(self, developer: Developer) -> None:
        other = Developer(developer.door)
        await other.register()
        await developer.register()
        for method in ("GET", "PUT", "DELETE"):
            refused = await developer.manage(method, json=metadata(), token=other.token)
            assert refused.status_code == 401
            assert refused.headers["www-authenticate"].startswith("Bearer")

    async def test_gives_a_new_token_and_forgets_the_last(self, developer: Developer) -> None:
        await developer.register()
        rotated = await developer.care("POST", "/registration-access-token")
        new = rotated.json()["registration_access_token"]
        assert rotated.headers["cache-control"] == "no-store"
        assert (await developer.manage("GET")).status_code == 401
        assert (await developer.manage("GET", token=new)).status_code == 200


class TestKeys:
    async def test_can_be_rotated_without_a_moment_in_which_none_works(
        self, developer: Developer
    ) -> None:
        await developer.register()
        first = developer.key
        developer.key = SigningKey.generate("Ed25519")
        added = await developer.care("POST", "/keys", json={"jwk": developer.key.public()})
        assert added.json()["alg"] == "Ed25519"
        assert (await developer.ask_token(SANDBOX)).status_code == 200
        gone = await developer.care("DELETE", f"/keys/{first.kid}")
        assert gone.status_code == 204
        keys = {key["kid"]: key for key in (await developer.care("GET", "/keys")).json()["items"]}
        assert keys[first.kid]["status"] == "revoked"
        assert keys[developer.key.kid]["last_used_at"] is not None
        developer.key = first
        assert (await developer.ask_token(SANDBOX)).json()["error"] == "invalid_client"

    async def test_are_two_at_most(self, developer: Developer) -> None:
        await developer.register()
        assert (await developer.care("POST", "/keys", json={"jwk": _another()})).status_code == 201
        third = await developer.care("POST", "/keys", json={"jwk": _another()})
        assert third.status_code == 409
        assert third.json()["type"] == "/problems/platform/client-keys-full"

    async def test_are_never_private_and_never_come_back(self, developer: Developer) -> None:
        await developer.register()
        private = {**_another(), "d": "c2VjcmV0"}
        refused = await developer.care("POST", "/keys", json={"jwk": private})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/jwk"
        assert "c2VjcmV0" not in refused.text
        await developer.care("DELETE", f"/keys/{developer.key.kid}")
        again = await developer.care("POST", "/keys", json={"jwk": developer.key.public()})
        assert again.json()["type"] == "/problems/platform/client-key-known"

    async def test_lie_elsewhere_for_who_publishes_them(self, developer: Developer) -> None:
        await developer.register(jwks=None, jwks_uri="https://example.co.jp/jwks.json")
        refused = await developer.care("POST", "/keys", json={"jwk": _another()})
        assert refused.json()["type"] == "/problems/platform/client-keys-elsewhere"

    async def test_that_are_not_there_cannot_be_revoked(self, developer: Developer) -> None:
        await developer.register()
        refused = await developer.care("DELETE", "/keys/nobody")
        assert refused.json()["type"] == "/problems/platform/client-key-not-found"


class TestSuspension:
    async def test_ends_tokens_at_once_and_can_be_lifted(
        self, developer: Developer, sandbox: Tenancy
    ) -> None:
        del sandbox
        await developer.register()
        token = (await developer.ask_token(SANDBOX)).json()["access_token"]
        access = developer.door.state.access.verify(token)
        stopped = await developer.care("POST", "/suspension")
        assert stopped.json() == {
            "client_id": developer.client_id,
            "status": "suspended",
            "effective_within_seconds": 1,
        }
        await developer.door.state.revocations.refresh()
        assert developer.door.state.revocations.is_revoked(access)
        assert (await developer.ask_token(SANDBOX)).json()["error"] == "invalid_client"
        assert (await developer.manage("GET")).json()["status"] == "suspended"
        assert (await developer.care("DELETE", "/suspension")).status_code == 200
        assert (await developer.ask_token(SANDBOX)).status_code == 200

    async def test_is_the_vendors_alone(self, developer: Developer) -> None:
        await developer.register()
        refused = await developer.care("POST", "/suspension", token="nobody.x")
        assert refused.status_code == 401
        assert refused.json()["type"] == "/problems/platform/registration-token-refused"


def _another() -> dict[str, Any]:
    return SigningKey.generate("ES256").public()


class TestDirectory:
    async def test_shows_the_sandbox_to_who_asks_for_it(
        self, door: FrontDoor, sandbox: Tenancy
    ) -> None:
        del sandbox
        real = (await door.http.get("/platform/v1/municipalities?limit=200")).json()["items"]
        assert "990019" not in {one["code"] for one in real}
        assert not any(one["sandbox"] for one in real)
        invented = (await door.http.get("/platform/v1/municipalities?sandbox=true")).json()
        assert [one["code"] for one in invented["items"]] == ["990019"]
        assert (await door.http.get("/platform/v1/municipalities/990019")).json()["sandbox"]


class TestSoftwareInFrontOfPeople:
    async def test_pushes_its_first_request_as_soon_as_it_is_registered(
        self, developer: Developer, door: FrontDoor
    ) -> None:
        back = "http://127.0.0.1:3000/back"
        registered = await developer.register(
            grant_types=["authorization_code", "refresh_token"],
            scope="openid benefits:read",
            redirect_uris=[back],
        )
        assert registered["principal_kinds"] == ["resident"]
        assert registered["require_pushed_authorization_requests"] is True
        pushed = await door.http.post(
            "/oauth/par",
            data={
                **door.request(client_id=developer.client_id, redirect_uri=back),
                "scope": "openid benefits:read",
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": door.assertion(developer.client_id, key=developer.key),
            },
            headers={
                "Tamaire-Municipality": SANDBOX,
                "DPoP": developer.proof_of_possession(url=f"{ISSUER}/oauth/par"),
            },
        )
        assert pushed.status_code == 201, pushed.text
        assert pushed.json()["request_uri"].startswith("urn:ietf:params:oauth:request_uri:")
