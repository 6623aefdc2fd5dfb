"""What the instance's own things look like: its ports, its folder, its programs, its processes."""

import hashlib
import subprocess
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import psutil

from foundation import clock
from operations.failures import Failure
from operations.folder import DataFolder
from operations.postgres import MAJOR_VERSION
from operations.postgres.history import History
from operations.postgres.passwords import Passwords
from operations.postgres.place import forsaken, known_place, wheel
from operations.supervision import ports, readiness
from operations.supervision.programmes import Addresses

from .findings import Finding, bad, doubtful, good

_ROOT = Path(__file__).parents[2]
_OTHERS = 0o077
_MOST_WAITING = 8  # segments of 16 MiB; one or two wait at any moment
_OLDEST_BASE = timedelta(days=2)


def ports_are_free(folder: DataFolder, port: int) -> Finding:
    """Look whether the pair of ports can be had, or is already ours."""
    subject = f"ports {port}, {port + 1}"
    instance = folder.instance()
    if instance is not None and instance.port == port:
        return good(subject, f"in use by this instance (PID {instance.pid})")
    try:
        ports.require_free(Addresses(port=port), option=folder.option)
    except Failure as failure:
        return bad(subject, failure.english, remedy_ja=failure.remedy_ja, remedy=failure.remedy)
    return good(subject, "free")


def data_folder(folder: DataFolder) -> Finding:
    """Look whether the folder is ours, whole, and closed to others."""
    subject = f"data folder {folder.root}"
    if not folder.root.exists():
        return good(subject, "will be made by the first start")
    if not folder.is_ours:
        return bad(
            subject,
            "holds files that are not tamaire's",
            remedy_ja="空のフォルダか、まだないフォルダを `--data` で指定してください。",
            remedy="Name an empty folder, or one that does not exist yet, with `--data`.",
        )
    if open_to_others := _open_to_others(folder):
        names = " ".join(str(path) for path in open_to_others)
        return bad(
            subject,
            f"others may read {names}",
            remedy_ja=f"`chmod go= {names}` を実行してください。",
            remedy=f"Run `chmod go= {names}`.",
        )
    return good(subject, "ours, and closed to others")


def database(folder: DataFolder) -> Finding:
    """Look whether the programs run, and whether the data are of their version."""
    subject = "PostgreSQL"
    program = wheel() / "bin" / "postgres"
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
        place = known_place(folder.postgres)
    except (OSError, subprocess.CalledProcessError) as error:
        return bad(
            subject,
            str(error),
            remedy_ja=".venv を消して `./tamaire up` をもう一度実行してください。",
            remedy="Remove .venv and run `./tamaire up` again.",
        )
    except Failure as failure:
        return bad(subject, failure.english, remedy_ja=failure.remedy_ja, remedy=failure.remedy)
    seen = answer.stdout.strip()
    if place is None or not place.data.exists():
        return good(subject, seen)
    found = (place.data / "PG_VERSION").read_text(encoding="ascii").strip()
    if found == MAJOR_VERSION:
        return good(subject, f"{seen}, data at {place.data}")
    return bad(
        subject,
        f"{seen}, but the data are of version {found}",
        remedy_ja="別のフォルダを `--data` で指定するか、pg_upgrade で移行してください。",
        remedy="Name another folder with `--data`, or migrate this one with pg_upgrade.",
    )


def history(folder: DataFolder) -> Finding:
    """Look whether the server gets its log handed over: what it cannot, it keeps, and fills up."""
    with suppress(Failure, OSError):
        place = known_place(folder.postgres)
        kept = None if place is None else History(place, Passwords(folder.passwords))
        if kept is not None and kept.days:
            return _of_history(folder, kept)
    return good("history", "not kept")


def _of_history(folder: DataFolder, kept: History) -> Finding:
    if (waiting := kept.waiting()) > _MOST_WAITING:
        return bad(
            "history",
            f"{waiting} pieces of the log are not handed over",
            remedy_ja=f"ディスクの空きと {folder.log('postgres')} を確かめてください。"
            f"要らなければ `./tamaire up{folder.option} --keep-history 0` で止められます。",
            remedy=f"Look at the free space and at {folder.log('postgres')}, or give it up: "
            f"`./tamaire up{folder.option} --keep-history 0`.",
        )
    bases = kept.bases()
    if not bases or clock.now() - bases[-1].whole_at > _OLDEST_BASE:
        return doubtful(
            "history",
            "no base was taken for two days",
            remedy_ja=f"起動中に `./tamaire tenants history --renew{folder.option}` を"
            "実行してください。",
            remedy=f"While it runs: `./tamaire tenants history --renew{folder.option}`.",
        )
    return good("history", f"{kept.days} days, back to {bases[0].whole_at:%Y-%m-%d %H:%M} UTC")


def requirements() -> Finding:
    """Look whether what is installed is what the lock names."""
    lock = hashlib.sha256((_ROOT / "requirements" / "runtime.txt").read_bytes()).hexdigest()
    with suppress(OSError):
        marker = _ROOT / ".venv" / "installed-runtime"
        if marker.read_text(encoding="ascii") == lock:
            return good("packages", "as locked")
    return doubtful(
        "packages",
        "not known to be as locked",
        remedy_ja="`./tamaire up` が入れ直します。",
        remedy="`./tamaire up` installs them anew.",
    )


def answering(folder: DataFolder) -> Finding:
    """Ask the running instance, if there is one, whether it is ready."""
    instance = folder.instance()
    if instance is None:
        return good("instance", "starting or stopping" if folder.is_in_use else "not running")
    answer = readiness.ask(instance.port)
    if answer.is_ready:
        return good("instance", f"ready at {instance.base_url}")
    waiting = ", ".join(answer.unready) or "gateway"
    return bad(
        "instance",
        f"waiting for {waiting}",
        remedy_ja=f"{folder.logs} の記録を確かめてください。",
        remedy=f"Read the logs in {folder.logs}.",
    )


def orphans(folder: DataFolder) -> Finding:
    """Look for processes of this folder that outlived the `up` that started them."""
    if folder.is_in_use:
        return good("orphans", "none: `up` is at work")
    left = _orphans(folder)
    if not left:
        return good("orphans", "none")
    numbers = " ".join(str(pid) for pid in left)
    return bad(
        "orphans",
        f"PID {numbers}",
        remedy_ja=f"`kill {numbers}` で終わらせてください。",
        remedy=f"End them: `kill {numbers}`.",
    )


def left_behind() -> Finding:
    """Look for databases whose data folder was removed by other means than `down --erase`."""
    homes = forsaken()
    if not homes:
        return good("left behind", "nothing")
    names = " ".join(map(str, homes))
    return doubtful(
        "left behind",
        f"{names}: databases whose data folder is gone",
        remedy_ja=f"不要なら `rm -r {names}` で消してください。",
        remedy=f"If nobody needs them: `rm -r {names}`.",
    )


def _orphans(folder: DataFolder) -> list[int]:
    traces = [f"{folder.root}/"]
    with suppress(Failure):
        if (place := known_place(folder.postgres)) is not None:
            traces.append(str(place.data))
    left: list[int] = []
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            command = process.cmdline()
            is_server = "operations.serve" in command or "gateway" in command
            told = [*command, *(process.environ().values() if is_server else ())]
            is_database = "postgres" in Path(command[0]).name if command else False
            known = is_server or is_database
            if known and any(trace in text for trace in traces for text in told):
                left.append(process.pid)
    return left


def _open_to_others(folder: DataFolder) -> list[Path]:
    private = [folder.keys, folder.passwords, folder.logs]
    open_folders = [path for path in private if path.is_dir() and path.stat().st_mode & _OTHERS]
    return [*open_folders, *Passwords(folder.passwords).loose()]
