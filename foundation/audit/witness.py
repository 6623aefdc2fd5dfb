"""Where seals are kept beside the database, one file per tenant, growing only at its end.

The file is what a superuser of the database cannot reach. It belongs on another disk or host,
best on a medium that only appends; a copy in the municipality's own hands is better still.
"""

import os
import re
from pathlib import Path
from typing import Final

from foundation.encryption.files import settle
from foundation.identifiers import TenantId

from .note import Checkpoint, NoteRefused, Verifier

_TAIL_BYTES: Final = 4096
_NOTE: Final = re.compile(r"(?:[^\n]+\n){4}\n— [^\n]+\n")


class Witness:
    """The seals of all tenants below one directory, each in `<tenant_id>.checkpoints`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def path_of(self, tenant_id: TenantId) -> Path:
        return self._directory / f"{int(tenant_id)}.checkpoints"

    def append(self, tenant_id: TenantId, note: str) -> None:
        """Add a seal and return when it is on the disk."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.path_of(tenant_id)
        is_first = not path.exists()
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
        handle = os.open(path, flags, 0o600)
        with os.fdopen(handle, "ab") as file:
            # A power cut may have left half a line; the line break keeps this note apart from it.
            file.write(f"\n{note}".encode())
            file.flush()
            os.fsync(handle)
        if is_first:
            settle(self._directory)

    def notes(self, tenant_id: TenantId) -> list[str]:
        """Return every note of a tenant in the order they were written, unchecked."""
        try:
            text = self.path_of(tenant_id).read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        return _NOTE.findall(text)

    def last(self, tenant_id: TenantId, verifier: Verifier) -> Checkpoint | None:
        """Return the newest seal that our key signed, from the end of the file."""
        try:
            with self.path_of(tenant_id).open("rb") as file:
                file.seek(0, os.SEEK_END)
                file.seek(max(file.tell() - _TAIL_BYTES, 0))
                tail = file.read().decode(errors="replace")
        except FileNotFoundError:
            return None
        for note in reversed(_NOTE.findall(tail)):
            try:
                return verifier.open(note)
            except NoteRefused:
                continue
        return None
