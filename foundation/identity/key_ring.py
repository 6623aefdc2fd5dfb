"""Signing keys as files in one folder, with the plan by which they come and go.

    <folder>/0001.pem, 0002.pem …   private keys, readable by their owner alone
    <folder>/plan.json              their times; without it the newest waits and the others signed

Who rotates writes the new key first and the plan after it, whole or not at all, so that a reader
never sees a key that is planned and not there. Readers ask twice a second whether the plan changed.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from foundation import clock

from .keys import Algorithm, KeySet, SigningKey
from .rotation import KeyState, Plan, PlannedKey

_PLAN = "plan.json"
_FIRST = ("0001", "0002")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of token: where its keys lie, how it is signed, and how long a key outlives it.

    `kept` is how long a key is believed after it stopped signing: a token's life, and a bit for
    clocks.
    """

    folder: str
    algorithm: Algorithm
    kept: timedelta


ACCESS_TOKENS = Kind(folder="access-tokens", algorithm="ES256", kept=timedelta(minutes=11))
INTERNAL = Kind(folder="internal", algorithm="Ed25519", kept=timedelta(minutes=2))
KINDS = (ACCESS_TOKENS, INTERNAL)


class KeyRing:
    """The keys of one kind of token, as their folder has them now."""

    def __init__(self, directory: Path, kind: Kind) -> None:
        """Read the kind's folder below a directory; it has two keys at least.

        Raises:
            ValueError: it has not.
        """
        self._folder = directory / kind.folder
        self._kind = kind
        self._published: tuple[str, ...] = ()
        self._seen: tuple[object, ...] = ()
        self._keys: dict[str, SigningKey] = {}
        self._plan = self._read()
        self.public = KeySet([])
        self.reload()

    @classmethod
    def load_or_create(cls, directory: Path, kind: Kind) -> "KeyRing":
        """Read the folder, or make its first two keys, once among those that start together."""
        folder = directory / kind.folder
        if not (folder / _PLAN).exists():
            for name in _FIRST:
                SigningKey.load_or_create(folder / f"{name}.pem", kind.algorithm)
        return cls(directory, kind)

    @property
    def signing(self) -> SigningKey:
        """The one key that signs now."""
        return self._keys[self._plan.signing(clock.now())]

    def sign(self, claims: Mapping[str, Any], *, typ: str) -> str:
        """Return a compact JWS by the key that signs now."""
        return self.signing.sign(claims, typ=typ)

    def document(self) -> dict[str, Any]:
        """Return the published key set (RFC 7517 §5), oldest key first."""
        return {"keys": [self._keys[name].public() for name in self._published]}

    def states(self) -> list[tuple[PlannedKey, KeyState, str]]:
        """Return each key of the plan, where it stands, and its `kid`, oldest first."""
        states = self._plan.states(clock.now())
        return [(key, states[key.name], self._keys[key.name].kid) for key in self._plan.keys]

    def reload(self) -> bool:
        """Take up what changed in the folder, and let go of what expired; say whether it did.

        Raises:
            OSError, ValueError: the folder cannot be read, or its plan is none. What was read
                before stays in force.
        """
        seen = self._look()
        if seen != self._seen:
            plan = self._read()
            self._keys = {
                key.name: self._keys.get(key.name) or self._load(key.name) for key in plan.keys
            }
            self._plan, self._seen = plan, seen
        published = self._plan.believed(clock.now())
        if published == self._published:
            return False
        self._published = published
        self.public = KeySet.of(*(self._keys[name] for name in published))
        return True

    def rotate(self, *, lead: timedelta) -> None:
        """Use the key that waits, publish the next one, and remove the keys whose time is over.

        Args:
            lead: how long a key is published before it signs.

        Raises:
            OSError, ValueError: the folder cannot be read or written.
        """
        with self._alone():
            now, plan = clock.now(), self._read()
            name = _after(plan)
            SigningKey.load_or_create(self._folder / f"{name}.pem", self._kind.algorithm)
            self._write(plan.rotated(name, now=now, lead=lead).swept(now))

    def replace(self) -> None:
        """Believe nothing that was signed until now: two new keys, and the old ones are gone.

        Raises:
            OSError, ValueError: the folder cannot be read or written.
        """
        with self._alone():
            first = _after(self._read())
            names = (first, f"{int(first) + 1:04}")
            for name in names:
                SigningKey.load_or_create(self._folder / f"{name}.pem", self._kind.algorithm)
            self._write(Plan.fresh(names, now=clock.now(), kept=self._kind.kept))

    def _read(self) -> Plan:
        path = self._folder / _PLAN
        if not path.exists():
            found = sorted(self._folder.glob("*.pem"))
            made = [(one.stem, datetime.fromtimestamp(one.stat().st_mtime, UTC)) for one in found]
            return Plan.adopted(made, kept=self._kind.kept)
        said: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return Plan(tuple(_planned(key) for key in said["keys"]), self._kind.kept)

    def _look(self) -> tuple[object, ...]:
        """Return what tells one state of the folder from the next, at the price of one question."""
        try:
            found = (self._folder / _PLAN).stat()
        except FileNotFoundError:
            return tuple(sorted(path.name for path in self._folder.glob("*.pem")))
        return found.st_mtime_ns, found.st_ino, found.st_size

    def _load(self, name: str) -> SigningKey:
        key = SigningKey.load(self._folder / f"{name}.pem")
        if key.algorithm != self._kind.algorithm:
            raise ValueError(f"{name}.pem is not a key for {self._kind.algorithm}.")
        return key

    def _write(self, plan: Plan) -> None:
        """Write the plan whole or not at all, and only then remove what it no longer names."""
        keys = [
            {
                "name": key.name,
                "published_at": key.published_at.isoformat(),
                "used_from": key.used_from.isoformat() if key.used_from else None,
            }
            for key in plan.keys
        ]
        draft = self._folder / f".{_PLAN}.{secrets.token_hex(8)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"keys": keys}, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._folder / _PLAN)
        named = {key.name for key in plan.keys}
        for path in self._folder.glob("*.pem"):
            if path.stem not in named:
                path.unlink(missing_ok=True)

    @contextmanager
    def _alone(self) -> Generator[None]:
        """Let only one rotate at a time, also between machines that share the folder."""
        descriptor = os.open(self._folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _after(plan: Plan) -> str:
    return f"{max(int(key.name) for key in plan.keys) + 1:04}"


def _planned(said: Mapping[str, str | None]) -> PlannedKey:
    name, published_at, used_from = said["name"], said["published_at"], said["used_from"]
    if name is None or published_at is None or not name.isdecimal():
        raise ValueError("A plan names each key by its number and says when it was published.")
    return PlannedKey(
        name=name,
        published_at=datetime.fromisoformat(published_at),
        used_from=datetime.fromisoformat(used_from) if used_from is not None else None,
    )
