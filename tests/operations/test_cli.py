"""What is typed is understood, and what cannot be done is a sentence with a status of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from operations.folder import DataFolder

ROOT = Path(__file__).parents[2]
COMMANDS = (
    *("up", "down", "status", "doctor", "test", "migrate", "prepare", "demo", "openapi"),
    "sandbox",
)


def tamaire(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command as the bootstrap script does, with no environment worth the name."""
    return subprocess.run(
        [sys.executable, "-m", "operations", *map(str, arguments)],
        env={"PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", "LANG": "POSIX"},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )


class TestHelp:
    def test_names_every_command_once(self) -> None:
        answer = tamaire("--help")
        listed = [line.split()[0] for line in answer.stdout.splitlines() if line.startswith("  ")]
        assert {command: listed.count(command) for command in COMMANDS} == dict.fromkeys(
            COMMANDS, 1
        )

    @pytest.mark.parametrize("command", COMMANDS)
    def test_explains(self, command: str) -> None:
        answer = tamaire(command, "--help")
        assert answer.returncode == 0
        assert f"Usage: ./tamaire {command}" in answer.stdout


class TestStatus:
    def test_has_a_status_of_its_own_when_nothing_runs(self, tmp_path: Path) -> None:
        answer = tamaire("status", "--data", tmp_path)
        assert answer.returncode == 3
        assert "`./tamaire up" in answer.stderr
        assert "起動していません" in answer.stderr

    def test_tells_a_machine(self, tmp_path: Path) -> None:
        answer = tamaire("status", "--json", "--data", tmp_path)
        assert (answer.returncode, answer.stderr) == (3, "")
        assert json.loads(answer.stdout)["failure"] == "NotRunning"

    def test_says_so_while_it_starts(self, tmp_path: Path) -> None:
        folder = DataFolder(tmp_path / "data")
        folder.claim()
        with folder.held():
            answer = tamaire("status", "--json", "--data", folder.root)
        assert answer.returncode == 3
        assert json.loads(answer.stdout)["failure"] == "NotYetReady"


class TestDown:
    def test_is_content_when_nothing_runs(self, tmp_path: Path) -> None:
        answer = tamaire("down", "--json", "--data", tmp_path / "never")
        assert answer.returncode == 0
        assert json.loads(answer.stdout)["stopped"] is False

    def test_erases_nothing_that_is_not_ours(self, tmp_path: Path) -> None:
        (tmp_path / "diary.txt").touch()
        answer = tamaire("down", "--erase", "--json", "--data", tmp_path)
        assert answer.returncode == 1
        assert json.loads(answer.stdout)["failure"] == "NotOurFolder"
        assert [path.name for path in tmp_path.iterdir()] == ["diary.txt"]


class TestPrepare:
    def test_asks_for_the_database_it_was_not_told(self, tmp_path: Path) -> None:
        answer = tamaire("prepare", "--folders", tmp_path)
        assert answer.returncode == 1
        assert "TAMAIRE_OPERATIONS_DATABASE_URL" in answer.stderr


class TestDemo:
    def test_needs_a_running_instance(self, tmp_path: Path) -> None:
        assert tamaire("demo", "resident", "--data", tmp_path).returncode == 3
