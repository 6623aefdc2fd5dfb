"""What operators are refused before anything was done, and the words in which they are."""

import os
from collections.abc import Generator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from operations.failures import Failure
from operations.folder import DataFolder, Instance
from operations.limits import NoSuchCode
from operations.tenants.cli import app
from operations.tenants.operator import Refused
from operations.tenants.refusals import (
    NoDirectory,
    NoInventedPeople,
    NotForEverybody,
    NothingNamed,
)

MINATO = "131032"


@pytest.fixture
def data(tmp_path: Path) -> Generator[Path]:
    """Give the folder of an instance without a simulator, whose gateway nobody reaches."""
    folder = DataFolder(tmp_path / "data")
    folder.claim()
    with folder.held():
        folder.announce(
            Instance(pid=os.getpid(), port=9, base_url="http://127.0.0.1:9", simulator_url="")
        )
        yield folder.root


def refused(*words: str, data: Path) -> BaseException | None:
    return CliRunner().invoke(app, [*words, "--data", str(data)]).exception


class TestOnboard:
    def test_needs_somebody_named(self, data: Path) -> None:
        assert isinstance(refused("onboard", data=data), NothingNamed)
        assert isinstance(refused("onboard", "131031", data=data), NoSuchCode)

    @pytest.mark.parametrize(
        "more",
        [[MINATO], ["--administrator", "A-1"], ["--directory", "x"], ["--sample-residents"]],
    )
    def test_of_all_takes_nothing_that_is_one_towns(self, data: Path, more: list[str]) -> None:
        assert isinstance(refused("onboard", "--all", *more, data=data), NotForEverybody)

    def test_invents_nobody_where_no_simulator_runs(self, data: Path) -> None:
        found = refused("onboard", MINATO, "--sample-residents", data=data)

        assert isinstance(found, NoInventedPeople)

    def test_reads_no_directory_that_is_none(self, data: Path, tmp_path: Path) -> None:
        page = tmp_path / "page.html"
        page.write_text("<html>", encoding="utf-8")

        for path in (page, tmp_path / "nothing.json"):
            found = refused("onboard", MINATO, "--directory", str(path), data=data)
            assert isinstance(found, NoDirectory)


class TestRefused:
    def test_says_in_the_houses_words_what_is_wrong_with_each_value(self) -> None:
        problem = {
            "title": "Some of the values are not acceptable.",
            "title_ja": "入力内容に誤りがあります。",
            "remedy": "Correct them.",
            "remedy_ja": "直してください。",
            "errors": [{"pointer": "/directory/issuer", "detail": "It is required."}],
        }

        failure: Failure = Refused(httpx.Response(422, json=problem))

        assert "/directory/issuer: It is required." in failure.english
        assert "入力内容に誤りがあります。" in failure.japanese
