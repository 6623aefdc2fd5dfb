"""Keys at a client's own address: fetched, but never from where it would lead us."""

from collections.abc import AsyncIterator, Sequence

import httpx
import pytest
from typing_extensions import override

from foundation.identity import InvalidToken, SigningKey
from foundation.identity.outbound import GuardedTransport
from gateway.clients.published_keys import KeysUnreachable, PublishedKeys

URI = "https://vendor.example/keys.json"
KEY = SigningKey.generate("ES256")


class Endless(httpx.AsyncByteStream):
    """An answer that does not stop."""

    @override
    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            yield b" " * 10_000


class World:
    """The outside world: one resolver, one network, and a note of every request."""

    def __init__(self, *addresses: str, answer: httpx.Response | None = None) -> None:
        self.addresses = addresses or ("8.8.8.8",)
        self.answer = answer
        self.asked: list[httpx.Request] = []
        self.now = 0.0

    def keys(self, *, allow_loopback: bool = False) -> PublishedKeys:
        way_out = GuardedTransport(
            httpx.MockTransport(self._serve),
            allows_loopback=allow_loopback,
            resolve=self._resolve,
        )
        return PublishedKeys(way_out, allow_loopback=allow_loopback, monotonic=lambda: self.now)

    async def _serve(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self.answer or httpx.Response(200, json={"keys": [KEY.public()]})

    async def _resolve(self, host: str, port: int) -> Sequence[str]:
        if host == "nowhere.example":
            raise OSError(f"no address of {host}:{port}")
        return self.addresses


class TestFetching:
    async def test_connects_to_the_address_that_was_judged(self) -> None:
        world = World("8.8.4.4")
        assert KEY.kid in await world.keys().of(URI)
        (request,) = world.asked
        assert str(request.url) == "https://8.8.4.4/keys.json"
        assert request.headers["host"] == "vendor.example"
        assert request.extensions["sni_hostname"] == "vendor.example"

    async def test_asks_again_after_ten_minutes(self) -> None:
        world = World()
        keys = world.keys()
        for world.now, times in ((0, 1), (599, 1), (601, 2)):
            await keys.of(URI)
            assert len(world.asked) == times

    async def test_asks_for_newer_ones_at_most_twice_a_minute(self) -> None:
        world = World()
        keys = world.keys()
        for world.now, times in ((0, 1), (1, 1), (29, 1), (31, 2), (32, 2)):
            await keys.of(URI, newer=True)
            assert len(world.asked) == times

    async def test_keeps_what_it_has_when_the_newer_ones_cannot_be_had(self) -> None:
        world = World()
        keys = world.keys()
        await keys.of(URI)
        world.now, world.answer = 31, httpx.Response(500)
        with pytest.raises(KeysUnreachable):
            await keys.of(URI, newer=True)
        assert KEY.kid in await keys.of(URI)


class TestWhereItDoesNotGo:
    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",  # noqa: S104 - nobody listens here; it must not be asked
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b:1::1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::1",
            "2001:db8::1",
        ],
    )
    async def test_no_inner_address(self, address: str) -> None:
        for addresses in ((address,), ("8.8.8.8", address), (address, "8.8.8.8")):
            world = World(*addresses)
            with pytest.raises(KeysUnreachable):
                await world.keys().of(URI)
            assert world.asked == []

    @pytest.mark.parametrize(
        "uri",
        [
            "http://vendor.example/keys.json",
            "ftp://vendor.example/keys.json",
            "file:///etc/passwd",
            "https:///keys.json",
            "https://user@vendor.example/keys.json",
            "https://user:pass@vendor.example/keys.json",
            "https://vendor.example/keys.json#x",
            "https://nowhere.example/keys.json",
            "https://[::1",
            "https://vendor.example:99999/keys.json",
        ],
    )
    async def test_no_address_that_is_not_plain_https(self, uri: str) -> None:
        world = World()
        with pytest.raises(KeysUnreachable):
            await world.keys().of(uri)
        assert world.asked == []

    async def test_in_development_this_machine_may_be_the_vendors(self) -> None:
        world = World("127.0.0.1")
        assert KEY.kid in await world.keys(allow_loopback=True).of("http://localhost:9000/k")
        with pytest.raises(KeysUnreachable):
            await World("10.0.0.1").keys(allow_loopback=True).of("http://inner.example/k")
        with pytest.raises(KeysUnreachable):
            await World("8.8.8.8").keys(allow_loopback=True).of("http://vendor.example/k")

    @pytest.mark.parametrize(
        "answer",
        [
            httpx.Response(302, headers={"Location": "http://169.254.169.254/"}),
            httpx.Response(404),
            httpx.Response(200, text="no JSON"),
            httpx.Response(200, json=[]),
            httpx.Response(200, json={"keys": "x"}),
            httpx.Response(200, json={"keys": [KEY.public(), KEY.public()]}),
            httpx.Response(200, stream=Endless()),
            httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Endless()),
        ],
        ids=["redirect", "404", "text", "list", "keys", "twice", "endless", "packed"],
    )
    async def test_no_answer_that_is_no_key_set(self, answer: httpx.Response) -> None:
        with pytest.raises(InvalidToken):
            await World(answer=answer).keys().of(URI)
