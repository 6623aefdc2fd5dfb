"""A town as it was at a past minute: what differs is named, and put back if two people say so."""

import asyncio
import json
from collections.abc import Generator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from foundation import clock
from foundation.encryption import Field, Keyring
from foundation.identifiers import TenantId, new_id
from migrations.run import upgrade
from operations.portability.archive import reading
from operations.portability.differences import Difference, Sides, differences
from operations.portability.export import Folders
from operations.portability.ledger import Ledger
from operations.portability.places import place_of
from operations.portability.refusals import (
    ChangedMeanwhile,
    ErasedBefore,
    KeysGone,
    MoneyMoved,
    NoSuchMunicipality,
    NotTaken,
    NotYet,
    OtherTables,
    SamePerson,
    WouldCollide,
    WouldPointAtNothing,
)
from operations.portability.restoring import (
    OPENED,
    TAKEN_BACK,
    Copy,
    Looked,
    Site,
    Wish,
    look_back,
)
from operations.portability.taking import TAKEN, chosen, take
from operations.postgres import Cluster
from operations.postgres.failures import HistoryOff
from operations.postgres.past import Past, past
from operations.postgres.presence import handed_over

DATABASE = "tamaire"
KITAMI, KINOKAWA = "012084", "302082"
OURS = ("総務課 佐藤", "情報課 鈴木")
TEXT = Field("consultation.progress_records.text")
_TENANT = """
INSERT INTO platform.tenants (kind, name, name_kana, prefecture_name, status)
VALUES ('municipality', $1, '', '', 'live') RETURNING tenant_id
"""
_CODE = """
INSERT INTO platform.tenant_codes (municipality_code, valid_from, tenant_id)
VALUES ($1, '1889-04-01', $2)
"""
_HOUSEHOLD = """
INSERT INTO registry.households (tenant_id, household_number) VALUES ($1, $2) RETURNING id
"""
_RESIDENT = """
INSERT INTO registry.residents (tenant_id, resident_number, household_id, relationship,
  is_householder, name_formal, name_display, name_kana, name_kana_verified, birth_text, birth_on,
  birth_precision, gender, nationality_kind, address, resident_from, tax_status, name_search,
  kana_search, content_digest)
VALUES ($1, $2, $3, '世帯主', true, '山田花子', '山田花子', 'ヤマダハナコ', true, '1950-01-01',
  '1950-01-01', 'day', '2', 'japanese', '清い住所 1-1', '2000-01-01', 'exempt', '山田花子',
  'ヤマダハナコ', '\\x00') RETURNING id
"""
_WINDOW = "INSERT INTO window_dx.windows VALUES ($1, $2, $3, '窓口', 1)"
_CASE = """
INSERT INTO consultation.cases (tenant_id, id, theme, confidentiality, state, opened_by, opened_at,
  version) VALUES ($1, $2, 'living', 'ordinary', 'opened', 'x', now(), 1)
"""
_RECORD = """
INSERT INTO consultation.progress_records (tenant_id, case_id, id, kind, occurred_at, text_sealed,
  recorded_by, recorded_at) VALUES ($1, $2, $3, 'phone', now(), $4, 'x', now())
"""
_MEASURE = """
INSERT INTO registry.protection_measures (tenant_id, id, origin, state, applied_on, caretaker,
  office_work, opened_by, opened_at, changed_at)
VALUES ($1, $2, 'application', 'provisional', current_date, '', '{}', 'x', now(), now())
"""
_PROTECTED = "INSERT INTO registry.protected_persons VALUES ($1, $2, $3, 'applicant')"
_PROGRAMME = """
INSERT INTO benefits.programmes (tenant_id, id, code, name, legal_ground, fiscal_year,
  amount_per_household_yen, reference_on, condition, application_from, application_until,
  seizure_ban, tax_free, state)
VALUES ($1, $2, $2::uuid::text, '給付金', '要綱', 2026, 10000, '2026-06-01', 'exempt', '2026-06-01',
  '2026-12-31', true, true, 'published')
"""
_PROPOSAL = """
INSERT INTO benefits.transfer_proposals (tenant_id, programme_id, transfer_on, state, line_count,
  total_yen, fingerprint, proposed_by, proposed_at, version)
VALUES ($1, $2, '2026-12-25', 'proposed', 1, 10000, sha256('x'), 'x', now(), 1)
"""
_HIDDEN = "UPDATE registry.residents SET protection = 'dv', address = '' WHERE id = $1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Towns:
    """Two towns on a server that keeps its history."""

    site: Site
    ours: int
    others: int

    def ask(self, query: str, *values: object) -> Any:
        return asyncio.run(self._ask(query, *values))

    async def _ask(self, query: str, *values: object) -> Any:
        connection = await asyncpg.connect(self.site.cluster.superuser_dsn(DATABASE))
        try:
            return await connection.fetchval(query, *values)
        finally:
            await connection.close()

    def resident(self, tenant_id: int | None = None) -> UUID:
        """Register somebody, in a household of their own."""
        number = str(new_id())
        household = self.ask(_HOUSEHOLD, tenant_id or self.ours, number)
        return self.ask(_RESIDENT, tenant_id or self.ours, number, household)

    def window(self, code: str) -> UUID:
        self.ask(_WINDOW, self.ours, window := new_id(), code)
        return window

    def now(self) -> datetime:
        return clock.now()

    def rows_of(self, tenant_id: int) -> list[str]:
        """Return every resident of a town, as text."""
        return self.ask(
            "SELECT array_agg(r::text ORDER BY id) FROM registry.residents r WHERE tenant_id = $1",
            tenant_id,
        )

    def look(self, at: datetime, *, take: str = "") -> Looked:
        wish = Wish(
            code=KITAMI,
            at=at,
            by=OURS[0],
            confirmed_by=OURS[1],
            tables=chosen(take) if take else (),
        )
        return look_back(self.site, wish)


def of(looked: Looked, table: str) -> Difference | None:
    return next((one for one in looked.differences if one.table == table), None)


def found(looked: Looked) -> dict[str, dict[str, list[str]]]:
    """Return what differs, but for the trail, which every look adds to."""
    return {
        one.table: {kind: list(rows) for kind, rows in one.rows.items()}
        for one in looked.differences
        if not one.table.startswith("audit.")
    }


async def meanwhile(towns: Towns, then: Past, person: UUID) -> None:
    """Compare, let an official write, and only then put back."""
    async with AsyncExitStack() as open_until_the_end:

        async def opened(dsn: str) -> "asyncpg.Connection[Any]":
            connection = await asyncpg.connect(dsn)
            open_until_the_end.push_async_callback(connection.close)
            return connection

        live, before = (
            await opened(towns.site.cluster.superuser_dsn(DATABASE)),
            await opened(then.dsn),
        )
        official = await opened(towns.site.cluster.superuser_dsn(DATABASE))
        place = await place_of(live, KITAMI)
        sides = Sides(live=live, past=before, place=place, spool=then.place.home)
        async with live.transaction(isolation="repeatable_read"), before.transaction():
            seen = await differences(sides)
            await official.execute(
                "UPDATE registry.residents SET address = '転入先' WHERE id = $1", person
            )
            await take(sides, ["registry.residents"], found=seen, folders=towns.site.folders)


async def _towns(cluster: Cluster) -> tuple[int, int]:
    connection = await asyncpg.connect(cluster.superuser_dsn(DATABASE))
    try:
        numbers: list[int] = []
        for code in (KITAMI, KINOKAWA):
            numbers.append(await connection.fetchval(_TENANT, code))
            await connection.execute(_CODE, code, numbers[-1])
        return numbers[0], numbers[1]
    finally:
        await connection.close()


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> Generator[Towns]:
    cluster = Cluster.create(tmp_path_factory.mktemp("history"), for_tests=True)
    cluster.history.keep(7)
    cluster.start()
    try:
        cluster.bootstrap_roles(DATABASE)
        upgrade(lambda schema: cluster.dsn(f"{schema}_owner", DATABASE))
        ours, others = asyncio.run(_towns(cluster))
        cluster.history.take_base()
        folder = tmp_path_factory.mktemp("house")
        site = Site(
            cluster=cluster,
            database=DATABASE,
            dsn=lambda role: cluster.dsn(role, DATABASE),
            folders=Folders(keys=folder / "keys"),
            ledger=Ledger(folder / "erasures"),
            log=folder / "past.log",
        )
        yield Towns(site=site, ours=ours, others=others)
    finally:
        cluster.stop()


@pytest.fixture(scope="class", autouse=True)
def fresh_base(towns: Towns) -> None:
    """Spare each look the log of the classes before."""
    towns.site.cluster.history.take_base()


class TestALook:
    def test_names_exactly_what_was_lost_changed_and_added(self, towns: Towns) -> None:
        lost, changed, untouched = (towns.resident() for _ in range(3))
        foreign = towns.resident(towns.others)
        at = towns.now()
        towns.ask("DELETE FROM registry.residents WHERE id = $1", lost)
        towns.ask("UPDATE registry.residents SET address = '誤り' WHERE id = $1", changed)
        towns.ask("UPDATE registry.residents SET address = '他町' WHERE id = $1", foreign)
        added = towns.resident()
        looked = towns.look(at)
        assert found(looked)["registry.residents"] == {
            "added": [str(added)],
            "removed": [str(lost)],
            "changed": [str(changed)],
        }
        assert set(found(looked)) == {"registry.residents", "registry.households"}
        residents = of(looked, "registry.residents")
        assert residents is not None
        assert residents.counts == {"added": 1, "removed": 1, "changed": 1}
        assert residents.columns == {"address": 1}
        said = repr(looked)
        assert str(untouched) not in said
        assert str(foreign) not in said

    def test_changes_nothing_and_says_nothing_of_what_is_in_a_row(self, towns: Towns) -> None:
        person = towns.resident()
        number = towns.ask("SELECT resident_number FROM registry.residents WHERE id = $1", person)
        at = towns.now()
        towns.ask("UPDATE registry.residents SET address = '誤った住所' WHERE id = $1", person)
        before = towns.rows_of(towns.ours), towns.rows_of(towns.others)
        looked = towns.look(at)
        assert looked.taken is None
        assert (towns.rows_of(towns.ours), towns.rows_of(towns.others)) == before
        for personal in ("山田", "ヤマダ", "誤った", "清い", number):
            assert personal not in repr(looked)

    def test_is_in_the_trail_with_the_minute_and_leaves_nothing(self, towns: Towns) -> None:
        at = towns.now()
        towns.look(at)
        assert list(towns.site.cluster.place.home.glob("past-*")) == []
        said = towns.ask(
            "SELECT detail::json->>'at' FROM audit.entries WHERE tenant_id = $1 AND action = $2"
            " ORDER BY at DESC LIMIT 1",
            towns.ours,
            OPENED,
        )
        assert said == at.isoformat()

    def test_does_not_take_for_lost_what_no_server_brings_back(self, towns: Towns) -> None:
        """An unlogged table, such as a file's lines that wait, is empty after every recovery."""
        towns.ask("CREATE UNLOGGED TABLE registry.passing (tenant_id integer PRIMARY KEY)")
        towns.ask("INSERT INTO registry.passing VALUES ($1)", towns.ours)
        seen = found(towns.look(towns.now()))
        towns.ask("DROP TABLE registry.passing")
        assert "registry.passing" not in seen

    def test_of_the_future_is_refused(self, towns: Towns) -> None:
        with pytest.raises(NotYet):
            towns.look(towns.now() + timedelta(minutes=5))

    def test_of_nobody_is_refused(self, towns: Towns) -> None:
        with pytest.raises(NoSuchMunicipality):
            look_back(towns.site, Wish(code="131016", at=towns.now(), by="x"))

    def test_without_a_history_is_refused(self, towns: Towns, tmp_path: Path) -> None:
        bare = Cluster.create(tmp_path / "bare", for_tests=True)
        with pytest.raises(HistoryOff):
            look_back(replace(towns.site, cluster=bare), Wish(code=KITAMI, at=clock.now(), by="x"))
        bare.stop()

    def test_across_a_change_of_tables_is_refused(self, towns: Towns) -> None:
        at = towns.now()
        now = towns.ask("SELECT version_num FROM registry.alembic_version")
        towns.ask("UPDATE registry.alembic_version SET version_num = 'later'")
        with pytest.raises(OtherTables):
            towns.look(at)
        towns.ask("UPDATE registry.alembic_version SET version_num = $1", now)


class TestTaking:
    def test_puts_back_what_was_lost_and_changed(self, towns: Towns) -> None:
        lost, changed = towns.resident(), towns.resident()
        at = towns.now()
        towns.ask("DELETE FROM registry.residents WHERE id = $1", lost)
        towns.ask(
            "UPDATE registry.residents SET address = '誤り', version = 7 WHERE id = $1", changed
        )
        added = towns.resident()
        others = towns.rows_of(towns.others)
        looked = towns.look(at, take="registry.residents")
        assert looked.taken is not None
        assert looked.taken.rows == {"registry.residents": 2}
        assert towns.ask(
            "SELECT array_agg(address || version ORDER BY id) FROM registry.residents"
            " WHERE id = ANY($1)",
            [lost, changed, added],
        ) == ["清い住所 1-11", "清い住所 1-18", "清い住所 1-11"]
        assert towns.rows_of(towns.others) == others

    def test_lets_feeds_tell_of_the_rows_again(self, towns: Towns) -> None:
        person = towns.resident()
        at = towns.now()
        towns.ask("UPDATE registry.residents SET address = '誤り' WHERE id = $1", person)
        passed = towns.ask("SELECT pg_current_xact_id()::text::bigint")
        towns.look(at, take="registry.residents")
        turn = towns.ask("SELECT changed_tx FROM registry.residents WHERE id = $1", person)
        assert turn > passed

    def test_is_in_the_trail_with_both_names(self, towns: Towns) -> None:
        window = towns.window("trail")
        at = towns.now()
        towns.ask("DELETE FROM window_dx.windows WHERE id = $1", window)
        towns.look(at, take="window_dx.windows")
        said = towns.ask(
            "SELECT actor || '|' || detail::text FROM audit.entries"
            " WHERE tenant_id = $1 AND action = $2 ORDER BY at DESC LIMIT 1",
            towns.ours,
            TAKEN_BACK,
        )
        assert OURS[0] in said
        assert OURS[1] in said
        assert "window_dx.windows=1" in said

    def test_leaves_whoever_is_protected_since_as_they_are(self, towns: Towns) -> None:
        person = towns.resident()
        at = towns.now()
        measure = new_id()
        towns.ask(_MEASURE, towns.ours, measure)
        towns.ask(_PROTECTED, towns.ours, measure, person)
        towns.ask(_HIDDEN, person)
        looked = towns.look(at, take="all")
        assert looked.taken is not None
        assert looked.taken.withheld == 1
        assert (
            towns.ask("SELECT protection || address FROM registry.residents WHERE id = $1", person)
            == "dv"
        )

    def test_keeps_sealed_cells_readable(self, towns: Towns) -> None:
        keyring = Keyring(towns.site.folders.keys / "consultation")
        keyring.create(TenantId(towns.ours))
        cipher = keyring.cipher(TenantId(towns.ours))
        case, record = new_id(), new_id()
        towns.ask(_CASE, towns.ours, case)
        sealed = cipher.encrypt("相談の記録", field=TEXT, row_id=record)
        towns.ask(_RECORD, towns.ours, case, record, sealed)
        at = towns.now()
        towns.ask("DELETE FROM consultation.progress_records WHERE id = $1", record)
        towns.look(at, take="consultation.progress_records")
        back = towns.ask(
            "SELECT text_sealed FROM consultation.progress_records WHERE id = $1", record
        )
        assert cipher.decrypt(back, field=TEXT, row_id=record) == "相談の記録"

    def test_refuses_cells_whose_key_is_gone(self, towns: Towns) -> None:
        case, record = new_id(), new_id()
        towns.ask(_CASE, towns.ours, case)
        towns.ask(_RECORD, towns.ours, case, record, b"\x01\x00\x00\x00\x63" + bytes(40))
        at = towns.now()
        towns.ask("DELETE FROM consultation.progress_records WHERE id = $1", record)
        with pytest.raises(KeysGone, match="99"):
            towns.look(at, take="consultation.progress_records")

    def test_refuses_a_row_that_would_point_at_nothing(self, towns: Towns) -> None:
        person = towns.resident()
        at = towns.now()
        towns.ask(
            "WITH gone AS (DELETE FROM registry.residents WHERE id = $1 RETURNING household_id)"
            " SELECT household_id FROM gone",
            person,
        )
        towns.ask(
            "DELETE FROM registry.households h WHERE NOT EXISTS"
            " (SELECT FROM registry.residents r WHERE r.household_id = h.id)"
        )
        with pytest.raises(WouldPointAtNothing, match=r"registry\.households"):
            towns.look(at, take="registry.residents")
        assert towns.ask("SELECT count(*) FROM registry.residents WHERE id = $1", person) == 0
        towns.look(at, take="registry.residents,registry.households")
        assert towns.ask("SELECT count(*) FROM registry.residents WHERE id = $1", person) == 1

    def test_refuses_a_row_whose_place_was_taken_since(self, towns: Towns) -> None:
        window = towns.window("counter-1")
        at = towns.now()
        towns.ask("DELETE FROM window_dx.windows WHERE id = $1", window)
        later = towns.window("counter-1")
        with pytest.raises(WouldCollide):
            towns.look(at, take="window_dx.windows")
        towns.ask("DELETE FROM window_dx.windows WHERE id = $1", later)

    def test_lets_whoever_writes_meanwhile_win(self, towns: Towns) -> None:
        person = towns.resident()
        at = towns.now()
        towns.ask("UPDATE registry.residents SET address = '誤り' WHERE id = $1", person)
        asyncio.run(handed_over(towns.site.cluster))
        with (
            past(
                towns.site.cluster,
                at,
                database=DATABASE,
                log=towns.site.log,
                on_wait=lambda: None,
            ) as then,
            pytest.raises(ChangedMeanwhile, match=r"registry\.residents"),
        ):
            asyncio.run(meanwhile(towns, then, person))
        said = towns.ask("SELECT address FROM registry.residents WHERE id = $1", person)
        assert said == "転入先"

    def test_refuses_benefits_once_money_moved(self, towns: Towns) -> None:
        programme = new_id()
        towns.ask(_PROGRAMME, towns.ours, programme)
        at = towns.now()
        towns.ask("UPDATE benefits.programmes SET name = '誤り' WHERE id = $1", programme)
        towns.ask(_PROPOSAL, towns.ours, programme)
        with pytest.raises(MoneyMoved, match=r"benefits\.transfer_proposals"):
            towns.look(at, take="benefits.programmes")
        assert towns.ask("SELECT name FROM benefits.programmes WHERE id = $1", programme) == "誤り"
        assert towns.look(at, take="window_dx.windows").taken is not None

    def test_takes_two_people(self, towns: Towns) -> None:
        wish = Wish(code=KITAMI, at=towns.now(), by="佐藤", confirmed_by="佐藤 ", tables=[TAKEN[0]])
        with pytest.raises(SamePerson):
            look_back(towns.site, wish)

    @pytest.mark.parametrize("nobody", ["", "  "])
    def test_takes_somebody_as_the_second(self, towns: Towns, nobody: str) -> None:
        wish = Wish(code=KITAMI, at=towns.now(), by="佐藤", confirmed_by=nobody, tables=[TAKEN[0]])
        with pytest.raises(SamePerson):
            look_back(towns.site, wish)


class TestAnArchive:
    def test_holds_the_town_as_it_was(self, towns: Towns, tmp_path: Path) -> None:
        lost = towns.resident()
        at = towns.now()
        towns.ask("DELETE FROM registry.residents WHERE id = $1", lost)
        late = towns.resident()
        copy = Copy(path=tmp_path / "past.tar", passphrase="長い合言葉を五つの単語で決めておく")
        wish = Wish(code=KITAMI, at=at, by=OURS[0], confirmed_by=OURS[1], copy=copy)
        assert look_back(towns.site, wish).taken is None
        with reading(copy.path) as archive:
            archive.check()
            part = archive.manifest.table("registry.residents")
            assert part is not None
            ids = {json.loads(line)["id"] for line in archive.lines(part)}
            assert archive.manifest.totals["residents"] == len(ids)
        assert str(lost) in ids
        assert str(late) not in ids
        noted = towns.ask(
            "SELECT detail::json->>'archive' FROM audit.entries WHERE tenant_id = $1"
            " AND action = $2 ORDER BY at DESC LIMIT 1",
            towns.ours,
            OPENED,
        )
        assert noted == "past.tar"

    def test_takes_two_people(self, towns: Towns, tmp_path: Path) -> None:
        copy = Copy(path=tmp_path / "past.tar", passphrase="長い合言葉を五つの単語で決めておく")
        with pytest.raises(SamePerson):
            look_back(towns.site, Wish(code=KITAMI, at=towns.now(), by="佐藤", copy=copy))
        assert not copy.path.exists()


class TestChosen:
    def test_all_is_every_table_that_is_put_back(self) -> None:
        assert chosen("all") == list(TAKEN)

    @pytest.mark.parametrize(
        "table",
        [
            "audit.entries",
            "benefits.transfers",
            "platform.role_grants",
            "registry.protected_addresses",
            "window_dx.reception_counters",
            "consultation.case_members",
            "registry.outbox",
            "nothing.of_the_kind",
        ],
    )
    def test_refuses_what_is_not_wound_back(self, table: str) -> None:
        with pytest.raises(NotTaken, match=table):
            chosen(f"registry.residents, {table}")


class TestTheErased:
    def test_does_not_come_back(self, towns: Towns, tmp_path: Path) -> None:
        at = towns.now()
        ledger = Ledger(tmp_path / "erasures")
        ledger.add(tenant_id=towns.ours, code=KITAMI, codes=(KITAMI,), state="begun")
        wish = Wish(code=KITAMI, at=at, by="x")
        with pytest.raises(ErasedBefore):
            look_back(replace(towns.site, ledger=ledger), wish)

    def test_that_returned_has_no_past_before_that(self, towns: Towns, tmp_path: Path) -> None:
        at = towns.now()
        ledger = Ledger(tmp_path / "erasures")
        for state in ("begun", "erased", "returned"):
            ledger.add(tenant_id=towns.ours, code=KITAMI, codes=(KITAMI,), state=state)
        site = replace(towns.site, ledger=ledger)
        with pytest.raises(ErasedBefore):
            look_back(site, Wish(code=KITAMI, at=at, by="x"))
        assert found(look_back(site, Wish(code=KITAMI, at=towns.now(), by="x"))) == {}
