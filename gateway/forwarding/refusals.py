"""Which refusal an answer of a service is, so that a municipality finds it in its log by name."""

import re
from typing import Final

LEAST_STATUS: Final = 400
"""An answer below is no refusal; nobody looks into it."""
_LONGEST_BYTES: Final = 160
_TYPE: Final = re.compile(rb'\{\s*"type":\s*"/problems/([a-z0-9-]+/[a-z0-9-]+)"')


def slug_of(beginning: bytes) -> str:
    """Return the type of the refusal that begins so, without `/problems/`; empty if unknown.

    Every document of ours begins with its `type` (RFC 9457 §3.1.1), so a glance is enough, however
    long the rest is and whether or not it has come.
    """
    found = _TYPE.match(beginning[:_LONGEST_BYTES])
    return "" if found is None else found[1].decode()
