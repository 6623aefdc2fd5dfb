"""An archive closed as a whole, names and all, with a key of its own municipality.

A random key of the file encrypts it in chunks (AES-256-GCM in the STREAM construction of Hoang,
Reyhanitabar, Rogaway and Vizár: a chunk cannot be moved, repeated or cut off). That key lies in
the head of the file, sealed with the municipality's backup key. Where that key was destroyed, the
file is noise.

    "TAMAIREB1" | length of the sealed key (4) | sealed key | id of the file (16) | chunks
"""

import base64
import os
import secrets
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from foundation.encryption import Cipher, DecryptionFailed, Field
from foundation.identifiers import new_id

from .refusals import FileChanged

_MAGIC: Final = b"TAMAIREB1"
_FIELD: Final = Field("operations.backups.file_key")
_CHUNK: Final = 1 << 20
_TAG: Final = 16
_LENGTH: Final = struct.Struct(">I")
_PLACE: Final = struct.Struct(">IB")


def close(source: Path, target: Path, *, cipher: Cipher) -> None:
    """Encrypt a file; memory stays at two chunks."""
    key, prefix, number = secrets.token_bytes(32), secrets.token_bytes(7), new_id()
    secret = base64.b64encode(key + prefix).decode()
    sealed = cipher.encrypt(secret, field=_FIELD, row_id=number)
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with source.open("rb") as clear, os.fdopen(handle, "wb") as closed:
        closed.write(_MAGIC + _LENGTH.pack(len(sealed)) + sealed + number.bytes)
        for place, chunk, is_last in _chunks(clear, _CHUNK):
            nonce = prefix + _PLACE.pack(place, is_last)
            closed.write(AESGCM(key).encrypt(nonce, chunk, number.bytes))
        closed.flush()
        os.fsync(handle)


def open_(source: Path, target: Path, *, cipher: Cipher) -> None:
    """Decrypt a file.

    Raises:
        FileChanged: it is not what was closed with this municipality's key.
    """
    with source.open("rb") as closed:
        if closed.read(len(_MAGIC)) != _MAGIC:
            raise FileChanged(source.name)
        sealed = closed.read(*_LENGTH.unpack(closed.read(_LENGTH.size)))
        try:
            number = UUID(bytes=closed.read(16))
            secret = cipher.decrypt(sealed, field=_FIELD, row_id=number)
            material = base64.b64decode(secret)
            handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with os.fdopen(handle, "wb") as clear:
                for place, chunk, is_last in _chunks(closed, _CHUNK + _TAG):
                    nonce = material[32:] + _PLACE.pack(place, is_last)
                    clear.write(AESGCM(material[:32]).decrypt(nonce, chunk, number.bytes))
        except (DecryptionFailed, InvalidTag, ValueError) as error:
            raise FileChanged(source.name) from error


def _chunks(file: IO[bytes], size: int) -> Iterator[tuple[int, bytes, bool]]:
    """Yield each chunk with its place, and whether it is the last: there is always one."""
    place, chunk = 0, file.read(size)
    while True:
        following = file.read(size)
        yield place, chunk, not following
        if not following:
            return
        place, chunk = place + 1, following
