"""Secrets we hand out: random, kept only as a hash, and readable as to whose desk they belong.

A code, a refresh token or a state begins with the municipality it was made for, because under row
security a secret must be looked for in one municipality's rows. The beginning proves nothing: with
another municipality's code before it, the secret is simply not found there.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass

from typing_extensions import override

from foundation.identifiers import MunicipalityCode

_HANDLE = re.compile(r"([0-9]{6})\.[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Handle:
    """One secret; `digest` is all that is stored of it."""

    text: str
    code: MunicipalityCode

    @classmethod
    def new(cls, code: MunicipalityCode) -> "Handle":
        """Make a secret of 256 random bits."""
        return cls(f"{code}.{secrets.token_urlsafe(32)}", code)

    @classmethod
    def parse(cls, text: str | None) -> "Handle | None":
        """Return the handle, or None when it cannot be one of ours."""
        found = _HANDLE.fullmatch(text or "")
        if found is None:
            return None
        try:
            return cls(found[0], MunicipalityCode.parse(found[1]))
        except ValueError:
            return None

    @property
    def digest(self) -> bytes:
        return digest(self.text)

    @override
    def __repr__(self) -> str:
        return f"Handle({self.code}.***)"


def digest(text: str) -> bytes:
    """Return SHA-256. Of 256 random bits a plain hash betrays nothing, and it can be looked up."""
    return hashlib.sha256(text.encode()).digest()
