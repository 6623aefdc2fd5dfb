"""Who was erased, kept outside the database: a restored one would have forgotten it.

One line of JSON for each fact, only ever added to. Whatever is restored is swept by this list
before anybody may open it.
"""

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from foundation import clock
from foundation.encryption.files import settle

State = Literal["begun", "erased", "returned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """That the erasure of a municipality began or was done, or that the town came back itself."""

    tenant_id: int
    code: str
    codes: tuple[str, ...]
    state: State
    at: str


class Ledger:
    """The list of an installation."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / "ledger.jsonl"

    def add(self, *, tenant_id: int, code: str, codes: tuple[str, ...], state: State) -> None:
        """Add a line and return when it is on the disk."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        line = Line(
            tenant_id=tenant_id, code=code, codes=codes, state=state, at=clock.now().isoformat()
        )
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "ab") as file:
            file.write(json.dumps(asdict(line)).encode() + b"\n")
            file.flush()
            os.fsync(handle)
        settle(self.folder)

    def gone(self) -> list[Line]:
        """Return the municipalities that must not be readable: the last word on each."""
        last = {line.tenant_id: line for line in self._lines()}
        return [line for line in last.values() if line.state != "returned"]

    def last_ended(self, tenant_id: int) -> datetime | None:
        """Return when a municipality was last erased, or brought its own data back after that."""
        lines = self._lines()
        at = [line.at for line in lines if line.tenant_id == tenant_id]
        return datetime.fromisoformat(max(at)) if at else None

    def is_gone(self, tenant_id: int) -> bool:
        return any(line.tenant_id == tenant_id for line in self.gone())

    def _lines(self) -> list[Line]:
        if not self._path.is_file():
            return []
        said = map(json.loads, self._path.read_text(encoding="utf-8").splitlines())
        return [Line(**one | {"codes": tuple(one["codes"])}) for one in said]
