"""What the platform itself answers, at the desk and in its office."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from foundation.audit import Entry, entries_of_tenant, record
from foundation.database import Database
from foundation.identifiers import new_id
from tests.support.forgery import claims_of
from tests.support.front_door import FrontDoor

OpenDatabase = Callable[[str], Awaitable[Database]]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


class TestMunicipalities:
    async def test_are_listed_by_code_to_anybody(self, door: FrontDoor) -> None:
        said = (await door.http.get("/platform/v1/municipalities")).json()
        assert [one["code"] for one in said["items"]] == ["012084", "131016", "302082"]
        assert said["items"][0]["name"] == "北見市"
        assert "benefits" in said["items"][0]["services"]

    async def test_are_shown_page_by_page(self, door: FrontDoor) -> None:
        seen: list[str] = []
        cursor: str | None = None
        while True:
            params = {"limit": "1", **({"cursor": cursor} if cursor else {})}
            said = (await door.http.get("/platform/v1/municipalities", params=params)).json()
            seen += [one["code"] for one in said["items"]]
            cursor = said["next_cursor"]
            if not said["has_more"]:
                break
        assert seen == ["012084", "131016", "302082"]

    async def test_can_be_asked_for_by_prefecture(self, door: FrontDoor) -> None:
        said = (await door.http.get("/platform/v1/municipalities?prefecture=13")).json()
        assert [one["code"] for one in said["items"]] == ["131016"]

    @pytest.mark.parametrize(
        "query",
        ["limit=0", "limit=201", "limit=1_0", "prefecture=1", "colour=red", "limit=1&limit=2"],
    )
    async def test_refuse_a_filter_that_would_not_be_applied(
        self, door: FrontDoor, query: str
    ) -> None:
        answer = await door.http.get(f"/platform/v1/municipalities?{query}")
        assert answer.status_code == 422

    async def test_refuse_a_cursor_they_did_not_give(self, door: FrontDoor) -> None:
        assert (await door.http.get("/platform/v1/municipalities?cursor=abc")).status_code == 400

    async def test_are_found_by_code(self, door: FrontDoor) -> None:
        said = (await door.http.get("/platform/v1/municipalities/302082")).json()
        assert said["name"] == "紀の川市"

    @pytest.mark.parametrize("code", ["302083", "abc", "131041"])
    async def test_are_not_found_by_another(self, door: FrontDoor, code: str) -> None:
        answer = await door.http.get(f"/platform/v1/municipalities/{code}")
        assert answer.json()["type"] == "/problems/platform/municipality-not-found"


class TestMe:
    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Authorization": ""},
            {"Authorization": "Bearer"},
            {"Authorization": "Bearer x.y.z"},
            {"Authorization": "Internal x.y.z"},
            {"Authorization": "Basic eDp5"},
        ],
        ids=["none", "empty", "no token", "no token of ours", "an internal one", "a password"],
    )
    async def test_knows_nobody_without_a_token(
        self, door: FrontDoor, headers: dict[str, str]
    ) -> None:
        answer = await door.http.get("/platform/v1/me", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["content-type"] == "application/problem+json"

    async def test_knows_nobody_with_two_tokens(self, door: FrontDoor) -> None:
        token = (await door.resident_tokens())["access_token"]
        answer = await door.http.get(
            "/platform/v1/me", headers=[*bearer(token).items(), *bearer(token).items()]
        )
        assert answer.status_code == 400

    async def test_says_who_an_official_is(self, door: FrontDoor) -> None:
        tokens = await door.official_tokens("treasurer")
        said = (await door.me(tokens["access_token"])).json()
        assert (said["kind"], said["roles"]) == ("official", ["treasurer"])
        assert said["municipality"]["code"] == "012084"
        assert said["resident"] is None

    async def test_says_to_an_official_without_a_duty_that_there_is_none(
        self, door: FrontDoor
    ) -> None:
        token = (await door.official_tokens())["access_token"]
        answer = await door.me(token)
        assert answer.status_code == 200, answer.text
        assert (answer.json()["kind"], answer.json()["roles"]) == ("official", [])
        logs = await door.http.get("/platform/v1/access-logs", headers=bearer(token))
        assert logs.status_code == 403

    async def test_says_who_a_machine_is(self, door: FrontDoor) -> None:
        token = (await door.machine()).json()["access_token"]
        said = (await door.me(token)).json()
        assert (said["kind"], said["client_id"]) == ("machine", "demo-vendor")

    @pytest.mark.parametrize(
        "headers",
        [{"Tamaire-Municipality": "302082"}, {"Host": "302082.localhost:8200"}],
        ids=["a header", "a host"],
    )
    async def test_refuses_another_municipality_than_the_tokens(
        self, door: FrontDoor, headers: dict[str, str]
    ) -> None:
        token = (await door.resident_tokens())["access_token"]
        answer = await door.me(token, **headers)
        assert answer.json()["type"] == "/problems/platform/tenant-mismatch"

    @pytest.mark.parametrize(
        ("query", "mismatched"),
        [
            ("municipality_code=302082", True),
            ("tenant=302082", True),
            ("tenant_id=302082", True),
            ("tenant_id=0", True),
            ("municipality_code=012084&municipality_code=302082", True),
            ("municipality_code=012084", False),
        ],
    )
    async def test_lets_a_query_repeat_the_tokens_municipality_and_name_no_other(
        self, door: FrontDoor, query: str, *, mismatched: bool
    ) -> None:
        token = (await door.resident_tokens())["access_token"]
        for path in ("/platform/v1/me", "/platform/v1/access-log"):
            answer = await door.http.get(f"{path}?{query}", headers=bearer(token))
            assert ("tenant-mismatch" in answer.text) == mismatched


class TestAccessLog:
    async def test_shows_a_resident_who_looked(
        self, door: FrontDoor, database_of: OpenDatabase
    ) -> None:
        resident_id, token = await _bound(door)
        registry = await database_of("registry")
        await _looked_at(registry, door, resident_id, action="registry.resident.read")
        answer = await door.http.get("/platform/v1/access-log", headers=bearer(token))
        newest, oldest = answer.json()["items"][0], answer.json()["items"][-1]
        assert (newest["action"], newest["actor_kind"]) == ("registry.resident.read", "official")
        assert newest["purpose"] == "payment"
        assert not newest["by_yourself"]
        assert (oldest["action"], oldest["by_yourself"]) == ("platform.sign-in", True)
        assert "clerk-1" not in answer.text, "the municipality answers for its officials"

    async def test_says_in_japanese_what_the_codes_say(
        self, door: FrontDoor, database_of: OpenDatabase
    ) -> None:
        resident_id, token = await _bound(door)
        registry = await database_of("registry")
        await _looked_at(registry, door, resident_id, action="registry.resident.read")
        answer = await door.http.get("/platform/v1/access-log", headers=bearer(token))
        said = [entry["summary_ja"] for entry in answer.json()["items"]]
        assert said[0] == "自治体の職員が、支払のために、住民登録の情報を利用しました。"
        assert said[-1] == "あなたご自身が、サインインと利用記録の情報を利用しました。"

    async def test_is_shown_page_by_page(self, door: FrontDoor, database_of: OpenDatabase) -> None:
        resident_id, token = await _bound(door)
        registry = await database_of("registry")
        for number in range(5):
            act = f"registry.resident.read{number}"
            await _looked_at(registry, door, resident_id, action=act)
        seen: list[str] = []
        cursor: str | None = None
        while True:
            params = {"limit": "2", **({"cursor": cursor} if cursor else {})}
            answer = await door.http.get(
                "/platform/v1/access-log", params=params, headers=bearer(token)
            )
            seen += [one["action"][-1] for one in answer.json()["items"]]
            cursor = answer.json()["next_cursor"]
            if cursor is None:
                break
        assert seen == ["4", "3", "2", "1", "0", "n"]

    async def test_shows_nobody_elses(self, door: FrontDoor, database_of: OpenDatabase) -> None:
        _, token = await _bound(door)
        registry = await database_of("registry")
        await _looked_at(registry, door, new_id(), action="registry.resident.read")
        answer = await door.http.get("/platform/v1/access-log", headers=bearer(token))
        assert [one["action"] for one in answer.json()["items"]] == ["platform.sign-in"]

    async def test_tells_an_unbound_resident_where_to_go(self, door: FrontDoor) -> None:
        token = (await door.resident_tokens())["access_token"]
        answer = await door.http.get("/platform/v1/access-log", headers=bearer(token))
        assert answer.status_code == 403
        assert answer.json()["type"] == "/problems/platform/resident-unbound"

    async def test_tells_a_stranger_nothing_but_to_sign_in(self, door: FrontDoor) -> None:
        answer = await door.http.get("/platform/v1/access-log", params={"limit": "all"})
        assert answer.status_code == 401

    async def test_is_not_for_officials(self, door: FrontDoor) -> None:
        token = (await door.official_tokens("administrator"))["access_token"]
        answer = await door.http.get("/platform/v1/access-log", headers=bearer(token))
        assert answer.status_code == 403

    async def test_needs_its_scope(self, door: FrontDoor) -> None:
        token = (await door.resident_tokens(scope="benefits:read"))["access_token"]
        answer = await door.http.get("/platform/v1/access-log", headers=bearer(token))
        assert answer.status_code == 403

    async def test_leaves_an_entry_of_the_refusal(self, door: FrontDoor) -> None:
        token = (await door.official_tokens("clerk"))["access_token"]
        await door.http.get("/platform/v1/access-log", headers=bearer(token))
        async with door.state.database.transaction(door.tenancies.kitami) as work:
            entries = await entries_of_tenant(work)
        assert ("platform.access-log.read", "denied") in [
            (entry["action"], entry["decision"]) for entry in entries
        ]


class TestRevocations:
    async def test_an_administrator_ends_a_session(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens()
        sid = claims_of(tokens["access_token"])["sid"]
        answer = await _revoke(door, session_id=sid)
        assert (answer.status_code, answer.json()["sessions_ended"]) == (201, 1)
        await door.state.revocations.refresh()
        assert (await door.me(tokens["access_token"])).status_code == 401
        assert (await door.refresh(tokens["refresh_token"])).status_code == 400

    async def test_to_repeat_it_changes_nothing(self, door: FrontDoor) -> None:
        sid = claims_of((await door.resident_tokens())["access_token"])["sid"]
        await _revoke(door, session_id=sid)
        again = await _revoke(door, session_id=sid)
        assert (again.status_code, again.json()["sessions_ended"]) == (201, 0)

    async def test_an_administrator_ends_all_of_somebodys_sessions(self, door: FrontDoor) -> None:
        first = await door.official_tokens("clerk", username="stolen-laptop")
        second = await door.official_tokens("clerk", username="stolen-laptop")
        answer = await _revoke(door, subject=claims_of(first["access_token"])["sub"])
        assert answer.json()["sessions_ended"] == 2
        await door.state.revocations.refresh()
        for tokens in (first, second):
            assert (await door.me(tokens["access_token"])).status_code == 401
        again = await door.official_tokens("clerk", username="stolen-laptop")
        assert (await door.me(again["access_token"])).status_code == 200

    async def test_an_administrator_takes_a_vendors_leave(self, door: FrontDoor) -> None:
        token = (await door.machine()).json()["access_token"]
        assert (await _revoke(door, client_id="demo-vendor")).status_code == 201
        await door.state.revocations.refresh()
        assert (await door.me(token)).status_code == 401
        assert (await door.machine()).json()["error"] == "unauthorized_client"

    async def test_a_session_of_another_municipality_does_not_exist(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens(door.tenancies.kinokawa)
        answer = await _revoke(door, session_id=claims_of(tokens["access_token"])["sid"])
        assert answer.status_code == 404
        await door.state.revocations.refresh()
        assert (await door.me(tokens["access_token"])).status_code == 200

    async def test_a_client_without_leave_does_not_exist(self, door: FrontDoor) -> None:
        assert (await _revoke(door, client_id="nobody")).status_code == 404
        async with door.state.database.transaction(door.tenancies.kitami) as work:
            entry = (await entries_of_tenant(work))[0]
        tried = (entry["action"], entry["decision"])
        assert tried == ("platform.revocation.create", "denied")

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"reason": "x"},
            {"session_id": "x", "reason": "x"},
            {"session_id": 1, "reason": "x"},
            {"subject": "x"},
            {"subject": "x", "reason": ""},
            {"subject": "x", "client_id": "y", "reason": "x"},
            {"subject": "x", "reason": "x", "municipality_code": "012084"},
            {"client_id": "a b", "reason": "x"},
        ],
    )
    async def test_takes_back_exactly_one_thing_for_a_reason(
        self, door: FrontDoor, body: dict[str, Any]
    ) -> None:
        token = (await door.official_tokens("administrator"))["access_token"]
        answer = await door.revoke(token, **body)
        assert answer.status_code == 422
        assert answer.json()["errors"]

    @pytest.mark.parametrize("name", ["municipality_code", "tenant", "tenant_id"])
    async def test_is_no_way_into_another_municipality(self, door: FrontDoor, name: str) -> None:
        token = (await door.official_tokens("administrator"))["access_token"]
        body = {"subject": "x", "reason": "x", name: "302082"}
        answer = await door.revoke(token, **body)
        assert answer.status_code == 403
        assert answer.json()["type"] == "/problems/platform/tenant-mismatch"

    @pytest.mark.parametrize("groups", [(), ("clerk",), ("treasurer", "auditor")])
    async def test_only_an_administrator_may(
        self, door: FrontDoor, groups: tuple[str, ...]
    ) -> None:
        token = (await door.official_tokens(*groups))["access_token"]
        answer = await door.revoke(token, reason="x", subject="x")
        assert answer.status_code == 403

    async def test_leaves_an_entry(self, door: FrontDoor) -> None:
        await _revoke(door, client_id="demo-vendor")
        async with door.state.database.transaction(door.tenancies.kitami) as work:
            entries = await entries_of_tenant(work)
        entry = entries[0]
        assert (entry["action"], entry["object"]) == ("platform.revocation.create", "demo-vendor")


class TestDesk:
    async def test_an_address_that_is_none_is_a_problem(self, door: FrontDoor) -> None:
        token = (await door.resident_tokens())["access_token"]
        answer = await door.http.get("/platform/v1/nothing", headers=bearer(token))
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"

    async def test_a_verb_that_is_none_is_a_problem(self, door: FrontDoor) -> None:
        token = (await door.resident_tokens())["access_token"]
        answer = await door.http.delete("/platform/v1/me", headers=bearer(token))
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET")

    async def test_a_database_that_is_away_is_a_503(self, door: FrontDoor) -> None:
        await door.state.database.close()
        answer = await door.authorize()
        assert answer.status_code == 503
        token = await door.token(grant_type="refresh_token", client_id="demo-portal")
        assert (token.status_code, token.json()["error"]) == (503, "temporarily_unavailable")


async def _bound(door: FrontDoor) -> tuple[UUID, str]:
    resident_id = new_id()
    door.register.residents["北見　花子"] = resident_id
    return resident_id, (await door.resident_tokens())["access_token"]


async def _looked_at(
    registry: Database, door: FrontDoor, resident_id: UUID, *, action: str
) -> None:
    entry = Entry(
        service="registry",
        action=action,
        actor_kind="official",
        actor="clerk-1",
        client_id="demo-desk",
        request_id=str(new_id()),
        purpose="payment",
        subjects=[resident_id],
    )
    async with registry.transaction(door.tenancies.kitami) as work:
        await record(work, entry)


async def _revoke(door: FrontDoor, **what: str) -> httpx.Response:
    token = (await door.official_tokens("administrator"))["access_token"]
    return await door.revoke(token, **what, reason="端末の紛失")
