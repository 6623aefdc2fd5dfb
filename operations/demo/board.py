"""How a step is shown: a line in colour to a person, a plain one to a pipe, JSON to a machine."""

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.cells import set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text

from operations.failures import Failure
from operations.voice import Voice

_LONG_ID = re.compile(r"(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{4}|[\w-]{35})([\w-]{8})")
"""A UUID, or a pairwise subject (43 characters of base64url)."""
_WHO_CELLS = 16
_METHOD_CELLS = 4
_FIRST_REFUSAL = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One call, as it is told. `is_aside` is what nobody came to see, such as a sign-in."""

    step: int
    journey: str
    who: str
    method: str
    path: str
    status: int
    milliseconds: int
    sentence: str
    is_aside: bool = False

    @property
    def short_path(self) -> str:
        """The path with each long identifier cut to its end, which is what tells two apart."""
        return _LONG_ID.sub(r"…\1", self.path)


class Board:
    """Everything the demonstration says; nothing is said twice."""

    def __init__(self, *, as_json: bool) -> None:
        self._json = as_json
        self._voice = Voice(as_json=as_json)
        self._out = Console(highlight=False, soft_wrap=True)

    def heading(self, journey: str, title: str) -> None:
        """Announce a journey."""
        if not self._json:
            self._out.print(Text(f"\n── {journey}: {title}", style="bold"))

    def show(self, line: Line) -> None:
        """Show one step."""
        if self._json:
            _emit(
                {
                    "step": line.step,
                    "journey": line.journey,
                    "who": line.who,
                    "method": line.method,
                    "path": line.path,
                    "status": line.status,
                    "milliseconds": line.milliseconds,
                    "sentence": line.sentence,
                }
            )
            return
        refused = line.status >= _FIRST_REFUSAL
        self._out.print(
            Text.assemble(
                (f"{line.step:>3}  ", "dim"),
                (set_cell_size(line.who, _WHO_CELLS), "dim" if line.is_aside else "cyan"),
                "  ",
                (f"{line.method:<{_METHOD_CELLS}} {line.short_path}  ", "dim"),
                (f"{line.status}", "yellow" if refused else "green"),
                (f"  {line.milliseconds} ms  ", "dim"),
                (line.sentence, "dim" if line.is_aside else ""),
            )
        )

    def curtain(self, table: Table, content: Mapping[str, Any]) -> None:
        """Show the sums of a play that went as expected."""
        if self._json:
            _emit({"ok": True, **content})
            return
        self._out.print()
        self._voice.panel("デモの結果 / the demonstration", table)
        self._out.print(Text("すべて期待どおり / everything as expected", style="bold green"))

    def failure(self, failure: Failure) -> None:
        """Say what was not as expected."""
        if self._json:
            _emit({"ok": False, **failure.as_json()})
            return
        self._voice.failure(failure)


def _emit(content: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
    sys.stdout.flush()
