"""What crosses the gateway in header fields, in both directions."""

import pytest
from hypothesis import given, strategies as st

from gateway.forwarding.headers import (
    FORWARDED,
    OversizeHeaders,
    RefusedHeaders,
    answer_headers,
    is_answerable,
    read_headers,
)
from gateway.forwarding.wire import AnswerHead, Headers

CLAIMS = (
    b"authorization",
    b"cookie",
    b"forwarded",
    b"remote-user",
    b"tamaire-internal-token",
    b"tamaire-internal-tenant",
    b"tamaire-municipality",
    b"tamaire-purpose",
    b"via",
    b"x-client-cert",
    b"x-forwarded-for",
    b"x-forwarded-host",
    b"x-forwarded-proto",
    b"x-forwarded-user",
    b"x-original-url",
    b"x-real-ip",
    b"x-request-id",
    b"x-rewrite-url",
    b"x-tamaire-tenant",
    b"x_tamaire_tenant",
    b"x-http-method-override",
    b"traceparent",
    b"te",
    b"trailer",
    b"keep-alive",
    b"proxy-authorization",
    b"proxy-connection",
    b"content-length",
    b"host",
)


def head(headers: Headers, *, status: int = 200, length: int | None = 3) -> AnswerHead:
    return AnswerHead(
        status=status,
        headers=headers,
        content_length=length,
        has_body=True,
        keeps_alive=True,
        connection_options=frozenset(
            option
            for name, value in headers
            if name == b"connection"
            for option in value.split(b",")
        ),
    )


class TestReadHeaders:
    @pytest.mark.parametrize("name", CLAIMS)
    def test_lets_no_claim_about_the_sender_through(self, name: bytes) -> None:
        assert read_headers([(name, b"1")]).lines == []

    def test_passes_on_what_is_on_the_list_word_for_word(self) -> None:
        given_fields = [(b"accept", b"text/csv"), (b"if-match", b'"3"')]
        assert read_headers(given_fields).lines == [b"accept: text/csv\r\n", b'if-match: "3"\r\n']

    def test_drops_what_connection_names(self) -> None:
        fields = [
            (b"connection", b"Accept, close"),
            (b"accept", b"x"),
            (b"accept-language", b"ja"),
        ]
        assert read_headers(fields).lines == [b"accept-language: ja\r\n"]

    @pytest.mark.parametrize(
        "name",
        [
            b"authorization",
            b"host",
            b"content-length",
            b"idempotency-key",
            b"tamaire-municipality",
            b"tamaire-purpose",
        ],
    )
    def test_refuses_a_second_one_even_if_both_agree(self, name: bytes) -> None:
        with pytest.raises(RefusedHeaders):
            read_headers([(name, b"1"), (name, b"1")])

    @pytest.mark.parametrize(
        "fields",
        [
            [(b"content-length", b"1"), (b"transfer-encoding", b"chunked")],
            [(b"content-length", b"+1")],
            [(b"content-length", b"1,1")],
            [(b"content-length", b"")],
            [(b"content-length", b"9" * 30)],
            [(b"transfer-encoding", b"gzip, chunked")],
            [(b"transfer-encoding", b"identity")],
        ],
    )
    def test_refuses_two_ways_to_tell_the_length(self, fields: Headers) -> None:
        with pytest.raises(RefusedHeaders):
            read_headers(fields)

    @pytest.mark.parametrize("value", [b"a\r\nb: c", b"a\nb", b"a\x00b", b"\x7f"])
    def test_refuses_a_control_character(self, value: bytes) -> None:
        with pytest.raises(RefusedHeaders):
            read_headers([(b"accept", value)])

    @pytest.mark.parametrize("name", [b"a b", b"a:b", b"", b"a\r\n", b"\xe7", b"Accept"])
    def test_refuses_a_name_that_is_none(self, name: bytes) -> None:
        with pytest.raises(RefusedHeaders):
            read_headers([(name, b"x")])

    @pytest.mark.parametrize(
        "fields",
        [
            [(b"accept", b"x" * 9_000)],
            [(b"x-%d" % number, b"x" * 4_000) for number in range(9)],
            [(b"x-%d" % number, b"") for number in range(101)],
        ],
    )
    def test_refuses_more_than_any_honest_request_needs(self, fields: Headers) -> None:
        with pytest.raises(OversizeHeaders):
            read_headers(fields)

    @given(
        st.lists(
            st.tuples(
                st.sampled_from([*sorted(FORWARDED), b"x", b"connection"]) | st.binary(max_size=8),
                st.binary(max_size=12),
            ),
            max_size=8,
        )
    )
    def test_what_passes_is_one_line_each_and_on_the_list(self, fields: Headers) -> None:
        try:
            intake = read_headers(fields)
        except RefusedHeaders:
            return
        for line in intake.lines:
            assert line.count(b"\r\n") == 1
            assert line.endswith(b"\r\n")
            assert line.count(b"\r") == line.count(b"\n") == 1
            assert line.partition(b": ")[0] in FORWARDED


class TestAnswerHeaders:
    @pytest.mark.parametrize(
        "name",
        [
            b"connection",
            b"keep-alive",
            b"transfer-encoding",
            b"upgrade",
            b"trailer",
            b"server",
            b"date",
            b"set-cookie",
            b"x-request-id",
            b"x-content-type-options",
            b"ratelimit",
        ],
    )
    def test_keeps_back_what_is_not_for_the_client(self, name: bytes) -> None:
        assert answer_headers(head([(name, b"x")], length=None)) == []

    def test_keeps_back_what_connection_names(self) -> None:
        fields = [(b"connection", b"x-hop"), (b"x-hop", b"1"), (b"etag", b'"1"')]
        assert answer_headers(head(fields, length=None)) == [(b"etag", b'"1"')]

    def test_announces_the_length_that_was_judged(self) -> None:
        fields = [(b"content-length", b"0003")]
        assert answer_headers(head(fields)) == [(b"content-length", b"3")]

    @pytest.mark.parametrize("status", [204, 304])
    def test_announces_no_length_where_there_is_no_body(self, status: int) -> None:
        assert answer_headers(head([], status=status)) == []


class TestIsAnswerable:
    def test_sees_a_value_that_would_begin_another_line(self) -> None:
        assert not is_answerable([(b"location", b"/x\r\nset-cookie: a=b")])
        assert not is_answerable([(b"a b", b"x")])
        assert is_answerable([(b"location", "/市".encode())])
