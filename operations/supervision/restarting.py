"""`tamaire restart`: one process after the other, each only when its successor takes requests."""

import json
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from operations.failures import Failure
from operations.files import write_private
from operations.folder import DataFolder
from operations.voice import Voice

from .house import House

_POLL_S = 0.1
_PATIENCE_S = 300.0


class NotRestarted(Failure):
    """A successor did not come up; the old process serves on."""

    def __init__(self, names: Sequence[str], logs: Path) -> None:
        told = ", ".join(names)
        super().__init__(
            f"再起動できませんでした: {told}。これまでのプロセスが動き続けています。",
            f"These could not be restarted and serve on as before: {told}.",
            remedy_ja=f"{logs} のログを見てください。名前は `./tamaire status` で確かめられます。",
            remedy=f"Look into the logs in {logs}; `./tamaire status` shows the names.",
        )


def restart(data: Path, voice: Voice, *, names: Sequence[str]) -> None:
    """Ask the running instance to replace its processes, or some of them, and wait until it has.

    Raises:
        NotRestarted: some could not be; they serve on as before.
    """
    folder = DataFolder(data.resolve())
    wish, answer = _wish(folder), _answer(folder)
    answer.unlink(missing_ok=True)
    with voice.step("順に再起動する", "restart one after the other"):
        write_private(wish, json.dumps(list(names)))
        _wait_for(answer)
    outcome = json.loads(answer.read_text(encoding="utf-8"))
    answer.unlink()
    if outcome["failed"]:
        raise NotRestarted(outcome["failed"], folder.logs)
    voice.answer(outcome)


def fulfil(house: House, folder: DataFolder) -> None:
    """Do what was asked with `tamaire restart`, if anything was; called in every round."""
    wish = _wish(folder)
    if not wish.exists():
        return
    names: list[str] = []
    with suppress(ValueError, OSError):
        names = [str(name) for name in json.loads(wish.read_text(encoding="utf-8"))]
    wish.unlink(missing_ok=True)
    outcome: dict[str, list[str]] = {"restarted": [], "failed": []}
    for name in names or house.replaceable:
        outcome["restarted" if house.replace(name) else "failed"].append(name)
    write_private(_answer(folder), json.dumps(outcome))


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not path.exists():
        if time.monotonic() > deadline:
            raise NotRestarted(["?"], path.parent)
        time.sleep(_POLL_S)


def _wish(folder: DataFolder) -> Path:
    return folder.root / "restart.wish"


def _answer(folder: DataFolder) -> Path:
    return folder.root / "restart.done"
