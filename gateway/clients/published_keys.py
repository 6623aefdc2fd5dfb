"""Keys a client publishes at an address of its own, fetched without being led astray.

An address that somebody else registered is a way to make us knock on doors for them. The way out
judges where it leads (`foundation.identity.outbound`); here we follow no redirect, unpack nothing
and read no more than a key set can be.
"""

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

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

_FAILURES: Final = (
    httpx.HTTPError,
    httpx.InvalidURL,
    OSError,
    ValueError,
    TypeError,
    AttributeError,
)

_log = logger(__name__)


class KeysUnreachable(InvalidToken):
    """The client's key set cannot be had: no proof of this client can be judged now."""


@dataclass(slots=True)
class _Known:
    keys: ForeignKeys | None = None
    asked_at: float = float("-inf")
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class PublishedKeys:
    """Key sets by address: ten minutes in memory, and asked again at most twice a minute."""

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport,
        *,
        allow_loopback: bool,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare to fetch.

        Args:
            transport: the way out, which judges where an address leads; not ours to close.
            allow_loopback: in development a vendor's system runs on this machine, without TLS.
            monotonic: seconds that never go back.
        """
        self._transport = transport
        self._allow_loopback = allow_loopback
        self._monotonic = monotonic
        self._known: OrderedDict[str, _Known] = OrderedDict()

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
        except _FAILURES as error:
            _log.info("a client's keys could not be read", reason=type(error).__name__)
            raise KeysUnreachable(f"its key set cannot be read: {error}") from error

    async def _read(self, uri: str) -> bytes:
        judge_form(uri, allow_loopback=self._allow_loopback)
        request = httpx.Request(
            "GET",
            uri,
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            extensions={"timeout": _TIMEOUT.as_dict()},
        )
        answer = await self._transport.handle_async_request(request)
        try:
            if answer.status_code != HTTPStatus.OK:
                raise ValueError(f"it answers {answer.status_code}")
            return await _body(answer)
        finally:
            await answer.aclose()


def judge_form(uri: str, *, allow_loopback: bool) -> None:
    """Check an address where keys are published, before its name is looked up.

    Raises:
        ValueError: it is not https, has no possible port, or hides a user or a fragment in it.
    """
    parts = urlsplit(uri)
    schemes = ("https", "http") if allow_loopback else ("https",)
    if parts.scheme not in schemes or not parts.hostname or parts.port == 0:
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
