"""How often one address may come to the desk, and how often in the name of one municipality.

Before anybody is known there is only the address. It is the peer's own; what a request says of
itself is believed only of a proxy that was named to us (`TAMAIRE_TRAFFIC_DESK_PROXIES`), and of a
list of addresses only the last that no proxy of ours has. Whoever speaks from this very machine is
not counted by address: that is a developer, or a proxy nobody named.
"""

import ipaddress
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from foundation.problems import TooManyRequests
from foundation.telemetry import logger
from gateway.forwarding.wire import Headers

from .buckets import Buckets
from .limits import Rate
from .named_towns import named_town
from .town_doors import TownDoors

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_COUNTED: Final = (b"/oauth/", b"/session", b"/platform/v1/clients/")
_THIS_MACHINE: Final = "this machine"
_HOUSEHOLD_PREFIX: Final = 64
"""What one subscriber is given of IPv6 at least, so that its addresses are one (RFC 6177)."""
_SITE_PREFIX: Final = 48
"""What one subscriber is given at most: before a town, whoever has so much is one (RFC 6177)."""
_log = logger(__name__)


class DeskLimits:
    """The desk's two limits, in the memory of one gateway."""

    def __init__(
        self,
        addresses: Rate,
        municipalities: Rate,
        *,
        proxies: Iterable[str] = (),
        domain: str = "localhost",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the limits.

        Args:
            addresses: what one address may ask.
            municipalities: what may be asked in the name of one municipality.
            proxies: networks whose word on where a request came from is taken.
            domain: what stands behind a municipality's code in its own address.
            clock: seconds that only grow.

        Raises:
            ValueError: one of the proxies is no network.
        """
        self.addresses = Buckets(addresses)
        self.towns = TownDoors(municipalities)
        self._proxies: Sequence[Network] = [ipaddress.ip_network(one) for one in proxies]
        self._domain = domain
        self._clock = clock
        self._told: dict[str, tuple[float, int]] = {}

    def check(self, peer: str | None, path: bytes, query: bytes, headers: Headers) -> str | None:
        """Count a request that comes to the desk; return the address it comes from.

        That is the judged one, for everything at the desk that counts addresses itself; None where
        there is none.

        Raises:
            TooManyRequests: its address, or its municipality, asked too often.
        """
        address = self._judged(peer, headers)
        if path.startswith(_COUNTED):
            self._count(address, path, query, headers)
        return None if address is None else str(address)

    def _count(self, address: Address | None, path: bytes, query: bytes, headers: Headers) -> None:
        now, household = self._clock(), _network(address, _HOUSEHOLD_PREFIX)
        if household is not None:
            self._refuse("address", self.addresses.take(household, now), now)
        code = named_town(path, query, headers, domain=self._domain)
        if code is not None:
            site = _network(address, _SITE_PREFIX) or _THIS_MACHINE
            self._refuse("municipality", self.towns.take(code, site, now), now)

    def _refuse(self, kind: str, seconds: str | None, now: float) -> None:
        if seconds is None:
            return
        written_at, untold = self._told.get(kind, (float("-inf"), 0))
        # A flood must not become one of the log: a line a second says how many there were.
        if now - written_at >= 1:
            _log.warning("desk limit reached", kind=kind, refused=untold + 1)
            self._told[kind] = now, 0
        else:
            self._told[kind] = written_at, untold + 1
        raise TooManyRequests(headers={"Retry-After": seconds})

    def _judged(self, peer: str | None, headers: Headers) -> Address | None:
        """Return where a request comes from, as far as we can know."""
        address = _address(peer)
        if address is not None and self._is_proxy(address):
            return self._told_by_proxies(headers) or address
        return address

    def _told_by_proxies(self, headers: Headers) -> Address | None:
        """Return the last address on the list that no proxy of ours wrote about another of ours."""
        lines = [value for name, value in headers if name == b"x-forwarded-for"]
        for text in reversed(b",".join(lines).decode("latin-1").split(",")):
            address = _address(text.strip())
            if address is None:
                return None
            if not self._is_proxy(address):
                # Nobody comes to a proxy from inside our machine: a proxy that says so was fooled.
                return None if address.is_loopback else address
        return None

    def _is_proxy(self, address: Address) -> bool:
        return any(address in network for network in self._proxies)


def _address(text: str | None) -> Address | None:
    try:
        address = ipaddress.ip_address(text or "")
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _network(address: Address | None, prefix: int) -> str | None:
    """Return who counts as one, in IPv6 by so many bits; None for this machine itself."""
    if address is None or address.is_loopback:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, prefix), strict=False))
    return str(address)
