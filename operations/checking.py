"""The one examination everybody runs, here and on the server that judges a change."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from .failures import Failure
from .tether import tethered
from .voice import Voice

_ROOT = Path(__file__).parents[1]
_STDERR = 2  # standard output is kept for the one JSON object
_LINT_IMPORTS = "from importlinter.cli import lint_imports_command as c; c()"


@dataclass(frozen=True, slots=True)
class Check:
    """One tool, by the name people know it by and the way Python runs it."""

    name: str
    arguments: tuple[str, ...]


CHECKS = (
    Check("ruff format", ("-m", "ruff", "format", "--check", "--quiet", ".")),
    Check("ruff check", ("-m", "ruff", "check", "--quiet", ".")),
    Check("basedpyright", ("-m", "basedpyright")),
    Check("lint-imports", ("-c", _LINT_IMPORTS)),
    Check("pytest", ("-m", "pytest", "-n", "2", "-m", "not slow", "-q")),
)


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


def examine(checks: Sequence[Check], voice: Voice) -> None:
    """Run every check, also after one has failed, and show how long each took.

    Raises:
        ChecksFailed: naming those that did not pass.
    """
    table = Table.grid(padding=(0, 3))
    results: dict[str, dict[str, float | bool]] = {}
    for check in checks:
        voice.line(f"── {check.name}")
        began = time.monotonic()
        passed = _run(check, words_to=_STDERR if voice.is_for_a_machine else None)
        seconds = round(time.monotonic() - began, 1)
        results[check.name] = {"passed": passed, "seconds": seconds}
        table.add_row("✔" if passed else "✘", check.name, f"{seconds:.1f} s")
    voice.panel(f"検査 / checks ({voice.elapsed_s:.0f} s)", table)
    voice.answer({"passed": all(result["passed"] for result in results.values()), **results})
    if failed := [name for name, result in results.items() if not result["passed"]]:
        raise ChecksFailed(failed)


def _run(check: Check, *, words_to: int | None) -> bool:
    # A variable of a running instance must not decide how a test ends.
    ours = {name: value for name, value in os.environ.items() if not name.startswith("TAMAIRE_")}  # noqa: TID251 - handed on
    command = tethered([sys.executable, *check.arguments], on_orphaned=signal.SIGTERM)
    finished = subprocess.run(command, cwd=_ROOT, env=ours, stdout=words_to, check=False)
    return finished.returncode == 0
