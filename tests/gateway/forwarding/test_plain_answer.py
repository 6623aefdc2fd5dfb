"""What the quick reader takes for a whole answer, the thorough one does too, to the last byte."""

import pytest
from hypothesis import example, given, settings, strategies as st

from gateway.forwarding.headers import answer_headers, is_answerable
from gateway.forwarding.plain_answer import PlainAnswer, PlainAnswerReader
from gateway.forwarding.wire import AnswerReader

HEAD = b"HTTP/1.1 200 OK\r\n"


def agree(data: bytes, found: PlainAnswer) -> None:
    """Fail unless the thorough reader finds the same answer, whole and with nothing after it."""
    reader = AnswerReader()
    reader.feed(data)
    head = reader.head
    assert head is not None
    assert reader.complete
    assert not reader.surplus
    assert head.keeps_alive
    assert (found.status, found.body) == (head.status, b"".join(reader.chunks))
    headers = answer_headers(head)
    assert is_answerable(headers)
    lines = [b"%b: %b\r\n" % pair for pair in headers if pair[0] != b"content-length"]
    assert found.lines == b"".join(lines)
    assert head.content_length == len(found.body)


NAMES = st.one_of(
    st.sampled_from(
        [
            *(b"content-type", b"Content-Length", b"content-length", b"Transfer-Encoding"),
            *(
                b"Connection",
                b"Set-Cookie",
                b"X-Request-Id",
                b"ETag",
                b"Trailer",
                b"Upgrade",
                b"a b",
            ),
        ]
    ),
    st.binary(min_size=1, max_size=5),
)
VALUES = st.one_of(
    st.sampled_from([b"text/plain", b"0", b"3", b"+3", b"03", b"3, 3", b"chunked", b"keep-alive"]),
    st.sampled_from([b"close", b"x-trick", b"", b"a\x00b", b"\xe3\x81\x82"]),
    st.binary(max_size=8),
)
ENDS = st.sampled_from([b"\r\n"] * 10 + [b"\n", b"\r", b"\r\n "])
LINES = st.tuples(NAMES, st.sampled_from([b": ", b":", b" : "]), VALUES, ENDS).map(b"".join)


def answer_of(status: bytes, lines: list[bytes], length: bytes, body: bytes) -> bytes:
    return b"".join((status, *lines, length, b"\r\n", body))


ANSWERS = st.builds(
    answer_of,
    st.sampled_from(
        [HEAD] * 6
        + [b"HTTP/1.1 404 \r\n", b"HTTP/1.1 204 No Content\r\n", b"HTTP/1.1 100 Continue\r\n"]
        + [b"HTTP/1.0 200 OK\r\n", b"HTTP/1.1 600 x\r\n", b"HTTP/1.1 304 x\r\n", b"HTTP/2 200\r\n"]
    ),
    st.lists(LINES, max_size=5),
    st.sampled_from([b"Content-Length: 3\r\n", b"content-length: 3\r\n", b""]),
    st.sampled_from([b"abc", b"ab", b"abcd", b"", b"3\r\nabc\r\n0\r\n\r\n"]),
)


class TestPlainAnswerReader:
    @settings(max_examples=1_500, deadline=None)
    @example(HEAD + b"Content-Length: 3\r\n\r\nabc")
    @example(HEAD + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc")
    @given(ANSWERS)
    def test_agrees_with_the_thorough_reader_or_stands_back(self, data: bytes) -> None:
        for _ in range(2):
            found = SHARED.read(data)
            if found is not None:
                agree(data, found)

    def test_reads_what_our_services_say(self) -> None:
        data = (
            HEAD + b"date: Mon, 23 Nov 2026 10:54:55 GMT\r\ncontent-length: 3\r\n"
            b"content-type: application/json\r\nx-request-id: 1\r\n"
            b"cache-control: no-store\r\n\r\nabc"
        )
        found = PlainAnswerReader().read(data)
        assert found is not None
        agree(data, found)
        assert b"date" not in found.lines

    @pytest.mark.parametrize(
        "data",
        [
            HEAD + b"\r\nabc",
            HEAD + b"Content-Length: 3\r\n\r\nab",
            HEAD + b"Content-Length: 3\r\n\r\nabcHTTP/1.1 200 OK\r\n",
            HEAD + b"Content-Length: 3\r\nConnection: close\r\n\r\nabc",
            HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
            HEAD + b"Content-Length: 3\r\nX: a\x01b\r\n\r\nabc",
            b"HTTP/1.1 101 Switching\r\nContent-Length: 0\r\n\r\n",
        ],
    )
    def test_leaves_to_the_other_what_is_not_usual(self, data: bytes) -> None:
        assert PlainAnswerReader().read(data) is None


SHARED = PlainAnswerReader()
