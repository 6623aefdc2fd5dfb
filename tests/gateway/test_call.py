"""The gateway's own questions to a service, asked and answered whole."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from gateway.call import Upstream
from gateway.forwarding.exchange import Deadlines
from gateway.forwarding.failures import BodyTooLarge, TooSlow, UpstreamDown
from gateway.forwarding.paths import AmbiguousPath
from tests.support.wire import Asked, Service, politely


@pytest.fixture
async def service(tmp_path: Path) -> AsyncGenerator[Service]:
    service = Service(tmp_path / "registry.sock", politely)
    await service.open()
    yield service
    await service.close()


@pytest.fixture
async def upstream(service: Service) -> AsyncGenerator[Upstream]:
    upstream = Upstream.at(f"unix:{service.path}", Deadlines(first_byte=0.2, total=0.5))
    yield upstream
    upstream.close()


class TestRequest:
    async def test_carries_a_body_and_headers(self, upstream: Upstream) -> None:
        status, headers, body = await upstream.request(
            "POST",
            "/registry/v1/matches?x=1",
            [("Authorization", "Internal abc"), ("Content-Type", "application/json")],
            b"{}",
        )
        assert status == 200
        assert (b"content-type", b"application/json") in headers
        assert b"POST /registry/v1/matches?x=1 HTTP/1.1" in body
        assert b"authorization: Internal abc" in body
        assert b'"body": "{}"' in body

    async def test_uses_its_connection_again(self, upstream: Upstream, service: Service) -> None:
        for _ in range(3):
            await upstream.request("GET", "/readyz")
        assert len(service.connections) == 1

    async def test_returns_a_refusal_as_an_answer(
        self, upstream: Upstream, service: Service
    ) -> None:
        async def script(asked: Asked) -> None:
            await asked.head()
            await asked.answer(b"nobody", status=b"404 Not Found")

        service.script = script
        assert (await upstream.request("GET", "/x"))[::2] == (404, b"nobody")

    async def test_says_that_the_service_is_down(
        self, upstream: Upstream, service: Service
    ) -> None:
        await service.close()
        with pytest.raises(UpstreamDown):
            await upstream.request("GET", "/x")

    async def test_does_not_wait_for_ever(self, upstream: Upstream, service: Service) -> None:
        async def script(asked: Asked) -> None:
            await asked.reader.read()

        service.script = script
        with pytest.raises(TooSlow):
            await upstream.request("GET", "/x")

    async def test_does_not_swallow_an_endless_answer(
        self, upstream: Upstream, service: Service
    ) -> None:
        async def script(asked: Asked) -> None:
            await asked.head()
            await asked.say(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n")
            while True:
                await asked.say(b"x" * 1_000_000)

        service.script = script
        with pytest.raises((BodyTooLarge, TooSlow)):
            await upstream.request("GET", "/x")

    @pytest.mark.parametrize("value", ["a\r\nb: c", "a\x00", "a\nb"])
    async def test_refuses_a_header_that_would_begin_another(
        self, upstream: Upstream, value: str
    ) -> None:
        with pytest.raises(ValueError, match="control character"):
            await upstream.request("GET", "/x", [("x", value)])

    @pytest.mark.parametrize("path", ["/../x", "//x", "/x y", "x"])
    async def test_refuses_a_path_that_can_be_read_in_two_ways(
        self, upstream: Upstream, path: str
    ) -> None:
        with pytest.raises(AmbiguousPath):
            await upstream.request("GET", path)


class TestAt:
    @pytest.mark.parametrize("address", ["", "benefits:80", "unix:relative", "tcp:a:0", "tcp:a:x"])
    def test_refuses_what_is_no_address(self, address: str) -> None:
        with pytest.raises(ValueError, match="address"):
            Upstream.at(address)
