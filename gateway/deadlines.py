"""How long somebody waits for an answer to begin, and how a service hears what is left of it.

Counted from the arrival of the request. Who says nothing waits as long as is usual for the route.
Past its time a request is not sent on at all; underway, the service undoes what it has not
committed by then (`foundation.web.deadlines`), and is given a moment to say so.
"""

import re
from typing import Final

from foundation.web.deadlines import LEFT
from gateway.forwarding.exchange import Deadlines
from gateway.forwarding.problems import UnreadableTimeout

HEADER: Final = b"tamaire-timeout-ms"
MOST_MILLISECONDS: Final = 30_000
GRACE_SECONDS: Final = 0.25
"""How much longer than a service we wait ourselves, so that it is the service that gives up."""

_MILLISECONDS: Final = re.compile(rb"[1-9][0-9]{0,4}")


def stated_seconds(given: bytes) -> float:
    """Return how long somebody says that they will wait.

    Raises:
        UnreadableTimeout: it is not a whole number of milliseconds, 1 to 30,000.
    """
    if _MILLISECONDS.fullmatch(given) is None or int(given) > MOST_MILLISECONDS:
        raise UnreadableTimeout
    return int(given) / 1_000


def line_of(seconds: float) -> bytes:
    """Return the line by which a service hears how much time is left."""
    return b"%b: %d\r\n" % (LEFT, max(1, int(seconds * 1_000)))


def until(seconds: float, usual: Deadlines) -> Deadlines:
    """Return how long to wait ourselves, where a service was told so many seconds."""
    return Deadlines(first_byte=seconds + GRACE_SECONDS, total=max(usual.total, seconds))
