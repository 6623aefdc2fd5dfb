"""What must outlive a restart (keys, lock counters) and what must not (codes, tokens)."""

import json
import os
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Generic, TypeVar, cast

from .clock import Clock

T = TypeVar("T")

_CAPACITY = 100_000
"""Entries one expiring store holds; beyond it the oldest goes: a flood must not fill memory."""


def write_private(path: Path, content: bytes) -> None:
    """Replace a file as a whole: readable by its owner only, and never seen half written."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def kept_secret(path: Path, make: Callable[[], bytes]) -> bytes:
    """The content of a private file, made on first use and the same ever after."""
    if not path.exists():
        write_private(path, make())
    return path.read_bytes()


class Watched(Generic[T]):
    """A file read again whenever it has changed, so that a new card needs no restart."""

    def __init__(self, path: Path, parse: Callable[[bytes], T]) -> None:
        self._path = path
        self._parse = parse
        self._seen: tuple[int, int, int] | None = None
        self._value: T | None = None

    def current(self) -> T:
        """Raises whatever `parse` raises, and FileNotFoundError: a broken list admits nobody."""
        status = self._path.stat()
        seen = (status.st_mtime_ns, status.st_size, status.st_ino)
        if seen != self._seen:
            self._seen = None
            self._value = self._parse(self._path.read_bytes())
            self._seen = seen
        return cast("T", self._value)


class Tallies:
    """Failed attempts per card or account, on disk before the answer leaves.

    A counter kept in memory would give three fresh tries to whoever can restart the process.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._counts: dict[str, int] = json.loads(path.read_bytes()) if path.exists() else {}

    def of(self, name: str) -> int:
        return self._counts.get(name, 0)

    def add(self, name: str) -> int:
        with self._lock:
            self._counts[name] = self.of(name) + 1
            self._save()
            return self._counts[name]

    def clear(self, name: str) -> None:
        with self._lock:
            if self._counts.pop(name, None) is not None:
                self._save()

    def _save(self) -> None:
        write_private(self._path, json.dumps(self._counts, sort_keys=True).encode())


@dataclass(frozen=True, slots=True)
class _Held(Generic[T]):
    value: T
    until: datetime


class ExpiringStore(Generic[T]):
    """Short-lived things found by an unguessable key: sign-ins under way, codes, access grants."""

    def __init__(self, clock: Clock, lifetime: timedelta, *, capacity: int = _CAPACITY) -> None:
        self._clock = clock
        self._lifetime = lifetime
        self._capacity = capacity
        self._held: OrderedDict[str, _Held[T]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def put(self, value: T, *, key: str | None = None) -> str:
        """Keep `value`; the key, unless given, has 256 random bits (RFC 6749 §10.10 asks ≥ 128)."""
        key = key or secrets.token_urlsafe(32)
        self._sweep()
        self._held[key] = _Held(value, self._clock() + self._lifetime)
        return key

    def get(self, key: str) -> T | None:
        held = self._held.get(key)
        return held.value if held is not None and held.until > self._clock() else None

    def items(self) -> list[tuple[str, T]]:
        """What is held now, the oldest first."""
        now = self._clock()
        return [(key, held.value) for key, held in self._held.items() if held.until > now]

    def take(self, key: str) -> T | None:
        """Give the value once; a second caller gets nothing."""
        value = self.get(key)
        self._held.pop(key, None)
        return value

    def _sweep(self) -> None:
        now = self._clock()
        # Every entry of one store lives equally long, so the oldest always ends first.
        while self._held:
            key, oldest = next(iter(self._held.items()))
            if oldest.until > now and len(self._held) < self._capacity:
                return
            del self._held[key]
