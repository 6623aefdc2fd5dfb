"""The house stands, falls and is put up again; and when it goes, nothing of it stays."""

import os
import signal
import sys
import time
from collections.abc import Callable, Generator
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from operations.supervision.child import Child, Programme
from operations.supervision.failures import NotReadyInTime, ProcessEnded
from operations.supervision.house import House, StopRequested, StopWish
from operations.supervision.readiness import Readiness

STANDS = "import time; time.sleep(60)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
FALLS = "import sys; sys.exit('the cellar is flooded')"
HAS_A_CHILD = "import subprocess, time; subprocess.Popen(['/bin/sleep', '60']); time.sleep(60)"


def programme(name: str, source: str) -> Programme:
    return Programme(name=name, command=(sys.executable, "-c", source), environment={})


def never() -> Readiness:
    return Readiness(is_ready=False, unready=("benefits",))


@pytest.fixture
def house(tmp_path: Path) -> Generator[House]:
    made = House(logs=tmp_path, readiness=never)
    yield made
    made.stop()


@pytest.fixture
def wish() -> Generator[StopWish]:
    with StopWish() as made:
        yield made


def eventually(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def of(house: House, index: int = 0) -> psutil.Process:
    pid = house.children[index].pid
    assert pid is not None
    return psutil.Process(pid)


class TestWaitFor:
    def test_ends_when_the_condition_holds(self, house: House, wish: StopWish) -> None:
        house.start(programme("room", STANDS))
        house.wait_for(lambda: True, wish)
        assert house.children[0].is_running

    def test_explains_a_process_that_ended(self, house: House, wish: StopWish) -> None:
        house.start(programme("cellar", FALLS))
        with pytest.raises(ProcessEnded, match=r"cellar ended .* the cellar is flooded"):
            house.wait_for(lambda: False, wish)

    def test_names_what_it_waited_for_in_vain(self, tmp_path: Path, wish: StopWish) -> None:
        house = House(logs=tmp_path, readiness=never, ready_within_s=0.2)
        with pytest.raises(NotReadyInTime, match="benefits"):
            house.wait_until_ready(wish)

    def test_heeds_a_wish_to_stop(self, house: House, wish: StopWish) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(StopRequested):
            house.wait_for(lambda: False, wish)


class TestWatch:
    def test_revives_whoever_falls_and_says_so(self, house: House, wish: StopWish) -> None:
        house.start(programme("room", STANDS))
        first = of(house)
        revived: list[tuple[str, int]] = []

        def note(child: Child, status: int) -> None:
            revived.append((child.name, status))
            os.kill(os.getpid(), signal.SIGTERM)

        first.kill()
        house.watch(wish, on_revival=note, on_round=lambda: None)
        assert revived == [("room", -signal.SIGKILL)]
        assert of(house) != first
        assert of(house).is_running()

    def test_waits_longer_before_every_further_try(self, tmp_path: Path) -> None:
        child = Child(programme("cellar", FALLS), log=tmp_path / "log")
        child.start()
        moments = [time.monotonic()]
        while len(moments) < 3:
            if child.revive():
                moments.append(time.monotonic())
            time.sleep(0.01)
        pauses = [after - before for before, after in pairwise(moments)]
        assert pauses[0] * 1.5 < pauses[1]
        child.stop(patience_s=5)


class TestStop:
    def test_ends_a_process_that_does_not_listen(self, tmp_path: Path) -> None:
        house = House(logs=tmp_path, readiness=never, patience_s=0.3)
        house.start(programme("deaf", DEAF))
        process = of(house)
        eventually(lambda: "-c" in process.cmdline() and "SIG_IGN" in " ".join(process.cmdline()))
        time.sleep(0.2)
        house.stop()
        assert not process.is_running()

    def test_ends_what_a_process_started(self, house: House) -> None:
        house.start(programme("parent", HAS_A_CHILD))
        process = of(house)
        eventually(lambda: bool(process.children()))
        grandchild = process.children()[0]
        house.stop()
        eventually(
            lambda: not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE
        )

    def test_ends_nothing_else(self, house: House, tmp_path: Path) -> None:
        neighbour = Child(programme("neighbour", STANDS), log=tmp_path / "log")
        neighbour.start()
        house.start(programme("room", STANDS))
        house.stop()
        assert neighbour.is_running
        neighbour.ask_to_stop()
        neighbour.stop(patience_s=5)


class TestStopWish:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_hears(self, wish: StopWish, number: signal.Signals) -> None:
        assert not wish.wait(0)
        os.kill(os.getpid(), number)
        assert wish.wait(1)
        assert wish.wait(0)

    def test_understands_a_second_one_as_at_once(self, wish: StopWish) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        assert wish.wait(1)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)

    def test_gives_the_signals_back(self) -> None:
        before = signal.getsignal(signal.SIGTERM)
        with StopWish():
            assert signal.getsignal(signal.SIGTERM) != before
        assert signal.getsignal(signal.SIGTERM) == before
