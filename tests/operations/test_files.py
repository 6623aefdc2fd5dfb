"""A secret is whole or absent, and nobody else's to read."""

import stat
from pathlib import Path

import pytest

from operations.files import last_lines, write_private


class TestWritePrivate:
    def test_closes_file_and_folder_to_others(self, tmp_path: Path) -> None:
        path = tmp_path / "secrets" / "one"
        write_private(path, "秘密")
        assert path.read_text(encoding="utf-8") == "秘密"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700

    def test_leaves_the_old_text_when_the_new_cannot_be_written(self, tmp_path: Path) -> None:
        path = tmp_path / "one"
        write_private(path, "old")
        with pytest.raises(UnicodeEncodeError):
            write_private(path, "new \ud800")
        assert path.read_text(encoding="utf-8") == "old"
        assert [entry.name for entry in tmp_path.iterdir()] == ["one"]


class TestLastLines:
    def test_joins_the_last_lines_that_say_something(self, tmp_path: Path) -> None:
        (tmp_path / "log").write_text("one\n\ntwo\n  three  \n\n", encoding="utf-8")
        assert last_lines(tmp_path / "log", count=2) == "two / three"

    def test_is_empty_without_a_log(self, tmp_path: Path) -> None:
        assert not last_lines(tmp_path / "log")

    def test_reads_only_the_end_of_a_long_one(self, tmp_path: Path) -> None:
        (tmp_path / "log").write_bytes(b"x" * 1_000_000 + b"\nthe end\n")
        assert last_lines(tmp_path / "log", count=1) == "the end"
