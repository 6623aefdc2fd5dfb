"""Secrets we hand out."""

import pytest

from foundation.identifiers import MunicipalityCode
from gateway.handles import Handle

KITAMI = MunicipalityCode.parse("012084")


class TestHandle:
    def test_says_whose_it_is_and_is_read_back(self) -> None:
        handle = Handle.new(KITAMI)
        assert Handle.parse(handle.text) == handle
        assert handle.code == KITAMI

    def test_is_never_given_twice(self) -> None:
        assert len({Handle.new(KITAMI).text for _ in range(100)}) == 100

    def test_is_not_shown_when_printed(self) -> None:
        handle = Handle.new(KITAMI)
        assert handle.text not in repr(handle)

    def test_is_stored_as_a_hash_that_covers_the_municipality(self) -> None:
        handle = Handle.new(KITAMI)
        moved = Handle.parse("302082" + handle.text[6:])
        assert moved is not None
        assert moved.digest != handle.digest

    @pytest.mark.parametrize(
        "text",
        [
            None,
            "",
            "012084",
            "012084.",
            "012085." + "a" * 43,
            "０12084." + "a" * 43,
            "012084." + "a" * 42,
            "012084." + "a" * 44,
            "012084." + "a" * 43 + "\n",
        ],
    )
    def test_is_nothing_else(self, text: str | None) -> None:
        assert Handle.parse(text) is None
