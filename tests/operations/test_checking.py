"""One examination for everybody: every check runs, and one failure is enough."""

import json
from pathlib import Path

import pytest

from operations.checking import CHECKS, Check, ChecksFailed, examine, quick_checks
from operations.voice import Voice

ROOT = Path(__file__).parents[2]
PASSES = Check("passes", ("-c", ""))
FAILS = Check("fails", ("-c", "raise SystemExit(1)"))


class TestExamine:
    def test_runs_what_follows_a_failure_too(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(ChecksFailed, match="fails"):
            examine([FAILS, PASSES], Voice(as_json=True))
        heard = json.loads(capsys.readouterr().out)
        assert heard["passed"] is False
        assert heard["passes"]["passed"] is True
        assert heard["fails"]["passed"] is False

    def test_keeps_settings_of_a_running_instance_away(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TAMAIRE_DATABASE_URL", "postgresql://")
        looks = "import os; raise SystemExit(any(n.startswith('TAMAIRE_') for n in os.environ))"
        examine([Check("looks", ("-c", looks))], Voice(as_json=True))

    def test_hears_what_ran_beside_the_others_at_the_end(
        self, capfd: pytest.CaptureFixture[str]
    ) -> None:
        complains = Check("types", ("-c", "print('wrong'); raise SystemExit(1)"), beside=True)
        speaks = Check("tests", ("-c", "print('well')"))
        with pytest.raises(ChecksFailed, match="types"):
            examine([complains, speaks], Voice())
        heard = capfd.readouterr().out
        assert heard.index("well") < heard.index("wrong")


class TestChecks:
    def test_are_the_five_promised(self) -> None:
        names = [check.name for check in CHECKS]
        assert names == ["ruff format", "ruff check", "basedpyright", "lint-imports", "pytest"]

    def test_are_what_the_server_runs(self) -> None:
        lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
        assert lines[-1] == "exec ./tamaire test"
        assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


class TestQuickChecks:
    def test_are_rules_and_what_is_near_and_nothing_that_takes_long(self) -> None:
        (tests,) = [check for check in quick_checks(ROOT) if check.name == "pytest"]
        assert "tests/services/registry/residents/test_domain.py" in tests.arguments
        assert "not slow and not journey" in tests.arguments
