"""Administrators prepare, go live by two, pause at once; nothing that is missing is passed over."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, cast

import asyncpg
import pytest

from foundation import clock
from foundation.database import Database
from foundation.identifiers import MunicipalityCode, new_id
from foundation.identity import Role
from foundation.tenancy import Tenancy
from gateway.bulletin import Bulletin
from gateway.memberships.doors import Doors
from gateway.memberships.problems import MunicipalityPaused
from gateway.tenants import Municipality, TenantDirectory
from tests.gateway.people import live_in
from tests.support.callers import As, ServiceClient, an_official
from tests.support.house import House, Tenancies

OpenService = Callable[[str], Awaitable[ServiceClient]]
OpenDatabase = Callable[[str], Awaitable[Database]]
BASE = "/platform/v1/membership"
ROUTE = {
    "office_ja": "市民課",
    "office_en": "Citizens' division",
    "address_ja": "北見市大通西3丁目1番地1",
    "address_en": "3-1-1 Odori-nishi, Kitami",
    "telephone": "0157-23-7111",
    "hours_ja": "平日 8時45分から17時30分",
    "hours_en": "weekdays 8:45 to 17:30",
}
CONTACT = {"unit": "総務課", "email": "soumu@city.example", "telephone": "0157-23-7111"}
PAPERS = {
    "contacts": {"operational": CONTACT, "privacy": CONTACT, "security": CONTACT},
    "disclosure": "nation",
}
WORDS = {"message_ja": "統合のため休止します。", "message_en": "Paused for a merger."}
SERVICES = ("registry", "benefits", "window-dx", "consultation")


class Town:
    """One municipality on trial, with two administrators at its office."""

    def __init__(self, client: ServiceClient, tenancy: Tenancy, house: House) -> None:
        self.tenancy = tenancy
        self.house = house
        self.first, self.second = (
            client.as_(
                an_official(Role.ADMINISTRATOR, subject=f"{name}-{new_id()}"), tenancy=tenancy
            )
            for name in ("first", "second")
        )

    async def run(self, sql: str, *given: Any) -> Any:
        connection = await asyncpg.connect(self.house.superuser_dsn())
        try:
            return await connection.fetchval(sql, *given)
        finally:
            await connection.close()

    async def stands(self, state: str) -> None:
        await self.run(
            "UPDATE platform.tenants SET status = $2 WHERE tenant_id = $1",
            self.tenancy.tenant_id,
            state,
        )

    async def membership(self) -> dict[str, Any]:
        return (await self.first.get(BASE)).json()

    async def missing(self) -> list[str]:
        found = (await self.membership())["checklist"]
        return [item["item"] for item in found if not item["is_met"]]

    async def put(self, path: str, body: dict[str, Any]) -> Any:
        version = (await self.membership())["version"]
        return await self.first.put(
            f"{BASE}{path}", json=body, headers={"If-Match": f'"{version}"'}
        )

    async def act(self, act: str, *, by: As | None = None, **body: Any) -> Any:
        sent = {"act": act, "reason": "統合のため"} | body
        return await (by or self.first).post(f"{BASE}/acts", json=sent)

    async def two_administrators_signed_in(self) -> None:
        tenant, provider = self.tenancy.tenant_id, new_id()
        await self.run(
            "INSERT INTO platform.identity_providers (tenant_id, id, name, issuer, client_id,"
            " state, activated_at, changed_by) VALUES ($1, $2, 'x', $3, 'x', 'active', now(), 'x')",
            tenant,
            provider,
            f"https://{provider}.example",
        )
        await self.run(
            "INSERT INTO platform.provider_roles (tenant_id, provider_id, claim_value, role)"
            " VALUES ($1, $2, 'chiefs', 'administrator')",
            tenant,
            provider,
        )
        for subject in ("first", "second"):
            await self.run(
                "INSERT INTO platform.officials (tenant_id, subject, first_seen_at, last_seen_at)"
                " VALUES ($1, $2, now(), now())",
                tenant,
                subject,
            )
            await self.run(
                "INSERT INTO platform.official_accounts (tenant_id, person, subject, provider_id,"
                " groups, last_seen_at) VALUES ($1, $2, $2, $3, '{chiefs}', now())",
                tenant,
                subject,
                provider,
            )

    async def get_ready(self) -> None:
        await self.two_administrators_signed_in()
        await self.put("/papers", PAPERS)
        for name in SERVICES:
            await self.put(f"/services/{name}", {"takes_part": True, "paper_route": ROUTE})
        await self.first.post(
            f"{BASE}/restore-drills",
            json={"drilled_on": str(clock.today()), "minutes": 42, "finding": "できた"},
        )
        await live_in(cast("Any", self), self.tenancy)


@pytest.fixture
async def town(service_client: OpenService, tenancies: Tenancies, house: House) -> Town:
    made = Town(await service_client("platform"), tenancies.kitami, house)
    await made.stands("trial")
    return made


class TestChecklist:
    async def test_becomes_shorter_with_every_thing_that_is_done(self, town: Town) -> None:
        assert len(await town.missing()) == 7

        await town.put("/papers", PAPERS)
        assert await town.missing() == [
            "administrators",
            "directory",
            "data",
            "restore",
            "paper_routes",
        ]
        await town.get_ready()
        assert await town.missing() == []
        assert (await town.membership())["is_ready"]

    async def test_counts_a_drill_for_as_long_as_is_laid_down(self, town: Town) -> None:
        drilled_on, today = clock.today() - timedelta(days=60), str(clock.today())
        drill = {"drilled_on": str(drilled_on), "minutes": 42, "finding": "できた"}
        await town.first.post(f"{BASE}/restore-drills", json=drill)
        assert "restore" not in await town.missing()
        answer = await town.first.post(
            "/platform/v1/parameters/platform.restore_drill_days/values",
            json={"value": 59, "starts_on": today, "reason": "試験のため"},
        )
        assert answer.status_code == 201, answer.text
        assert "restore" in await town.missing()

    async def test_blocks_going_live_and_names_every_item(self, town: Town) -> None:
        await town.put("/papers", PAPERS)

        refused = await town.act("go_live")

        assert refused.status_code == 409
        said = refused.json()
        assert said["type"] == "/problems/platform/membership-not-ready"
        assert [item["item"] for item in said["missing"]] == await town.missing()
        assert all(item["remedy"] and item["remedy_ja"] for item in said["missing"])
        assert all(item["why"] and item["why_ja"] for item in said["missing"])

    async def test_does_not_take_a_drill_that_is_yet_to_come(self, town: Town) -> None:
        drill = {"drilled_on": "2999-01-01", "minutes": 1, "finding": "x"}

        assert (await town.first.post(f"{BASE}/restore-drills", json=drill)).status_code == 422


class TestGoingLive:
    async def test_takes_two_people(self, town: Town) -> None:
        await town.get_ready()
        proposed = (await town.act("go_live")).json()
        assert proposed["state"] == "proposed"
        assert (await town.membership())["state"] == "trial"
        path = f"{BASE}/acts/{proposed['id']}/confirmation"

        alone = await town.first.post(path)
        assert (alone.status_code, alone.json()["type"]) == (
            403,
            "/problems/platform/second-person-required",
        )
        done = await town.second.post(path)

        assert done.json()["state"] == "done"
        assert (await town.membership())["state"] == "live"
        assert (await town.second.post(path)).status_code == 409

    async def test_looks_at_the_checklist_again_when_it_is_confirmed(self, town: Town) -> None:
        await town.get_ready()
        proposed = (await town.act("go_live")).json()
        await town.put("/papers", PAPERS | {"disclosure": None})

        refused = await town.second.post(f"{BASE}/acts/{proposed['id']}/confirmation")

        assert refused.status_code == 409
        assert [item["item"] for item in refused.json()["missing"]] == ["disclosure"]

    async def test_can_be_taken_back(self, town: Town) -> None:
        await town.get_ready()
        proposed = (await town.act("go_live")).json()

        gone = await town.second.post(f"{BASE}/acts/{proposed['id']}/withdrawal")

        assert gone.json()["state"] == "withdrawn"
        again = await town.second.post(f"{BASE}/acts/{proposed['id']}/confirmation")
        assert again.json()["type"] == "/problems/platform/membership-act-decided"


class TestPausing:
    async def test_is_known_at_the_gateway_with_its_paper_route(
        self, town: Town, database_of: OpenDatabase
    ) -> None:
        await town.stands("live")
        await town.put("/services/benefits", {"takes_part": True, "paper_route": ROUTE})
        code = town.tenancy.code
        directory = TenantDirectory()
        doors = Doors(directory)
        bulletin = Bulletin(await database_of("platform"), [doors.read])
        await bulletin.refresh()
        await town.run(
            "INSERT INTO platform.tenant_codes (municipality_code, valid_from, tenant_id)"
            " VALUES ($1, $2, $3)",
            str(code),
            clock.today(),
            town.tenancy.tenant_id,
        )
        try:
            assert (await town.act("pause", notice=WORDS)).json()["state"] == "done"
            await bulletin.refresh()
        finally:
            await town.run(
                "DELETE FROM platform.tenant_codes WHERE tenant_id = $1", town.tenancy.tenant_id
            )
        directory.replace([_as_read(town, await town.membership())])

        with pytest.raises(MunicipalityPaused) as refused:
            doors.check(str(code), "benefits", is_reading=True)
        assert refused.value.extensions["paper_route"] == ROUTE
        assert refused.value.detail_ja == WORDS["message_ja"]

    async def test_is_said_in_words_or_not_at_all(self, town: Town) -> None:
        await town.stands("live")

        assert (await town.act("pause")).status_code == 409
        assert (await town.act("pause", notice=WORDS)).status_code == 201
        assert (await town.act("resume")).status_code == 201
        assert (await town.membership())["state"] == "live"

    async def test_leaves_a_notice_an_event_and_an_entry(self, town: Town) -> None:
        await town.stands("live")
        await town.act("pause", notice=WORDS)

        notices = (await town.first.get(f"{BASE}/notices")).json()["items"]
        assert notices[0]["state_before"] == "live"
        assert notices[0]["state"] == "paused"
        assert notices[0]["message_ja"] == WORDS["message_ja"]
        tenant = town.tenancy.tenant_id
        assert (
            await town.run(
                "SELECT data->>'state' FROM platform.outbox WHERE tenant_id = $1"
                " AND type = 'platform.membership.changed.v1'",
                tenant,
            )
            == "paused"
        )
        assert (
            await town.run(
                "SELECT count(*) FROM audit.entries WHERE tenant_id = $1"
                " AND action = 'platform.membership.move'",
                tenant,
            )
            == 1
        )


class TestLeaving:
    async def test_takes_two_people_and_can_be_thought_over(self, town: Town) -> None:
        await town.stands("live")
        proposed = (await town.act("leave", notice=WORDS)).json()
        await town.second.post(f"{BASE}/acts/{proposed['id']}/confirmation")
        assert (await town.membership())["state"] == "leaving"

        assert (await town.act("stay")).status_code == 201
        back = await town.membership()
        assert back["possible"] == ["resume", "leave"]
        assert back["notice"] != WORDS

    async def test_from_a_trial_leads_back_to_it_and_not_past_the_checklist(
        self, town: Town
    ) -> None:
        proposed = (await town.act("leave", notice=WORDS)).json()
        await town.second.post(f"{BASE}/acts/{proposed['id']}/confirmation")

        assert (await town.act("stay")).status_code == 201
        back = await town.membership()
        assert (back["state"], back["notice"]) == ("trial", None)
        assert (await town.act("resume")).status_code == 409


class TestServices:
    async def test_are_given_up_and_taken_up_again(self, town: Town) -> None:
        given_up = await town.put("/services/consultation", {"takes_part": False})

        assert given_up.json()["services"] == ["benefits", "registry", "window-dx"]
        back = await town.put("/services/consultation", {"takes_part": True})
        assert "consultation" in back.json()["services"]

    async def test_of_no_such_name_are_not_found(self, town: Town) -> None:
        for name in ("all", "window_dx", "taxes"):
            assert (await town.put(f"/services/{name}", {"takes_part": True})).status_code == 404

    async def test_are_not_for_a_prefecture(
        self, service_client: OpenService, tenancies: Tenancies, house: House
    ) -> None:
        kitami = tenancies.kitami
        hokkaido = Tenancy(kitami.tenant_id, MunicipalityCode.parse("010006"))
        prefecture = Town(await service_client("platform"), hokkaido, house)

        refused = await prefecture.put("/services/benefits", {"takes_part": True})

        assert refused.json()["type"] == "/problems/platform/figures-only"

    async def test_are_not_changed_on_what_was_read_before(self, town: Town) -> None:
        stale = await town.first.put(
            f"{BASE}/services/benefits", json={"takes_part": False}, headers={"If-Match": '"99"'}
        )

        assert stale.status_code == 412


class TestOthers:
    async def test_cannot_move_or_see_another_municipality(
        self, town: Town, service_client: OpenService, tenancies: Tenancies
    ) -> None:
        await town.get_ready()
        proposed = (await town.act("go_live")).json()
        client = await service_client("platform")
        stranger = client.as_(an_official(Role.ADMINISTRATOR), tenancy=tenancies.kinokawa)

        answer = await stranger.post(f"{BASE}/acts/{proposed['id']}/confirmation")

        assert answer.status_code == 404
        assert (await stranger.get(f"{BASE}/acts")).json()["items"] == []
        assert (await stranger.get(BASE)).json()["disclosure"] is None

    async def test_who_are_no_administrators_may_not(
        self, town: Town, service_client: OpenService
    ) -> None:
        client = await service_client("platform")
        clerk = client.as_(an_official(Role.CLERK), tenancy=town.tenancy)

        assert (await clerk.get(BASE)).status_code == 403
        assert (
            await clerk.post(f"{BASE}/acts", json={"act": "pause", "reason": "x"})
        ).status_code == 403


def _as_read(town: Town, membership: dict[str, Any]) -> Municipality:
    return Municipality(
        tenancy=town.tenancy,
        kind="municipality",
        name="北見市",
        name_kana="",
        prefecture_name="",
        status=membership["state"],
        notice=membership["notice"],
    )
