"""What is typed to look back is understood, and what cannot be done is a sentence."""

import json
from pathlib import Path

import pytest

from tests.operations.test_cli import tamaire

LOOK = ("tenants", "restore", "--code", "012084")


@pytest.mark.parametrize("at", ["2026-11-24T10:15", "yesterday", "2026-11-24"])
def test_a_time_without_an_offset_is_refused_before_anything_is_done(
    at: str, tmp_path: Path
) -> None:
    answer = tamaire(*LOOK, "--at", at, "--json", "--data", tmp_path / "none")
    assert answer.returncode == 1
    assert json.loads(answer.stdout)["failure"] == "NotATime"


def test_a_table_that_is_not_wound_back_is_refused_with_the_reason(tmp_path: Path) -> None:
    answer = tamaire(
        *(*LOOK, "--at", "2026-11-24T10:15+09:00", "--take", "audit.entries"),
        *("--by", "佐藤", "--confirmed-by", "鈴木", "--json", "--data", tmp_path),
    )
    said = json.loads(answer.stdout)
    assert said["failure"] == "NotTaken"
    assert "証跡" in said["ja"]


@pytest.mark.parametrize("word", ["restore", "history"])
def test_nothing_is_looked_at_where_nothing_runs(word: str, tmp_path: Path) -> None:
    more = ("--code", "012084", "--at", "2026-11-24T10:15+09:00") if word == "restore" else ()
    answer = tamaire("tenants", word, *more, "--json", "--data", tmp_path)
    assert answer.returncode == 3
    assert json.loads(answer.stdout)["failure"] == "NotRunning"


def test_a_history_longer_than_an_erasure_allows_is_refused(tmp_path: Path) -> None:
    answer = tamaire("up", "--keep-history", "31", "--data", tmp_path / "none")
    assert answer.returncode == 2
    assert not (tmp_path / "none").exists()
