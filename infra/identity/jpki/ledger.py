"""What an authority has issued and withdrawn: the memory behind its CRL and its OCSP answers."""

import json
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509

from infra.identity.stores import write_private


@dataclass(frozen=True, slots=True)
class Revocation:
    """When and why (RFC 5280 §5.3.1) a certificate stopped being good."""

    at: datetime
    reason: x509.ReasonFlags


class Ledger:
    """Serial numbers of one authority. An issued serial is never forgotten, nor issued twice."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._entries: dict[int, Revocation | None] = {}
        if path.exists():
            stored: dict[str, dict[str, str] | None] = json.loads(path.read_bytes())
            self._entries = {int(serial, 16): _read(entry) for serial, entry in stored.items()}

    def issue(self, serial: int) -> None:
        with self._lock:
            if serial in self._entries:
                raise ValueError("this serial number has been issued")
            self._entries[serial] = None
            self._save()

    def revoke(self, serial: int, revocation: Revocation) -> None:
        """Withdraw for good; the first date and reason stand.

        Raises:
            KeyError: for a serial this authority never issued.
        """
        with self._lock:
            if self._entries[serial] is None:
                self._entries[serial] = revocation
                self._save()

    def knows(self, serial: int) -> bool:
        return serial in self._entries

    def revocation(self, serial: int) -> Revocation | None:
        return self._entries.get(serial)

    def revoked(self) -> dict[int, Revocation]:
        return {serial: found for serial, found in self._entries.items() if found is not None}

    def _save(self) -> None:
        stored = {f"{serial:x}": _written(entry) for serial, entry in self._entries.items()}
        write_private(self._path, json.dumps(stored).encode())


def _written(entry: Revocation | None) -> dict[str, str] | None:
    if entry is None:
        return None
    return {"at": entry.at.isoformat(), "reason": entry.reason.value}


def _read(entry: dict[str, str] | None) -> Revocation | None:
    if entry is None:
        return None
    return Revocation(datetime.fromisoformat(entry["at"]), x509.ReasonFlags(entry["reason"]))
