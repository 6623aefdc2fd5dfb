"""A machine hears one object, a pipe plain lines, and everybody what to do next."""

import json
from pathlib import Path

import pytest

from operations.failures import DiskFull
from operations.voice import Voice


class TestVoice:
    def test_gives_a_machine_one_object_and_nothing_else(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        voice = Voice(as_json=True)
        with voice.step("起動する", "start"):
            voice.note("待つ", "wait")
        voice.line("text")
        voice.answer({"ready": True})
        heard = capsys.readouterr()
        assert (json.loads(heard.out), heard.err) == ({"ready": True}, "")

    def test_gives_a_pipe_plain_lines(self, capsys: pytest.CaptureFixture[str]) -> None:
        with Voice().step("起動する", "start"):
            pass
        heard = capsys.readouterr().out
        assert heard == "✔ 起動する / start 0.0s\n"
        assert "\x1b" not in heard

    def test_prints_text_with_brackets_as_it_is(self, capsys: pytest.CaptureFixture[str]) -> None:
        Voice().line("[red]not a colour[/]")
        assert capsys.readouterr().out == "[red]not a colour[/]\n"

    def test_says_a_failure_in_two_languages_with_the_remedy(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        Voice().failure(a_failure())
        words = capsys.readouterr().err
        for part in (a_failure().japanese, a_failure().remedy_ja, a_failure().remedy):
            assert part in words

    def test_gives_a_machine_the_failure_too(self, capsys: pytest.CaptureFixture[str]) -> None:
        Voice(as_json=True).failure(a_failure())
        heard = json.loads(capsys.readouterr().out)
        assert heard["failure"] == "DiskFull"
        assert heard["ready"] is False


def a_failure() -> DiskFull:
    return DiskFull(Path("/data"))
