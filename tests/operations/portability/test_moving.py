"""A town moves to another house: whoever asks it anything gets the very same answer there."""

import json
from collections.abc import AsyncGenerator, Iterator
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio

from foundation.audit import Verifier, Witness, verify_tenant
from foundation.database import Database
from foundation.identifiers import TenantId
from operations.portability.archive import Manifest, reading
from operations.portability.catalogue import read
from operations.portability.importing import Arrived, bring_in
from operations.portability.offline import trail_report
from tests.isolation.matrix.canaries import Canaries
from tests.isolation.matrix.cells import Cell, own_cells
from tests.isolation.matrix.seeds import SEEDS
from tests.isolation.matrix.towns import Town
from tests.isolation.matrix.world import World, running
from tests.operations.portability.conftest import PASSPHRASE, FreshHouse, folders_of, seal
from tests.services.benefits.town import load_banks
from tests.support.callers import ServiceClient

pytestmark = pytest.mark.asyncio(loop_scope="module")

every_service = pytest.mark.parametrize("service", SEEDS)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def arrived(exported: tuple[Path, Manifest], fresh: FreshHouse) -> Arrived:
    await load_banks(fresh)
    return await bring_in(
        fresh.superuser_dsn(), exported[0], passphrase=PASSPHRASE, folders=folders_of(fresh)
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def elsewhere(
    arrived: Arrived, world: World, fresh: FreshHouse
) -> AsyncGenerator[dict[str, ServiceClient]]:
    """Give the same services, standing on the other installation; everybody signed in again."""
    await _sign_in_again(world, fresh, tenant_id=arrived.manifest.tenant_id)
    async with AsyncExitStack() as open_until_the_end:
        yield {
            service: await open_until_the_end.enter_async_context(running(fresh, service))
            for service in SEEDS
        }


class TestTheArchive:
    async def test_lists_every_file_with_its_digest(self, exported: tuple[Path, Manifest]) -> None:
        with reading(exported[0]) as archive:
            archive.check()
            assert archive.manifest == exported[1]
            assert exported[1].totals["residents"] > 0

    async def test_holds_nothing_of_another_town(
        self, exported: tuple[Path, Manifest], world: World
    ) -> None:
        other = world.signs(world.towns[1])
        for file in exported[0].rglob("*.jsonl"):
            if file.parent.name == "tables":
                assert list(other.found_in(file.read_bytes())) == [], file.name

    async def test_keeps_sealed_what_was_sealed(
        self, exported: tuple[Path, Manifest], town: Town
    ) -> None:
        words = Canaries(town.tenancy)
        accounts = (exported[0] / "tables" / "benefits.bank_accounts.jsonl").read_text("utf-8")
        assert accounts.count("\n") > 0
        assert words.account_number not in accounts

    async def test_has_a_trail_that_is_checked_without_a_database(
        self, exported: tuple[Path, Manifest]
    ) -> None:
        with reading(exported[0]) as archive:
            report = await trail_report(archive)
        assert report is not None
        assert report.is_clean
        assert report.sealed > 0
        assert report.entries == exported[1].totals["trail_entries"]


class TestTheNewHouse:
    async def test_has_every_row_and_no_other(
        self, arrived: Arrived, fresh: FreshHouse, town: Town
    ) -> None:
        there = await _rows(fresh.superuser_dsn(), int(town.tenancy.tenant_id), arrived.manifest)
        assert {name: len(rows) for name, rows in there.items()} == {
            part.path.removeprefix("tables/").removesuffix(".jsonl"): part.rows
            for part in arrived.manifest.files
            if part.path.startswith("tables/") and "checkpoints" not in part.path
        }

    async def test_seals_the_trail_anew_from_its_first_entry(
        self, arrived: Arrived, fresh: FreshHouse
    ) -> None:
        folders = folders_of(fresh)
        await seal(fresh, folders)
        assert folders.witness is not None
        tenant_id = TenantId(arrived.manifest.tenant_id)
        signer_key = folders.verifier()
        assert signer_key is not None
        database = await Database.open(fresh.dsn("audit_worker"), application_name="v", size=2)
        try:
            report = await verify_tenant(
                database,
                tenant_id,
                Witness(folders.witness).notes(tenant_id),
                Verifier.parse(signer_key),
            )
        finally:
            await database.close()
        assert report.is_clean
        assert report.sealed >= arrived.manifest.totals["trail_entries"]

    @every_service
    async def test_answers_every_question_as_the_old_one_did(
        self,
        world: World,
        town: Town,
        elsewhere: dict[str, ServiceClient],
        exported: tuple[Path, Manifest],
        service: str,
    ) -> None:
        asked, faults = 0, list[str]()
        tables = exported[0] / "tables"
        past = "".join(
            (tables / f"{name}.jsonl").read_text("utf-8")
            for name in ("audit.entries", f"{service}.outbox")
        )
        for cell in _questions(world, town, service):
            here = await _ask(world.clients[service], cell)
            there = await _ask(elsewhere[service], cell)
            asked += here.is_success
            if _shown(here, past) != _shown(there, past):
                faults.append(f"{cell}\n  {_shown(here, past)}\n  {_shown(there, past)}")
        assert not faults, "\n".join(faults)
        assert asked > 0


def _questions(world: World, town: Town, service: str) -> Iterator[Cell]:
    for operation in world.of(service):
        if operation.method == "GET":
            yield from own_cells(operation, town)


async def _ask(client: ServiceClient, cell: Cell) -> httpx.Response:
    way = client.as_(
        cell.caller.principal, tenancy=cell.caller.tenancy, purpose=cell.caller.purpose
    )
    asked, query = cell.asked, dict(cell.asked.query)
    if cell.operation.path.endswith("/access-log"):
        query["limit"] = "200"
    return await way.get(
        cell.operation.address(asked.path), params=query, headers=dict(asked.headers)
    )


def _shown(answer: httpx.Response, past: str) -> tuple[int, str | None, Any]:
    """Return what an answer says of the town; the trail also tells of the asking since."""
    body: Any = answer.content
    if "json" in answer.headers.get("content-type", ""):
        body = json.loads(answer.content)
        if answer.is_error:
            body.pop("instance", None)
        elif str(answer.url.path).endswith("/access-log"):
            body = [item for item in body["items"] if item["reference"] in past]
        elif str(answer.url.path).endswith("/events"):
            body = [item for item in body["items"] if item["id"] in past]
        elif "/protection-alerts" in str(answer.url.path):
            body = _before_asking(body, past)
    return answer.status_code, answer.headers.get("etag"), body


def _before_asking(body: Any, past: str) -> Any:
    """Leave out what asking itself brings about: an attempt raises an alert, or counts in one."""
    last = max(str(json.loads(line).get("at", "")) for line in past.splitlines())
    alerts = body.get("items", [body])
    return [
        {name: alert[name] for name in ("id", "raised_at", "seen_by") if name in alert}
        for alert in alerts
        if datetime.fromisoformat(alert["raised_at"]) <= datetime.fromisoformat(last)
    ]


_OF_ITS_CODE = """
municipality_code IN (SELECT municipality_code FROM platform.tenant_codes WHERE tenant_id = $1)
"""


async def _sign_in_again(world: World, fresh: FreshHouse, *, tenant_id: int) -> None:
    """Let everybody be signed in there as they are here: sessions do not travel."""
    rows = await world.fetch(
        f"SELECT to_jsonb(s)::text FROM platform.sessions s WHERE tenant_id = {tenant_id}"
    )
    there = await asyncpg.connect(fresh.superuser_dsn())
    try:
        await there.executemany(
            "INSERT INTO platform.sessions SELECT * FROM"
            " jsonb_populate_record(NULL::platform.sessions, $1::jsonb)",
            [(row[0],) for row in rows],
        )
    finally:
        await there.close()


async def _rows(dsn: str, tenant_id: int, manifest: Manifest) -> dict[str, list[str]]:
    connection = await asyncpg.connect(dsn)
    try:
        found, catalogue = dict[str, list[str]](), await read(connection)
        for part in manifest.files:
            name = part.path.removeprefix("tables/").removesuffix(".jsonl")
            if not part.path.startswith("tables/") or "checkpoints" in name:
                continue
            owner = catalogue.tables[name].owner
            whose = "tenant_id = $1" if owner == "tenant_id" else _OF_ITS_CODE
            found[name] = [
                row[0]
                for row in await connection.fetch(
                    f"SELECT t::text FROM {name} t WHERE {whose}", tenant_id
                )
            ]
        return found
    finally:
        await connection.close()
