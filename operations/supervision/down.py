"""The last command: stop the instance of a folder, wherever it was started from."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from operations.failures import Failure
from operations.folder import DataFolder, NotOurFolder
from operations.postgres.failures import DatabaseFolderBroken
from operations.postgres.place import known_place
from operations.voice import Voice

_PATIENCE_S = 60.0
_POLL_S = 0.1


class WillNotStop(Failure):
    """The instance was asked to stop and has not."""

    def __init__(self, pid: int) -> None:
        super().__init__(
            f"起動中の tamaire (PID {pid}) が止まりません。",
            f"The running tamaire (PID {pid}) does not stop.",
            remedy_ja=f"`kill -9 {pid}` で終わらせてください。確定ずみのデータは失われません。",
            remedy=f"End it with `kill -9 {pid}`. What was committed is not lost.",
        )


def down(data: Path, voice: Voice, *, erase: bool) -> None:
    """Stop the instance of `data` if one runs, and, if so told, remove everything it kept.

    Raises:
        WillNotStop: it still runs after a minute.
        NotOurFolder: there is something to erase, and it is not ours.
    """
    folder = DataFolder(data.resolve())
    instance = folder.instance()
    stopped = instance is not None
    if instance is not None:
        with voice.step("止める", "stop"), suppress(ProcessLookupError):
            os.kill(instance.pid, signal.SIGTERM)
            _wait(folder, instance.pid)
    elif not erase:
        voice.note("起動していません", "nothing is running")
    if erase and folder.root.exists():
        if not folder.is_ours:  # before we leave even a lock in it
            raise NotOurFolder(folder.root)
        with voice.step("消す", "erase"), folder.held():
            _erase(folder)
    voice.answer({"stopped": stopped, "erased": erase, "data": str(folder.root)})


def _wait(folder: DataFolder, pid: int) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while folder.is_in_use:
        if time.monotonic() > deadline:
            raise WillNotStop(pid)
        time.sleep(_POLL_S)


def _erase(folder: DataFolder) -> None:
    # A place that is gone, or broken, needs no erasing.
    with suppress(DatabaseFolderBroken):
        if (place := known_place(folder.postgres)) is not None:
            place.erase()
    folder.erase()
