"""The passwords of the database roles: made here once, random, kept in files only we may read."""

import base64
import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path
from typing import Protocol

from typing_extensions import override

from operations.files import write_private

_ITERATIONS = 4096  # PostgreSQL's own default; the passwords are 256 random bits, not words


class PasswordSource(Protocol):
    """Whoever knows the roles' passwords."""

    def of(self, role: str) -> str:
        """Return the role's password."""
        ...


class OnePassword:
    """The same password for every role: for containers of development, told by their settings."""

    def __init__(self, password: str) -> None:
        self._password = password

    @override
    def __repr__(self) -> str:
        return "OnePassword(***)"

    def of(self, role: str) -> str:  # noqa: ARG002 - every role's is the same
        return self._password


class Passwords:
    """One file per role, mode 0600, in a directory of mode 0700."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def of(self, role: str) -> str:
        """Return the role's password, made on first use."""
        path = self._directory / role
        if not path.exists():
            write_private(path, secrets.token_urlsafe(32))
        return path.read_text(encoding="ascii")

    def loose(self) -> list[Path]:
        """Name the files that others than the owner may read: there should be none."""
        others = stat.S_IRWXG | stat.S_IRWXO
        files = sorted(self._directory.iterdir()) if self._directory.is_dir() else []
        return [path for path in files if path.stat().st_mode & others]


def scram_verifier(password: str) -> str:
    """Return what PostgreSQL stores for a password (RFC 5803), so that the word never travels.

    A statement carrying the password itself could end up in a log or in an activity view.
    """
    salt = os.urandom(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ITERATIONS)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    stored_key = hashlib.sha256(client_key).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    parts = (base64.b64encode(part).decode() for part in (salt, stored_key, server_key))
    encoded_salt, encoded_stored, encoded_server = parts
    return f"SCRAM-SHA-256${_ITERATIONS}:{encoded_salt}${encoded_stored}:{encoded_server}"
