"""The embedded database is a boundary: who may reach it, as whom, and what survives a crash."""

import os
import shutil
import signal
import stat
from collections.abc import Generator
from pathlib import Path

import asyncpg
import psutil
import pytest

from operations.failures import DiskFull
from operations.postgres import Cluster
from operations.postgres.failures import (
    DatabaseDidNotStart,
    DatabaseFolderBroken,
    DatabaseVersionWrong,
)
from operations.postgres.initdb import create_data
from operations.postgres.place import find_place

FULL_DISK = "#!/bin/sh\necho 'could not write: No space left on device'\nexit 1\n"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Generator[Cluster]:
    made = Cluster.create(tmp_path_factory.mktemp("cluster"), for_tests=True)
    made.start()
    made.bootstrap_roles()
    yield made
    made.stop()


async def ask(dsn: str, query: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


class TestDoor:
    async def test_opens_to_the_right_password(self, cluster: Cluster) -> None:
        assert await ask(cluster.dsn("benefits_app"), "SELECT current_user") == "benefits_app"

    async def test_stays_shut_to_a_wrong_password(self, cluster: Cluster) -> None:
        wrong = cluster.dsn("benefits_app").replace("benefits_app:", "benefits_app:x")
        with pytest.raises(asyncpg.InvalidPasswordError):
            await ask(wrong, "SELECT 1")

    async def test_stays_shut_to_the_superuser_without_a_password(self, cluster: Cluster) -> None:
        with pytest.raises(asyncpg.InvalidPasswordError):
            await ask(f"postgresql://postgres:x@/postgres?host={cluster.place.socket()}", "SELECT")

    async def test_does_not_listen_on_the_network(self, cluster: Cluster) -> None:
        assert await ask(cluster.superuser_dsn(), "SHOW listen_addresses") == ""

    def test_is_in_a_folder_that_others_cannot_enter(self, cluster: Cluster) -> None:
        folder = cluster.place.socket()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / ".s.PGSQL.5432").stat().st_mode) == 0o600

    def test_has_keys_that_only_we_can_read(self, cluster: Cluster) -> None:
        passwords = cluster.place.directory / "passwords"
        if cluster.place.directory.exists():
            modes = {stat.S_IMODE(path.stat().st_mode) for path in passwords.iterdir()}
            assert modes == {0o600}
            assert stat.S_IMODE(passwords.stat().st_mode) == 0o700

    async def test_stores_no_password_in_clear(self, cluster: Cluster) -> None:
        stored = await ask(
            cluster.superuser_dsn(),
            "SELECT rolpassword FROM pg_authid WHERE rolname = 'benefits_app'",
        )
        assert str(stored).startswith("SCRAM-SHA-256$")


class TestServer:
    def test_does_not_run_as_root(self, cluster: Cluster) -> None:
        assert psutil.Process(cluster.pid).uids().effective != 0

    def test_knows_nothing_of_our_environment(self, cluster: Cluster) -> None:
        told = psutil.Process(cluster.pid).environ().keys()
        assert told <= {"PATH", "LC_ALL", "TZ", "PWD", "LC_CTYPE", "PG_GRANDPARENT_PID"}

    async def test_writes_no_row_into_its_log(self, tmp_path: Path) -> None:
        log = tmp_path / "log"
        cluster = Cluster.create(tmp_path / "pg", log=log, for_tests=True)
        cluster.start()
        try:
            connection = await asyncpg.connect(cluster.superuser_dsn())
            await connection.execute("CREATE TABLE people (name text UNIQUE)")
            await connection.execute("INSERT INTO people VALUES ('北見花子')")
            with pytest.raises(asyncpg.UniqueViolationError):
                await connection.execute("INSERT INTO people VALUES ('北見花子')")
            await connection.close()
        finally:
            cluster.stop()
        words = log.read_text(encoding="utf-8")
        assert "duplicate key" in words
        assert "花子" not in words


class TestStart:
    async def test_recovers_what_was_committed_before_a_kill(self, tmp_path: Path) -> None:
        cluster = Cluster.create(tmp_path / "pg")
        cluster.start()
        try:
            await ask(cluster.superuser_dsn(), "CREATE TABLE kept AS SELECT 7 AS number")
            assert cluster.pid is not None
            os.kill(cluster.pid, signal.SIGKILL)
            psutil.wait_procs([psutil.Process(cluster.pid)], timeout=10)
            assert not cluster.is_running
            cluster.start()
            assert await ask(cluster.superuser_dsn(), "SELECT number FROM kept") == 7
        finally:
            cluster.stop()
            cluster.place.erase()

    async def test_is_not_stopped_by_a_stranger_with_the_number_of_a_dead_server(
        self, tmp_path: Path
    ) -> None:
        cluster = Cluster.create(tmp_path / "pg", for_tests=True)
        left = f"{os.getpid()}\n{cluster.place.data}\n1\n5432\n\n\n\nready\n"
        (cluster.place.data / "postmaster.pid").write_text(left, encoding="ascii")
        cluster.start()
        try:
            assert await ask(cluster.superuser_dsn(), "SELECT 1") == 1
        finally:
            cluster.stop()

    def test_says_why_when_the_configuration_is_broken(self, tmp_path: Path) -> None:
        cluster = Cluster.create(tmp_path / "pg", for_tests=True)
        (cluster.place.data / "postgresql.conf").write_text("nonsense = \n", encoding="ascii")
        try:
            with pytest.raises(DatabaseDidNotStart, match=r"nonsense|syntax"):
                cluster.start()
            assert not cluster.is_running
        finally:
            cluster.stop()

    async def test_finds_a_way_where_the_folder_is_too_deep_for_a_socket(
        self, tmp_path: Path
    ) -> None:
        cluster = Cluster.create(tmp_path / ("深" * 40) / "pg", for_tests=True)
        socket = cluster.place.socket()
        cluster.start()
        try:
            assert len(os.fsencode(socket / ".s.PGSQL.5432")) <= 107
            assert await ask(cluster.superuser_dsn(), "SELECT 1") == 1
        finally:
            cluster.stop()
            cluster.place.erase()
        assert not socket.exists()


class TestCreate:
    def test_opens_what_is_there(self, tmp_path: Path) -> None:
        first = Cluster.create(tmp_path / "pg")
        second = Cluster.create(tmp_path / "pg")
        try:
            assert first.place == second.place
            assert first.superuser_dsn() == second.superuser_dsn()
        finally:
            first.place.erase()

    def test_refuses_another_major_version(self, tmp_path: Path) -> None:
        place = Cluster.create(tmp_path / "pg").place
        try:
            (place.data / "PG_VERSION").write_text("16\n", encoding="ascii")
            with pytest.raises(DatabaseVersionWrong, match="16"):
                Cluster.create(tmp_path / "pg")
        finally:
            place.erase()

    @pytest.mark.parametrize("part", ["PG_VERSION", "pg_wal", "global/pg_control", "base"])
    def test_refuses_a_folder_that_lacks(self, tmp_path: Path, part: str) -> None:
        place = Cluster.create(tmp_path / "pg").place
        try:
            missing = place.data / part
            shutil.rmtree(missing) if missing.is_dir() else missing.unlink()
            with pytest.raises(DatabaseFolderBroken, match=Path(part).name):
                Cluster.create(tmp_path / "pg")
        finally:
            place.erase()

    def test_refuses_a_place_that_is_gone(self, tmp_path: Path) -> None:
        (tmp_path / "pg").mkdir()
        pointer = '{"home": "/var/lib/tamaire-that-never-was"}'
        (tmp_path / "pg" / "place.json").write_text(pointer, encoding="ascii")
        with pytest.raises(DatabaseFolderBroken, match="never-was"):
            Cluster.create(tmp_path / "pg")

    def test_says_that_the_disk_is_full_and_leaves_nothing_half_made(self, tmp_path: Path) -> None:
        place = find_place(tmp_path / "pg", for_tests=True)
        programs = place.home / "full"
        programs.mkdir()
        (programs / "initdb").write_text(FULL_DISK, encoding="ascii")
        (programs / "initdb").chmod(0o755)
        log = tmp_path / "log"
        try:
            with pytest.raises(DiskFull):
                create_data(place, programs=programs, password="x", log=log, durable=False)
            assert {path.name for path in place.home.iterdir()} <= {
                "full",
                "place.json",
                "belongs-to",
            }
        finally:
            place.erase()


class TestCopyDatabase:
    async def test_keeps_the_door_shut_in_the_copy(self, cluster: Cluster) -> None:
        cluster.copy_database("tamaire", "copied")
        try:
            connection = await asyncpg.connect(cluster.dsn("benefits_app", "copied"))
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute("CREATE TEMP TABLE shadow (a int)")
            await connection.close()
        finally:
            cluster.drop_database("copied")
