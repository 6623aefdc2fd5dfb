"""How the command speaks: a picture to a person, plain lines to a pipe, one object to a machine."""

import json
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from .failures import Failure


class Voice:
    """Says each thing once, in Japanese first. With `as_json` only `answer` is heard."""

    def __init__(self, *, as_json: bool = False) -> None:
        self._json = as_json
        # rich itself drops colour and boxes where nobody looks (a pipe, NO_COLOR, TERM=dumb).
        self._out = Console(highlight=False, soft_wrap=True)
        self._err = Console(highlight=False, soft_wrap=True, stderr=True)
        self._began = time.monotonic()

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self._began

    @property
    def is_terminal(self) -> bool:
        return self._out.is_terminal

    @property
    def is_for_a_machine(self) -> bool:
        return self._json

    @contextmanager
    def step(self, japanese: str, english: str) -> Generator[None]:
        """Say that a step is done, and how long it took, once it is."""
        began = time.monotonic()
        yield
        took = time.monotonic() - began
        self._say(f"[green]✔[/] {japanese} [dim]/ {english}[/] {took:.1f}s")

    def note(self, japanese: str, english: str) -> None:
        self._say(f"[yellow]…[/] {japanese} [dim]/ {english}[/]")

    def line(self, text: str) -> None:
        """Print text as it is."""
        if not self._json:
            self._out.print(text, markup=False)

    def panel(self, title: str, table: Table) -> None:
        """Show a table in a frame, or, where nobody looks, its rows as plain lines."""
        if self._json:
            return
        if self.is_terminal:
            self._out.print(Panel.fit(table, title=title))
            return
        self._out.print(title, markup=False)
        cells = [list(column.cells) for column in table.columns]
        for row in zip(*cells, strict=True):
            self._out.print("  ".join(str(cell) for cell in row).rstrip(), markup=False)

    def answer(self, content: Mapping[str, Any] | Sequence[Any]) -> None:
        """Give a machine its one object, on one line."""
        if self._json:
            sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
            sys.stdout.flush()

    def failure(self, failure: Failure) -> None:
        """Say what could not be done and what to do about it."""
        if self._json:
            self.answer({"ready": False, **failure.as_json()})
            return
        for text in (f"✘ {failure.japanese}", f"  直し方: {failure.remedy_ja}"):
            self._err.print(text, markup=False)
        for text in (f"  {failure.english}", f"  To mend it: {failure.remedy}"):
            self._err.print(text, markup=False, style="dim")

    def _say(self, marked_up: str) -> None:
        if not self._json:
            self._out.print(marked_up)
