"""Which pages may read an answer, and that a preflight wakes nobody."""

import asyncio
from typing import Any

import pytest

from gateway.frontends.origins import Origins
from tests.gateway.frontends.conftest import PORTAL, FrontEnd
from tests.support.front_door import FrontDoor

EVIL = b"https://evil.example"
HOME = PORTAL.encode()
ASKING = [
    (b"origin", HOME),
    (b"access-control-request-method", b"POST"),
    (b"access-control-request-headers", b"tamaire-csrf"),
]


def origins() -> Origins:
    return Origins(origins=[PORTAL])


async def answered(
    path: bytes, headers: list[tuple[bytes, bytes]], *own: tuple[bytes, bytes]
) -> dict[bytes, bytes]:
    """Return the fields with which an answer leaves."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    accompanied = origins().accompany(path, headers, send)
    await accompanied({"type": "http.response.start", "status": 200, "headers": list(own)})
    names = [name for name, _ in sent[0]["headers"]]
    assert len(names) == len(set(names)), "no field twice"
    return dict(sent[0]["headers"])


class TestPreflight:
    def test_is_granted_to_a_registered_front_end(self) -> None:
        granted = dict(origins().preflight(b"/benefits/v1/offers", ASKING) or [])
        assert granted[b"access-control-allow-origin"] == HOME
        assert granted[b"access-control-allow-credentials"] == b"true"
        assert b"tamaire-csrf" in granted[b"access-control-allow-headers"]
        assert b"dpop" in granted[b"access-control-allow-headers"]
        assert granted[b"vary"].startswith(b"Origin")

    @pytest.mark.parametrize(
        "origin",
        [
            EVIL,
            b"null",
            b"*",
            b"",
            HOME + b".evil.example",
            HOME.replace(b"https", b"http"),
            HOME + b":443",
            HOME.upper(),
            HOME + b"/",
        ],
    )
    def test_is_granted_to_nobody_else(self, origin: bytes) -> None:
        asking = [(b"origin", origin), *ASKING[1:]]
        granted = dict(origins().preflight(b"/benefits/v1/offers", asking) or [])
        assert granted.keys() == {b"vary"}

    def test_with_two_origins_is_granted_to_neither(self) -> None:
        asking = [*ASKING, (b"origin", EVIL)]
        granted = dict(origins().preflight(b"/benefits/v1/offers", asking) or [])
        assert granted.keys() == {b"vary"}

    @pytest.mark.parametrize("headers", [[], ASKING[:1], ASKING[1:]])
    def test_is_none_without_its_two_fields(self, headers: list[tuple[bytes, bytes]]) -> None:
        assert origins().preflight(b"/benefits/v1/offers", headers) is None

    async def test_is_answered_while_no_service_is_awake(self, front_end: FrontEnd) -> None:
        door = front_end.door
        await self._known(door)
        for path in ("/benefits/v1/offers", "/platform/v1/me", "/oauth/token", "/session"):
            answer = await door.http.options(
                path, headers={"Origin": PORTAL, "Access-Control-Request-Method": "POST"}
            )
            assert answer.status_code == 204
            assert answer.headers["access-control-allow-origin"] == PORTAL
            assert answer.headers["access-control-allow-credentials"] == "true"
            assert "DELETE" in answer.headers["access-control-allow-methods"]
            assert "tamaire-csrf" in answer.headers["access-control-allow-headers"]
            assert answer.headers["access-control-max-age"] == "600"
            assert "content-length" not in answer.headers

    async def _known(self, door: FrontDoor) -> None:
        """Wait until the gateway has read the origins again."""
        for _ in range(80):
            answer = await door.http.get("/session", headers={"Origin": PORTAL})
            if "access-control-allow-origin" in answer.headers:
                return
            await asyncio.sleep(0.1)


class TestAnswer:
    async def test_names_the_one_origin_that_asked(self) -> None:
        fields = await answered(b"/benefits/v1/offers", [(b"origin", HOME)])
        assert fields[b"access-control-allow-origin"] == HOME
        assert fields[b"vary"] == b"Origin"
        assert b"etag" in fields[b"access-control-expose-headers"]

    async def test_names_nobody_to_a_stranger_but_says_it_varies(self) -> None:
        fields = await answered(b"/benefits/v1/offers", [(b"origin", EVIL)])
        assert fields == {b"vary": b"Origin"}

    async def test_keeps_what_else_it_varies_by(self) -> None:
        fields = await answered(b"/benefits/v1/offers", [(b"origin", HOME)], (b"vary", b"Accept"))
        assert fields[b"vary"] == b"Origin, Accept"

    async def test_takes_no_word_of_a_services(self) -> None:
        fields = await answered(
            b"/benefits/v1/offers",
            [(b"origin", EVIL)],
            (b"access-control-allow-origin", b"*"),
            (b"access-control-allow-credentials", b"true"),
        )
        assert fields == {b"vary": b"Origin"}

    async def test_is_left_alone_without_an_origin(self) -> None:
        assert await answered(b"/benefits/v1/offers", []) == {}

    @pytest.mark.parametrize(
        "path",
        [
            b"/oauth/authorize",
            b"/oauth/callback",
            b"/oauth/consent",
            b"/oauth/logout",
            b"/session/sign-in",
            b"/session/callback",
            b"/docs",
            b"/metrics",
            b"/",
        ],
    )
    async def test_of_a_step_for_people_is_read_by_no_page(self, path: bytes) -> None:
        fields = await answered(path, [(b"origin", HOME)])
        assert fields == {b"vary": b"Origin"}
