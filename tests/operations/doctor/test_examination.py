"""The doctor sees what is wrong, says how to mend it, and touches nothing."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from foundation import clock
from operations.doctor import examine
from operations.doctor.examination import Unwell
from operations.doctor.findings import State
from operations.doctor.instance import data_folder, history, orphans, ports_are_free
from operations.doctor.machine import clock_is_right, disk, memory, python
from operations.folder import DataFolder, Instance
from operations.postgres.history import History
from operations.postgres.passwords import Passwords
from operations.postgres.place import find_place
from operations.supervision.ports import free_pair
from operations.voice import Voice


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    made = DataFolder(tmp_path / "data")
    made.claim()
    made.prepare()
    return made


class TestExamine:
    def test_changes_nothing(self, tmp_path: Path) -> None:
        missing = tmp_path / "never"
        examine(missing, Voice(as_json=True), port=free_pair())
        assert not missing.exists()

    def test_tells_a_machine_everything(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        examine(tmp_path / "never", Voice(as_json=True), port=free_pair())
        heard = json.loads(capsys.readouterr().out)
        assert heard["well"] is True
        assert all(finding["state"] in ("good", "doubtful") for finding in heard["findings"])

    def test_fails_when_something_stands_in_the_way(self, tmp_path: Path) -> None:
        (tmp_path / "diary.txt").touch()
        with pytest.raises(Unwell, match="data folder"):
            examine(tmp_path, Voice(as_json=True), port=free_pair())


class TestDataFolder:
    def test_is_bad_when_others_may_read_a_password(self, folder: DataFolder) -> None:
        (folder.passwords / "benefits_app").write_text("secret", encoding="ascii")
        (folder.passwords / "benefits_app").chmod(0o644)
        finding = data_folder(folder)
        assert finding.state is State.BAD
        assert f"chmod go= {folder.passwords / 'benefits_app'}" in finding.remedy

    def test_is_good_as_we_made_it(self, folder: DataFolder) -> None:
        assert data_folder(folder).state is State.GOOD


@pytest.fixture
def kept(folder: DataFolder) -> History:
    """Give the history of a database that has one, before it ever ran."""
    place = find_place(folder.postgres)
    history = History(place, Passwords(folder.passwords))
    history.keep(7)
    (place.data / "pg_wal" / "archive_status").mkdir(parents=True)
    return history


class TestHistory:
    def test_is_good_where_none_is_kept(self, folder: DataFolder) -> None:
        assert history(folder).state is State.GOOD

    def test_is_doubtful_without_a_base(self, folder: DataFolder, kept: History) -> None:
        assert kept.days == 7
        assert history(folder).state is State.DOUBTFUL
        assert "history --renew" in history(folder).remedy

    def test_is_bad_when_the_log_piles_up(self, folder: DataFolder, kept: History) -> None:
        status = find_place(folder.postgres).data / "pg_wal" / "archive_status"
        for piece in range(9):
            (status / f"{piece:024X}.ready").touch()
        assert kept.waiting() == 9
        assert history(folder).state is State.BAD
        assert "--keep-history 0" in history(folder).remedy

    def test_is_good_with_a_base_of_today(self, folder: DataFolder, kept: History) -> None:
        kept.settings()
        stamp = f"{clock.now():%Y%m%dT%H%M%S.%fZ}"
        (kept.log.with_name("bases") / stamp).mkdir()
        finding = history(folder)
        assert (finding.state, "7 days" in finding.seen) == (State.GOOD, True)


class TestPorts:
    def test_are_bad_when_a_stranger_listens(self, folder: DataFolder) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            finding = ports_are_free(folder, server.getsockname()[1])
        assert finding.state is State.BAD
        assert "--port" in finding.remedy

    def test_are_good_when_we_listen_ourselves(self, folder: DataFolder) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server, folder.held():
            port = server.getsockname()[1]
            us = Instance(pid=os.getpid(), port=port, base_url="", simulator_url="")
            folder.announce(us)
            assert ports_are_free(folder, port).state is State.GOOD


class TestOrphans:
    def test_are_found_by_the_folder_they_serve(self, folder: DataFolder) -> None:
        sleep = "import time; time.sleep(60)"
        listen = f"unix:{folder.run}/benefits.sock"
        with subprocess.Popen(
            [sys.executable, "-c", sleep, "operations.serve"], env={"TAMAIRE_LISTEN": listen}
        ) as orphan:
            time.sleep(0.2)
            finding = orphans(folder)
            orphan.kill()
        assert finding.state is State.BAD
        assert finding.remedy.endswith(f"`kill {orphan.pid}`.")

    def test_are_not_what_serves_another_folder(self, folder: DataFolder) -> None:
        assert orphans(folder).state is State.GOOD


class TestMachine:
    def test_asks_for_nothing_this_machine_lacks(self, tmp_path: Path) -> None:
        assert python().state is State.GOOD
        assert {disk(tmp_path / "deep" / "down").state, memory().state} <= set(State)

    def test_notices_a_clock_that_is_behind_its_own_files(self, tmp_path: Path) -> None:
        release = tmp_path / "lock"
        release.touch()
        tomorrow = time.time() + 86_400
        os.utime(release, (tomorrow, tomorrow))
        assert clock_is_right(release).state is State.BAD
