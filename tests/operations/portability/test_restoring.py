"""A town as it was at a past minute: what differs is named, and nothing of it told."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from foundation import clock
from operations.portability.archive import reading
from operations.portability.ledger import Ledger
from operations.portability.refusals import (
    ErasedBefore,
    NoSuchMunicipality,
    NotYet,
    OtherTables,
    ProtectedSince,
    SamePerson,
)
from operations.portability.restoring import (
    OPENED,
    Copy,
    Wish,
    look_back,
)
from operations.postgres import Cluster
from operations.postgres.failures import HistoryOff
from tests.operations.portability.past_towns import (
    KITAMI,
    OURS,
    Towns,
    found,
    fresh_base,
    of,
    towns,
)

__all__ = ["fresh_base", "towns"]

_HIDDEN = "UPDATE registry.residents SET protection = 'dv', address = '' WHERE id = $1"


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

    @pytest.mark.slow
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

    @pytest.mark.slow
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

    @pytest.mark.slow
    def test_does_not_take_for_lost_what_no_server_brings_back(self, towns: Towns) -> None:
        """An unlogged table, such as a file's lines that wait, is empty after every recovery."""
        towns.ask("CREATE UNLOGGED TABLE registry.passing (tenant_id integer PRIMARY KEY)")
        towns.ask("INSERT INTO registry.passing VALUES ($1)", towns.ours)
        seen = found(towns.look(towns.now()))
        towns.ask("DROP TABLE registry.passing")
        assert "registry.passing" not in seen

    @pytest.mark.slow
    def test_of_the_future_is_refused(self, towns: Towns) -> None:
        with pytest.raises(NotYet):
            towns.look(towns.now() + timedelta(minutes=5))

    def test_of_nobody_is_refused(self, towns: Towns) -> None:
        with pytest.raises(NoSuchMunicipality):
            look_back(towns.site, Wish(code="131016", at=towns.now(), by="x"))

    @pytest.mark.slow
    def test_without_a_history_is_refused(self, towns: Towns, tmp_path: Path) -> None:
        bare = Cluster.create(tmp_path / "bare", for_tests=True)
        with pytest.raises(HistoryOff):
            look_back(replace(towns.site, cluster=bare), Wish(code=KITAMI, at=clock.now(), by="x"))
        bare.stop()

    @pytest.mark.slow
    def test_across_a_change_of_tables_is_refused(self, towns: Towns) -> None:
        at = towns.now()
        now = towns.ask("SELECT version_num FROM registry.alembic_version")
        towns.ask("UPDATE registry.alembic_version SET version_num = 'later'")
        with pytest.raises(OtherTables):
            towns.look(at)
        towns.ask("UPDATE registry.alembic_version SET version_num = $1", now)


class TestAnArchive:
    @pytest.mark.slow
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

    @pytest.mark.slow
    def test_is_not_written_while_it_would_tell_where_the_protected_lived(
        self, towns: Towns, tmp_path: Path
    ) -> None:
        person = towns.resident()
        at = towns.now()
        towns.ask(_HIDDEN, person)
        copy = Copy(path=tmp_path / "past.tar", passphrase="長い合言葉を五つの単語で決めておく")
        wish = Wish(code=KITAMI, at=at, by=OURS[0], confirmed_by=OURS[1], copy=copy)
        with pytest.raises(ProtectedSince):
            look_back(towns.site, wish)
        assert not copy.path.exists()
        look_back(towns.site, replace(wish, at=towns.now()))
        assert copy.path.exists()
        towns.ask("UPDATE registry.residents SET protection = '' WHERE id = $1", person)

    def test_takes_two_people(self, towns: Towns, tmp_path: Path) -> None:
        copy = Copy(path=tmp_path / "past.tar", passphrase="長い合言葉を五つの単語で決めておく")
        with pytest.raises(SamePerson):
            look_back(towns.site, Wish(code=KITAMI, at=towns.now(), by="佐藤", copy=copy))
        assert not copy.path.exists()


class TestTheErased:
    def test_does_not_come_back(self, towns: Towns, tmp_path: Path) -> None:
        at = towns.now()
        ledger = Ledger(tmp_path / "erasures")
        ledger.add(tenant_id=towns.ours, code=KITAMI, codes=(KITAMI,), state="begun")
        wish = Wish(code=KITAMI, at=at, by="x")
        with pytest.raises(ErasedBefore):
            look_back(replace(towns.site, ledger=ledger), wish)

    @pytest.mark.slow
    def test_that_returned_has_no_past_before_that(self, towns: Towns, tmp_path: Path) -> None:
        at = towns.now()
        ledger = Ledger(tmp_path / "erasures")
        for state in ("begun", "erased", "returned"):
            ledger.add(tenant_id=towns.ours, code=KITAMI, codes=(KITAMI,), state=state)
        site = replace(towns.site, ledger=ledger)
        with pytest.raises(ErasedBefore):
            look_back(site, Wish(code=KITAMI, at=at, by="x"))
        assert found(look_back(site, Wish(code=KITAMI, at=towns.now(), by="x"))) == {}
