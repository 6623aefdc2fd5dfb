"""The one examination everybody runs, here and on the server that judges a change."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from rich.table import Table

from .changes import changed, nearby, pure
from .failures import Failure
from .tether import tethered
from .voice import Voice

ROOT = Path(__file__).parents[1]
_STDERR = 2  # standard output is kept for the one JSON object
_LINT_IMPORTS = "from importlinter.cli import lint_imports_command as c; c()"
_PYTEST = ("-m", "pytest", "-n", "2", "--dist", "worksteal", "-q")


@dataclass(frozen=True, slots=True)
class Check:
    """One tool, by the name people know it by and the way Python runs it.

    One that runs `beside` the others has one processor for itself; it is heard at the end.
    """

    name: str
    arguments: tuple[str, ...]
    beside: bool = False


_FORMAT = Check("ruff format", ("-m", "ruff", "format", "--check", "--quiet", "."))
_LINT = Check("ruff check", ("-m", "ruff", "check", "--quiet", "."))
_IMPORTS = Check("lint-imports", ("-c", _LINT_IMPORTS))
CHECKS = (
    _FORMAT,
    _LINT,
    Check("basedpyright", ("-m", "basedpyright"), beside=True),
    _IMPORTS,
    Check("pytest", (*_PYTEST, "-m", "not slow")),
)


def quick_checks(root: Path) -> tuple[Check, ...]:
    """Return what is worth a minute at every edit: style, imports, rules, and what is near.

    It finds most mistakes and promises nothing; `CHECKS` does.
    """
    edited = changed(root)
    tests = {*pure(root), *nearby(root, edited)}
    checks = [_FORMAT, _LINT]
    if edited:
        checks.append(Check("basedpyright", ("-m", "basedpyright", *edited), beside=True))
    near = Check("pytest", (*_PYTEST, "-m", "not slow and not journey", *sorted(tests)))
    return (*checks, _IMPORTS, near)


class ChecksFailed(Failure):
    """The project is not as we promise it is."""

    def __init__(self, names: Sequence[str]) -> None:
        listed = ", ".join(names)
        super().__init__(
            f"通らなかった検査: {listed}",
            f"Failed: {listed}",
            remedy_ja="上の出力の最初の誤りから直してください。",
            remedy="Mend the first fault in the output above.",
        )


@dataclass(slots=True)
class _Run:
    """A check under way; what one beside the others says is kept until it is asked."""

    check: Check
    process: subprocess.Popen[bytes]
    began: float
    words: IO[bytes] | None = None

    def end(self) -> tuple[bool, float]:
        """Wait for it; return whether it passed, and after how many seconds."""
        passed = self.process.wait() == 0
        return passed, round(time.monotonic() - self.began, 1)

    def said(self) -> str:
        """Return what it said, once; nothing if it was heard at once."""
        if self.words is None:
            return ""
        with self.words as words:
            words.seek(0)
            return words.read().decode(errors="replace").rstrip()


def examine(checks: Sequence[Check], voice: Voice) -> None:
    """Run every check, also after one has failed, and show how long each took.

    Raises:
        ChecksFailed: naming those that did not pass.
    """
    results: dict[str, tuple[bool, float]] = {}
    beside = [_begin(check, voice) for check in checks if check.beside]
    for check in checks:
        if not check.beside:
            voice.line(f"── {check.name}")
            results[check.name] = _begin(check, voice).end()
    for run in beside:
        results[run.check.name] = run.end()
        said = f"── {run.check.name}\n{run.said()}"
        voice.line(said)
        if voice.is_for_a_machine:
            sys.stderr.write(said + "\n")
    _show(results, voice)
    if failed := [name for name, (passed, _) in results.items() if not passed]:
        raise ChecksFailed(failed)


def _show(results: dict[str, tuple[bool, float]], voice: Voice) -> None:
    table = Table.grid(padding=(0, 3))
    for name, (passed, seconds) in results.items():
        table.add_row("✔" if passed else "✘", name, f"{seconds:.1f} s")
    voice.panel(f"検査 / checks ({voice.elapsed_s:.0f} s)", table)
    each = {
        name: {"passed": passed, "seconds": seconds} for name, (passed, seconds) in results.items()
    }
    voice.answer({"passed": all(passed for passed, _ in results.values()), **each})


def _begin(check: Check, voice: Voice) -> _Run:
    # A variable of a running instance must not decide how a test ends.
    ours = {name: value for name, value in os.environ.items() if not name.startswith("TAMAIRE_")}  # noqa: TID251 - handed on
    command = tethered([sys.executable, *check.arguments], on_orphaned=signal.SIGTERM)
    words = tempfile.TemporaryFile() if check.beside else None  # noqa: SIM115 - read when it has ended
    aloud = _STDERR if voice.is_for_a_machine else None
    process = subprocess.Popen(
        command, cwd=ROOT, env=ours, stdout=words or aloud, stderr=words and subprocess.STDOUT
    )
    return _Run(check, process, time.monotonic(), words)
