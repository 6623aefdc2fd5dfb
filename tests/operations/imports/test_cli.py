"""What somebody at a town hall may type wrongly is said before anything leaves the disk."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from foundation.identity import SigningKey
from operations.cli import app
from operations.failures import Failure
from operations.files import write_private
from operations.imports.cli import _asking  # pyright: ignore[reportPrivateUsage]
from operations.imports.keys import NoProof, key_of, token_of
from operations.imports.refusals import InTheOpen, NoSuchFile
from operations.limits import NoSuchCode
from operations.supervision.status import NotRunning
from operations.voice import Voice

AWAY = ("--url", "https://tamaire.example.jp")


def failure_of(*arguments: str) -> BaseException | None:
    return CliRunner().invoke(app, ["imports", *arguments]).exception


@pytest.fixture
def register(tmp_path: Path) -> str:
    path = tmp_path / "register.csv"
    path.write_text("宛名番号\n", encoding="utf-8")
    return str(path)


class TestImports:
    @pytest.mark.parametrize("command", ["preview", "send"])
    def test_says_what_is_missing(self, register: str, tmp_path: Path, command: str) -> None:
        key = tmp_path / "hall.pem"
        write_private(key, SigningKey.generate("ES256").pem().decode())
        kitami = ("--municipality", "012084", "--data", str(tmp_path / "data"))
        told: list[tuple[type[Failure], tuple[str, ...]]] = [
            (NoSuchFile, ("nothing.csv", *kitami, *AWAY)),
            (NoSuchCode, (register, "--municipality", "012085", *AWAY)),
            (NotRunning, (register, *kitami)),
            (NoProof, (register, *kitami, *AWAY)),
            (NoProof, (register, *kitami, *AWAY, "--token-file", str(tmp_path / "none"))),
            (InTheOpen, (register, *kitami, "--url", "http://192.0.2.1", "--key", str(key))),
        ]
        for expected, arguments in told:
            assert isinstance(failure_of(command, *arguments), expected), arguments

    def test_lets_nothing_in_unasked_where_nobody_sits(self) -> None:
        assert not _asking(Voice(), yes=False)("よろしいですか")
        assert not _asking(Voice(as_json=True), yes=False)("よろしいですか")
        assert _asking(Voice(as_json=True), yes=True)("よろしいですか")


class TestProof:
    def test_is_a_key_or_a_token(self, tmp_path: Path) -> None:
        key = SigningKey.generate("ES256")
        write_private(tmp_path / "key.pem", key.pem().decode())
        assert key_of(tmp_path / "key.pem").kid == key.kid
        write_private(tmp_path / "token", "opaque\n")
        assert token_of(tmp_path / "token") == "opaque"

    @pytest.mark.parametrize("content", ["", "鍵"])
    def test_is_neither_empty_nor_something_else(self, tmp_path: Path, content: str) -> None:
        write_private(tmp_path / "it", content)
        with pytest.raises(NoProof):
            token_of(tmp_path / "it")
        with pytest.raises(NoProof):
            key_of(tmp_path / "it")
