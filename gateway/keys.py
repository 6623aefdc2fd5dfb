"""The gateway's keys: files outside the database, made once, rotated without losing a request.

    <key_directory>/access-tokens/      ES256; a ring of keys that come, sign and go
    <key_directory>/internal/           Ed25519; the same for the token behind the gateway
    <key_directory>/upstream-client.pem ES256; our proof to identity providers
    <key_directory>/pseudonyms.key      32 bytes; without it all are nameless

`tamaire keys rotate` changes the rings while gateways run; each looks twice a second.
"""

import json
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from foundation.identity import SigningKey
from foundation.identity.key_ring import ACCESS_TOKENS, INTERNAL, KeyRing

_PSEUDONYM_BYTES = 32


class GatewayKeys:
    """All keys of the gateway, made on first use; two gateways that start together share them."""

    def __init__(self, directory: Path, *, internal_public: Path) -> None:
        self._internal_public = internal_public
        _move_in(directory / "internal.pem", directory / INTERNAL.folder / "0001.pem")
        self.access_tokens = KeyRing.load_or_create(directory, ACCESS_TOKENS)
        self.upstream_client = SigningKey.load_or_create(directory / "upstream-client.pem", "ES256")
        self.internal = KeyRing.load_or_create(directory, INTERNAL)
        self.pseudonyms = _secret(directory / "pseudonyms.key")
        self.business_secret = _secret(directory / "business-client.secret").hex()
        self._publish()

    def reload(self) -> bool:
        """Take up what `tamaire keys rotate` changed, tell the services, and say whether it did.

        Raises:
            OSError, ValueError: a folder cannot be read; what was read before stays in force.
        """
        has_changed = self.access_tokens.reload()
        if self.internal.reload():
            self._publish()
            has_changed = True
        return has_changed

    def _publish(self) -> None:
        _publish(self._internal_public, self.internal.document())


def _move_in(old: Path, first: Path) -> None:
    """Make the one key of an older folder the first of its ring; the old file stays as it is."""
    if old.exists() and not first.parent.exists():
        first.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            first.hardlink_to(old)


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
    """Write a public key set whole or not at all; services read it again when it changed."""
    text = json.dumps(document, indent=2, sort_keys=True)
    if path.exists() and path.read_text("utf-8") == text:
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    draft.write_text(text, "utf-8")
    draft.replace(path)
