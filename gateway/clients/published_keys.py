"""Keys a client publishes at an address of its own, fetched without being led astray.

An address that somebody else registered is a way to make us knock on doors for them. So it is
https, it resolves to public addresses only, we connect to the very address that was judged, follow
no redirect, and read no more than a key set can be (OWASP: server-side request forgery).
"""

import asyncio
import ipaddress
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final, Protocol
from urllib.parse import SplitResult, urlsplit

import httpx

from foundation.identity import InvalidToken
from foundation.identity.jose import ForeignKeys
from foundation.telemetry import logger

_TIMEOUT: Final = httpx.Timeout(3.0)
_WHOLE_SECONDS: Final = 5.0
_LONGEST_BYTES: Final = 65_536
_FRESH_SECONDS: Final = 600.0
_REFETCH_SECONDS: Final = 30.0
_MOST_CLIENTS: Final = 1_000

_TRANSLATED: Final = tuple(
    ipaddress.ip_network(text)
    for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)
"""IPv6 addresses that stand for an IPv4 address, which could be an inner one."""

_log = logger(__name__)


class KeysUnreachable(InvalidToken):
    """The client's key set cannot be had: no proof of this client can be judged now."""


class Resolver(Protocol):
    """Whoever turns a host's name into addresses."""

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Return its addresses, the preferred one first.

        Raises:
            OSError: it has none.
        """
        ...


@dataclass(slots=True)
class _Known:
    keys: ForeignKeys | None = None
    asked_at: float = float("-inf")
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class PublishedKeys:
    """Key sets by address: ten minutes in memory, and asked again at most twice a minute."""

    def __init__(
        self,
        *,
        allow_loopback: bool,
        transport: httpx.AsyncBaseTransport | None = None,
        resolve: Resolver | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare to fetch.

        Args:
            allow_loopback: in development a vendor's system runs on this machine, without TLS.
            transport: the network, unless a test brings another.
            resolve: the system's resolver, unless a test brings another.
            monotonic: seconds that never go back.
        """
        self._allow_loopback = allow_loopback
        self._transport = transport or httpx.AsyncHTTPTransport(retries=0)
        self._resolve = resolve or _resolve
        self._monotonic = monotonic
        self._known: OrderedDict[str, _Known] = OrderedDict()

    async def close(self) -> None:
        await self._transport.aclose()

    async def of(self, uri: str, *, newer: bool = False) -> ForeignKeys:
        """Return the key set at an address.

        Args:
            uri: as registered.
            newer: a key was named that is not in the set we have. It is asked for once more,
                unless that was done less than 30 s ago: forged names must not become a stream of
                requests to somebody else.

        Raises:
            KeysUnreachable: it cannot be had.
        """
        known = self._known.setdefault(uri, _Known())
        self._known.move_to_end(uri)
        if len(self._known) > _MOST_CLIENTS:
            self._known.popitem(last=False)
        async with known.lock:
            age = self._monotonic() - known.asked_at
            wanted = newer or known.keys is None or age > _FRESH_SECONDS
            if wanted and age > _REFETCH_SECONDS:
                known.asked_at = self._monotonic()
                known.keys = await self._fetched(uri)
            if known.keys is None:
                raise KeysUnreachable("its key set could not be read a moment ago")
            return known.keys

    async def _fetched(self, uri: str) -> ForeignKeys:
        try:
            async with asyncio.timeout(_WHOLE_SECONDS):
                return ForeignKeys(json.loads(await self._read(uri)))
        except (httpx.HTTPError, OSError, ValueError, TypeError, AttributeError) as error:
            _log.info("a client's keys could not be read", reason=type(error).__name__)
            raise KeysUnreachable(f"its key set cannot be read: {error}") from error

    async def _read(self, uri: str) -> bytes:
        """Ask the address that was judged, and no other one its name may mean a moment later."""
        parts = urlsplit(uri)
        judge_form(uri, allow_loopback=self._allow_loopback)
        host, port = parts.hostname or "", parts.port or _port_of(parts)
        address = self._judged(await self._resolve(host, port), parts)
        shown = f"[{address}]" if ":" in address else address
        request = httpx.Request(
            "GET",
            parts._replace(netloc=f"{shown}:{port}").geturl(),
            headers={
                "Host": parts.netloc,
                "Accept": "application/json",
                "Accept-Encoding": "identity",
            },
            extensions={"sni_hostname": host, "timeout": _TIMEOUT.as_dict()},
        )
        answer = await self._transport.handle_async_request(request)
        try:
            if answer.status_code != HTTPStatus.OK:
                raise ValueError(f"it answers {answer.status_code}")
            return await _body(answer)
        finally:
            await answer.aclose()

    def _judged(self, addresses: Sequence[str], parts: SplitResult) -> str:
        """Return where to connect; a name that also means an inner address is not trusted."""
        if not addresses:
            raise OSError("it has no address")
        for text in addresses:
            address = ipaddress.ip_address(text)
            if isinstance(address, ipaddress.IPv6Address):
                address = address.ipv4_mapped or address
            inner = address.is_loopback and self._allow_loopback
            public = address.is_global and not address.is_multicast and parts.scheme == "https"
            public = public and not any(address in network for network in _TRANSLATED)
            if not (inner or public):
                raise ValueError("its address is not a public one")
        return addresses[0]


def judge_form(uri: str, *, allow_loopback: bool) -> None:
    """Check an address where keys are published, before its name is looked up.

    Raises:
        ValueError: it is not https, or hides a user or a fragment in it.
    """
    parts = urlsplit(uri)
    schemes = ("https", "http") if allow_loopback else ("https",)
    if parts.scheme not in schemes or not parts.hostname:
        raise ValueError("A key set is published at an https address.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError("A key set's address has no user and no fragment.")


async def _body(answer: httpx.Response) -> bytes:
    if "content-encoding" in answer.headers or not isinstance(answer.stream, httpx.AsyncByteStream):
        raise ValueError("it is packed, and could be long once unpacked")
    body = bytearray()
    async for piece in answer.stream:
        body += piece
        if len(body) > _LONGEST_BYTES:
            raise ValueError("it is too long")
    return bytes(body)


def _port_of(parts: SplitResult) -> int:
    return 443 if parts.scheme == "https" else 80


async def _resolve(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port)
    return [str(entry[4][0]) for entry in found]
