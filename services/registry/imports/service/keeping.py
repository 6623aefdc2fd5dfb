"""The parts of a file as they lie: packed, then sealed under the municipality's own key."""

import zlib
from typing import Final
from uuid import UUID

from foundation.encryption import Cipher, Field

_CONTENT: Final = Field("registry.import_parts.content")
_QUICKLY: Final = 1


def sealed(cipher: Cipher, content: bytes, *, import_id: UUID, part: int) -> bytes:
    """Pack and seal a part."""
    packed = zlib.compress(content, _QUICKLY)
    return cipher.encrypt_bytes(packed, field=_CONTENT, row_id=f"{import_id}/{part}")


def opened(cipher: Cipher, blob: bytes, *, import_id: UUID, part: int) -> bytes:
    """Return a part as it was sent."""
    packed = cipher.decrypt_bytes(blob, field=_CONTENT, row_id=f"{import_id}/{part}")
    return zlib.decompress(packed)
