"""A town's past rows are put back if two people say so: all of them or none."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from foundation.encryption import Field, Keyring
from foundation.identifiers import TenantId, new_id
from operations.portability.differences import Difference, Sides, differences
from operations.portability.places import place_of
from operations.portability.refusals import (
    ChangedMeanwhile,
    KeysGone,
    MoneyBusy,
    MoneyMoved,
    NotTaken,
    SamePerson,
    WouldCollide,
    WouldPointAtNothing,
)
from operations.portability.restoring import (
    TAKEN_BACK,
    Wish,
    look_back,
)
from operations.portability.taking import GUARDS, TAKEN, chosen, take
from operations.postgres.past import Past, past
from operations.postgres.presence import handed_over
from services.consultation.cases.domain import Confidentiality
from tests.operations.portability.past_towns import (
    DATABASE,
    KITAMI,
    OURS,
    Towns,
    fresh_base,
    towns,
)

__all__ = ["fresh_base", "towns"]

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
_MEASURE = """
INSERT INTO registry.protection_measures (tenant_id, id, origin, state, applied_on, caretaker,
  office_work, opened_by, opened_at, changed_at)
VALUES ($1, $2, 'application', 'provisional', current_date, '', '{}', 'x', now(), now())
"""
_PROTECTED = "INSERT INTO registry.protected_persons VALUES ($1, $2, $3, 'applicant')"
_HIDDEN = "UPDATE registry.residents SET protection = 'dv', address = '' WHERE id = $1"
_CASE = """
INSERT INTO consultation.cases (tenant_id, id, theme, confidentiality, state, opened_by, opened_at,
  version) VALUES ($1, $2, 'living', 'ordinary', 'opened', 'x', now(), 1)
"""
_KEPT = """
UPDATE consultation.cases SET confidentiality = $2, theme = 'other', version = version + 1
WHERE id = $1
"""
_RECORD = """
INSERT INTO consultation.progress_records (tenant_id, case_id, id, kind, occurred_at, text_sealed,
  recorded_by, recorded_at) VALUES ($1, $2, $3, 'phone', now(), $4, 'x', now())
"""
TEXT = Field("consultation.progress_records.text")


@pytest.fixture
def changed_programme(towns: Towns) -> tuple[UUID, datetime]:
    """A programme, and when it was not yet changed by mistake."""
    programme = new_id()
    towns.ask(_PROGRAMME, towns.ours, programme)
    at = towns.now()
    towns.ask("UPDATE benefits.programmes SET name = '誤り' WHERE id = $1", programme)
    return programme, at


@asynccontextmanager
async def connected(dsn: str) -> AsyncGenerator["asyncpg.Connection[Any]"]:
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Two sides after the comparison, and whoever writes meanwhile."""

    towns: Towns
    sides: Sides
    seen: Sequence[Difference]
    other: "asyncpg.Connection[Any]"

    async def put_back(self, table: str) -> None:
        async with connected(self.towns.site.cluster.superuser_dsn(DATABASE)) as beside:
            await take(
                self.sides,
                [table],
                found=self.seen,
                folders=self.towns.site.folders,
                beside=beside,
            )


def after_comparing(towns: Towns, at: datetime, act: Callable[[Compared], Awaitable[None]]) -> None:
    """Compare, and only then do something, within the transaction of who puts back."""

    async def compare(then: Past) -> None:
        now = towns.site.cluster.superuser_dsn(DATABASE)
        async with connected(now) as live, connected(then.dsn) as past, connected(now) as other:
            place = await place_of(live, KITAMI)
            sides = Sides(live=live, past=past, place=place, spool=then.place.home)
            async with live.transaction(isolation="repeatable_read"), past.transaction():
                seen = await differences(sides)
                await act(Compared(towns=towns, sides=sides, seen=seen, other=other))

    asyncio.run(handed_over(towns.site.cluster))
    log = towns.site.log
    with past(towns.site.cluster, at, database=DATABASE, log=log, on_wait=lambda: None) as then:
        asyncio.run(compare(then))


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

    @pytest.mark.slow
    def test_lets_feeds_tell_of_the_rows_again(self, towns: Towns) -> None:
        person = towns.resident()
        at = towns.now()
        towns.ask("UPDATE registry.residents SET address = '誤り' WHERE id = $1", person)
        passed = towns.ask("SELECT pg_current_xact_id()::text::bigint")
        towns.look(at, take="registry.residents")
        turn = towns.ask("SELECT changed_tx FROM registry.residents WHERE id = $1", person)
        assert turn > passed

    @pytest.mark.slow
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

    @pytest.mark.slow
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

    @pytest.mark.slow
    def test_refuses_cells_whose_key_is_gone(self, towns: Towns) -> None:
        case, record = new_id(), new_id()
        towns.ask(_CASE, towns.ours, case)
        towns.ask(_RECORD, towns.ours, case, record, b"\x01\x00\x00\x00\x63" + bytes(40))
        at = towns.now()
        towns.ask("DELETE FROM consultation.progress_records WHERE id = $1", record)
        with pytest.raises(KeysGone, match="99"):
            towns.look(at, take="consultation.progress_records")

    @pytest.mark.slow
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

    @pytest.mark.slow
    def test_refuses_a_row_whose_place_was_taken_since(self, towns: Towns) -> None:
        window = towns.window("counter-1")
        at = towns.now()
        towns.ask("DELETE FROM window_dx.windows WHERE id = $1", window)
        later = towns.window("counter-1")
        with pytest.raises(WouldCollide):
            towns.look(at, take="window_dx.windows")
        towns.ask("DELETE FROM window_dx.windows WHERE id = $1", later)

    @pytest.mark.slow
    def test_lets_whoever_writes_meanwhile_win(self, towns: Towns) -> None:
        person = towns.resident()
        at = towns.now()
        towns.ask("UPDATE registry.residents SET address = '誤り' WHERE id = $1", person)

        async def written(compared: Compared) -> None:
            await compared.other.execute(
                "UPDATE registry.residents SET address = '転入先' WHERE id = $1", person
            )
            await compared.put_back("registry.residents")

        with pytest.raises(ChangedMeanwhile, match=r"registry\.residents"):
            after_comparing(towns, at, written)
        said = towns.ask("SELECT address FROM registry.residents WHERE id = $1", person)
        assert said == "転入先"

    @pytest.mark.slow
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

    @pytest.mark.slow
    def test_never_loosens_what_was_made_stricter_since(self, towns: Towns) -> None:
        raised, lowered = new_id(), new_id()
        for case in (raised, lowered):
            towns.ask(_CASE, towns.ours, case)
        towns.ask(_KEPT, lowered, "strict")
        at = towns.now()
        towns.ask(_KEPT, raised, "strict")
        towns.ask(_KEPT, lowered, "sensitive")
        assert towns.look(at, take="consultation.cases").taken is not None
        kept = "SELECT confidentiality || theme FROM consultation.cases WHERE id = $1"
        assert [towns.ask(kept, case) for case in (raised, lowered)] == [
            "strictliving",
            "strictother",
        ]


class TestMoneyMeanwhile:
    @pytest.mark.slow
    def test_is_seen_if_it_came_after_the_comparison(
        self, towns: Towns, changed_programme: tuple[UUID, datetime]
    ) -> None:
        programme, at = changed_programme

        async def proposed(compared: Compared) -> None:
            await compared.other.execute(_PROPOSAL, towns.ours, programme)
            await compared.put_back("benefits.programmes")

        with pytest.raises(MoneyMoved, match=r"benefits\.transfer_proposals"):
            after_comparing(towns, at, proposed)
        assert towns.ask("SELECT name FROM benefits.programmes WHERE id = $1", programme) == "誤り"

    @pytest.mark.slow
    def test_waits_until_all_is_put_back(
        self, towns: Towns, changed_programme: tuple[UUID, datetime]
    ) -> None:
        programme, at = changed_programme
        towns.ask(_PROGRAMME, towns.ours, untouched := new_id())

        async def proposed_late(compared: Compared) -> None:
            await compared.put_back("benefits.programmes")
            await compared.other.execute("SET lock_timeout = '200ms'")
            with pytest.raises(asyncpg.LockNotAvailableError):
                await compared.other.execute(_PROPOSAL, towns.ours, untouched)

        after_comparing(towns, at, proposed_late)
        said = towns.ask("SELECT name FROM benefits.programmes WHERE id = $1", programme)
        assert said == "給付金"

    @pytest.mark.slow
    def test_that_does_not_end_is_not_waited_for(
        self, towns: Towns, changed_programme: tuple[UUID, datetime]
    ) -> None:
        programme, at = changed_programme

        async def being_proposed(compared: Compared) -> None:
            async with compared.other.transaction():
                await compared.other.execute(_PROPOSAL, towns.ours, programme)
                await compared.put_back("benefits.programmes")

        with pytest.raises(MoneyBusy):
            after_comparing(towns, at, being_proposed)
        assert towns.ask("SELECT name FROM benefits.programmes WHERE id = $1", programme) == "誤り"


class TestWhoPutsBack:
    def test_takes_two_people(self, towns: Towns) -> None:
        wish = Wish(code=KITAMI, at=towns.now(), by="佐藤", confirmed_by="佐藤 ", tables=[TAKEN[0]])
        with pytest.raises(SamePerson):
            look_back(towns.site, wish)

    @pytest.mark.parametrize("nobody", ["", "  "])
    def test_takes_somebody_as_the_second(self, towns: Towns, nobody: str) -> None:
        wish = Wish(code=KITAMI, at=towns.now(), by="佐藤", confirmed_by=nobody, tables=[TAKEN[0]])
        with pytest.raises(SamePerson):
            look_back(towns.site, wish)


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


class TestGuards:
    def test_know_every_step_from_open_to_close(self) -> None:
        assert GUARDS["consultation.cases", "confidentiality"] == tuple(Confidentiality)
