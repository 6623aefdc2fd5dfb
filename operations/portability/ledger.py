"""Who was erased, kept outside the database: a restored one would have forgotten it.

One line of JSON for each fact, only ever added to. Whatever is restored is swept by this list
before anybody may open it.
"""

import json
import os
from dataclasses import asdict, dataclass
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
        last: dict[int, Line] = {}
        if self._path.is_file():
            for text in self._path.read_text(encoding="utf-8").splitlines():
                said = json.loads(text)
                line = Line(**said | {"codes": tuple(said["codes"])})
                last[line.tenant_id] = line
        return [line for line in last.values() if line.state != "returned"]

    def is_gone(self, tenant_id: int) -> bool:
        return any(line.tenant_id == tenant_id for line in self.gone())
