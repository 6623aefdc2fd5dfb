"""A town brings its directory: examined, tried, put to use, and never so that nobody gets in."""

from uuid import UUID

import asyncpg
import pytest

from tests.gateway.officials.town import OWN, TownHall, do_what_is_due
from tests.support.forgery import claims_of
from tests.support.front_door import PROVIDERS, query_of
from tests.support.house import House


class TestRegistering:
    async def test_keeps_a_draft_and_says_what_is_missing(self, town: TownHall) -> None:
        provider = await town.registered()
        assert (provider["state"], provider["version"]) == ("draft", 1)
        assert provider["redirect_uri"].endswith(f"/oauth/callback/{provider['id']}")
        codes = [one["code"] for one in provider["missing"]]
        assert codes == ["not-tried", "administrators-missing"]

    async def test_lists_every_fault_at_once_with_what_to_do(self, town: TownHall) -> None:
        directory = town.directory()
        directory.metadata |= {
            "issuer": f"{OWN}/",
            "response_types_supported": ["token"],
            "code_challenge_methods_supported": ["plain"],
            "id_token_signing_alg_values_supported": ["HS256", "none"],
            "token_endpoint_auth_methods_supported": ["client_secret_jwt"],
            "userinfo_endpoint": None,
            "scopes_supported": ["openid"],
        }
        answer = await town.call("POST", "/identity-providers", json=town.registration())
        assert answer.status_code == 422
        codes = {one["code"] for one in answer.json()["errors"]}
        assert codes == {
            "issuer-differs",
            "endpoint-unusable",
            "no-code-flow",
            "no-pkce",
            "client-authentication-not-offered",
            "no-signature-in-common",
            "scope-not-offered",
        }
        assert all(one["detail_ja"] for one in answer.json()["errors"])
        assert (await town.call("GET", "/identity-providers")).json()["items"][1:] == []

    async def test_takes_one_issuer_once(self, town: TownHall) -> None:
        await town.registered()
        again = await town.call("POST", "/identity-providers", json=town.registration())
        assert again.json()["type"] == "/problems/platform/issuer-registered"

    async def test_shows_no_secret(self, town: TownHall) -> None:
        directory = town.directory()
        directory.metadata["token_endpoint_auth_methods_supported"] = ["client_secret_basic"]
        answer = await town.call(
            "POST",
            "/identity-providers",
            json=town.registration(
                client_authentication="client_secret_basic", client_secret="s3cret-canary"
            ),
        )
        assert answer.status_code == 201, answer.text
        assert "s3cret-canary" not in answer.text

    async def test_wants_a_secret_where_one_is_needed(self, town: TownHall) -> None:
        directory = town.directory()
        directory.metadata["token_endpoint_auth_methods_supported"] = ["client_secret_basic"]
        answer = await town.call(
            "POST",
            "/identity-providers",
            json=town.registration(client_authentication="client_secret_basic"),
        )
        assert [one["pointer"] for one in answer.json()["errors"]] == ["/client_secret"]

    async def test_is_another_town_s_never(self, town: TownHall) -> None:
        provider = await town.registered()
        elsewhere = TownHall(town.door, town.door.tenancies.kinokawa)
        answer = await elsewhere.call("GET", f"/identity-providers/{provider['id']}")
        assert answer.status_code == 404


class TestTrying:
    async def test_shows_which_claims_came_and_which_duties_follow(self, town: TownHall) -> None:
        provider = await town.registered()
        page = await town.tried(provider["id"], "sato", "情報政策課", "正職員")
        assert page.status_code == 200
        assert "テストサインインに成功しました" in page.text
        (trial,) = await town.trials(provider["id"])
        assert trial["succeeded"] is True
        assert {"groups", "employee_number", "name", "sub"} <= set(trial["claims"])
        assert trial["explanation"]["roles"] == [{"group": "情報政策課", "role": "administrator"}]
        assert trial["explanation"]["unmapped"] == ["正職員"]
        assert (await town.read(provider["id"]))["state"] == "tested"

    async def test_says_what_did_not_come(self, town: TownHall) -> None:
        provider = await town.registered()
        await town.tried(provider["id"], "sato", employee_number=None)
        (trial,) = await town.trials(provider["id"])
        assert trial["missing"] == ["groups", "employee_number"]

    async def test_gives_nobody_a_session(self, town: TownHall) -> None:
        provider = await town.registered()
        page = await town.tried(provider["id"], "sato", "情報政策課")
        assert "location" not in page.headers
        assert "code=" not in page.text
        tenant_id = int(town.tenancy.tenant_id)
        connection = await asyncpg.connect(town.door.house.dsn("platform_owner"))
        try:
            found = await connection.fetchval(
                "SELECT count(*) FROM platform.sessions WHERE tenant_id = $1", tenant_id
            )
        finally:
            await connection.close()
        assert found == 1  # the administrator's own

    async def test_a_link_is_good_once(self, town: TownHall) -> None:
        provider = await town.registered()
        asked = await town.call("POST", f"/identity-providers/{provider['id']}/trials")
        await town.opened(asked.json()["link"])
        again = await town.door.http.get(asked.json()["link"])
        assert again.status_code == 400
        assert again.json()["type"] == "/problems/platform/trial-not-found"

    async def test_comes_back_once_and_to_its_own_browser(self, town: TownHall) -> None:
        provider = await town.registered()
        location = await town.left(provider["id"])
        answer = town.directory().approve(location, subject="sato", says={})
        kept = dict(town.door.http.cookies)
        town.door.http.cookies.clear()
        assert (await town.come_back(provider["id"], answer)).status_code == 400
        town.door.http.cookies.update(kept)
        assert (await town.come_back(provider["id"], answer)).status_code == 200
        assert (await town.come_back(provider["id"], answer)).status_code == 400

    @pytest.mark.parametrize(
        ("refusal", "code"),
        [
            ("invalid_client", "provider-invalid-client"),
            ("invalid_grant", "provider-invalid-grant"),
            ("temporarily_unavailable", "provider-refused"),
        ],
    )
    async def test_tells_the_administrator_why_it_failed(
        self, town: TownHall, refusal: str, code: str
    ) -> None:
        provider = await town.registered()
        location = await town.left(provider["id"])
        directory = town.directory()
        answer = directory.approve(location, subject="sato")
        directory.refuses = refusal
        page = await town.come_back(provider["id"], answer)
        assert "成功しませんでした" in page.text
        (trial,) = await town.trials(provider["id"])
        assert (trial["succeeded"], trial["fault"]["code"]) == (False, code)
        assert (await town.read(provider["id"]))["state"] == "draft"

    async def test_admits_only_those_with_the_claim_that_is_required(self, town: TownHall) -> None:
        claims = {"groups": "groups", "required_claim": "hd", "required_value": "city.lg.jp"}
        provider = await town.registered(claims=claims)
        await town.tried(provider["id"], "sato", "情報政策課", hd="gmail.com")
        (trial,) = await town.trials(provider["id"])
        assert trial["fault"]["code"] == "not-admitted"

    async def test_notices_groups_left_out_for_their_number(self, town: TownHall) -> None:
        provider = await town.registered()
        await town.tried(provider["id"], "sato", _claim_names={"groups": "src1"})
        (trial,) = await town.trials(provider["id"])
        assert trial["fault"]["code"] == "too-many-groups"

    async def test_is_done_anew_after_a_change(self, town: TownHall) -> None:
        provider = await town.registered()
        await town.tried(provider["id"], "sato", "情報政策課")
        version = (await town.read(provider["id"]))["version"]
        changed = await town.call(
            "PUT",
            f"/identity-providers/{provider['id']}",
            version=version,
            json=town.registration(client_id="another"),
        )
        assert changed.json()["state"] == "draft"
        assert await town.trials(provider["id"]) == []


class TestPuttingToUse:
    async def test_needs_two_administrators_who_really_came(self, town: TownHall) -> None:
        provider = await town.registered()
        for _ in range(2):
            await town.tried(provider["id"], "sato", "情報政策課")
        version = (await town.read(provider["id"]))["version"]
        answer = await town.call(
            "POST", f"/identity-providers/{provider['id']}/activation", version=version
        )
        assert answer.status_code == 409
        assert [one["code"] for one in answer.json()["obstacles"]] == ["administrators-missing"]

    async def test_takes_another_administrator_where_there_is_one(self, town: TownHall) -> None:
        await town.administrator("administrator2")
        provider = await town.registered()
        for username in ("sato", "suzuki"):
            await town.tried(provider["id"], username, "情報政策課")
        version = (await town.read(provider["id"]))["version"]
        path = f"/identity-providers/{provider['id']}/activation"
        alone = await town.call("POST", path, version=version)
        assert alone.json()["type"] == "/problems/platform/second-administrator-required"
        together = await town.call("POST", path, by="administrator2", version=version)
        assert together.json()["state"] == "active"

    async def test_is_possible_alone_where_nobody_else_could(self, town: TownHall) -> None:
        provider = await town.registered()
        for username in ("sato", "suzuki"):
            await town.tried(provider["id"], username, "情報政策課")
        version = (await town.read(provider["id"]))["version"]
        path = f"/identity-providers/{provider['id']}/activation"
        assert (await town.call("POST", path, version=version)).json()["state"] == "active"

    async def test_lets_officials_in_with_the_duties_of_their_groups(self, town: TownHall) -> None:
        provider = await town.activated()
        tokens = await town.official(provider["id"], "tanaka", "出納課", "正職員")
        assert claims_of(tokens["access_token"])["roles"] == ["treasurer"]

    async def test_a_group_of_the_other_directory_carries_nothing(self, town: TownHall) -> None:
        provider = await town.activated()
        tokens = await town.official(provider["id"], "tanaka", "administrator", "treasurer")
        assert claims_of(tokens["access_token"])["roles"] == []

    async def test_asks_which_directory_where_there_are_two(self, town: TownHall) -> None:
        provider = await town.activated()
        left = await town.door.authorize(
            client_id="demo-desk", scope="openid platform:read", identity_provider="official"
        )
        page = await town.door.http.get(left.headers["location"])
        assert page.status_code == 200
        assert "庁内認証基盤" in page.text
        assert "設置時の認証基盤" in page.text
        state = query_of(left.headers["location"])["state"]
        onward = await town.door.http.get(
            "/oauth/continue", params={"state": state, "identity_provider": provider["id"]}
        )
        assert onward.headers["location"].startswith(OWN)
        answer = town.directory().approve(
            onward.headers["location"], subject="tanaka", says={"groups": ["窓口課"]}
        )
        back = await town.come_back(provider["id"], answer)
        assert "code" in query_of(back.headers["location"])

    async def test_one_official_stays_one_across_two_directories(self, town: TownHall) -> None:
        first, old = await town.first(), f"{PROVIDERS}/officials/{town.tenancy.code}"
        before = await town.official(
            first, "tanaka", "clerk", issuer=old, preferred_username="N-tanaka"
        )
        provider = await town.activated()
        after = await town.official(provider["id"], "another-sub", employee_number="N-tanaka")
        both = [claims_of(tokens["access_token"])["sub"] for tokens in (before, after)]
        assert both[0] == both[1]

    async def test_a_number_given_again_in_one_directory_is_somebody_else(
        self, town: TownHall
    ) -> None:
        provider = await town.activated()
        before = await town.official(provider["id"], "tanaka", employee_number="N-1")
        after = await town.official(provider["id"], "takahashi", employee_number="N-1")
        both = [claims_of(tokens["access_token"])["sub"] for tokens in (before, after)]
        assert both[0] != both[1]

    async def test_two_directories_at_once_need_the_number_in_both(self, town: TownHall) -> None:
        provider = await town.registered(claims={"groups": "groups"})
        codes = [one["code"] for one in provider["missing"]]
        assert "employee-id-needed" in codes


class TestRetiring:
    async def test_the_last_way_in_cannot_be_closed(self, town: TownHall) -> None:
        first = await town.first()
        version = (await town.read(first))["version"]
        answer = await town.call(
            "POST", f"/identity-providers/{first}/retirement", version=version, json={}
        )
        assert answer.json()["type"] == "/problems/platform/last-way-in"

    async def test_ends_every_sign_in_within_a_second(self, town: TownHall) -> None:
        provider = await town.activated()
        for username in ("sato", "suzuki"):
            await town.official(provider["id"], username, "情報政策課")
        first = await town.first()
        old = await town.administrator()
        version = (await town.read(first))["version"]
        ended = await town.call(
            "POST", f"/identity-providers/{first}/retirement", version=version, json={}
        )
        assert ended.json()["state"] == "retired", ended.text
        await town.door.state.revocations.refresh()
        assert (await town.door.me(old)).status_code == 401

    async def test_goes_on_until_its_time_and_can_be_kept(self, town: TownHall) -> None:
        provider = await town.activated()
        for username in ("sato", "suzuki"):
            await town.official(provider["id"], username, "情報政策課")
        first = await town.first()
        version = (await town.read(first))["version"]
        path = f"/identity-providers/{first}/retirement"
        ending = await town.call(
            "POST", path, version=version, json={"retire_at": "2099-04-01T00:00:00+09:00"}
        )
        assert ending.json()["state"] == "retiring"
        refused = await town.door.authorize(
            client_id="demo-desk", scope="openid platform:read", identity_provider=first
        )
        assert query_of(refused.headers["location"])["error"] == "invalid_request"
        kept = await town.call("DELETE", path, version=ending.json()["version"])
        assert kept.json()["state"] == "active"

    async def test_ends_by_itself_at_the_appointed_time(self, town: TownHall, house: House) -> None:
        provider = await town.activated()
        for username in ("sato", "suzuki"):
            await town.official(provider["id"], username, "情報政策課")
        first, old = await town.first(), await town.administrator()
        await self._appoint(town, first)
        await do_what_is_due(town, house)
        await town.door.state.revocations.refresh()
        assert (await town.door.me(old)).status_code == 401
        left = await town.door.authorize(
            client_id="demo-desk", scope="openid platform:read", identity_provider="official"
        )
        assert left.headers["location"].startswith(OWN)

    async def test_goes_on_if_by_then_too_few_could_get_in(
        self, town: TownHall, house: House
    ) -> None:
        provider = await town.activated()
        for username in ("sato", "suzuki"):
            await town.official(provider["id"], username, "情報政策課")
        first, old = await town.first(), await town.administrator()
        await self._appoint(town, first)
        await town.door.as_owner(
            "UPDATE platform.official_accounts SET groups = '{}' WHERE provider_id = $1",
            UUID(provider["id"]),
        )
        await do_what_is_due(town, house)
        await town.door.state.revocations.refresh()
        assert (await town.door.me(old)).status_code == 200

    async def _appoint(self, town: TownHall, provider_id: str) -> None:
        """Retire it at a time that then comes."""
        version = (await town.read(provider_id))["version"]
        ending = await town.call(
            "POST",
            f"/identity-providers/{provider_id}/retirement",
            version=version,
            json={"retire_at": "2099-04-01T00:00:00+09:00"},
        )
        assert ending.json()["state"] == "retiring", ending.text
        await town.door.as_owner(
            "UPDATE platform.identity_providers SET retire_at = now() WHERE id = $1",
            UUID(provider_id),
        )

    async def test_a_group_of_administrators_is_not_taken_from_the_last_two(
        self, town: TownHall
    ) -> None:
        first = await town.first()
        version = (await town.read(first))["version"]
        answer = await town.call(
            "PUT",
            f"/identity-providers/{first}/roles",
            version=version,
            json={"roles": [{"group": "clerk", "role": "clerk"}]},
        )
        assert answer.json()["type"] == "/problems/platform/last-way-in"

    async def test_a_group_in_use_is_given_no_sensitive_duty(self, town: TownHall) -> None:
        first = await town.first()
        found = await town.read(first)
        roles = [*found["roles"], {"group": "everybody", "role": "treasurer"}]
        answer = await town.call(
            "PUT",
            f"/identity-providers/{first}/roles",
            version=found["version"],
            json={"roles": roles},
        )
        assert answer.json()["type"] == "/problems/platform/sensitive-roles-fixed"
