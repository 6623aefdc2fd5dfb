"""A line says everything of a call but what could be misused or cannot be read."""

import json

import pytest

from operations.demo.board import Board, Line

RECORD = "01930b7e-0000-7000-8000-0000a1b2c3d4"
SUBJECT = "tv7qWXTNgyr-hBNVeRCXwrFhoCRWERjrwCYW7ZC72yY"


def a_line(path: str) -> Line:
    return Line(
        step=7,
        journey="consultation",
        who="相談員",
        method="PUT",
        path=path,
        status=200,
        milliseconds=12,
        sentence="同僚を加えました",
    )


class TestShow:
    def test_is_one_plain_line_where_nobody_looks(self, capsys: pytest.CaptureFixture[str]) -> None:
        Board(as_json=False).show(a_line(f"/v1/cases/{RECORD}/members/{SUBJECT}"))
        (line,) = capsys.readouterr().out.splitlines()
        assert line.split() == [
            *("7", "相談員", "PUT", "/v1/cases/…a1b2c3d4/members/…W7ZC72yY"),
            *("200", "12", "ms", "同僚を加えました"),
        ]

    def test_keeps_the_whole_path_for_a_machine(self, capsys: pytest.CaptureFixture[str]) -> None:
        Board(as_json=True).show(a_line(f"/v1/cases/{RECORD}"))
        told = json.loads(capsys.readouterr().out)
        assert told["path"] == f"/v1/cases/{RECORD}"
        assert (told["step"], told["who"], told["milliseconds"]) == (7, "相談員", 12)
