"""Forms of our own pages: read strictly, and only from there."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest
from fastapi import Request

from foundation.problems import MalformedRequest
from gateway.forms import ForeignForm, only, read_form, require_own_page

ISSUER = "https://tamaire.example.jp"
FORM = "application/x-www-form-urlencoded"
Receive = Callable[[], Awaitable[dict[str, Any]]]


def request(
    body: bytes = b"", content_type: str = FORM, headers: Mapping[str, str] | None = None
) -> Request:
    given = {"content-type": content_type, **(headers or {})}
    fields = [(name.encode(), value.encode()) for name, value in given.items() if value]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request({"type": "http", "method": "POST", "headers": fields}, receive)


class TestReadForm:
    async def test_keeps_what_is_there_several_times(self) -> None:
        read = await read_form(request(b"scope=a&scope=b&decision=chosen"))
        assert [value for name, value in read if name == "scope"] == ["a", "b"]
        assert only(read, "decision") == "chosen"
        assert only(read, "absent") is None

    @pytest.mark.parametrize(
        ("body", "content_type"),
        [
            (b"a=b", "application/json"),
            (b"a=b", ""),
            (b"a=b", "multipart/form-data"),
            (b"a=" + b"x" * 20_000, FORM),
            (b"&".join(b"a=b" for _ in range(100)), FORM),
            ("a=北見".encode(), FORM),
            (b"a=%ff", FORM),
            (b"a=%00", FORM),
        ],
        ids=["json", "unnamed", "parts", "long", "many", "no ASCII", "no UTF-8", "a NUL"],
    )
    async def test_reads_nothing_else(self, body: bytes, content_type: str) -> None:
        with pytest.raises(MalformedRequest):
            await read_form(request(body, content_type))

    async def test_takes_a_field_of_which_there_is_one_no_second_time(self) -> None:
        read = await read_form(request(b"a=1&a=2"))
        with pytest.raises(MalformedRequest):
            only(read, "a")


class TestOwnPage:
    @pytest.mark.parametrize(
        "headers",
        [
            {"origin": ISSUER, "sec-fetch-site": "same-origin"},
            {"origin": ISSUER},
            {"sec-fetch-site": "none"},
            {},
        ],
    )
    def test_may_send_a_form(self, headers: dict[str, str]) -> None:
        require_own_page(request(headers=headers), issuer=ISSUER)

    @pytest.mark.parametrize(
        "headers",
        [
            {"origin": "https://evil.example"},
            {"origin": "null"},
            {"origin": f"{ISSUER}:443"},
            {"origin": ISSUER, "sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "same-site"},
        ],
    )
    def test_of_another_may_not(self, headers: dict[str, str]) -> None:
        with pytest.raises(ForeignForm):
            require_own_page(request(headers=headers), issuer=ISSUER)
