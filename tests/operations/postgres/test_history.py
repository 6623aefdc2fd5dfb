"""A past minute is brought back beside the present, as it was, and leaves nothing behind."""

import asyncio
import subprocess
import sys
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import psutil
import pytest

from foundation import clock
from operations.postgres import Cluster
from operations.postgres.failures import (
    AnotherPast,
    HistoryInterrupted,
    HistoryOff,
    NotThatFarBack,
)
from operations.postgres.history import MOST_DAYS, Base
from operations.postgres.past import past, sweep
from operations.postgres.presence import handed_over

ROOT = Path(__file__).parents[3]
DATABASE = "postgres"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Generator[Cluster]:
    made = Cluster.create(tmp_path_factory.mktemp("cluster"), for_tests=True)
    made.history.keep(7)
    made.start()
    made.history.take_base()
    yield made
    made.stop()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "past.log"


async def run(dsn: str, *commands: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        for command in commands[:-1]:
            await connection.execute(command)
        return await connection.fetchval(commands[-1])
    finally:
        await connection.close()


async def minute_after(cluster: Cluster, *commands: str) -> datetime:
    """Do something and return a time after it, before which nothing else is done."""
    await run(cluster.superuser_dsn(), *commands, "SELECT 1")
    return clock.now()


def left_behind(cluster: Cluster) -> list[Path]:
    return list(cluster.place.home.glob("past-*"))


class TestAPastMinute:
    async def test_has_what_was_there_and_nothing_later(self, cluster: Cluster, log: Path) -> None:
        at = await minute_after(
            cluster,
            "CREATE TABLE notes AS SELECT n, 'first' AS text FROM generate_series(1, 3) n",
        )
        await minute_after(
            cluster,
            "DELETE FROM notes WHERE n = 1",
            "UPDATE notes SET text = 'second' WHERE n = 2",
            "INSERT INTO notes VALUES (4, 'late')",
        )
        await handed_over(cluster)
        with past(cluster, at, database=DATABASE, log=log, on_wait=lambda: None) as then:
            said = await run(then.dsn, "SELECT string_agg(n || text, ' ' ORDER BY n) FROM notes")
            assert said == "1first 2first 3first"
        now = await run(
            cluster.superuser_dsn(), "SELECT string_agg(n || text, ' ' ORDER BY n) FROM notes"
        )
        assert now == "2second 3first 4late"

    async def test_leaves_neither_a_server_nor_a_folder(self, cluster: Cluster, log: Path) -> None:
        at = await minute_after(cluster, "SELECT 1")
        await handed_over(cluster)
        with (
            pytest.raises(ZeroDivisionError),
            past(cluster, at, database=DATABASE, log=log, on_wait=lambda: None) as then,
        ):
            assert psutil.pid_exists(then.pid)
            assert left_behind(cluster) == [then.place.home]
            _ = 1 / 0
        assert not psutil.pid_exists(then.pid)
        assert left_behind(cluster) == []

    async def test_writes_nothing_into_the_history(self, cluster: Cluster, log: Path) -> None:
        at = await minute_after(cluster, "SELECT 1")
        await handed_over(cluster)
        before = {piece.name for piece in cluster.history.log.iterdir()}
        with past(cluster, at, database=DATABASE, log=log, on_wait=lambda: None) as then:
            await run(then.dsn, "CREATE TABLE scratch (n integer)", "CHECKPOINT", "SELECT 1")
            await run(then.dsn, "SELECT pg_switch_wal()::text")
        after = {piece.name for piece in cluster.history.log.iterdir()}
        assert not [name for name in after - before if name.startswith("00000002")]

    async def test_is_for_one_at_a_time(self, cluster: Cluster, log: Path) -> None:
        at = await minute_after(cluster, "SELECT 1")
        await handed_over(cluster)
        with past(cluster, at, database=DATABASE, log=log, on_wait=lambda: None):  # noqa: SIM117 - the second is what fails
            with pytest.raises(AnotherPast):
                with past(cluster, at, database=DATABASE, log=log, on_wait=lambda: None):
                    pass

    async def test_is_out_of_reach_before_the_first_base(self, cluster: Cluster, log: Path) -> None:
        long_ago = cluster.history.bases()[0].whole_at - timedelta(seconds=1)
        with (
            pytest.raises(NotThatFarBack),
            past(cluster, long_ago, database=DATABASE, log=log, on_wait=lambda: None),
        ):
            pass

    async def test_that_nothing_was_handed_over_of_is_refused(
        self, cluster: Cluster, log: Path
    ) -> None:
        never = clock.now() + timedelta(days=1)
        with (
            pytest.raises(HistoryInterrupted),
            past(cluster, never, database=DATABASE, log=log, on_wait=lambda: None),
        ):
            pass
        assert left_behind(cluster) == []

    async def test_sweeps_what_a_killed_one_left(self, cluster: Cluster, log: Path) -> None:
        (cluster.place.home / "past-killed" / "data").mkdir(parents=True)
        at = await minute_after(cluster, "SELECT 1")
        await handed_over(cluster)
        with past(cluster, at, database=DATABASE, log=log, on_wait=lambda: None) as then:
            assert left_behind(cluster) == [then.place.home]


HOLDING = """
import sys, time
from datetime import datetime
from pathlib import Path
from operations.postgres import Cluster
from operations.postgres.past import past

cluster = Cluster.create(Path(sys.argv[1]), for_tests=True)
at = datetime.fromisoformat(sys.argv[2])
with past(cluster, at, database="postgres", log=Path(sys.argv[3]), on_wait=lambda: None) as then:
    print(then.pid, flush=True)
    time.sleep(600)
"""


class TestAKilledRestore:
    def test_takes_its_server_along_and_the_next_removes_its_folder(
        self, cluster: Cluster, log: Path
    ) -> None:
        at = asyncio.run(minute_after(cluster, "SELECT 1"))
        asyncio.run(handed_over(cluster))
        words = (str(cluster.place.directory), at.isoformat(), str(log))
        with subprocess.Popen(
            [sys.executable, "-c", HOLDING, *words],
            stdout=subprocess.PIPE,
            env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        ) as killed:
            assert killed.stdout is not None
            server = psutil.Process(int(killed.stdout.readline()))
            killed.kill()
        psutil.wait_procs([server], timeout=30)
        assert not server.is_running()
        assert len(left_behind(cluster)) == 1
        sweep(cluster.place)
        assert left_behind(cluster) == []


class TestSweeping:
    def test_leaves_alone_what_somebody_is_using(self, cluster: Cluster, log: Path) -> None:
        at = clock.now()
        asyncio.run(handed_over(cluster))
        with past(cluster, at, database=DATABASE, log=log, on_wait=lambda: None) as then:
            sweep(cluster.place)
            assert left_behind(cluster) == [then.place.home]

    def test_removes_what_a_killed_one_left(self, cluster: Cluster) -> None:
        (cluster.place.home / "past-killed" / "data").mkdir(parents=True)
        sweep(cluster.place)
        assert left_behind(cluster) == []


class TestHistory:
    def test_lies_where_only_the_servers_account_may_look(self, cluster: Cluster) -> None:
        for folder in (cluster.history.log, cluster.history.bases()[0].folder.parent):
            assert folder.stat().st_mode & 0o077 == 0
        assert all(piece.stat().st_mode & 0o077 == 0 for piece in cluster.history.log.iterdir())

    def test_keeps_no_password(self, cluster: Cluster) -> None:
        assert not list(cluster.history.log.parent.glob("*.password"))

    def test_is_renewed_once_a_day(self, cluster: Cluster) -> None:
        before = cluster.history.bases()
        assert cluster.history.renew() is None
        with clock.frozen(clock.now() + timedelta(days=1)):
            taken = cluster.history.renew()
        assert taken is not None
        assert cluster.history.bases() == [*before, taken]

    def test_forgets_what_is_too_old_and_the_log_before_it(self, cluster: Cluster) -> None:
        kept = cluster.history.bases()[-1]
        with clock.frozen(kept.whole_at + timedelta(days=6, hours=22)):
            cluster.history.expire()
        assert cluster.history.bases()[-1] == kept
        with clock.frozen(kept.whole_at + timedelta(days=8)):
            cluster.history.expire()
        assert cluster.history.bases() == [kept]
        pieces = [piece.name[:24] for piece in cluster.history.log.glob("0*")]
        assert pieces
        assert min(pieces) >= kept.first_segment

    async def test_tells_how_much_waits_to_be_handed_over(self, cluster: Cluster) -> None:
        await handed_over(cluster)
        assert cluster.history.waiting() == 0
        kept = cluster.history.log.with_name("elsewhere")
        cluster.history.log.rename(kept)
        await run(cluster.superuser_dsn(), "SELECT pg_current_xact_id()", "SELECT pg_switch_wal()")
        waiting = cluster.history.waiting()
        kept.rename(cluster.history.log)
        assert waiting == 1
        await handed_over(cluster)
        assert cluster.history.waiting() == 0

    def test_says_when_nothing_of_today_is_in_it_any_more(self, cluster: Cluster) -> None:
        gone = cluster.history.gone_by()
        assert gone is not None
        assert timedelta(days=6) < gone - clock.now() <= timedelta(days=7)

    def test_is_never_kept_longer_than_an_erasure_allows(self, tmp_path: Path) -> None:
        other = Cluster.create(tmp_path / "other", for_tests=True)
        other.history.keep(400)
        assert other.history.days == MOST_DAYS
        other.stop()

    def test_switched_off_is_gone(self, tmp_path: Path) -> None:
        other = Cluster.create(tmp_path / "other", for_tests=True)
        other.history.keep(7)
        assert other.history.settings()["archive_mode"] == "on"
        other.history.keep(0)
        assert other.history.settings() == {}
        assert other.history.gone_by() is None
        assert not other.history.log.exists()
        with pytest.raises(HistoryOff):
            other.history.renew()
        other.stop()

    def test_of_a_base_knows_the_first_piece_it_needs(self, tmp_path: Path) -> None:
        manifest = '{"WAL-Ranges": [{"Timeline": 1, "Start-LSN": "2A/1C000028"}]}'
        (tmp_path / "backup_manifest").write_text(manifest, encoding="utf-8")
        base = Base(folder=tmp_path, whole_at=datetime(2026, 11, 24, tzinfo=UTC))
        assert base.first_segment == "000000010000002A0000001C"
