"""A body is read once, strictly, and refused with the reason when two readers could differ."""

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st
from starlette.requests import Request

from foundation.problems import MalformedRequest, PayloadTooLarge, UnsupportedMediaType
from foundation.web.documents import (
    JsonDocument,
    pointer_to,
    read_body,
    require_media_type,
    require_readable_query,
)

_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.text(st.characters(codec="utf-8", exclude_characters="\x00")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(codec="utf-8", exclude_characters="\x00")), inner, max_size=4
        )
    ),
    max_leaves=15,
)


def _request(
    *, body: bytes = b"", query: bytes = b"", headers: list[tuple[bytes, bytes]] | None = None
) -> Request:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": query,
        "headers": headers or [],
    }
    return Request(scope, receive)


class TestRead:
    @given(_JSON)
    def test_takes_every_storable_document(self, content: Any) -> None:
        document = JsonDocument.read(json.dumps(content, ensure_ascii=False).encode())
        assert document.content == content
        assert document.faults == ()

    @given(_JSON)
    def test_sees_the_same_content_in_any_spelling(self, content: Any) -> None:
        compact = JsonDocument.read(json.dumps(content, separators=(",", ":")).encode())
        spacious = JsonDocument.read(json.dumps(content, indent=3, ensure_ascii=False).encode())
        assert compact.canonical == spacious.canonical

    @pytest.mark.parametrize(
        "raw",
        [
            b"{",
            b'{"a":1,}',
            b"'a'",
            b"NaN",
            b"-Infinity",
            b'{"a":1,"a":2}',
            b'{"b":{"a":1,"a":2}}',
            b'"\xff"',
            '"\u3042"'.encode("utf-16"),
            b'\xef\xbb\xbf{"a":1}',
            b'"\\ud800"',
            b'{"\\u0000":1}',
            b"[" * 100 + b"]" * 100,
            b"[" * 200_000,
            b"1" * 5_000,
        ],
        ids=str,
    )
    def test_refuses_what_is_not_json_for_everybody(self, raw: bytes) -> None:
        with pytest.raises(MalformedRequest) as refused:
            JsonDocument.read(raw)
        assert refused.value.detail
        assert refused.value.detail_ja

    def test_points_at_each_value_no_column_can_hold(self) -> None:
        raw = b'{"a":["x\\u0000"],"b/c":9223372036854775808,"d":-9223372036854775809,"e":1e400}'
        places = [fault.pointer for fault in JsonDocument.read(raw).faults]
        assert places == ["/a/0", "/b~1c", "/d", "/e"]

    def test_keeps_integers_that_fit(self) -> None:
        assert JsonDocument.read(b"[9223372036854775807,-9223372036854775808]").faults == ()

    @given(st.binary(max_size=200))
    def test_never_fails_in_another_way(self, raw: bytes) -> None:
        try:
            JsonDocument.read(raw)
        except MalformedRequest:
            return


class TestPointerTo:
    def test_escapes_as_rfc_6901_says(self) -> None:
        assert pointer_to(("a/b", "m~n", 0)) == "/a~1b/m~0n/0"
        assert pointer_to(()) == ""


class TestReadBody:
    async def test_returns_what_was_sent(self) -> None:
        assert await read_body(_request(body=b"abc"), limit_bytes=3) == b"abc"

    async def test_refuses_what_announces_too_much_before_reading_it(self) -> None:
        request = _request(headers=[(b"content-length", b"4")])
        with pytest.raises(PayloadTooLarge) as refused:
            await read_body(request, limit_bytes=3)
        assert refused.value.extensions["limit_bytes"] == 3

    async def test_refuses_what_turns_out_to_be_too_much(self) -> None:
        with pytest.raises(PayloadTooLarge):
            await read_body(_request(body=b"abcd"), limit_bytes=3)

    @pytest.mark.parametrize("length", [b"-1", b"1e3", b"", b"0x10", "３".encode()])
    async def test_refuses_a_length_that_is_no_number(self, length: bytes) -> None:
        with pytest.raises(MalformedRequest):
            await read_body(_request(headers=[(b"content-length", length)]), limit_bytes=3)


class TestRequireMediaType:
    @pytest.mark.parametrize(
        "value",
        [
            b"application/json",
            b"Application/JSON; charset=UTF-8",
            b'application/json;charset="utf-8"',
        ],
    )
    def test_takes_json_however_it_is_spelt(self, value: bytes) -> None:
        request = _request(headers=[(b"content-type", value)])
        require_media_type(request, accepted=["application/json"])

    @pytest.mark.parametrize(
        "headers",
        [
            [],
            [(b"content-type", b"text/plain")],
            [(b"content-type", b"application/json; charset=shift_jis")],
            [(b"content-type", b"application/json"), (b"content-type", b"text/plain")],
            [(b"content-type", b"application/json"), (b"content-encoding", b"gzip")],
        ],
        ids=str,
    )
    def test_refuses_anything_else(self, headers: list[tuple[bytes, bytes]]) -> None:
        with pytest.raises(UnsupportedMediaType) as refused:
            require_media_type(_request(headers=headers), accepted=["application/json"])
        assert refused.value.extensions["accepted"] == ["application/json"]

    def test_leaves_the_charset_of_csv_to_its_reader(self) -> None:
        request = _request(headers=[(b"content-type", b"text/csv; charset=shift_jis")])
        require_media_type(request, accepted=["text/csv"])


class TestRequireReadableQuery:
    def test_takes_percent_encoded_utf8(self) -> None:
        require_readable_query(_request(query=b"name=%E5%8C%97%E8%A6%8B"))

    def test_refuses_another_encoding_instead_of_guessing(self) -> None:
        with pytest.raises(MalformedRequest):
            require_readable_query(_request(query=b"name=%96%6B"))
