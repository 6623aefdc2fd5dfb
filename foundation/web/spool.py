"""A body too large to hold in memory: kept on disk while it arrives, readable by nobody else.

No connection to the database is occupied while a slow line sends. The file has no name, and what
is in it is encrypted under a key that exists only in this process; when the process ends, however
it ends, nothing readable is left.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from starlette.requests import Request

from foundation.problems import PayloadTooLarge

_KEY_BYTES: Final = 32
_COUNTER_BYTES: Final = 16
_READ_BYTES: Final = 256 * 1024


class Spool:
    """The bytes of one body as they came over the wire, with their SHA-256."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - it lives as long as its request
        self._cipher = Cipher(AES(os.urandom(_KEY_BYTES)), CTR(bytes(_COUNTER_BYTES)))
        self._sealing = self._cipher.encryptor()
        self._hash = hashlib.sha256()
        self.size = 0

    @classmethod
    async def receive(cls, request: Request, *, limit_bytes: int) -> "Spool":
        """Take a body in as it arrives.

        Raises:
            PayloadTooLarge: it turned out to have more than the limit.
        """
        spool = cls()
        async for part in request.stream():
            if spool.size + len(part) > limit_bytes:
                raise PayloadTooLarge(limit_bytes=limit_bytes, headers={"Connection": "close"})
            spool.add(part)
        return spool

    def add(self, part: bytes) -> None:
        """Append a piece."""
        self.size += len(part)
        self._hash.update(part)
        self._file.write(self._sealing.update(part))

    @property
    def digest(self) -> bytes:
        """The SHA-256 of everything so far."""
        return self._hash.digest()

    def read(self) -> Iterator[bytes]:
        """Yield the bytes from the beginning, a bounded piece at a time."""
        opening = self._cipher.decryptor()
        self._file.seek(0)
        while piece := self._file.read(_READ_BYTES):
            yield opening.update(piece)

    def __del__(self) -> None:
        """Give the disk back as soon as nobody can read it any more."""
        self._file.close()
