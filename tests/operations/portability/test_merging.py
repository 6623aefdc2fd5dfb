"""Two towns become a third: nobody, no household, no yen and no case is lost or counted twice."""

from collections.abc import AsyncGenerator
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from foundation import clock
from foundation.encryption import Field, Keyring
from foundation.identifiers import MunicipalityCode, TenantId
from foundation.identity import Purpose, Role
from foundation.tenancy import Tenancy
from operations.portability.merging import Merger, Report, merge
from operations.portability.places import place_of, totals_of
from operations.portability.refusals import NoSuchMunicipality, NotOnBoard, TransfersUnderWay
from operations.portability.resealing import CELLS, unnamed
from tests.isolation.matrix.world import World
from tests.operations.portability.conftest import folders_of
from tests.support.callers import an_official
from tests.support.house import SERVICES, House

pytestmark = pytest.mark.asyncio(loop_scope="module")
NEW = "131016"
SUMS = ("residents", "households", "open_benefits_yen", "open_cases", "cases")


@pytest_asyncio.fixture(loop_scope="module")
async def superuser(house: House) -> AsyncGenerator["asyncpg.Connection[Any]"]:
    connection = await asyncpg.connect(house.superuser_dsn())
    yield connection
    await connection.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def new_town(house: House, world: World) -> Tenancy:
    (row,) = await world.fetch(
        "INSERT INTO platform.tenants (kind, name, name_kana, prefecture_name, status)"
        " VALUES ('municipality', '新しい市', '', '', 'live') RETURNING tenant_id"
    )
    tenancy = Tenancy(TenantId(row["tenant_id"]), MunicipalityCode.parse(NEW))
    await world.run(
        "INSERT INTO platform.tenant_codes (municipality_code, valid_from, tenant_id)"
        " VALUES ($1, '1889-04-01', $2)",
        NEW,
        int(tenancy.tenant_id),
    )
    for service in SERVICES:
        Keyring(house.folder / "keys" / service).create(tenancy.tenant_id)
    return tenancy


def joined() -> Merger:
    return Merger(joining=["012084", "302082"], into=NEW, on=clock.today())


async def merged(house: House, *, rehearse: bool) -> Report:
    return await merge(
        house.superuser_dsn(), joined(), folders=folders_of(house), rehearse=rehearse
    )


class TestBeforehand:
    async def test_every_sealed_column_is_named(self, superuser: "asyncpg.Connection[Any]") -> None:
        assert await unnamed(superuser) == set()

    async def test_money_on_its_way_arrives_first(
        self, house: House, world: World, new_town: Tenancy
    ) -> None:
        assert new_town.code == NEW
        with pytest.raises(TransfersUnderWay):
            await merged(house, rehearse=True)
        await world.run(
            "UPDATE benefits.transfer_proposals SET state = 'settled', settled_by = 'x',"
            " approved_by = 'y', approved_at = now(), executed_on = current_date"
            " WHERE state IN ('proposed', 'approved', 'sealed')"
        )

    async def test_a_town_that_is_only_listed_is_not_joined(
        self, house: House, world: World, new_town: Tenancy
    ) -> None:
        status = "UPDATE platform.tenants SET status = $2 WHERE tenant_id = $1"
        await world.run(status, int(new_town.tenant_id), "listed")
        try:
            with pytest.raises(NotOnBoard):
                await merged(house, rehearse=True)
        finally:
            await world.run(status, int(new_town.tenant_id), "live")


class TestARehearsal:
    async def test_says_what_would_happen_and_does_nothing(
        self, house: House, world: World, superuser: "asyncpg.Connection[Any]", new_town: Tenancy
    ) -> None:
        before = [await world.rows(town) for town in world.towns]
        report = await merged(house, rehearse=True)
        assert report.rehearsed
        assert report.after["residents"] > 0
        assert [await world.rows(town) for town in world.towns] == before
        assert (await totals_of(superuser, int(new_town.tenant_id)))["residents"] == 0


class TestAMerger:
    async def test_preserves_every_sum(
        self, house: House, world: World, superuser: "asyncpg.Connection[Any]", new_town: Tenancy
    ) -> None:
        before = [await totals_of(superuser, int(town.tenancy.tenant_id)) for town in world.towns]
        report = await merged(house, rehearse=False)
        after = await totals_of(superuser, int(new_town.tenant_id))
        assert {name: after[name] for name in SUMS} == {
            name: sum(totals[name] for totals in before) for name in SUMS
        }
        assert report.after == after
        assert all(after[name] > 0 for name in SUMS)

    async def test_seals_every_cell_to_the_new_town(
        self, house: House, superuser: "asyncpg.Connection[Any]", new_town: Tenancy
    ) -> None:
        opened = 0
        for cells in CELLS:
            cipher = Keyring(house.folder / "keys" / cells.service).cipher(new_town.tenant_id)
            rows = await superuser.fetch(
                f"SELECT {cells.row_id} AS sealed_to, t.* FROM {cells.table} t"
                " WHERE tenant_id = $1",
                int(new_town.tenant_id),
            )
            for row in rows:
                for column, name in cells.fields.items():
                    if row[column] is not None:
                        assert cipher.decrypt(
                            row[column], field=Field(name), row_id=row["sealed_to"]
                        )
                        opened += 1
        assert opened > 0

    async def test_lets_the_new_town_read_everybody(self, world: World, new_town: Tenancy) -> None:
        registrar = world.clients["registry"].as_(
            an_official(Role.REGISTRAR), tenancy=new_town, purpose=Purpose.REGISTRATION
        )
        for town in world.towns:
            found = await registrar.get(f"/registry/v1/residents/{town.things['resident']}")
            assert found.status_code == 200, found.text

    async def test_ends_the_old_codes(self, superuser: "asyncpg.Connection[Any]") -> None:
        for code in joined().joining:
            with pytest.raises(NoSuchMunicipality):
                await place_of(superuser, code)
        assert (await place_of(superuser, NEW)).code == NEW

    async def test_leaves_the_old_trail_where_it_can_be_proven(
        self, world: World, superuser: "asyncpg.Connection[Any]"
    ) -> None:
        for town in world.towns:
            totals = await totals_of(superuser, int(town.tenancy.tenant_id))
            assert totals["trail_entries"] > 0
            assert totals["residents"] == 0
