"""A path has one spelling, or it is refused."""

from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given, strategies as st

from gateway.forwarding.paths import LONGEST_TARGET_BYTES, AmbiguousPath, target_of

PLAIN = (
    b"/",
    b"/benefits/v1/programmes",
    b"/benefits/v1/programmes/",
    b"/benefits/v1/applications/0190-ab/confirmation",
    b"/window-dx/v1/receptions/a@b:c;d=e,f",
    b"/a/...",
    b"/a/.well-known/b..c",
    b"/x/%3A%20%7Cend",
)
TWO_WAYS = (
    b"",
    b"benefits",
    b"//benefits",
    b"/benefits//v1",
    b"/benefits/../registry",
    b"/benefits/..",
    b"/benefits/./v1",
    b"/.",
    b"/benefits/%2e%2e/registry",
    b"/benefits/.%2e/registry",
    b"/benefits/%2E/v1",
    b"/benefits%2fv1",
    b"/benefits%2Fv1",
    b"/benefits/%5c..",
    b"/benefits\\v1",
    b"/benefits/%00",
    b"/benefits/\x00",
    b"/benefits/%0d%0a",
    b"/benefits/%7f",
    b"/benefits/%252e%252e",
    b"/%62enefits/v1",
    b"/benefits/%zz",
    b"/benefits/%2",
    b"/benefits/\xe7\xb5\xa6",
    b"/benefits/%E7%B5%A6",
    b"/benefits/a b",
    b"/benefits/?x",
    b"/benefits/#x",
    b"*",
    b"http://elsewhere/benefits",
)


class TestTargetOf:
    @pytest.mark.parametrize("path", PLAIN)
    def test_leaves_a_plain_path_as_it_is(self, path: bytes) -> None:
        assert target_of(path, b"") == path

    @pytest.mark.parametrize("path", TWO_WAYS)
    def test_refuses_a_path_that_can_be_read_in_two_ways(self, path: bytes) -> None:
        with pytest.raises(AmbiguousPath):
            target_of(path, b"")

    @pytest.mark.parametrize("query", [b"a=%E7%B5%A6&b=%2F..", b"?", b"a=/../b"])
    def test_appends_the_query_untouched(self, query: bytes) -> None:
        assert target_of(b"/x", query) == b"/x?" + query

    @pytest.mark.parametrize("query", [b"a b", b"a\r\nb", b"\x00", b"a#b", b"\xe7", b"\x7f"])
    def test_refuses_a_query_that_could_end_the_line(self, query: bytes) -> None:
        with pytest.raises(AmbiguousPath):
            target_of(b"/x", query)

    def test_refuses_what_is_too_long(self) -> None:
        target_of(b"/" + b"x" * (LONGEST_TARGET_BYTES - 1), b"")
        with pytest.raises(AmbiguousPath):
            target_of(b"/" + b"x" * (LONGEST_TARGET_BYTES - 1), b"q")

    @given(st.binary(max_size=40).map(lambda tail: b"/" + tail))
    def test_whatever_passes_means_the_same_after_any_number_of_decodings(
        self, path: bytes
    ) -> None:
        try:
            target = target_of(path, b"")
        except AmbiguousPath:
            return
        once = unquote_to_bytes(target)
        assert unquote_to_bytes(once) == once
        assert once.count(b"/") == target.count(b"/")
        assert once.isascii()
        assert once.decode().isprintable()
        assert not {b".", b".."} & set(once.split(b"/"))
        assert b"//" not in once
        assert b"\\" not in once
