"""The gateway's keys: files outside the database, made once, rotated without losing a request.

    <key_directory>/access-tokens/0001.pem, 0002.pem …   ES256; the last but one signs
    <key_directory>/upstream-client.pem                  ES256; our proof to identity providers
    <key_directory>/internal.pem                         Ed25519; the token behind the gateway
    <key_directory>/pseudonyms.key                       32 bytes; without it all are nameless

Of the access-token keys the newest is published and not yet used: by the time it signs, everybody
has read it. Rotation adds a file; a key older than the signing one may go after ten minutes.
"""

import json
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from foundation.identity import KeySet, SigningKey

_PSEUDONYM_BYTES = 32
_PUBLISHED_AT_LEAST = 2


class AccessTokenKeys:
    """The keys of access tokens, as the directory has them now."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._names: tuple[str, ...] = ()
        self._keys: tuple[SigningKey, ...] = ()
        self.public = KeySet([])
        self.reload()

    @property
    def signing(self) -> SigningKey:
        """The last but one: older than the newest, which not everybody may have read yet."""
        return self._keys[-2]

    def document(self) -> dict[str, Any]:
        """Return the published key set (RFC 7517 §5)."""
        return {"keys": [key.public() for key in self._keys]}

    def reload(self) -> None:
        """Take up keys added or removed since; fewer than two are not taken up.

        Raises:
            ValueError: at the first reading, there are fewer than two keys.
        """
        names = tuple(sorted(path.name for path in self._directory.glob("*.pem")))
        if self._keys and names == self._names:
            return
        if len(names) < _PUBLISHED_AT_LEAST:
            if self._keys:
                return
            raise ValueError("Access tokens need two keys: one that signs, one that follows it.")
        self._keys = tuple(SigningKey.load(self._directory / name) for name in names)
        self._names = names
        self.public = KeySet.of(*self._keys)


class GatewayKeys:
    """All keys of the gateway, made on first use; two gateways that start together share them."""

    def __init__(self, directory: Path, *, internal_public: Path) -> None:
        for name in ("0001.pem", "0002.pem"):
            SigningKey.load_or_create(directory / "access-tokens" / name, "ES256")
        self.access_tokens = AccessTokenKeys(directory / "access-tokens")
        self.upstream_client = SigningKey.load_or_create(directory / "upstream-client.pem", "ES256")
        self.internal = SigningKey.load_or_create(directory / "internal.pem", "Ed25519")
        self.pseudonyms = _secret(directory / "pseudonyms.key")
        _publish(internal_public, {"keys": [self.internal.public()]})


def _secret(path: Path) -> bytes:
    """Read 32 random bytes, or make them once: made anew, nobody would be themselves."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    if not path.exists():
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_PSEUDONYM_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_bytes()


def _publish(path: Path, document: Mapping[str, Any]) -> None:
    """Write a public key set whole or not at all; services read it when they start."""
    text = json.dumps(document, indent=2, sort_keys=True)
    if path.exists() and path.read_text("utf-8") == text:
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    draft.write_text(text, "utf-8")
    draft.replace(path)
