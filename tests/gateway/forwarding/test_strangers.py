"""What strangers try at the door: smuggling, spoofing, stalling, and asking for too much."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from gateway import server
from tests.support.forwarding import Door
from tests.support.wire import CHIYODA, KITAMI, request

OpenDoor = Callable[..., Awaitable[Door]]

START = "POST /benefits/v1/x HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer 012084\r\n"
HIDDEN = "GET /benefits/v1/hidden HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer 012084\r\n\r\n"
SMUGGLED = {
    "both lengths": START
    + f"Content-Length: {len(HIDDEN) + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{HIDDEN}",
    "two lengths": START + "Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello",
    "two equal lengths": START + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "a list of lengths": START + "Content-Length: 5, 5\r\n\r\nhello",
    "a signed length": START + "Content-Length: +5\r\n\r\nhello",
    "a hexadecimal length": START + "Content-Length: 0x5\r\n\r\nhello",
    "a length with a space": START + "Content-Length : 5\r\n\r\nhello",
    "two encodings": START + "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n",
    "an encoding list": START + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "an odd encoding": START + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a tabbed encoding": START + "Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
    "a folded header": START + "Content-Length: 5\r\nX: a\r\n b\r\n\r\nhello",
    "a bare line feed": START + "X: a\nContent-Length: 5\r\n\r\nhello",
    "a bare carriage return": START + "X: a\rContent-Length: 5\r\n\r\n",
    "a NUL": START + "X: a\x00\r\nContent-Length: 0\r\n\r\n",
    "an odd chunk size": START + "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
    "a huge chunk size": START + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nx",
    "a chunk without its end": START
    + f"Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n{HIDDEN}",
    "no host": "GET /benefits/v1/x HTTP/1.1\r\nAuthorization: Bearer 012084\r\n\r\n",
    "two hosts": START + "Host: b\r\nContent-Length: 0\r\n\r\n",
    "another host in the target": "GET http://131016.localhost/benefits/v1/x HTTP/1.1\r\n"
    "Host: 012084.localhost\r\nAuthorization: Bearer 012084\r\n\r\n",
    "a fragment": "GET /benefits/v1/x#/../y HTTP/1.1\r\nHost: a\r\n"
    "Authorization: Bearer 012084\r\n\r\n",
    "an asterisk": "OPTIONS * HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer 012084\r\n\r\n",
    "a tunnel": "CONNECT benefits:80 HTTP/1.1\r\nHost: a\r\n\r\n",
    "an unknown version": "GET /benefits/v1/x HTTP/3.0\r\nHost: a\r\n\r\n",
    "no protocol at all": "\x16\x03\x01\x02\x00\x01\x00",
}
SPOOFED = (
    "X-Forwarded-For: 10.0.0.1",
    "X-Forwarded-Host: 131016.localhost",
    "X-Forwarded-User: mayor",
    "X-Forwarded-Proto: https",
    "X-Real-IP: 10.0.0.1",
    "Forwarded: for=10.0.0.1",
    "X-Tamaire-Tenant: 131016",
    "X_Tamaire_Tenant: 131016",
    "Tamaire-Internal-Token: x",
    "Tamaire-Internal-Subject: mayor",
    "X-Remote-User: mayor",
    "Remote-User: mayor",
    "X-Client-Cert: x",
    "X-Original-URL: /registry/v1/residents",
    "X-Rewrite-URL: /registry/v1/residents",
    "X-HTTP-Method-Override: DELETE",
    "X-Request-Id: 01890a5d-ac96-774b-bcce-b302099a8057",
    "Cookie: session=1",
    "Proxy-Authorization: Basic eDp5",
    "Proxy-Connection: keep-alive",
    "TE: trailers",
    "Trailer: Authorization",
    "Keep-Alive: timeout=600",
    "Via: 1.1 elsewhere",
)


class TestSmuggling:
    @pytest.mark.parametrize("raw", SMUGGLED.values(), ids=SMUGGLED.keys())
    async def test_no_part_of_an_ambiguous_request_reaches_a_service(
        self, opened: OpenDoor, raw: str
    ) -> None:
        door = await opened()
        visitor = await door.visit()
        await visitor.send(raw.encode("latin-1"))
        try:
            async with asyncio.timeout(1):
                reply = await visitor.reply()
        except (TimeoutError, asyncio.IncompleteReadError):
            reply = None
        assert reply is None or 400 <= reply.status < 500
        await asyncio.sleep(0.02)
        assert not any(b"hidden" in asked.heard for asked in door.service.connections)

    async def test_serves_pipelined_requests_each_with_its_own_answer(
        self, opened: OpenDoor
    ) -> None:
        door = await opened()
        visitor = await door.visit()
        first = request("POST", "/benefits/1", body=b"one")
        second = request("GET", "/benefits/2", token=CHIYODA)
        await visitor.send(first + second)
        one, two = await visitor.reply(), await visitor.reply()
        assert "POST /benefits/1 " in one.json["head"]
        assert f"benefits.{KITAMI}" in one.json["head"]
        assert "GET /benefits/2 " in two.json["head"]
        assert f"benefits.{CHIYODA}" in two.json["head"]


class TestSpoofing:
    @pytest.mark.parametrize("line", SPOOFED)
    async def test_a_service_never_hears_what_somebody_claims_to_be(
        self, opened: OpenDoor, line: str
    ) -> None:
        door = await opened()
        reply = await door.ask(headers=(line,))
        name, _, value = line.lower().partition(": ")
        heard = reply.json["head"].lower()
        assert reply.status == 200
        assert f"{name}: {value}" not in heard
        if name != "x-request-id":
            assert f"\n{name}:" not in heard

    async def test_the_access_token_stays_at_the_door(self, opened: OpenDoor) -> None:
        door = await opened()
        heard = (await door.ask()).json["head"]
        assert "Bearer" not in heard
        assert heard.count("authorization: Internal benefits.012084.clerk.none.") == 1

    @pytest.mark.parametrize("line", ["Authorization: Internal x", "Authorization: Basic eDp5"])
    async def test_an_internal_token_from_outside_proves_nothing(
        self, opened: OpenDoor, line: str
    ) -> None:
        door = await opened()
        reply = await door.ask(token=None, headers=(line,))
        assert reply.status == 401

    async def test_the_desk_does_not_hear_claims_either(self, opened: OpenDoor) -> None:
        door = await opened()
        reply = await door.ask("GET", "/oauth/x", headers=SPOOFED)
        names = {name for name, _ in reply.json["headers"]}
        assert names <= {
            "host",
            "authorization",
            "cookie",
            "x-request-id",
            "keep-alive",
            "te",
            "trailer",
            "proxy-authorization",
            "proxy-connection",
            "x-original-url",
            "x-rewrite-url",
            "x-http-method-override",
            "x-remote-user",
        }
        number = dict(reply.json["headers"])["x-request-id"]
        assert number == reply.headers["x-request-id"] != SPOOFED[16].partition(": ")[2]


class TestManners:
    @pytest.mark.parametrize(
        ("line", "status"),
        [
            ("Expect: 100-continue", 417),
            ("Expect: anything", 417),
            ("Upgrade: websocket", 400),
            ("Connection: Upgrade", 400),
            ("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c", 400),
        ],
    )
    @pytest.mark.parametrize("path", ["/benefits/v1/x", "/oauth/token", "/livez"])
    async def test_refuses_other_protocols_and_expectations(
        self, opened: OpenDoor, line: str, status: int, path: str
    ) -> None:
        door = await opened()
        reply = await door.ask("GET", path, headers=(line,))
        assert reply.status == status
        assert not door.service.connections

    @pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "PURGE"])
    async def test_refuses_verbs_it_does_not_know(self, opened: OpenDoor, method: str) -> None:
        door = await opened()
        reply = await door.ask(method)
        assert reply.status == 405
        assert "GET" in reply.headers["allow"]

    @pytest.mark.parametrize(
        "path",
        [
            "/benefits/../registry/v1/x",
            "/benefits/%2e%2e/registry",
            "/benefits%2fv1/x",
            "//benefits/v1/x",
            "/benefits//v1",
            "/benefits/v1/%00",
            "/benefits\\v1",
            "/%62enefits/v1",
            "/oauth/%2e%2e/livez",
        ],
    )
    async def test_refuses_a_path_that_can_be_read_in_two_ways(
        self, opened: OpenDoor, path: str
    ) -> None:
        door = await opened()
        reply = await door.ask("GET", path)
        assert reply.status == 400
        assert not door.service.connections

    async def test_leads_a_prefix_only_if_it_is_the_whole_segment(self, opened: OpenDoor) -> None:
        door = await opened()
        for path in ("/benefitsx/v1", "/Benefits/v1", "/benefits.json"):
            reply = await door.ask("GET", path)
            assert reply.json["path"] == path


class TestExcess:
    async def test_refuses_one_header_that_is_too_long(self, opened: OpenDoor) -> None:
        door = await opened()
        reply = await door.ask(headers=("Accept: " + "x" * 9_000,))
        assert reply.status == 431

    async def test_refuses_too_many_headers(self, opened: OpenDoor) -> None:
        door = await opened()
        reply = await door.ask(headers=tuple(f"X-{number}: y" for number in range(120)))
        assert reply.status == 431

    async def test_hangs_up_on_a_head_that_never_ends(self, opened: OpenDoor) -> None:
        door = await opened()
        visitor = await door.visit()
        await visitor.send(b"GET /benefits/v1/x HTTP/1.1\r\nHost: a\r\nX: ")

        async def pour() -> None:
            while True:
                await visitor.send(b"y" * 1_024)
                await asyncio.sleep(0)

        pouring = asyncio.create_task(pour())
        async with asyncio.timeout(5):
            assert (await visitor.rest()).startswith((b"HTTP/1.1 400", b""))
        pouring.cancel()
        assert not door.service.connections

    async def test_hangs_up_on_an_address_that_never_ends(self, opened: OpenDoor) -> None:
        door = await opened()
        reply = await door.ask("GET", "/benefits/" + "x" * 9_000)
        assert reply.status == 400

    async def test_hangs_up_on_who_does_not_finish_a_head(
        self, opened: OpenDoor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(server, "HEAD_SECONDS", 0.1)
        door = await opened()
        visitor = await door.visit()
        await visitor.send(b"GET /benefits/v1/x HTTP/1.1\r\nHost: a\r\n")
        async with asyncio.timeout(2):
            assert await visitor.rest() == b""

    async def test_hangs_up_on_who_goes_on_pouring_after_a_refusal(self, opened: OpenDoor) -> None:
        door = await opened()
        visitor = await door.visit()
        await visitor.send(request("POST", token=None, headers=("Content-Length: 100000000",)))
        assert (await visitor.reply()).status == 401

        async def pour() -> None:
            for _ in range(1_000):
                await visitor.send(b"y" * 65_536)

        with pytest.raises(ConnectionError):
            await pour()

    async def test_lets_a_refused_small_body_pass_and_serves_the_next(
        self, opened: OpenDoor
    ) -> None:
        door = await opened()
        visitor = await door.visit()
        await visitor.send(request("POST", token=None, headers=("Content-Length: 1000",)))
        assert (await visitor.reply()).status == 401
        await visitor.send(b"y" * 1_000 + request("GET", "/benefits/2"))
        assert "GET /benefits/2 " in (await visitor.reply()).json["head"]


class TestAdmissionAtTheDoor:
    async def test_nothing_behind_a_prefix_is_public(self, opened: OpenDoor) -> None:
        door = await opened()
        for path in ("/benefits", "/benefits/", "/benefits/livez", "/benefits/openapi.json"):
            for method in ("GET", "HEAD", "OPTIONS", "POST"):
                reply = await door.ask(method, path, token=None)
                assert reply.status == 401
                assert reply.headers["www-authenticate"] == "Bearer"
        assert not door.service.connections

    @pytest.mark.parametrize(
        ("path", "headers"),
        [
            ("/benefits/x?municipality_code=131016", ()),
            ("/benefits/x?tenant=131016", ()),
            ("/benefits/x?a=1&tenant_id=2", ()),
            ("/benefits/x?tenant=012084&tenant=131016", ()),
            ("/benefits/x?t%65nant=131016", ()),
            ("/benefits/x?TENANT=131016", ()),
            ("/benefits/x?tenant=", ()),
            ("/benefits/x", ("Tamaire-Municipality: 131016",)),
            ("/benefits/x", ("Tamaire-Municipality: x",)),
        ],
    )
    async def test_refuses_another_municipality_than_the_tokens(
        self, opened: OpenDoor, path: str, headers: tuple[str, ...]
    ) -> None:
        door = await opened()
        reply = await door.ask("GET", path, headers=headers)
        assert reply.status == 403
        assert reply.json["type"] == "/problems/platform/tenant-mismatch"
        assert not door.service.connections

    async def test_refuses_another_municipalitys_front_door(self, opened: OpenDoor) -> None:
        door = await opened()
        visitor = await door.visit()
        host = f"Host: {CHIYODA}.localhost:{door.port}".encode()
        await visitor.send(request().replace(b"Host: 127.0.0.1", host))
        assert (await visitor.reply()).status == 403

    async def test_refuses_a_municipality_named_twice(self, opened: OpenDoor) -> None:
        door = await opened()
        twice = ("Tamaire-Municipality: 012084", "Tamaire-Municipality: 012084")
        assert (await door.ask(headers=twice)).status == 400

    async def test_lets_pass_who_names_their_own(self, opened: OpenDoor) -> None:
        door = await opened()
        reply = await door.ask(
            "GET",
            "/benefits/x?tenant=012084&tenant_id=1&municipality_code=012084",
            headers=("Tamaire-Municipality: 012084", "Tamaire-Purpose: payment"),
        )
        assert "Internal benefits.012084.clerk.payment." in reply.json["head"]

    async def test_refuses_a_purpose_nobody_could_record(self, opened: OpenDoor) -> None:
        door = await opened()
        reply = await door.ask(headers=("Tamaire-Purpose: curiosity",))
        assert reply.status == 400
        assert reply.json["type"] == "/problems/platform/unknown-purpose"

    async def test_stops_a_revoked_person_at_the_next_request(self, opened: OpenDoor) -> None:
        door = await opened()
        visitor = await door.visit()
        await visitor.send(request(token="012084.hanako"))
        assert (await visitor.reply()).status == 200
        door.revocations.subjects.add("hanako")
        await visitor.send(request(token="012084.hanako"))
        assert (await visitor.reply()).status == 401
        await visitor.send(request(token="012084.jiro"))
        assert (await visitor.reply()).status == 200
