"""How one cell is sealed so that it opens for its own tenant, column and row, and nowhere else."""

import os
import re
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Final, NoReturn, Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from typing_extensions import override

from foundation.identifiers import TenantId

from .blind_index import exact_tags, tag_of

_VERSION: Final = 1
_HEADER: Final = struct.Struct(">BI")
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_FIELD_NAME: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){2}")
_MASK: Final = "***"


class DecryptionFailed(Exception):
    """The bytes were altered, moved to another cell, or written under a key we do not hold.

    Which of these it was is not told: whoever tampers would learn from the answer.
    """


@dataclass(frozen=True, slots=True)
class Field:
    """A column that is kept sealed, by its full name: `schema.table.column`."""

    name: str

    def __post_init__(self) -> None:
        if _FIELD_NAME.fullmatch(self.name) is None:
            raise ValueError(f"A field is named schema.table.column, not {self.name!r}.")


class _Unprintable:
    """Something that must not reach a log, a pickle or a JSON document by accident."""

    __slots__ = ()

    @override
    def __repr__(self) -> str:
        return f"{type(self).__name__}({_MASK})"

    @override
    def __str__(self) -> str:
        return _MASK

    @override
    def __format__(self, format_spec: str, /) -> str:
        return _MASK

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, object], /) -> Self:
        return self

    @override
    def __reduce_ex__(self, protocol: object, /) -> NoReturn:
        raise TypeError(f"A {type(self).__name__} is not written down.")


class Secret(_Unprintable):
    """Clear text on its way through the programme; `reveal()` is the one word that shows it."""

    __slots__ = ("_text",)

    def __init__(self, text: str, /) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    @override
    def __eq__(self, other: object, /) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return compare_digest(self._text.encode(), other._text.encode())

    @override
    def __hash__(self) -> int:
        return hash((Secret, self._text))


class EncryptedText(_Unprintable):
    """A sealed cell as it lies in the database; it opens only with its cipher, field and row."""

    __slots__ = ("_blob",)

    def __init__(self, blob: bytes, /) -> None:
        self._blob = bytes(blob)

    @property
    def blob(self) -> bytes:
        """The bytes to store."""
        return self._blob

    @override
    def __eq__(self, other: object, /) -> bool:
        return isinstance(other, EncryptedText) and self._blob == other._blob

    @override
    def __hash__(self) -> int:
        return hash((EncryptedText, self._blob))

    def open(self, cipher: "Cipher", *, field: Field, row_id: UUID | str) -> Secret:
        """Return the clear text, still guarded.

        Raises:
            DecryptionFailed: this cell was not sealed for that tenant, field and row.
        """
        return Secret(cipher.decrypt(self._blob, field=field, row_id=row_id))


class Cipher:
    """The keys of one tenant at work: AES-256-GCM-SIV (RFC 8452), which forgives a repeated nonce.

    A sealed cell is `version (1) | key number (4) | nonce (12) | ciphertext and tag (16)`. Tenant,
    field, row and key number are authenticated beside it, so a cell that was copied elsewhere does
    not open. The newest key writes; every key of the tenant reads.
    """

    __slots__ = ("_data_keys", "_index_key", "_newest", "_tenant_id")

    def __init__(
        self, tenant_id: TenantId, data_keys: Mapping[int, bytes], *, index_key: bytes
    ) -> None:
        if not data_keys:
            raise ValueError("A cipher needs a data key.")
        self._tenant_id = tenant_id
        self._data_keys = {kid: AESGCMSIV(key) for kid, key in data_keys.items()}
        self._newest = max(data_keys)
        self._index_key = index_key

    @override
    def __repr__(self) -> str:
        return f"Cipher(tenant_id={self._tenant_id}, newest={self._newest})"

    @override
    def __reduce_ex__(self, protocol: object, /) -> NoReturn:
        raise TypeError("Keys are not written down.")

    @property
    def newest_key(self) -> int:
        """The number of the key that writes."""
        return self._newest

    def encrypt(self, text: str | Secret, *, field: Field, row_id: UUID | str) -> bytes:
        """Seal a text into the cell of one row."""
        clear = text.reveal() if isinstance(text, Secret) else text
        return self.encrypt_bytes(clear.encode(), field=field, row_id=row_id)

    def decrypt(self, blob: bytes, *, field: Field, row_id: UUID | str) -> str:
        """Open a cell.

        Raises:
            DecryptionFailed: it was not sealed for this tenant, field and row, or was altered.
        """
        return self.decrypt_bytes(blob, field=field, row_id=row_id).decode()

    def encrypt_bytes(self, clear: bytes, *, field: Field, row_id: UUID | str) -> bytes:
        """Seal a document into the cell of one row, as `encrypt` does a text."""
        nonce = os.urandom(_NONCE_BYTES)
        context = self._context(field, row_id, self._newest)
        sealed = self._data_keys[self._newest].encrypt(nonce, clear, context)
        return _HEADER.pack(_VERSION, self._newest) + nonce + sealed

    def decrypt_bytes(self, blob: bytes, *, field: Field, row_id: UUID | str) -> bytes:
        """Open a cell that holds a document.

        Raises:
            DecryptionFailed: it was not sealed for this tenant, field and row, or was altered.
        """
        kid, nonce, sealed = _parts(blob)
        key = self._data_keys.get(kid)
        if key is None:
            raise DecryptionFailed
        try:
            return key.decrypt(nonce, sealed, self._context(field, row_id, kid))
        except InvalidTag:
            raise DecryptionFailed from None

    def is_current(self, blob: bytes) -> bool:
        """Tell whether the newest key wrote this cell, or whether it is due to be sealed anew."""
        return _parts(blob)[0] == self._newest

    def blind_index(self, value: str | Secret, *, field: Field) -> bytes:
        """Return 16 bytes that equal values of this tenant and field share, for exact search."""
        clear = value.reveal() if isinstance(value, Secret) else value
        return tag_of(self._index_key, _framed(str(self._tenant_id), field.name), clear)

    def fingerprints(self, texts: Iterable[str], *, field: Field) -> list[bytes]:
        """Return 16 bytes for each text, the same only for the very same text.

        Unlike a blind index it tells ａ from a, and it is made for a whole register at once.
        """
        context = _framed(str(self._tenant_id), field.name, "fingerprint")
        return exact_tags(self._index_key, context, texts)

    def _context(self, field: Field, row_id: UUID | str, kid: int) -> bytes:
        return _framed(str(self._tenant_id), field.name, str(row_id), str(kid))


def _framed(*parts: str) -> bytes:
    """Join parts so that no two different lists of parts give the same bytes."""
    encoded = (part.encode() for part in parts)
    return b"".join(struct.pack(">I", len(part)) + part for part in encoded)


def _parts(blob: bytes) -> tuple[int, bytes, bytes]:
    if len(blob) < _HEADER.size + _NONCE_BYTES + _TAG_BYTES:
        raise DecryptionFailed
    version, kid = _HEADER.unpack_from(blob)
    if version != _VERSION:
        raise DecryptionFailed
    body = _HEADER.size + _NONCE_BYTES
    return kid, blob[_HEADER.size : body], blob[body:]
