"""An answer is one HTTP/1.1 answer of known length, however it arrives, or it is none."""

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from gateway.forwarding.failures import MalformedAnswer
from gateway.forwarding.wire import LARGEST_HEAD_BYTES, AnswerReader

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"transfer-encoding: chunked\r\n\r\n"
SOUND = {
    OK + b"content-length: 5\r\n\r\nhello": b"hello",
    OK + b"content-length: 0\r\n\r\n": b"",
    b"HTTP/1.1 204 No Content\r\n\r\n": b"",
    b"HTTP/1.1 304 Not Modified\r\netag: x\r\n\r\n": b"",
    b"HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n": b"",
    CHUNKED + b"5\r\nhello\r\n2;x=y\r\n!!\r\n0\r\n\r\n": b"hello!!",
    CHUNKED + b"1\r\na\r\n0\r\nx-sum: 1\r\n\r\n": b"a",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na": b"a",
    b"HTTP/1.1 103 Hints\r\nlink: x\r\n\r\nHTTP/1.1 404 No\r\ncontent-length: 1\r\n\r\na": b"a",
}
UNSOUND = (
    OK + b"\r\n",
    OK + b"connection: close\r\n\r\nuntil the end",
    b"HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\na",
    OK + b"content-length: 1\r\ncontent-length: 1\r\n\r\na",
    OK + b"content-length: 1\r\ncontent-length: 2\r\n\r\na",
    OK + b"content-length: 1, 1\r\n\r\na",
    OK + b"content-length: -1\r\n\r\na",
    OK + b"content-length: 0x1\r\n\r\na",
    OK + b"content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    OK + b"transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    OK + b"transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    CHUNKED + b"xyz\r\n",
    OK + b"content-length : 1\r\n\r\na",
    b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n" * 5,
    b"HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n",
    OK + b"x: a\x00b\r\ncontent-length: 0\r\n\r\n",
    OK + b"x: a\rb\r\ncontent-length: 0\r\n\r\n",
    b"HTTP/2 200 OK\r\n\r\n",
    b"ICY 200 OK\r\n\r\n",
    b"\x16\x03\x01",
    OK + b"" + b"x: y\r\n" * 101 + b"content-length: 0\r\n\r\n",
    OK + b"x: " + b"y" * (LARGEST_HEAD_BYTES + 1) + b"\r\n\r\n",
)


def read(raw: bytes, cuts: list[int] | None = None, *, head_only: bool = False) -> AnswerReader:
    reader = AnswerReader()
    reader.expect(head_only=head_only)
    places = [0, *sorted(cuts or ()), len(raw)]
    for start, end in pairwise(places):
        if start < end:
            reader.feed(raw[start:end])
    return reader


class TestFeed:
    @given(st.data())
    def test_finds_body_and_end_however_the_bytes_are_cut(self, data: st.DataObject) -> None:
        raw = data.draw(st.sampled_from(sorted(SOUND)))
        cuts = data.draw(st.lists(st.integers(0, len(raw))))
        reader = read(raw, cuts)
        assert reader.complete
        assert not reader.surplus
        assert b"".join(reader.chunks) == SOUND[raw]

    @given(st.sampled_from(sorted(SOUND)), st.data())
    def test_is_never_complete_before_the_last_byte(self, raw: bytes, data: st.DataObject) -> None:
        end = data.draw(st.integers(0, len(raw) - 1))
        assert not read(raw[:end]).complete

    @pytest.mark.parametrize("raw", UNSOUND)
    def test_refuses_what_is_ambiguous(self, raw: bytes) -> None:
        with pytest.raises(MalformedAnswer):
            read(raw)

    @given(st.sampled_from(sorted(SOUND)), st.binary(min_size=1), st.booleans())
    def test_notes_whatever_comes_after_the_end(
        self,
        raw: bytes,
        more: bytes,
        in_one: bool,  # noqa: FBT001 - hypothesis passes by position
    ) -> None:
        more = OK + b"content-length: 1\r\n\r\nz" + more
        reader = read(raw + more, [] if in_one else [len(raw)])
        assert reader.complete
        assert reader.surplus
        assert b"".join(reader.chunks) == SOUND[raw]

    def test_gives_up_on_a_head_that_does_not_end(self) -> None:
        reader = read(OK + b"x: ")
        with pytest.raises(MalformedAnswer):
            for _ in range(LARGEST_HEAD_BYTES // 1_000 + 1):
                reader.feed(b"y" * 1_000)


class TestExpect:
    def test_takes_the_head_for_the_whole_when_nothing_but_a_head_was_asked_for(self) -> None:
        reader = read(OK + b"content-length: 5\r\n\r\n", head_only=True)
        assert reader.complete
        assert reader.head is not None
        assert reader.head.content_length == 5

    def test_reads_the_next_answer_from_its_beginning_after_a_bare_head(self) -> None:
        reader = read(OK + b"content-length: 5\r\n\r\n", head_only=True)
        reader.expect(head_only=False)
        reader.feed(OK + b"content-length: 1\r\n\r\na")
        assert reader.complete
        assert reader.chunks == [b"a"]

    def test_notes_a_body_that_follows_a_bare_head(self) -> None:
        reader = read(OK + b"content-length: 5\r\n\r\nhello", head_only=True)
        assert reader.complete
        assert reader.surplus

    @given(st.lists(st.sampled_from(sorted(SOUND)), min_size=2, max_size=5))
    def test_reads_one_answer_after_the_other(self, answers: list[bytes]) -> None:
        reader = AnswerReader()
        for raw in answers:
            reader.expect(head_only=False)
            reader.feed(raw)
            assert reader.complete
            assert not reader.surplus
            assert b"".join(reader.chunks) == SOUND[raw]
