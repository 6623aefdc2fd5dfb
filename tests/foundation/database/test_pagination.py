"""A list in pages shows every row once."""

from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from foundation.database import InvalidCursor, decode_cursor, encode_cursor, page_of


class TestCursor:
    @given(st.uuids(), st.dates(), st.integers(-(2**63), 2**63 - 1), st.text(max_size=20))
    def test_comes_back_as_it_was_given(self, a: UUID, b: object, c: int, d: str) -> None:
        cursor = encode_cursor(a, b, c, d)  # pyright: ignore[reportArgumentType] - dates, drawn
        if len(cursor) <= 512:
            assert decode_cursor(cursor, UUID, type(b), int, str) == (a, b, c, d)

    @given(st.text(max_size=600))
    def test_refuses_what_it_did_not_give(self, text: str) -> None:
        with pytest.raises(InvalidCursor):
            decode_cursor(text, UUID)

    def test_refuses_a_cursor_of_another_list(self) -> None:
        with pytest.raises(InvalidCursor):
            decode_cursor(encode_cursor(5), UUID)


class TestPageOf:
    @given(st.lists(st.integers(), unique=True), st.integers(1, 7))
    def test_shows_every_row_once_in_order(self, numbers: list[int], limit: int) -> None:
        rows, shown, after = sorted(numbers), list[int](), None
        while True:
            start = 0 if after is None else rows.index(after) + 1
            page = page_of(rows[start : start + limit + 1], limit=limit, key=lambda n: (n,))
            shown.extend(page.items)
            if page.next_cursor is None:
                break
            try:
                (after,) = decode_cursor(page.next_cursor, int)
            except InvalidCursor:
                assert abs(shown[-1]) >= 2**63
                return
        assert shown == rows
