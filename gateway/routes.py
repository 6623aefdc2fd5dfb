"""Which service stands behind which prefix, and how patient and how roomy its door is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.forwarding.exchange import Deadlines

_MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One prefix. `body_limit` in bytes; `service` is also the audience of the internal token.

    `deadlines` is for a service whose work is known to take longer than the house's usual limits;
    None means the usual ones.
    """

    prefix: str
    service: str
    body_limit: int = 64 * _MIB
    deadlines: Deadlines | None = field(default=None)


ROUTES: Final = (
    # A register of a million residents is 163 MB of CSV, and its dry run reads every line.
    Route(
        prefix="registry",
        service="registry",
        body_limit=512 * _MIB,
        deadlines=Deadlines(first_byte=240.0, total=300.0),
    ),
    Route(prefix="benefits", service="benefits"),
    Route(prefix="window-dx", service="window_dx"),
    Route(prefix="consultation", service="consultation"),
    Route(prefix="platform", service="platform", body_limit=_MIB),
)
_AT_THE_DESK: Final = (
    b"/platform/v1/municipalities",
    b"/platform/v1/clients/",
    b"/platform/v1/scopes",
)
"""Addresses below a service's prefix that are asked for before anybody has signed in."""

_BY_PREFIX: Final[Mapping[bytes, Route]] = {route.prefix.encode(): route for route in ROUTES}


def route_of(raw_path: bytes) -> Route | None:
    """Return the route whose prefix is the first segment of a path, compared byte for byte.

    What the desk answers itself has no route.
    """
    route = _BY_PREFIX.get(raw_path[1:].partition(b"/")[0])
    if route is not None and route.prefix == "platform" and raw_path.startswith(_AT_THE_DESK):
        return None
    return route
