"""What the seal looks like: a text that people can read, anyone can check and only we can sign.

    tamaire/audit/17
    4096
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
    sealed_at 2026-11-23T08:00:00.000000+00:00

    — tamaire/audit Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe…

Sources: C2SP tlog-checkpoint (origin, size, root, extension line) and C2SP signed-note (key
name, four bytes of key hash, Ed25519 over the text). Any tool for those reads ours.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from typing_extensions import override

from foundation.encryption.files import place
from foundation.identifiers import TenantId

from .merkle import HASH_BYTES

KEY_NAME: Final = "tamaire/audit"
_ED25519: Final = b"\x01"
_KEY_HASH_BYTES: Final = 4
_TEXT: Final = re.compile(
    r"(?P<name>[^\n +]+)/(?P<tenant>0|[1-9][0-9]*)\n"
    r"(?P<size>0|[1-9][0-9]*)\n"
    r"(?P<root>[A-Za-z0-9+/]{43}=)\n"
    r"sealed_at (?P<sealed_at>[0-9T:.+-]+)\n"
)
_SIGNATURE: Final = re.compile(r"— (?P<name>[^\n +]+) (?P<signature>[A-Za-z0-9+/]+={0,2})\n")


class NoteRefused(Exception):
    """Not a checkpoint, or not one that our key signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The promise that the first `size` entries of a tenant's trail hash to `root`."""

    tenant_id: TenantId
    size: int
    root: bytes
    sealed_at: datetime

    def text(self, name: str) -> str:
        """Return what is signed."""
        root = base64.b64encode(self.root).decode()
        at = self.sealed_at.isoformat(timespec="microseconds")
        return f"{name}/{self.tenant_id}\n{self.size}\n{root}\nsealed_at {at}\n"


class Verifier:
    """The public half: reads notes and refuses what was not signed with its key."""

    def __init__(self, key: Ed25519PublicKey, *, name: str = KEY_NAME) -> None:
        self._key = key
        self.name = name
        raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        self._marked_key = _ED25519 + raw
        self.key_hash = _hash_of(name, self._marked_key)
        """The four bytes by which a signature says which key to try."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a key as `name+hash+key`, the form in which it is given to auditors.

        Raises:
            NoteRefused: it is not such a key, or its hash does not fit.
        """
        try:
            name, hash_, encoded = text.strip().split("+", 2)
            marked = base64.b64decode(encoded, validate=True)
            verifier = cls(Ed25519PublicKey.from_public_bytes(marked[1:]), name=name)
        except ValueError as error:
            raise NoteRefused("This is not a verifier key.") from error
        if marked[:1] != _ED25519 or verifier.key_hash.hex() != hash_:
            raise NoteRefused("This verifier key does not fit its own hash.")
        return verifier

    @override
    def __str__(self) -> str:
        encoded = base64.b64encode(self._marked_key).decode()
        return f"{self.name}+{self.key_hash.hex()}+{encoded}"

    def open(self, note: str) -> Checkpoint:
        """Return what a note promises.

        Raises:
            NoteRefused: it is not a checkpoint of ours.
        """
        text, separator, signature = note.partition("\n\n")
        signed = _SIGNATURE.fullmatch(signature)
        stated = _TEXT.fullmatch(text + "\n")
        if not separator or signed is None or stated is None:
            raise NoteRefused("This is not a checkpoint.")
        if signed["name"] != self.name or stated["name"] != self.name:
            raise NoteRefused("This checkpoint is of another log.")
        self._check(text + "\n", signed["signature"])
        return Checkpoint(
            tenant_id=TenantId(int(stated["tenant"])),
            size=int(stated["size"]),
            root=base64.b64decode(stated["root"])[:HASH_BYTES],
            sealed_at=datetime.fromisoformat(stated["sealed_at"]),
        )

    def _check(self, text: str, encoded: str) -> None:
        try:
            blob = base64.b64decode(encoded, validate=True)
            if base64.b64encode(blob).decode() != encoded:
                raise NoteRefused("The signature is written in a way we never write one.")
            if blob[:_KEY_HASH_BYTES] != self.key_hash:
                raise NoteRefused("This checkpoint is signed with another key.")
            self._key.verify(blob[_KEY_HASH_BYTES:], text.encode())
        except (binascii.Error, InvalidSignature) as error:
            raise NoteRefused("The signature does not fit the checkpoint.") from error


class Signer:
    """The private half, from a file outside the database that only its owner may read."""

    def __init__(self, key: Ed25519PrivateKey, *, name: str = KEY_NAME) -> None:
        self._key = key
        self.verifier = Verifier(key.public_key(), name=name)

    @classmethod
    def generate(cls, *, name: str = KEY_NAME) -> Self:
        """Return a signer with a new key that is kept nowhere."""
        return cls(Ed25519PrivateKey.generate(), name=name)

    @classmethod
    def at(cls, path: Path, *, name: str = KEY_NAME) -> Self:
        """Read the key of this file; without one, make it, and its public half at `<path>.pub`.

        Raises:
            PermissionError: others can read the file, so its signature proves nothing.
            ValueError: it holds no Ed25519 key.
        """
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            fresh = Ed25519PrivateKey.generate()
            place(path, fresh.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        signer = cls(_read_key(path), name=name)
        place(path.with_name(f"{path.name}.pub"), f"{signer.verifier}\n".encode())
        return signer

    @override
    def __repr__(self) -> str:
        return f"Signer({self.verifier})"

    def sign(self, checkpoint: Checkpoint) -> str:
        """Return the checkpoint as a signed note."""
        text = checkpoint.text(self.verifier.name)
        blob = self.verifier.key_hash + self._key.sign(text.encode())
        return f"{text}\n— {self.verifier.name} {base64.b64encode(blob).decode()}\n"


def _hash_of(name: str, marked_key: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + marked_key).digest()[:_KEY_HASH_BYTES]


def _read_key(path: Path) -> Ed25519PrivateKey:
    if path.stat().st_mode & 0o077:
        raise PermissionError(f"{path.name} is open to others.")
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{path.name} holds no Ed25519 key.")  # noqa: TRY004 - its content, not its type
    return key
