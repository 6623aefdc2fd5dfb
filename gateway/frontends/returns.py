"""Which addresses of a front end a browser may be sent back to."""

import re
from typing import Final
from urllib.parse import urlsplit

from .problems import ReturnNotRegistered

_ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9.\-:\[\]]+(?:[/?#][!-\[\]-~]*)?")
"""An origin and what may follow it: printable, and no backslash, which browsers read as a slash."""
_LONGEST: Final = 2_000


def origin_of(address: str) -> str | None:
    """Return the origin of a plain address (RFC 6454 §4), None when two readers could differ."""
    if len(address) > _LONGEST or _ADDRESS.fullmatch(address) is None:
        return None
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def checked(address: str | None, origins: frozenset[str]) -> str:
    """Return an address that is below one of these origins, to the letter.

    Raises:
        ReturnNotRegistered: it is not, or it could be read as being elsewhere.
    """
    if address is None or origin_of(address) not in origins:
        raise ReturnNotRegistered
    return address
