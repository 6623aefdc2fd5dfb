"""What the quick reader accepts, the thorough one reads in exactly the same way."""

import httptools
import pytest
from hypothesis import example, given, settings, strategies as st

from gateway.forwarding.headers import FORWARDED, RefusedHeaders, read_headers
from gateway.forwarding.paths import AmbiguousPath, target_of
from gateway.forwarding.plain import LARGEST_HEAD_BYTES, MOST_LINES, PlainReader, PlainRequest
from gateway.forwarding.wire import Headers

HEAD = b"GET /benefits/v1/x HTTP/1.1\r\nHost: a\r\n"


class Thorough:
    """The parser the server uses, and the judges behind it."""

    def __init__(self, data: bytes) -> None:
        self.url = self.body = b""
        self.headers: Headers = []
        self.messages = 0
        parser = httptools.HttpRequestParser(self)
        parser.feed_data(data)
        self.method = parser.get_method()
        parts = httptools.parse_url(self.url)
        self.target = target_of(parts.path, parts.query or b"")
        self.path, self.query = parts.path, parts.query or b""
        self.intake = read_headers(self.headers)

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.messages += 1


def agree(data: bytes, found: PlainRequest) -> None:
    """Fail unless the thorough reader finds the same request in the same bytes."""
    other = Thorough(data)
    assert other.messages == 1
    assert (found.method, found.target, found.path, found.query, found.body) == (
        other.method,
        other.target,
        other.path,
        other.query,
        other.body,
    )
    assert b"".join(found.lines) == b"".join(other.intake.lines)
    once = other.intake.once
    assert found.host == once.get(b"host")
    assert found.token == once.get(b"authorization")
    assert found.tenant == once.get(b"tamaire-municipality")
    assert found.purpose == once.get(b"tamaire-purpose")
    assert found.trace == once.get(b"traceparent")
    assert (found.length is not None) == (b"content-length" in once)
    assert not other.intake.is_chunked
    assert not {b"expect", b"upgrade"} & once.keys()
    assert set(other.intake.connection_options) <= {b"keep-alive"}


NAMES = st.one_of(
    st.sampled_from(sorted(FORWARDED)),
    st.sampled_from(
        [
            *(b"Host", b"host", b"Authorization", b"authorization", b"AUTHORIZATION"),
            *(b"Content-Length", b"content-length", b"Transfer-Encoding", b"Connection"),
            *(b"Tamaire-Municipality", b"Tamaire-Purpose", b"traceparent", b"Expect", b"Upgrade"),
            *(b"Cookie", b"DPoP", b"Origin", b"X-Forwarded-For", b"TE", b"x_y", b"a b", b""),
        ]
    ),
    st.binary(min_size=1, max_size=6),
)
VALUES = st.one_of(
    st.sampled_from(
        [
            *(b"a", b"Bearer abc", b"0", b"3", b"4", b"+3", b"3, 3", b"0x3", b"chunked"),
            *(
                b"keep-alive",
                b"close",
                b"Keep-Alive",
                b"upgrade",
                b"",
                b" ",
                b"a\tb",
                b"\xe3\x81\x82",
            ),
            *(b"012084.localhost", b"100-continue", b"a\x00b", b"a\x7f"),
        ]
    ),
    st.binary(max_size=12),
)
SEPARATORS = st.sampled_from([b": ", b":", b":  ", b" : ", b":\t", b"; "])
ENDS = st.sampled_from([b"\r\n"] * 12 + [b"\n", b"\r", b"\r\n ", b" \r\n", b"\r\r\n"])
LINES = st.tuples(NAMES, SEPARATORS, VALUES, ENDS).map(b"".join)
TARGETS = st.one_of(
    st.sampled_from(
        [
            *(b"/benefits/v1/x", b"/benefits", b"/benefits/v1/x?limit=20&q=%E3%81%82", b"/b/../c"),
            *(b"/benefits//x", b"/benefits/.x", b"/benefits/%2e", b"*", b"http://a/benefits/x"),
            *(
                b"/benefits/x#y",
                b"/benefits/x?a#b",
                b"/benefits/x/",
                b"/Benefits/x",
                b"/benefits/x?",
            ),
        ]
    ),
    st.binary(max_size=16).map(b"/benefits/".__add__),
)


def request_of(
    method: bytes, target: bytes, version: bytes, lines: list[bytes], body: bytes
) -> bytes:
    return b"".join(
        (method, b" ", target, b" ", version, b"\r\n", b"Host: a\r\n", *lines, b"\r\n", body)
    )


REQUESTS = st.builds(
    request_of,
    st.sampled_from([b"GET", b"POST", b"HEAD", b"PUT", b"OPTIONS", b"get", b"TRACE", b"DELETE"]),
    TARGETS,
    st.sampled_from([b"HTTP/1.1"] * 8 + [b"HTTP/1.0", b"HTTP/1.2", b"http/1.1"]),
    st.lists(LINES, max_size=6),
    st.sampled_from([b"", b"abc", b"GET / HTTP/1.1\r\n\r\n", b"\r\n"]),
)


class TestPlainReader:
    @settings(max_examples=1_500, deadline=None)
    @example(HEAD + b"Authorization: Bearer a\r\nauthorization: Bearer b\r\n\r\n")
    @example(HEAD + b"Authorization: Bearer a\r\n\r\nx\r\nAuthorization: Bearer b\r\n\r\n")
    @example(b"POST /benefits/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
    @example(b"POST /benefits/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcd")
    @given(REQUESTS)
    def test_agrees_with_the_thorough_reader_or_stands_back(self, data: bytes) -> None:
        found = SHARED.read(data)
        if found is not None:
            agree(data, found)
            again = SHARED.read(data)
            assert again is not None
            agree(data, again)

    def test_reads_what_people_and_machines_usually_send(self) -> None:
        data = (
            b"GET /benefits/v1/programmes?limit=20 HTTP/1.1\r\nHost: kitami.example\r\n"
            b"User-Agent: Mozilla/5.0 (X11)\r\nAccept: */*\r\nAccept-Language: ja,en;q=0.8\r\n"
            b"Authorization: Bearer abc.def.ghi\r\nConnection: keep-alive\r\n"
            b"traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n\r\n"
        )
        found = PlainReader().read(data)
        assert found is not None
        agree(data, found)

    @pytest.mark.parametrize(
        "data",
        [
            HEAD,
            HEAD + b"Cookie: a=b\r\n\r\n",
            HEAD + b"DPoP: x\r\n\r\n",
            HEAD + b"Origin: https://a\r\n\r\n",
            HEAD + b"Connection: close\r\n\r\n",
            HEAD + b"Connection: keep-alive, x-trick\r\n\r\n",
            HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            HEAD + b"Content-Length: 0\r\n\r\n",
            HEAD + b"Expect: 100-continue\r\n\r\n",
            HEAD + b"Host: b\r\n\r\n",
            HEAD + b"\r\n" + HEAD + b"\r\n",
            b"GET /benefits/v1/x HTTP/1.1\r\n\r\n",
            HEAD + b"A" * LARGEST_HEAD_BYTES + b": b\r\n\r\n",
            HEAD + b"Accept: a\r\n" * (MOST_LINES + 1) + b"\r\n",
            b"\r\n" + HEAD + b"\r\n",
        ],
    )
    def test_leaves_to_the_other_what_is_not_usual(self, data: bytes) -> None:
        assert PlainReader().read(data) is None

    def test_remembers_nothing_that_is_somebodys_own(self) -> None:
        reader = PlainReader()
        for number in range(3):
            reader.read(
                HEAD
                + b"Authorization: Bearer secret%d\r\nIdempotency-Key: key%d\r\n" % (number, number)
                + b"\r\n"
            )
        remembered = repr((vars(reader)["_known"], vars(reader)["_blocks"]))
        assert "secret" not in remembered
        assert "key" not in remembered

    def test_does_not_grow_with_what_strangers_send(self) -> None:
        reader = PlainReader()
        for number in range(10_000):
            assert reader.read(HEAD + b"Accept: text/%d\r\n\r\n" % number)
        assert len(reader) <= 2 * 4_096

    def test_takes_a_section_for_itself_only_when_it_is_whole(self) -> None:
        reader = PlainReader()
        token = b"Authorization: Bearer abc\r\n"
        assert reader.read(HEAD + token + b"Accept: a\r\n\r\n")
        smuggled = HEAD + b"\r\n" + token + b"Accept: a\r\n\r\n"
        assert reader.read(smuggled) is None


SHARED = PlainReader()


def test_the_judges_are_the_ones_the_gateway_uses() -> None:
    with pytest.raises(RefusedHeaders):
        Thorough(HEAD + b"Host: b\r\n\r\n")
    with pytest.raises(AmbiguousPath):
        Thorough(b"GET /benefits//x HTTP/1.1\r\nHost: a\r\n\r\n")
