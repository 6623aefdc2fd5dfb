"""The way out to an address somebody else wrote down, which must not lead back into the house.

A municipality names its provider's address, a vendor the address of its keys. Followed blindly,
such an address could ask the house's own machines in the house's own name (server-side request
forgery). So the name is resolved here, every address it has is judged, and the connection goes to
the very address that was judged: a name that means another machine a moment later gains nothing.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence

import httpx
from typing_extensions import override

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

_PORTS = {"https": 443, "http": 80}
_PUBLIC_IPV6 = ipaddress.ip_network("2000::/3")


class AddressRefused(httpx.ConnectError):
    """The address is not one on the public network."""


async def resolved(host: str, port: int) -> Sequence[str]:
    """Return every address of a name, as the machine's resolver knows it."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedTransport(httpx.AsyncBaseTransport):
    """Connects to public addresses over TLS only; in development also to this machine itself."""

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        *,
        allows_loopback: bool = False,
        resolve: Resolve = resolved,
    ) -> None:
        self._inner = inner
        self._allows_loopback = allows_loopback
        self._resolve = resolve

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request to an address that was judged.

        Raises:
            AddressRefused: the name has an address that is not public, or none, or the request
                would go out unprotected.
        """
        url = request.url
        port = url.port or _PORTS.get(url.scheme, 0)
        try:
            addresses = await self._resolve(url.host, port)
        except OSError as error:
            raise AddressRefused("The name cannot be resolved.", request=request) from error
        if not addresses or not all(self._is_allowed(one, url.scheme) for one in addresses):
            raise AddressRefused("The address is not a public one.", request=request)
        judged = httpx.Request(
            request.method,
            url.copy_with(host=addresses[0]),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": url.host},
        )
        return await self._inner.handle_async_request(judged)

    @override
    async def aclose(self) -> None:
        await self._inner.aclose()

    def _is_allowed(self, text: str, scheme: str) -> bool:
        if is_public(text):
            return scheme == "https"
        return self._allows_loopback and _is_loopback(text)


def is_public(text: str) -> bool:
    """Tell whether an address lies on the public network, also through any way of embedding it."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        embedded = address.sixtofour or address.teredo or address.ipv4_mapped
        return embedded is None and address in _PUBLIC_IPV6 and address.is_global
    return address.is_global and not address.is_multicast


def _is_loopback(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return False
