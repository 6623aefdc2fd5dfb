"""The nation and a prefecture see counts that towns let out, and no row of any town."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy import func, select, table

from foundation import clock
from foundation.database import Database, Statement, Transaction
from foundation.identifiers import new_id
from foundation.identity import Purpose, Role
from gateway.bindings.records import RESIDENTS
from gateway.figures import repository
from gateway.figures.repository import OPEN_APPLICATIONS
from gateway.prefectures.counting import count_all
from tests.support.callers import ServiceClient, an_official

from .conftest import Directory

OpenService = Callable[[str], Awaitable[ServiceClient]]
OpenDatabase = Callable[[str], Awaitable[Database]]
AGGREGATES = "/platform/v1/aggregates"
KITAMI, SAPPORO, OTARU, CHIYODA = "012084", "011002", "012033", "131016"
HOKKAIDO, WAKAYAMA, NATION = "010006", "300004", "000000"
HIDDEN = {"count": None, "yen": None}
_HOWEVER = {
    "residents": Statement(
        "test.residents_of_anybody", select(func.count().label("n")).select_from(RESIDENTS)
    ),
    "applications": Statement(
        "test.applications_of_anybody",
        select(func.count().label("n")).select_from(OPEN_APPLICATIONS),
    ),
}


async def discloses(directory: Directory, code: str, reach: str) -> None:
    await directory.run(
        "INSERT INTO platform.membership_papers (tenant_id, contacts, disclosure, changed_by,"
        " changed_at) VALUES ($1, '{}', $2, 'chief', now())",
        directory[code].tenant_id,
        reach,
    )


async def open_in(directory: Directory, code: str, *amounts: int) -> None:
    """Open a programme for each amount, with so many households that were offered it."""
    tenant = directory[code].tenant_id
    for place, amount in enumerate(amounts):
        programme = new_id()
        await directory.run(
            "INSERT INTO benefits.programmes (tenant_id, id, code, name, legal_ground,"
            " fiscal_year, amount_per_household_yen, reference_on, condition, application_from,"
            " application_until, seizure_ban, tax_free, state) VALUES ($1, $2, $3, $4, '要綱',"
            " 2027, 30000, '2027-01-01', 'household_tax_exempt', '2027-01-01', '2027-12-31',"
            " false, false, 'published')",
            tenant,
            programme,
            f"P{place}",
            f"給付{place}",
        )
        await directory.run(
            "INSERT INTO benefits.applications (tenant_id, programme_id, household_id,"
            " beneficiary_id, member_ids, condition, rule_version, reference_on, fiscal_year,"
            " amount_yen, state, offered_at, changed_at, version) SELECT $1, $2,"
            " gen_random_uuid(), gen_random_uuid(), ARRAY[gen_random_uuid()],"
            " 'household_tax_exempt', 1, '2027-01-01', 2027, 30000, 'offered', now(), now(), 1"
            " FROM generate_series(1, $3)",
            tenant,
            programme,
            amount,
        )


class Seen:
    """What an office is shown, by municipality."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.whole = document
        self.towns = {one["code"]: one for one in document["items"]}

    def open(self, code: str) -> Any:
        return self.towns[code]["open_applications"]["count"]

    def programmes(self, code: str) -> list[int | None]:
        shown = self.towns[code]["programmes"]
        return [one["open_applications"]["count"] for one in shown]


async def seen_by(client: ServiceClient, directory: Directory, office: str) -> Seen:
    caller = client.as_(an_official(Role.CLERK), tenancy=directory[office])
    answer = await caller.get(AGGREGATES)
    assert answer.status_code == 200, answer.text
    return Seen(answer.json())


async def _says_none(client: ServiceClient, directory: Directory) -> None:
    chief = client.as_(an_official(Role.ADMINISTRATOR), tenancy=directory[KITAMI])
    version = (await chief.get("/platform/v1/membership")).json()["version"]
    changed = await chief.put(
        "/platform/v1/membership/papers",
        json={"contacts": {}, "disclosure": "none"},
        headers={"If-Match": f'"{version}"'},
    )
    assert changed.status_code == 200, changed.text


@pytest.fixture
async def hokkaido(
    directory: Directory, database_of: OpenDatabase, service_client: OpenService
) -> ServiceClient:
    """Three towns of one prefecture and one of another, counted; then the office opens."""
    for code, reach in ((KITAMI, "nation"), (SAPPORO, "nation"), (OTARU, "prefecture")):
        await discloses(directory, code, reach)
    await discloses(directory, CHIYODA, "none")
    await open_in(directory, KITAMI, 3, 40, 25)
    await open_in(directory, SAPPORO, 200)
    await open_in(directory, OTARU, 50)
    await open_in(directory, CHIYODA, 70)
    assert await count_all(await database_of("platform")) == 3
    return await service_client("platform")


class TestAggregates:
    async def test_show_a_prefecture_its_own_towns(
        self, hokkaido: ServiceClient, directory: Directory
    ) -> None:
        seen = await seen_by(hokkaido, directory, HOKKAIDO)

        assert set(seen.towns) == {KITAMI, SAPPORO, OTARU}
        assert seen.whole["total"]["open_applications"] == {"count": 320, "yen": 10_000_000}
        assert (seen.whole["total"]["municipalities"], seen.whole["total"]["disclosing"]) == (3, 3)
        assert [area["code"] for area in seen.whole["prefectures"]] == [HOKKAIDO]
        assert seen.open(OTARU) == 50
        assert seen.towns[OTARU]["open_applications"]["yen"] == 2_000_000
        assert seen.towns[KITAMI]["state"] == "live"
        assert "benefits" in seen.towns[KITAMI]["services"]

    async def test_hide_a_small_count_and_leave_it_out_of_the_totals(
        self, hokkaido: ServiceClient, directory: Directory
    ) -> None:
        seen = await seen_by(hokkaido, directory, HOKKAIDO)

        assert sorted(seen.programmes(KITAMI), key=str) == [30, 40, None]
        assert seen.towns[KITAMI]["open_applications"] == {"count": 70, "yen": 2_000_000}

    async def test_say_nothing_of_one_household_that_came_since_yesterday(
        self, hokkaido: ServiceClient, directory: Directory, database_of: OpenDatabase
    ) -> None:
        before = await seen_by(hokkaido, directory, NATION)
        await directory.run(
            "INSERT INTO benefits.applications (tenant_id, programme_id, household_id,"
            " beneficiary_id, member_ids, condition, rule_version, reference_on, fiscal_year,"
            " amount_yen, state, offered_at, changed_at, version) SELECT tenant_id, programme_id,"
            " gen_random_uuid(), gen_random_uuid(), member_ids, condition, 1, reference_on, 2027,"
            " 130000, 'offered', now(), now(), 1 FROM benefits.applications WHERE tenant_id = $1"
            " LIMIT 1",
            directory[SAPPORO].tenant_id,
        )
        with clock.frozen(clock.now() + timedelta(days=1)):
            assert await count_all(await database_of("platform")) == 3
            after = await seen_by(hokkaido, directory, NATION)

        for key in ("open_applications", "programmes"):
            assert after.towns[SAPPORO][key] == before.towns[SAPPORO][key]
        assert after.whole["total"] == before.whole["total"]

    async def test_show_the_nation_no_total_of_a_town_it_is_not_shown(
        self, hokkaido: ServiceClient, directory: Directory
    ) -> None:
        """Laid beside the prefecture's, its figures give away none that is hidden in either."""
        nation = await seen_by(hokkaido, directory, NATION)
        prefecture = await seen_by(hokkaido, directory, HOKKAIDO)

        area = next(one for one in nation.whole["prefectures"] if one["code"] == HOKKAIDO)
        assert area["open_applications"]["count"] == nation.open(KITAMI) + nation.open(SAPPORO)
        for code in (KITAMI, SAPPORO):
            assert nation.towns[code] == prefecture.towns[code]

    @pytest.mark.parametrize("status", ["paused", "leaving", "closed"])
    async def test_show_nothing_of_a_town_that_takes_part_no_more(
        self, hokkaido: ServiceClient, directory: Directory, status: str
    ) -> None:
        change = "UPDATE platform.tenants SET status = $2 WHERE tenant_id = $1"
        await directory.run(change, directory[SAPPORO].tenant_id, status)

        seen = await seen_by(hokkaido, directory, NATION)

        assert seen.towns[SAPPORO]["counted_at"] is None
        assert seen.towns[SAPPORO]["open_applications"] == HIDDEN
        assert seen.whole["total"]["open_applications"]["count"] == 70

    async def test_go_no_further_than_a_town_lets_them(
        self, hokkaido: ServiceClient, directory: Directory
    ) -> None:
        seen = await seen_by(hokkaido, directory, NATION)

        assert {KITAMI, SAPPORO, OTARU, CHIYODA} <= set(seen.towns)
        for code in (OTARU, CHIYODA):
            town = seen.towns[code]
            assert (town["counted_at"], town["residents"]) == (None, None)
            assert (town["open_applications"], town["programmes"]) == (HIDDEN, [])
        assert seen.whole["total"]["open_applications"]["count"] == 270

    async def test_show_another_prefecture_and_a_town_nothing_of_it(
        self, hokkaido: ServiceClient, directory: Directory
    ) -> None:
        elsewhere = await seen_by(hokkaido, directory, WAKAYAMA)
        itself = await seen_by(hokkaido, directory, KITAMI)

        assert set(elsewhere.towns) == {"302082"}
        assert elsewhere.whole["total"]["disclosing"] == 0
        assert set(itself.towns) == {KITAMI}

    async def test_come_in_pages_with_the_totals_of_all(
        self, hokkaido: ServiceClient, directory: Directory
    ) -> None:
        caller = hokkaido.as_(an_official(Role.CLERK), tenancy=directory[HOKKAIDO])
        whole = (await caller.get(AGGREGATES)).json()
        first = (await caller.get(f"{AGGREGATES}?limit=2")).json()
        second = (await caller.get(f"{AGGREGATES}?limit=2&cursor={first['next_cursor']}")).json()

        assert [*first["items"], *second["items"]] == whole["items"]
        assert (first["has_more"], second["has_more"]) == (True, False)
        assert first["total"] == second["total"] == whole["total"]

    async def test_are_for_officials_only(
        self, hokkaido: ServiceClient, directory: Directory
    ) -> None:
        caller = hokkaido.as_(an_official(), tenancy=directory[HOKKAIDO])

        assert (await caller.get(AGGREGATES)).status_code == 403

    async def test_end_when_a_town_changes_its_mind(
        self, hokkaido: ServiceClient, directory: Directory
    ) -> None:
        await _says_none(hokkaido, directory)

        seen = await seen_by(hokkaido, directory, HOKKAIDO)

        assert seen.towns[KITAMI]["counted_at"] is None
        assert seen.towns[KITAMI]["open_applications"] == HIDDEN


class TestCounting:
    async def test_asks_who_lets_nothing_out_again_once_they_say_otherwise(
        self, directory: Directory, database_of: OpenDatabase
    ) -> None:
        await open_in(directory, KITAMI, 12)
        database, silent = await database_of("platform"), dict[int, int]()
        tenant = directory[KITAMI].tenant_id
        assert await count_all(database, silent=silent) == 0
        assert tenant in silent
        await discloses(directory, KITAMI, "nation")
        assert await count_all(database, silent=silent) == 0
        await directory.run(
            "UPDATE platform.tenants SET membership_version = membership_version + 1"
            " WHERE tenant_id = $1",
            tenant,
        )

        assert await count_all(database, silent=silent) == 1

    async def test_writes_no_exact_count_down(
        self, hokkaido: ServiceClient, directory: Directory
    ) -> None:
        del hokkaido
        kept = await directory.run(
            "SELECT array_agg(amount ORDER BY amount) FROM platform.municipal_figures"
            " WHERE municipality_code = $1 AND measure = 'open_applications'",
            KITAMI,
        )

        assert kept == [0, 30, 40]

    @pytest.mark.parametrize(
        "said",
        [
            "UPDATE platform.membership_papers SET disclosure = 'none' WHERE tenant_id = $1",
            "UPDATE platform.tenants SET status = 'leaving' WHERE tenant_id = $1",
        ],
    )
    async def test_follows_what_a_town_says_while_it_is_counted(
        self,
        directory: Directory,
        database_of: OpenDatabase,
        monkeypatch: pytest.MonkeyPatch,
        said: str,
    ) -> None:
        await discloses(directory, KITAMI, "nation")
        await open_in(directory, KITAMI, 40)
        database, count_residents = await database_of("platform"), repository.residents

        async def meanwhile(work: Transaction) -> int:
            await directory.run(said, directory[KITAMI].tenant_id)
            return await count_residents(work)

        monkeypatch.setattr(repository, "residents", meanwhile)

        assert await count_all(database) == 0
        kept = "SELECT count(*) FROM platform.municipal_figures WHERE municipality_code = $1"
        assert await directory.run(kept, KITAMI) == 0

    async def test_holds_the_membership_while_it_writes(
        self, directory: Directory, database_of: OpenDatabase, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await discloses(directory, KITAMI, "nation")
        database, let_out = await database_of("platform"), repository.let_out

        async def watched(work: Transaction, *given: Any, **named: Any) -> None:
            with pytest.raises(asyncpg.LockNotAvailableError):
                await directory.run(
                    "SELECT 1 FROM platform.tenants WHERE tenant_id = $1 FOR UPDATE NOWAIT",
                    directory[KITAMI].tenant_id,
                )
            await let_out(work, *given, **named)

        monkeypatch.setattr(repository, "let_out", watched)

        assert await count_all(database) == 1

    async def test_counts_a_town_once_a_day(
        self, directory: Directory, database_of: OpenDatabase
    ) -> None:
        await open_in(directory, KITAMI, 12)
        await discloses(directory, KITAMI, "nation")
        database = await database_of("platform")

        assert await count_all(database) == 1
        assert await count_all(database) == 0
        with clock.frozen(clock.now() + timedelta(days=1)):
            assert await count_all(database) == 1


class TestAnAttackerOfTheNation:
    @pytest.mark.parametrize("office", [NATION, HOKKAIDO])
    @pytest.mark.parametrize("asked", ["residents", "applications"])
    async def test_reaches_no_row_by_any_question_to_the_database(
        self, directory: Directory, database_of: OpenDatabase, office: str, asked: str
    ) -> None:
        await open_in(directory, KITAMI, 12)
        database = await database_of("platform")

        async with database.transaction(directory[office]) as work:
            row = await work.fetch_one(_HOWEVER[asked])
        async with database.transaction(directory[KITAMI]) as work:
            own = await work.fetch_one(_HOWEVER["applications"])

        assert row is not None
        assert own is not None
        assert (row["n"], own["n"]) == (0, 12)

    @pytest.mark.parametrize("office", [NATION, HOKKAIDO])
    async def test_reaches_no_row_with_every_role_and_scope(
        self, directory: Directory, service_client: OpenService, office: str
    ) -> None:
        await open_in(directory, KITAMI, 12)
        somebody = await directory.run(
            "SELECT id FROM benefits.applications WHERE tenant_id = $1 LIMIT 1",
            directory[KITAMI].tenant_id,
        )
        client = await service_client("benefits")
        chief, clerk = (
            client.as_(an_official(*Role), tenancy=directory[code], purpose=Purpose.APPLICATION)
            for code in (office, KITAMI)
        )

        listed = await chief.get("/benefits/v1/applications")
        one = await chief.get(f"/benefits/v1/applications/{somebody}")
        own = await clerk.get("/benefits/v1/applications")

        assert (listed.status_code, listed.json()["items"]) == (200, [])
        assert one.status_code == 404
        assert len(own.json()["items"]) == 12

    async def test_finds_no_counts_among_the_figures_but_those_let_out(
        self, hokkaido: ServiceClient, database_of: OpenDatabase, directory: Directory
    ) -> None:
        del hokkaido
        figures = table("municipal_figures", schema="platform")
        statement = Statement(
            "test.figures_of_anybody", select(func.count().label("n")).select_from(figures)
        )
        database = await database_of("platform")

        async with database.transaction(directory[NATION]) as work:
            row = await work.fetch_one(statement)

        assert row is not None
        assert row["n"] == 5
