"""An address somebody wrote down leads out of the house, and never back into it."""

from collections.abc import Sequence

import httpx
import pytest
from typing_extensions import override

from foundation.identity.outbound import AddressRefused, GuardedTransport, is_public

INSIDE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",  # noqa: S104 - nobody listens there
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "192.0.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:53aa:64c:0:fbff:80ff:fffe",
    "2001:db8::1",
    "localhost",
    "",
]


class Outside(httpx.AsyncBaseTransport):
    """Answers everything, and remembers where it was asked."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return httpx.Response(200, json={})


def guarded(*addresses: str, allows_loopback: bool = False) -> tuple[httpx.AsyncClient, Outside]:
    async def resolve(host: str, port: int) -> Sequence[str]:
        del host, port
        if not addresses:
            raise OSError("no such name")
        return addresses

    outside = Outside()
    transport = GuardedTransport(outside, allows_loopback=allows_loopback, resolve=resolve)
    return httpx.AsyncClient(transport=transport), outside


@pytest.mark.parametrize("address", INSIDE)
def test_what_is_not_public_is_known(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "203.119.1.1", "2606:4700:4700::1111"])
def test_what_is_public_is_known(address: str) -> None:
    assert is_public(address)


async def test_connects_to_the_address_that_was_judged_in_the_name_s_name() -> None:
    client, outside = guarded("203.119.1.1", "2606:4700:4700::1111")
    assert (await client.get("https://login.example.lg.jp/x")).status_code == 200
    (request,) = outside.asked
    assert request.url.host == "203.119.1.1"
    assert request.headers["host"] == "login.example.lg.jp"
    assert request.extensions["sni_hostname"] == "login.example.lg.jp"


@pytest.mark.parametrize(
    "addresses", [["10.0.0.1"], ["203.119.1.1", "10.0.0.1"], ["127.0.0.1"], []]
)
async def test_refuses_a_name_of_which_any_address_is_inside(addresses: list[str]) -> None:
    client, outside = guarded(*addresses)
    with pytest.raises(AddressRefused):
        await client.get("https://login.example.lg.jp/")
    assert outside.asked == []


async def test_refuses_to_go_out_unprotected() -> None:
    client, _ = guarded("203.119.1.1", allows_loopback=True)
    with pytest.raises(AddressRefused):
        await client.get("http://login.example.lg.jp/")


async def test_reaches_this_machine_in_development_only() -> None:
    client, _ = guarded("127.0.0.1", allows_loopback=True)
    assert (await client.get("http://127.0.0.1:8201/")).status_code == 200
    client, _ = guarded("169.254.169.254", allows_loopback=True)
    with pytest.raises(AddressRefused):
        await client.get("http://127.0.0.1:8201/")
