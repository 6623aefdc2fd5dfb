"""What is running, in which processes, and whether it answers."""

from contextlib import suppress
from pathlib import Path

import psutil
from rich.table import Table

from operations.failures import Failure
from operations.folder import DataFolder, Instance
from operations.voice import Voice

from . import readiness

_MEGABYTE = 1_000_000


class NotRunning(Failure):
    """There is no instance in the folder to speak of, or to."""

    exit_status = 3  # as of a service that is stopped: Linux Standard Base, init script actions

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"データフォルダ {folder} の tamaire は起動していません。",
            f"No tamaire is running on the data folder {folder}.",
            remedy_ja=f"`./tamaire up{DataFolder(folder).option}` で起動してください。",
            remedy=f"Start it with `./tamaire up{DataFolder(folder).option}`.",
        )


class NotYetReady(Failure):
    """Somebody starts an instance on the folder, or stops it, at this moment."""

    exit_status = NotRunning.exit_status

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"データフォルダ {folder} の tamaire は起動中か終了中です。",
            f"The tamaire of the data folder {folder} is starting or stopping.",
            remedy_ja="初回は 1 分ほどかかります。少し待って、もう一度実行してください。",
            remedy="A first start takes about a minute: wait, and try again.",
        )


def running(data: Path) -> Instance:
    """Return the instance of a data folder.

    Raises:
        NotYetReady: it is being started or stopped.
        NotRunning: there is none.
    """
    folder = DataFolder(data.resolve())
    if (instance := folder.instance()) is None:
        raise (NotYetReady if folder.is_in_use else NotRunning)(folder.root)
    return instance


def status(data: Path, voice: Voice) -> bool:
    """Show the instance of a data folder and tell whether it is ready.

    Raises:
        NotRunning: there is none.
    """
    instance = running(data)
    ready = readiness.ask(instance.port)
    table = Table.grid(padding=(0, 3))
    processes = _processes(instance.pid)
    for name, (pid, megabytes) in processes.items():
        table.add_row(name, f"PID {pid}", f"{megabytes} MB")
    total = sum(megabytes for _, megabytes in processes.values())
    word = (
        "使えます / ready" if ready.is_ready else f"準備中 / waiting for {', '.join(ready.unready)}"
    )
    voice.panel(f"{instance.base_url} {word} ({total} MB)", table)
    voice.answer(
        {
            "ready": ready.is_ready,
            "waiting_for": list(ready.unready),
            "url": instance.base_url,
            "simulator": instance.simulator_url,
            "pid": instance.pid,
            "memory_megabytes": total,
            "processes": {name: pid for name, (pid, _) in processes.items()},
        }
    )
    return ready.is_ready


def _processes(pid: int) -> dict[str, tuple[int, int]]:
    """Return each process of the house with its number and the memory of all it started."""
    found: dict[str, tuple[int, int]] = {}
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        up = psutil.Process(pid)
        found["up"] = (pid, _memory_bytes(up) // _MEGABYTE)
        for process in up.children():
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                name = _name(process.cmdline())
                whole = (process, *process.children(recursive=True))
                found[name] = (process.pid, sum(map(_memory_bytes, whole)) // _MEGABYTE)
    return found


def _memory_bytes(process: psutil.Process) -> int:
    """Return the process's share: what n processes share counts for 1/n in each (Linux's PSS)."""
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        full = process.memory_full_info()
        return int(getattr(full, "pss", full.uss))
    return 0


def _name(command: list[str]) -> str:
    """Return `gateway` for `python -m gateway …`, `benefits` for `python -m operations.serve …`."""
    if "-m" in command:
        module, *rest = command[command.index("-m") + 1 :]
        is_service = module == "operations.serve" and rest
        return rest[0] if is_service else module.removeprefix("operations.")
    return Path(command[0]).name if command else "?"
