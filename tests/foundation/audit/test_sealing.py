"""The trail is sealed soon and in order, and never on top of a past that does not fit."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from foundation.audit import (
    Entry,
    Report,
    Sealer,
    SealRefused,
    Signer,
    Witness,
    record,
    verify_tenant,
)
from foundation.database import Database
from foundation.identifiers import TenantId
from foundation.tenancy import Tenancy
from tests.foundation.audit.tampering import Tamper, tamper
from tests.support.house import Tenancies

__all__ = ["tamper"]

OpenDatabase = Callable[..., Awaitable[Database]]


@pytest.fixture
async def benefits(database_of: OpenDatabase) -> Database:
    return await database_of("benefits", size=8)


@pytest.fixture
async def archive(database_of: OpenDatabase) -> Database:
    return await database_of("audit", "worker")


@dataclass(frozen=True)
class Office:
    """Where seals are made, kept and checked."""

    archive: Database
    signer: Signer
    witness: Witness
    sealer: Sealer

    async def check(self, tenant_id: TenantId) -> Report:
        notes = self.witness.notes(tenant_id)
        return await verify_tenant(self.archive, tenant_id, notes, self.signer.verifier)


@pytest.fixture
def office(archive: Database, tmp_path: Path) -> Office:
    signer, witness = Signer.at(tmp_path / "seal.pem"), Witness(tmp_path / "witness")
    sealer = Sealer(archive, signer=signer, witness=witness)
    return Office(archive=archive, signer=signer, witness=witness, sealer=sealer)


async def write(database: Database, tenancy: Tenancy, count: int = 1) -> None:
    for number in range(count):
        async with database.transaction(tenancy) as tx:
            await record(
                tx,
                Entry(
                    service="benefits",
                    action="benefits.application.read",
                    actor_kind="official",
                    actor="tanaka",
                    client_id="demo-desk",
                    request_id=f"r-{number}",
                ),
            )


class TestSeal:
    async def test_covers_what_is_there_and_says_so_outside_and_inside(
        self, benefits: Database, office: Office, tenancies: Tenancies
    ) -> None:
        tenant_id = tenancies.kitami.tenant_id
        await write(benefits, tenancies.kitami, 3)
        assert await office.sealer.seal(tenant_id)
        await write(benefits, tenancies.kitami, 4)
        assert await office.sealer.seal(tenant_id)
        notes = office.witness.notes(tenant_id)
        assert [office.signer.verifier.open(note).size for note in notes] == [3, 7]
        report = await office.check(tenant_id)
        assert (report.entries, report.sealed, report.is_clean) == (7, 7, True)
        without_file = await verify_tenant(office.archive, tenant_id, [], office.signer.verifier)
        assert (without_file.sealed, without_file.is_clean) == (7, True)

    async def test_says_nothing_when_there_is_nothing_new(
        self, benefits: Database, office: Office, tenancies: Tenancies
    ) -> None:
        tenant_id = tenancies.kitami.tenant_id
        assert not await office.sealer.seal(tenant_id)
        await write(benefits, tenancies.kitami)
        assert await office.sealer.seal(tenant_id)
        assert not await office.sealer.seal(tenant_id)
        assert len(office.witness.notes(tenant_id)) == 1

    async def test_waits_for_an_older_transaction_rather_than_seal_past_it(
        self, benefits: Database, office: Office, tenancies: Tenancies
    ) -> None:
        tenant_id = tenancies.kitami.tenant_id
        async with benefits.transaction(tenancies.kitami) as older:
            await record(
                older,
                Entry(
                    service="benefits",
                    action="benefits.application.read",
                    actor_kind="official",
                    actor="suzuki",
                    client_id="demo-desk",
                    request_id="older",
                ),
            )
            await older.session()  # what waits for the commit is written now
            await write(benefits, tenancies.kitami)
            assert not await office.sealer.seal(tenant_id)
        assert await office.sealer.seal(tenant_id)

    async def test_stays_true_while_ten_clerks_write(
        self, benefits: Database, office: Office, tenancies: Tenancies
    ) -> None:
        tenant_id = tenancies.kitami.tenant_id
        await write(benefits, tenancies.kitami, 1)
        await office.sealer.seal(tenant_id)
        writing = asyncio.gather(*(write(benefits, tenancies.kitami, 8) for _ in range(10)))
        while not writing.done():
            await office.sealer.seal(tenant_id)
            await asyncio.sleep(0.002)
        await writing
        await office.sealer.seal(tenant_id)
        report = await office.check(tenant_id)
        assert (report.sealed, report.is_clean) == (81, True)
        assert len(office.witness.notes(tenant_id)) > 1

    async def test_is_one_sealers_work_at_a_time(
        self, benefits: Database, office: Office, tenancies: Tenancies
    ) -> None:
        tenant_id = tenancies.kitami.tenant_id
        await write(benefits, tenancies.kitami)
        sealed = await asyncio.gather(*(office.sealer.seal(tenant_id) for _ in range(3)))
        assert sum(sealed) == 1
        assert len(office.witness.notes(tenant_id)) == 1

    async def test_goes_on_from_the_file_when_a_crash_came_before_the_commit(
        self, benefits: Database, office: Office, tenancies: Tenancies, tamper: Tamper
    ) -> None:
        tenant_id = tenancies.kitami.tenant_id
        await write(benefits, tenancies.kitami, 3)
        await office.sealer.seal(tenant_id)
        await tamper("DELETE FROM audit.checkpoints WHERE tenant_id = $1", tenant_id)
        await write(benefits, tenancies.kitami, 2)
        assert await office.sealer.seal(tenant_id)
        report = await office.check(tenant_id)
        assert (report.sealed, report.is_clean) == (5, True)


class TestRefusal:
    @pytest.mark.parametrize(
        "deed",
        [
            "DELETE FROM audit.entries WHERE tenant_id = $1",
            "UPDATE audit.entries SET leaf = sha256(leaf) WHERE tenant_id = $1",
        ],
    )
    async def test_seals_nothing_on_a_past_that_was_changed(
        self, benefits: Database, office: Office, tenancies: Tenancies, tamper: Tamper, deed: str
    ) -> None:
        tenant_id = tenancies.kitami.tenant_id
        await write(benefits, tenancies.kitami, 3)
        await office.sealer.seal(tenant_id)
        # The intruder removes the seal inside, too; the one outside is out of reach.
        await tamper("DELETE FROM audit.checkpoints WHERE tenant_id = $1", tenant_id)
        await tamper(deed, tenant_id)
        with pytest.raises(SealRefused):
            await office.sealer.seal(tenant_id)
        assert len(office.witness.notes(tenant_id)) == 1

    @pytest.mark.parametrize(
        "forgery",
        ["root = sha256(root), peaks = sha256(root)", "peaks = ''", "note = ''", "size = size + 1"],
    )
    async def test_trusts_no_checkpoint_that_does_not_fit_its_signature(
        self, benefits: Database, office: Office, tenancies: Tenancies, tamper: Tamper, forgery: str
    ) -> None:
        tenant_id = tenancies.kitami.tenant_id
        await write(benefits, tenancies.kitami, 3)
        await office.sealer.seal(tenant_id)
        await tamper(f"UPDATE audit.checkpoints SET {forgery} WHERE tenant_id = $1", tenant_id)
        with pytest.raises(SealRefused):
            await office.sealer.seal(tenant_id)

    async def test_notices_that_the_file_outside_was_cut_short(
        self, benefits: Database, office: Office, tenancies: Tenancies
    ) -> None:
        tenant_id = tenancies.kitami.tenant_id
        await write(benefits, tenancies.kitami, 3)
        await office.sealer.seal(tenant_id)
        office.witness.path_of(tenant_id).unlink()
        with pytest.raises(SealRefused, match="fewer"):
            await office.sealer.seal(tenant_id)

    async def test_hinders_no_other_tenants_seal(
        self, benefits: Database, office: Office, tenancies: Tenancies, tamper: Tamper
    ) -> None:
        kitami, kinokawa = tenancies.kitami, tenancies.kinokawa
        await write(benefits, kitami)
        await office.sealer.seal(kitami.tenant_id)
        await tamper(
            "UPDATE audit.entries SET tx = tx - 1, leaf = sha256(leaf) WHERE tenant_id = $1",
            kitami.tenant_id,
        )
        await tamper("DELETE FROM audit.checkpoints WHERE tenant_id = $1", kitami.tenant_id)
        await write(benefits, kinokawa)
        assert await office.sealer.seal_once() >= 1
        assert len(office.witness.notes(kinokawa.tenant_id)) == 1
        assert len(office.witness.notes(kitami.tenant_id)) == 1


class TestRun:
    async def test_seals_every_tenant_until_it_is_stopped(
        self, benefits: Database, office: Office, tenancies: Tenancies
    ) -> None:
        for tenancy in tenancies:
            await write(benefits, tenancy, 2)
        running = asyncio.create_task(office.sealer.run(timedelta(milliseconds=10)))
        async with asyncio.timeout(5):
            while not all(office.witness.notes(tenancy.tenant_id) for tenancy in tenancies):  # noqa: ASYNC110 - files ring no bell
                await asyncio.sleep(0.01)
        office.sealer.stop()
        await running

    async def test_asks_again_when_the_database_was_away(self, office: Office) -> None:
        await office.archive.close()
        running = asyncio.create_task(office.sealer.run(timedelta(milliseconds=1)))
        await asyncio.sleep(0.02)
        assert not running.done()
        office.sealer.stop()
        await running
