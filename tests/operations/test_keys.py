"""`tamaire keys`: what is shown and changed, and what is said when there is nothing to."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from foundation.identity.key_ring import ACCESS_TOKENS, INTERNAL, KINDS, KeyRing
from operations.keys import NoKeys, change

ROOT = Path(__file__).parents[2]


def tamaire(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "operations", "keys", *map(str, arguments)],
        env={"PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", "LANG": "POSIX"},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    for kind in KINDS:
        KeyRing.load_or_create(tmp_path, kind)
    return tmp_path


def listed(answer: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


class TestKeys:
    def test_are_shown_with_where_they_stand(self, keys: Path) -> None:
        found = listed(tamaire("list", "--keys", keys, "--json"))
        assert [(one["kind"], one["state"]) for one in found] == [
            ("access-tokens", "signing"),
            ("access-tokens", "published"),
            ("internal", "signing"),
            ("internal", "published"),
        ]
        assert all(one["kid"] and "PRIVATE" not in str(one) for one in found)
        assert "signing" in tamaire("list", "--keys", keys).stdout

    def test_are_changed_once_everybody_can_have_read_the_next(self, keys: Path) -> None:
        soon = listed(tamaire("rotate", "--keys", keys, "--json"))
        assert [one["state"] for one in soon[:3]] == ["signing", "published", "published"]
        at_once = listed(tamaire("rotate", "--keys", keys, "--lead", "0", "--json"))
        assert len(at_once) == 8

    def test_are_changed_at_once_where_that_is_asked_for(self, keys: Path) -> None:
        found = listed(
            tamaire("rotate", "--keys", keys, "--lead", "0", "--only", "internal", "--json")
        )
        states = [(one["kind"], one["state"]) for one in found]
        assert states[2:] == [
            ("internal", "retired"),
            ("internal", "signing"),
            ("internal", "published"),
        ]

    def test_are_all_refused_once_they_were_betrayed(self, keys: Path) -> None:
        before = {key.public()["kid"] for key in [KeyRing(keys, ACCESS_TOKENS).signing]}
        found = listed(tamaire("rotate", "--keys", keys, "--betrayed", "--json"))
        assert len(found) == 4
        assert not before & {one["kid"] for one in found}

    @pytest.mark.parametrize("word", ["list", "rotate"])
    def test_are_missed_where_there_are_none(self, tmp_path: Path, word: str) -> None:
        answer = tamaire(word, "--data", tmp_path)
        assert (answer.returncode, "./tamaire up" in answer.stderr) == (1, True)

    def test_are_of_two_kinds(self, keys: Path) -> None:
        answer = tamaire("rotate", "--keys", keys, "--only", "front-door")
        assert (answer.returncode, "access-tokens, internal" in answer.stderr) == (1, True)


class TestChange:
    def test_needs_a_ring(self, tmp_path: Path) -> None:
        with pytest.raises(NoKeys):
            change(tmp_path, INTERNAL, lead=timedelta(0))
