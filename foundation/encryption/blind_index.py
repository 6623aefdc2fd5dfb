"""How a sealed value can still be found by asking for exactly that value, and in no other way."""

import hmac
import unicodedata
from collections.abc import Iterable
from hashlib import sha256

SIZE_BYTES = 16


def normalise(value: str) -> str:
    """Return the one spelling all equal values share: Unicode NFKC, so ＡＢＣ and ABC are one.

    NFKC and no more. Whether a space or a small kana matters is for the field's owner to decide
    before it asks.
    """
    return unicodedata.normalize("NFKC", value)


def tag_of(key: bytes, context: bytes, value: str) -> bytes:
    """Return the first 16 bytes of HMAC-SHA256, as RFC 2104 §5 allows.

    The key is the tenant's, so equal values of two municipalities do not show as equal. Never ask
    this of a value with few possibilities: whoever may write rows could try them all.
    """
    return hmac.digest(key, context + normalise(value).encode(), sha256)[:SIZE_BYTES]


def exact_tags(key: bytes, context: bytes, values: Iterable[str]) -> list[bytes]:
    """Return such a tag for each value as it is written, in one go."""
    begun = hmac.new(key, context, sha256)
    tags: list[bytes] = []
    for value in values:
        one = begun.copy()
        one.update(value.encode())
        tags.append(one.digest()[:SIZE_BYTES])
    return tags
