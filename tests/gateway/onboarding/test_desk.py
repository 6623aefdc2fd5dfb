"""The operators' machine takes municipalities on; nobody else does, and nothing needs a restart."""

import asyncio
import time
from typing import Any

import asyncpg
import httpx
import pytest

from foundation import clock
from foundation.encryption import KeyUnavailable
from foundation.identifiers import MunicipalityCode, TenantId
from foundation.tenancy import Tenancy
from gateway.tenants import Municipality
from operations.seeding import Demonstration, register
from tests.support.front_door import ISSUER, PROVIDERS, FrontDoor, municipalities

NATION = "000000"
MINATO = "131032"
ORDER: dict[str, Any] = {
    "administrators": [{"employee_id": "A-0012"}, {"email": "joho@city.minato.example"}],
    "directory": {
        "issuer": "https://login.city.minato.example",
        "client_id": "tamaire",
        "roles": {"chiefs": "administrator"},
    },
    "machines": ["operations"],
}
WORDS = {"message_ja": "復旧のため休止します。", "message_en": "Paused for repair."}


class Operators:
    """Those who run the platform, with their machine's token."""

    def __init__(self, door: FrontDoor, token: str, minato: Tenancy) -> None:
        self.door = door
        self.token = token
        self.minato = minato

    async def ask(
        self, method: str, path: str, body: Any = None, *, token: str | None = None
    ) -> httpx.Response:
        return await self.door.http.request(
            method,
            f"/platform/v1/municipalities{path}",
            json=body,
            headers={"Authorization": f"Bearer {token or self.token}"},
        )

    async def onboard(self, code: str = MINATO, order: Any = None) -> httpx.Response:
        return await self.ask("POST", f"/{code}/onboarding", ORDER if order is None else order)


async def _entered(door: FrontDoor, code: str, name: str, status: str) -> Municipality:
    tenant_id = await door.value(
        "INSERT INTO platform.tenants (kind, name, name_kana, prefecture_name, status)"
        " VALUES ($1, $2, 'ミナトク', '東京都', $3) RETURNING tenant_id",
        "nation" if code == NATION else "municipality",
        name,
        status,
    )
    return Municipality(
        tenancy=Tenancy(TenantId(tenant_id), MunicipalityCode.parse(code)),
        kind="municipality",
        name=name,
        name_kana="ミナトク",
        prefecture_name="東京都",
        status=status,
    )


@pytest.fixture
async def operators(door: FrontDoor) -> Operators:
    nation = await _entered(door, NATION, "国", "live")
    minato = await _entered(door, MINATO, "港区", "listed")
    place = Demonstration(base_url=ISSUER, simulator_url=PROVIDERS, keys=door.keys)
    connection = await asyncpg.connect(door.house.dsn("platform_owner"))
    try:
        await register(connection, [nation.tenancy], place)
    finally:
        await connection.close()
    door.state.tenants.replace([*municipalities(door.tenancies), nation, minato])
    answer = await door.machine(door.assertion("operator"), tenancy=nation.tenancy)
    assert answer.status_code == 200, answer.text
    return Operators(door, answer.json()["access_token"], minato.tenancy)


class TestOnboarding:
    async def test_derives_everything_from_the_code(self, operators: Operators) -> None:
        answer = await operators.onboard()

        assert answer.status_code == 200, answer.text
        made = answer.json()
        assert (made["name"], made["name_kana"], made["prefecture_name"]) == (
            "港区",
            "ミナトク",
            "東京都",
        )
        assert (made["state"], made["is_new"]) == ("trial", True)
        assert made["services"] == ["benefits", "consultation", "registry", "window-dx"]

    async def test_gives_it_front_ends_a_directory_and_administrators(
        self, operators: Operators
    ) -> None:
        await operators.onboard()

        count, tenant = operators.door.value, operators.minato.tenant_id
        # Beside the house's own there may be what other tests registered as its own.
        given = await count(
            "SELECT array_agg(client_id) FROM platform.client_grants WHERE tenant_id = $1", tenant
        )
        assert {"demo-business", "demo-desk", "demo-portal", "operations"} <= set(given)
        assert await count(
            "SELECT bool_and(profile = 'first_party') FROM platform.clients"
            " WHERE client_id = ANY ($1)",
            given,
        )
        assert (
            await count(
                "SELECT count(*) FROM platform.role_grants WHERE tenant_id = $1"
                " AND role = 'administrator' AND state = 'granted' AND subject IS NULL",
                tenant,
            )
            == 2
        )
        assert (
            await count(
                "SELECT state FROM platform.identity_providers WHERE tenant_id = $1", tenant
            )
            == "active"
        )

    async def test_asked_again_changes_nothing(self, operators: Operators) -> None:
        first, again = (await operators.onboard()).json(), (await operators.onboard()).json()

        assert again == first | {"is_new": False}
        notices = await operators.door.value(
            "SELECT count(*) FROM platform.outbox WHERE tenant_id = $1", operators.minato.tenant_id
        )
        assert notices == 1

    async def test_asked_again_on_trial_adds_what_was_forgotten(self, operators: Operators) -> None:
        await operators.onboard(order={"administrators": ORDER["administrators"][:1]})

        added = (await operators.onboard()).json()

        assert (added["is_new"], added["version"]) == (True, 2)
        value, tenant = operators.door.value, operators.minato.tenant_id
        of_tenant = "FROM {} WHERE tenant_id = $1"
        for table, wanted in (("role_grants", 2), ("identity_providers", 1)):
            found = await value(f"SELECT count(*) {of_tenant.format('platform.' + table)}", tenant)
            assert found == wanted, table

    async def test_names_nobody_where_there_is_an_administrator(self, operators: Operators) -> None:
        await operators.onboard()
        run, tenant = operators.door.as_owner, operators.minato.tenant_id
        await run(
            "INSERT INTO platform.officials (tenant_id, subject, first_seen_at, last_seen_at)"
            " VALUES ($1, 'chief', now(), now())",
            tenant,
        )
        await run(
            "INSERT INTO platform.official_accounts (tenant_id, person, subject, provider_id,"
            " groups, last_seen_at) SELECT $1, 'chief', 'chief', id, '{chiefs}', now()"
            " FROM platform.identity_providers WHERE tenant_id = $1",
            tenant,
        )

        refused = await operators.onboard(order={"administrators": [{"employee_id": "A-0099"}]})

        assert refused.status_code == 409
        assert refused.json()["type"] == "/problems/platform/municipality-has-administrators"
        assert (await operators.onboard()).json()["is_new"] is False

    async def test_stands_in_the_municipalitys_own_trail(self, operators: Operators) -> None:
        await operators.onboard()

        connection = await asyncpg.connect(operators.door.house.superuser_dsn())
        try:
            actor = await connection.fetchval(
                "SELECT actor FROM audit.entries WHERE tenant_id = $1"
                " AND action = 'platform.membership.onboard'",
                operators.minato.tenant_id,
            )
        finally:
            await connection.close()
        assert actor == "operator"

    async def test_makes_keys_before_anything_is_sealed_with_them(
        self, operators: Operators
    ) -> None:
        with pytest.raises(KeyUnavailable):
            operators.door.state.keyring.cipher(operators.minato.tenant_id)

        await operators.onboard()

        assert operators.door.state.keyring.cipher(operators.minato.tenant_id)

    async def test_takes_part_in_no_more_than_was_ordered(self, operators: Operators) -> None:
        made = (await operators.onboard(order={"services": ["benefits"]})).json()

        assert made["services"] == ["benefits"]

    async def test_lets_a_prefecture_take_part_in_no_service(self, operators: Operators) -> None:
        tokyo = await _entered(operators.door, "130001", "東京都", "listed")
        tenants = operators.door.state.tenants
        nation = tenants.find(MunicipalityCode.parse(NATION))
        assert nation is not None
        tenants.replace([nation, tokyo])

        made = (await operators.onboard("130001", ORDER)).json()

        assert (made["state"], made["services"]) == ("trial", [])


class TestOrders:
    async def test_pause_and_resume_but_never_go_live(self, operators: Operators) -> None:
        await operators.onboard()
        path = f"/{MINATO}/acts"

        live = await operators.ask("POST", path, {"act": "go_live", "reason": "x"})
        assert live.status_code == 422
        early = await operators.ask("POST", path, {"act": "pause", "reason": "x", "notice": WORDS})
        assert early.json()["possible"] == ["go_live", "leave"]
        await operators.door.as_owner(
            "UPDATE platform.tenants SET status = 'live' WHERE tenant_id = $1",
            operators.minato.tenant_id,
        )
        paused = await operators.ask("POST", path, {"act": "pause", "reason": "x", "notice": WORDS})
        assert paused.json()["state"] == "paused"
        resumed = await operators.ask("POST", path, {"act": "resume", "reason": "x"})
        assert resumed.json()["state"] == "live"

    @pytest.mark.parametrize("act", ["pause", "leave"])
    async def test_withdraw_the_figures_of_who_takes_part_no_more(
        self, operators: Operators, act: str
    ) -> None:
        await operators.onboard()
        await operators.door.value(
            "UPDATE platform.tenants SET status = 'live' WHERE tenant_id = $1",
            operators.minato.tenant_id,
        )
        await operators.door.value(
            "INSERT INTO platform.municipal_figures (municipality_code, measure, reach, amount,"
            " counted_at) VALUES ($1, 'residents', 'nation', 120, now())",
            MINATO,
        )
        order = {"act": act, "reason": "x", "notice": WORDS}
        answer = await operators.ask("POST", f"/{MINATO}/acts", order)

        assert answer.status_code < 300, answer.text
        assert (
            await operators.door.value(
                "SELECT count(*) FROM platform.municipal_figures WHERE municipality_code = $1",
                MINATO,
            )
            == 0
        )

    async def test_close_thirty_days_after_it_was_said(self, operators: Operators) -> None:
        await operators.onboard()
        path = f"/{MINATO}/acts"
        await operators.ask("POST", path, {"act": "leave", "reason": "x", "notice": WORDS})

        early = await operators.ask("POST", path, {"act": "close", "reason": "x"})
        assert early.json()["type"] == "/problems/platform/membership-act-refused"
        await operators.door.as_owner(
            "UPDATE platform.tenants SET state_since = now() - interval '31 days'"
            " WHERE tenant_id = $1",
            operators.minato.tenant_id,
        )
        closed = await operators.ask("POST", path, {"act": "close", "reason": "x"})
        assert closed.json()["state"] == "closed"
        assert (await operators.onboard()).status_code == 409

    async def test_read_how_far_it_has_come(self, operators: Operators) -> None:
        await operators.onboard()

        found = (await operators.ask("GET", f"/{MINATO}/membership")).json()

        assert found["state"] == "trial"
        assert "data" in [item["item"] for item in found["checklist"] if not item["is_met"]]


class TestOthers:
    async def test_may_not(self, operators: Operators) -> None:
        official = (await operators.door.official_tokens("administrator"))["access_token"]

        for token in (official,):
            refused = await operators.ask("POST", f"/{MINATO}/onboarding", ORDER, token=token)
            assert refused.status_code == 403
        nobody = await operators.door.http.post(
            f"/platform/v1/municipalities/{MINATO}/onboarding", json=ORDER
        )
        assert nobody.status_code == 401
        assert (
            await operators.door.value(
                "SELECT status FROM platform.tenants WHERE tenant_id = $1",
                operators.minato.tenant_id,
            )
            == "listed"
        )

    @pytest.mark.parametrize("code", ["131024", "999999", "abc"])
    async def test_that_are_in_no_directory_are_not_found(
        self, operators: Operators, code: str
    ) -> None:
        assert (await operators.onboard(code)).status_code == 404


class TestServices:
    async def test_make_the_newcomers_keys_within_a_second(self, operators: Operators) -> None:
        home = operators.door.house.folder / "keys" / "platform" / str(operators.minato.tenant_id)
        assert not home.exists()
        await operators.door.as_owner(
            "UPDATE platform.tenants SET status = 'trial', onboarded_at = $2 WHERE tenant_id = $1",
            operators.minato.tenant_id,
            clock.now(),
        )
        began = time.monotonic()
        await operators.door.as_owner("UPDATE platform.bulletin SET revision = revision + 1")
        while not (home / "dek-1.wrapped").exists():
            assert time.monotonic() - began < 5
            await asyncio.sleep(0.02)
