"""A process ends when the one who started it does, however that one ended."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from operations.tether import tethered

ROOT = Path(__file__).parents[2]
_NOBODY = 65534
PARENT = """
import signal, subprocess, sys, time
from operations.tether import tethered
child = subprocess.Popen(tethered(["/bin/sleep", "60"], on_orphaned=signal.SIGKILL))
while "sleep" not in open(f"/proc/{child.pid}/cmdline").read():
    time.sleep(0.01)
print(child.pid, flush=True)
time.sleep(60)
"""


class TestTethered:
    def test_lets_nothing_outlive_a_killed_starter(self) -> None:
        with subprocess.Popen(
            [sys.executable, "-c", PARENT],
            stdout=subprocess.PIPE,
            text=True,
            env={"PYTHONPATH": str(ROOT)},
        ) as parent:
            assert parent.stdout is not None
            child = psutil.Process(int(parent.stdout.readline()))
            parent.kill()
        deadline = time.monotonic() + 5
        while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < deadline, "the child is an orphan"
            time.sleep(0.01)

    def test_puts_no_process_in_between(self) -> None:
        with subprocess.Popen(
            tethered(["/bin/sh", "-c", "echo $$"], on_orphaned=signal.SIGKILL),
            stdout=subprocess.PIPE,
            text=True,
        ) as child:
            assert child.stdout is not None
            assert int(child.stdout.read()) == child.pid

    def test_gives_up_every_privilege_of_root(self) -> None:
        uid = _NOBODY if os.geteuid() == 0 else os.geteuid()
        command = tethered(["/usr/bin/id"], on_orphaned=signal.SIGKILL, uid=uid, gid=_NOBODY)
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
        assert f"uid={uid}" in answer.stdout
        assert "root" not in answer.stdout
