"""Where a tenant's keys lie: in files the database never sees, so destroying them ends all reading.

    <directory>/<tenant_id>/kek              32 random bytes; wraps every other key of the tenant
    <directory>/<tenant_id>/dek-<n>.wrapped  data keys; the highest number writes, all of them read
    <directory>/<tenant_id>/index.wrapped    the key of blind indexes; never rotated, or they die

A backup of the database holds none of these. Without `kek` the wrapped files are noise, and they
stay behind on purpose: they mark a tenant whose keys were destroyed, who is never given new ones
in silence. File names only come and go, their contents never change, so the list of names tells
whether a cipher in memory is still true. The keys of many newcomers are written down together
before their folders are filled: `first_keys`.
"""

import os
import re
import secrets
import shutil
import struct
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from foundation.identifiers import TenantId

from .encrypted import Cipher
from .files import alone_in, place, put, settle, settle_all, write_new
from .first_keys import (
    FILE_NAMES,
    FirstKeys,
    discard,
    files_of,
    find,
    keys_in,
    strike_out,
    write_down,
)

_SETTLED_NS = 1_000_000_000
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_KEK: Final = "kek"
_INDEX: Final = "index.wrapped"
_DATA_KEY: Final = re.compile(r"dek-([1-9][0-9]{0,8})\.wrapped")
_OTHERS: Final = 0o077


class KeyUnavailable(Exception):
    """The tenant has no usable key here: never created, destroyed, damaged or open to others."""


class Keyring:
    """The keys of all tenants of one service, below one directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._ciphers: dict[TenantId, tuple[frozenset[str], Cipher]] = {}
        self._homes: dict[TenantId, Path] = {}
        self._unchanged: dict[TenantId, tuple[int, Cipher]] = {}

    def create(self, tenant_id: TenantId) -> None:
        """Give a tenant its first keys; a tenant that has keys keeps them.

        Raises:
            KeyUnavailable: its keys were destroyed. What they sealed is gone for good, and a new
                key would only hide that.
        """
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with alone_in(self._directory):
            self._create(tenant_id)

    def create_all(self, tenant_ids: Iterable[TenantId]) -> None:
        """Do the same for many, and wait for the disk once.

        Their keys are written down together (`first_keys`); a folder is filled when its keys are
        first asked for, and all of them by `settle_first_keys`.

        Raises:
            KeyUnavailable: as `create`; those before it have their keys.
        """
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with alone_in(self._directory):
            there = {keys.tenant_id for path in files_of(self._directory) for keys in keys_in(path)}
            wanted = [tenant_id for tenant_id in tenant_ids if tenant_id not in there]
            new = [one for one in wanted if not self._home(one).exists()]
            if new:
                write_down(self._directory, map(_first_keys, new))
            for tenant_id in set(wanted).difference(new):
                self._create(tenant_id)

    def _mend(self, tenant_id: TenantId) -> bool:
        """Fill a folder from the tenant's first keys, as far as it is not; False without them."""
        keys = find(self._directory, tenant_id)
        if keys is not None:
            self.fill(keys)
        return keys is not None

    def _complete(self, keys: FirstKeys) -> None:
        home = self._home(keys.tenant_id)
        missing = [(n, key) for n, key in keys.files.items() if not _is_whole(home / n, len(key))]
        if missing:
            home.mkdir(mode=0o700, exist_ok=True)
            settle(self._directory)
        for name, content in missing:
            put(home / name, content)

    def fill(self, keys: FirstKeys) -> None:
        """Fill a tenant's folder with its first keys, without waiting: the disk has them already.

        A new folder is filled elsewhere and moved to its place whole, so nobody sees a part of it.
        """
        if self._home(keys.tenant_id).exists():
            self._complete(keys)
            return
        draft = self._directory / f".{keys.tenant_id}.{secrets.token_hex(8)}"
        draft.mkdir(mode=0o700)
        for name, content in keys.files.items():
            write_new(draft / name, content)
        try:
            draft.rename(self._home(keys.tenant_id))
        except OSError:  # somebody was quicker, with the same keys
            shutil.rmtree(draft)

    def _create(self, tenant_id: TenantId) -> None:
        home = self._home(tenant_id)
        if all((home / name).exists() for name in FILE_NAMES) or self._mend(tenant_id):
            return
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        # In this order: the first process to create writes `kek` before anything it wraps.
        wrapped = any(home.glob("*.wrapped"))
        if not (home / _KEK).exists():
            if wrapped:
                raise KeyUnavailable(f"The keys of tenant {tenant_id} were destroyed.")
            place(home / _KEK, secrets.token_bytes(_KEY_BYTES))
        key = _wrapping_key(home)
        if not (home / _INDEX).exists():
            place(home / _INDEX, _wrap(key, tenant_id, _INDEX))
        if not _data_keys(_names(home)):
            place(home / _data_key_name(1), _wrap(key, tenant_id, _data_key_name(1)))
        settle(self._directory)

    def rotate(self, tenant_id: TenantId) -> int:
        """Add a data key and return its number; it writes from now on, the older ones still read.

        Raises:
            KeyUnavailable: the tenant has no keys to rotate.
        """
        home = self._home(tenant_id)
        key = _wrapping_key(home)
        while True:
            kid = max(_data_keys(_names(home)), default=0) + 1
            if place(home / _data_key_name(kid), _wrap(key, tenant_id, _data_key_name(kid))):
                return kid

    def cipher(self, tenant_id: TenantId) -> Cipher:
        """Return the tenant's cipher, read anew whenever its key files came or went.

        Raises:
            KeyUnavailable: no usable key; nothing of this tenant can be read or written.
        """
        try:
            return self._cipher(tenant_id)
        except KeyUnavailable:
            # If this fills nothing, somebody else may just have done so.
            self._mend(tenant_id)
        return self._cipher(tenant_id)

    def _cipher(self, tenant_id: TenantId) -> Cipher:
        home = self._home(tenant_id)
        changed_at = _changed_at(home)
        unchanged = self._unchanged.get(tenant_id)
        if unchanged is not None and unchanged[0] == changed_at:
            return unchanged[1]
        self._unchanged.pop(tenant_id, None)
        cipher = self._read(tenant_id, home)
        # A folder changed just now may change once more under the same time.
        if time.time_ns() - changed_at > _SETTLED_NS and _changed_at(home) == changed_at:
            self._unchanged[tenant_id] = changed_at, cipher
        return cipher

    def _read(self, tenant_id: TenantId, home: Path) -> Cipher:
        names = _names(home)
        known = self._ciphers.get(tenant_id)
        if known is not None and known[0] == names:
            return known[1]
        self._ciphers.pop(tenant_id, None)
        key = _wrapping_key(home)
        data_keys = {
            kid: _unwrap(key, tenant_id, home / _data_key_name(kid)) for kid in _data_keys(names)
        }
        if not data_keys:
            raise KeyUnavailable(f"Tenant {tenant_id} has no data key.")
        index_key = _unwrap(key, tenant_id, home / _INDEX)
        cipher = Cipher(tenant_id, data_keys, index_key=index_key)
        self._ciphers[tenant_id] = (names, cipher)
        return cipher

    def destroy(self, tenant_id: TenantId) -> None:
        """Make everything ever sealed for this tenant unreadable, in old backups too.

        The key is overwritten before it is unlinked. A journal, a snapshot or worn flash may keep
        the old blocks: the directory belongs on an encrypted volume.
        """
        self._ciphers.pop(tenant_id, None)
        self._unchanged.pop(tenant_id, None)
        strike_out(self._directory, tenant_id)
        home = self._home(tenant_id)
        try:
            handle = os.open(home / _KEK, os.O_WRONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            return
        try:
            os.pwrite(handle, secrets.token_bytes(_KEY_BYTES), 0)
            os.fsync(handle)
        finally:
            os.close(handle)
        (home / _KEK).unlink(missing_ok=True)
        settle(home)
        settle(self._directory)

    @property
    def directory(self) -> Path:
        """Where the folders are."""
        return self._directory

    def _home(self, tenant_id: TenantId) -> Path:
        home = self._homes.get(tenant_id)
        if home is None:
            home = self._homes[tenant_id] = self._directory / str(int(tenant_id))
        return home


def fill_folders(keyring: Keyring) -> list[Path]:
    """Fill every folder whose keys are only written down; return where those are."""
    found = files_of(keyring.directory)
    for path in found:
        for keys in keys_in(path):
            keyring.fill(keys)
    return found


def settle_first_keys(keyring: Keyring) -> None:
    """Wait until all folders are on the disk; then keep no second copy of their first keys.

    May be asked at any time, by several processes, and after a power cut. It waits for everything
    that is being written on this machine, so it is for quiet moments.
    """
    found = fill_folders(keyring)
    if not found:
        return
    settle_all()
    for path in found:
        discard(path)


def _first_keys(tenant_id: TenantId) -> FirstKeys:
    key = secrets.token_bytes(_KEY_BYTES)
    wrapping = AESGCMSIV(key)
    files = {name: _wrap(wrapping, tenant_id, name) for name in (_INDEX, _data_key_name(1))}
    return FirstKeys(tenant_id=tenant_id, files={_KEK: key, **files})


def _is_whole(path: Path, length: int) -> bool:
    """Tell whether a key is there; what a power cut leaves is short, or nothing but zeros."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return False
    return len(content) == length and any(content)


def _changed_at(home: Path) -> int:
    """Return when a file last came or went, in nanoseconds since the epoch."""
    try:
        return os.stat(home).st_mtime_ns  # noqa: PTH116 - asked at every request; a Path costs twice
    except FileNotFoundError:
        raise KeyUnavailable(f"There are no keys at {home.name}.") from None


def _names(home: Path) -> frozenset[str]:
    try:
        return frozenset(path.name for path in home.iterdir())
    except FileNotFoundError:
        raise KeyUnavailable(f"There are no keys at {home.name}.") from None


def _data_keys(names: frozenset[str]) -> list[int]:
    return [int(match[1]) for name in names if (match := _DATA_KEY.fullmatch(name))]


def _data_key_name(kid: int) -> str:
    return f"dek-{kid}.wrapped"


def _context(tenant_id: TenantId, name: str) -> bytes:
    return struct.pack(">q", tenant_id) + name.encode()


def _wrap(key: AESGCMSIV, tenant_id: TenantId, name: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    fresh = secrets.token_bytes(_KEY_BYTES)
    return nonce + key.encrypt(nonce, fresh, _context(tenant_id, name))


def _unwrap(key: AESGCMSIV, tenant_id: TenantId, path: Path) -> bytes:
    try:
        wrapped = path.read_bytes()
        nonce, sealed = wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:]
        return key.decrypt(nonce, sealed, _context(tenant_id, path.name))
    except (OSError, ValueError, InvalidTag):
        raise KeyUnavailable(f"{path.name} of tenant {tenant_id} cannot be unwrapped.") from None


def _wrapping_key(home: Path) -> AESGCMSIV:
    try:
        handle = os.open(home / _KEK, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        raise KeyUnavailable(f"There is no wrapping key at {home.name}.") from None
    with os.fdopen(handle, "rb") as file:
        if os.fstat(handle).st_mode & _OTHERS:
            raise KeyUnavailable(f"The wrapping key at {home.name} is open to others.")
        key = file.read()
    if len(key) != _KEY_BYTES:
        raise KeyUnavailable(f"The wrapping key at {home.name} is damaged.")
    return AESGCMSIV(key)
