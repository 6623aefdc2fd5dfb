"""How often one address, and one municipality, may come to the desk where people sign in.

Before anybody is known there is only the address. It is the peer's own; what a request says of
itself is believed only of a proxy that was named to us. Whoever speaks from this very machine is
not counted by address: that is a developer, or a proxy nobody named.
"""

import ipaddress
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from foundation.problems import TooManyRequests
from foundation.telemetry import logger
from gateway.forwarding.wire import Headers

from .limits import Rate, judge, retry_after

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_MOST_REMEMBERED: Final = 16_384
_COUNTED: Final = (b"/oauth/", b"/session", b"/platform/v1/clients/")
_HOUSEHOLD_PREFIX: Final = 64
"""What one subscriber is given of IPv6 at least, so that its addresses are one (RFC 6177)."""
_CODE_IN_HOST: Final = re.compile(rb"([0-9]{6})\.")
_CODE_IN_QUERY: Final = re.compile(
    rb"(?:^|&)(?:municipality_code=|(?:state|code|request)=)([0-9]{6})(?=[.&]|$)"
)
_CODE: Final = re.compile(rb"[0-9]{6}")
_log = logger(__name__)


@dataclass(slots=True)
class Buckets:
    """Buckets of one kind; at most so many, of which the longest untouched is forgotten first.

    To be forgotten is to be full again, so who floods the memory gains nothing for anybody else
    than themselves.
    """

    rate: Rate
    most: int = _MOST_REMEMBERED
    _full_at: OrderedDict[str, float] = field(default_factory=OrderedDict[str, float])

    def __len__(self) -> int:
        return len(self._full_at)

    def take(self, key: str, now: float) -> str | None:
        """Count one; return after how many seconds the next will pass, if this one may not."""
        full_at, verdict = judge(self.rate, self._full_at.pop(key, now), now)
        self._full_at[key] = full_at
        if len(self._full_at) > self.most:
            self._full_at.popitem(last=False)
        return None if verdict.allowed else retry_after(verdict)


class DeskLimits:
    """The desk's two limits, in the memory of one gateway."""

    def __init__(
        self,
        addresses: Rate,
        municipalities: Rate,
        *,
        proxies: Iterable[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the limits.

        Args:
            addresses: what one address may ask.
            municipalities: what may be asked in the name of one municipality.
            proxies: networks whose word on where a request came from is taken.
            clock: seconds that only grow.

        Raises:
            ValueError: one of the proxies is no network.
        """
        self.addresses = Buckets(addresses)
        self.municipalities = Buckets(municipalities)
        self._proxies: Sequence[Network] = [ipaddress.ip_network(one) for one in proxies]
        self._clock = clock

    def check(self, peer: str | None, path: bytes, query: bytes, headers: Headers) -> None:
        """Count a request that comes to the desk.

        Raises:
            TooManyRequests: its address, or its municipality, asked too often.
        """
        if not path.startswith(_COUNTED):
            return
        now = self._clock()
        household = self._household(peer, headers)
        if household is not None:
            _refuse("address", self.addresses.take(household, now))
        code = _municipality(query, headers)
        if code is not None:
            _refuse("municipality", self.municipalities.take(code, now))

    def _household(self, peer: str | None, headers: Headers) -> str | None:
        """Return who counts as one; None for this machine itself."""
        address = _address(peer)
        if address is not None and self._is_proxy(address):
            address = self._told_by_proxies(headers) or address
        if address is None or address.is_loopback:
            return None
        if isinstance(address, ipaddress.IPv6Address):
            network = ipaddress.ip_network((address, _HOUSEHOLD_PREFIX), strict=False)
            return str(network)
        return str(address)

    def _told_by_proxies(self, headers: Headers) -> Address | None:
        """Return the last address on the list that no proxy of ours wrote about another of ours."""
        lines = [value for name, value in headers if name == b"x-forwarded-for"]
        for text in reversed(b",".join(lines).decode("latin-1").split(",")):
            address = _address(text.strip())
            if address is None:
                return None
            if not self._is_proxy(address):
                return address
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


def _municipality(query: bytes, headers: Headers) -> str | None:
    """Return the municipality a request names, wherever it does; it need not exist."""
    for name, value in headers:
        if name == b"tamaire-municipality" and _CODE.fullmatch(value.strip()):
            return value.strip().decode()
        if name == b"host" and (found := _CODE_IN_HOST.match(value)) is not None:
            return found[1].decode()
    found = _CODE_IN_QUERY.search(query)
    return found[1].decode() if found is not None else None


def _refuse(kind: str, seconds: str | None) -> None:
    if seconds is not None:
        _log.warning("desk limit reached", kind=kind)
        raise TooManyRequests(headers={"Retry-After": seconds})
