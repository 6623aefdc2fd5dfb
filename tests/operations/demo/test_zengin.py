"""A transfer file is believed only if it keeps to the format and agrees with itself."""

import pytest

from operations.demo.zengin import NotATransferFile, read


def a_file(*amounts: int, total: int | None = None, count: int | None = None) -> bytes:
    header = f"1210{'0000012084'}{'ｷﾀﾐｼ':<40}1218".ljust(120)
    lines = [f"2{'':<79}{amount:010d}".ljust(120) for amount in amounts]
    sums = (count or len(amounts), sum(amounts) if total is None else total)
    trailer = f"8{sums[0]:06d}{sums[1]:012d}".ljust(120)
    return "".join([header, *lines, trailer, "9".ljust(120)]).encode("cp932")


class TestRead:
    def test_finds_the_lines_and_the_trailers_word_on_them(self) -> None:
        figures = read(a_file(30_000, 20_000, total=1, count=7))
        assert figures.amounts == (30_000, 20_000)
        assert (figures.trailer_count, figures.trailer_total_yen) == (7, 1)
        assert (figures.records, figures.transfer_day) == (5, "1218")

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            a_file(30_000)[:-1],
            a_file(30_000) + b"\r\n",
            a_file(30_000)[120:],
            a_file(30_000)[:-120],
            a_file(30_000).replace(b"1210", b"1110", 1),
        ],
        ids=["empty", "short", "line break", "no header", "no end", "another kind"],
    )
    def test_refuses_what_a_bank_would_send_back(self, content: bytes) -> None:
        with pytest.raises(NotATransferFile):
            read(content)
