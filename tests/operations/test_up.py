"""The first command, for real: what it starts, what it survives, and that it leaves nothing behind.

Long, because every test starts the whole house: run with `make slow`.
"""

import http.client
import json
import os
import shlex
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import psutil
import pytest

from operations.folder import DataFolder
from operations.supervision.ports import free_pair
from operations.supervision.programmes import SERVICES

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
READY_WITHIN_S = 150
# Only root may mount a file system to fill.
FULL_DISKS = ["1m", "30m", "45m", "55m", "62m"] if os.geteuid() == 0 else []


class Up:
    """One `tamaire up`, and everything that can be asked of it from outside."""

    def __init__(
        self, data: Path, *, port: int, wrapped_in: Sequence[str] = (), options: Sequence[str] = ()
    ) -> None:
        self.data = data
        self.port = port
        self.process = subprocess.Popen(
            [
                *wrapped_in,
                *(str(ROOT / "tamaire"), "up", "--json", "--data", str(data)),
                *("--port", str(port), *options),
            ],
            cwd="/",
            env={"PATH": os.environ["PATH"]},  # noqa: TID251 - an interpreter has to be found
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ProcessLookupError):
            self.process.terminate()
        self.process.communicate(timeout=60)

    def answer(self) -> dict[str, Any]:
        """Wait for the one JSON object, whether it tells of success or not."""
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        self.process.communicate(timeout=60)
        return self.process.returncode

    def is_ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def lose(self, name: str) -> None:
        """Kill a process and wait until another has taken its place."""
        fallen = self.child(name)
        assert fallen is not None
        fallen.kill()
        eventually(lambda: self.child(name) not in (None, fallen), within_s=20)

    def child(self, name: str) -> psutil.Process | None:
        """Return the process of that name, if it runs."""
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.Error):
                if name in " ".join(child.cmdline()):
                    return child
        return None


def eventually(condition: Callable[[], bool], *, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def left_of(data: Path) -> list[str]:
    """Name every process that has to do with a data folder."""
    left: list[str] = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            words = [*process.cmdline(), *process.environ().values(), process.cwd()]
            mentions = any(str(data) in word for word in words)
            if mentions and process.pid != os.getpid() and process.status() != "zombie":
                left.append(" ".join(process.cmdline()))
    return left


@pytest.fixture
def data(tmp_path: Path) -> Generator[Path]:
    folder = tmp_path / "data"
    yield folder
    command = [ROOT / "tamaire", "down", "--erase", "--json", "--data", folder]
    subprocess.run(command, check=False, capture_output=True)


@pytest.fixture
def disk() -> Generator[Path]:
    """A place that the database's account can reach, for a small file system to be put on."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def port() -> int:
    return free_pair()


class TestFirstStart:
    def test_ends_ready_and_the_second_is_quick(self, data: Path, port: int) -> None:
        with Up(data, port=port) as first:
            answer = first.answer()
            assert answer["ready"] is True, answer
            assert answer["seconds"] < 90
            assert first.is_ready()
            run = DataFolder(data).run
            assert stat.S_IMODE(run.stat().st_mode) == 0o700
            modes = {stat.S_IMODE((run / f"{name}.sock").stat().st_mode) for name in SERVICES}
            assert modes == {0o600}
            assert first.end() == 0
        assert not left_of(data)
        began = time.monotonic()
        with Up(data, port=port) as second:
            assert second.answer()["ready"] is True
            assert time.monotonic() - began < 8
            assert memory_megabytes(data) < 1500
            assert second.end(signal.SIGINT) == 0
        assert not left_of(data)

    def test_can_be_abandoned_at_any_moment(self, data: Path, port: int) -> None:
        for seconds in (0.2, 0.7, 1.5, 3.0, 5.0):
            with Up(data, port=port) as up:
                time.sleep(seconds)
                assert up.end(signal.SIGINT) in (130, -signal.SIGINT, 0)
            assert not left_of(data)
        with Up(data, port=port) as up:
            assert up.answer()["ready"] is True


class TestRunning:
    def test_survives_the_loss_of_any_process(self, data: Path, port: int) -> None:
        with Up(data, port=port) as up:
            assert up.answer()["ready"] is True
            for name in ("benefits", "gateway", "postgres", "simulator"):
                up.lose(name)
                eventually(up.is_ready, within_s=30)

    def test_leaves_no_orphan_when_it_is_killed(self, data: Path, port: int) -> None:
        with Up(data, port=port) as up:
            assert up.answer()["ready"] is True
            up.end(signal.SIGKILL)
            eventually(lambda: not left_of(data), within_s=10)
        with Up(data, port=port) as again:
            assert again.answer()["ready"] is True

    def test_shares_the_machine_with_another_but_not_the_folder(
        self, data: Path, tmp_path: Path, port: int
    ) -> None:
        other = tmp_path / "other"
        with Up(data, port=port) as up:
            assert up.answer()["ready"] is True
            with Up(data, port=free_pair()) as twice:
                refused = twice.answer()
                assert refused["failure"] == "AlreadyRunning"
                assert f"down --data {data}" in refused["remedy"]
                assert twice.process.wait(10) == 1
            with Up(other, port=free_pair()) as neighbour:
                assert neighbour.answer()["ready"] is True
                assert up.is_ready()
                assert neighbour.is_ready()
                assert neighbour.end() == 0
            assert up.is_ready()
            assert not left_of(other)
        subprocess.run(
            [ROOT / "tamaire", "down", "--erase", "--data", other], check=True, capture_output=True
        )

    def test_is_stopped_and_erased_by_down(self, data: Path, port: int) -> None:
        with Up(data, port=port) as up:
            assert up.answer()["ready"] is True
            place = (data / "postgres" / "place.json").read_text(encoding="utf-8")
            command = [ROOT / "tamaire", "down", "--erase", "--json", "--data", data]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            assert json.loads(done.stdout)["stopped"] is True
            assert up.process.wait(10) == 0
        assert not data.exists()
        assert not Path(json.loads(place)["home"]).exists()
        assert not left_of(data)


class TestRefusals:
    @pytest.mark.parametrize("offset", [0, 1])
    def test_names_a_port_that_is_free(self, data: Path, port: int, offset: int) -> None:
        with socket.create_server(("127.0.0.1", port + offset)), Up(data, port=port) as up:
            refused = up.answer()
            assert refused["failure"] == "PortTaken"
            assert up.process.wait(10) == 1
        remedy = shlex.split(refused["remedy"].partition("`")[2].rstrip("`."))
        with Up(data, port=int(remedy[-1])) as better:
            assert better.answer()["ready"] is True

    @pytest.mark.parametrize("size", FULL_DISKS)
    def test_says_so_when_the_disk_is_full(self, disk: Path, port: int, size: str) -> None:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "t", disk], check=True)
        try:
            with Up(disk / "data", port=port) as up:
                refused = up.answer()
                assert refused.get("failure") == "DiskFull", refused
                assert up.process.wait(60) == 1
            assert not left_of(disk / "data")
        finally:
            subprocess.run(["umount", disk], check=True)

    def test_says_so_when_the_folder_is_no_folder(self, tmp_path: Path, port: int) -> None:
        (tmp_path / "file").touch()
        with Up(tmp_path / "file", port=port) as up:
            assert up.answer()["failure"] == "FolderUnwritable"
            assert up.process.wait(10) == 1

    @pytest.mark.parametrize("part", ["PG_VERSION", "global/pg_control"])
    def test_says_so_when_the_database_is_damaged(self, data: Path, port: int, part: str) -> None:
        with Up(data, port=port) as up:
            assert up.answer()["ready"] is True
            up.end()
        place = json.loads((data / "postgres" / "place.json").read_text(encoding="utf-8"))
        (Path(place["home"]) / "data" / part).write_bytes(b"")
        with Up(data, port=port) as up:
            refused = up.answer()
            assert refused["failure"] in {
                "DatabaseVersionWrong",
                "DatabaseFolderBroken",
                "DatabaseDidNotStart",
            }
            assert up.process.wait(30) == 1
        assert not left_of(data)


def memory_megabytes(data: Path) -> int:
    command = [ROOT / "tamaire", "status", "--json", "--data", data]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(json.loads(done.stdout)["memory_megabytes"])
