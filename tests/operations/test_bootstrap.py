"""The script that meets an unprepared machine is readable by any Python, and acts once."""

import ast
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "tamaire"
# Syntax that Python 2.7 cannot read: there the reader would get a trace instead of a sentence.
TOO_YOUNG = (
    ast.JoinedStr,
    ast.AnnAssign,
    ast.NamedExpr,
    ast.AsyncFunctionDef,
    ast.Nonlocal,
    ast.YieldFrom,
    ast.Starred,
    ast.Match,
)

# A Python that believes to be old, as far as a script can ask it.
OLD_PYTHON = """#!{python}
import sys
sys.version_info = (3, 8, 18, "final", 0)
sys.argv = sys.argv[1:]
sys.executable = "/nonexistent"
script = open(sys.argv[0], encoding="utf-8").read()
exec(compile(script, sys.argv[0], "exec"), {{"__name__": "__main__", "__file__": sys.argv[0]}})
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A checkout with nothing installed, whose lock asks for nothing."""
    project = tmp_path / "project"
    (project / "requirements").mkdir(parents=True)
    (project / "operations").mkdir()
    shutil.copy(SCRIPT, project)
    (project / "requirements" / "runtime.txt").write_text("", encoding="ascii")
    (project / "operations" / "__init__.py").touch()
    echo = "import os, sys; print(sys.argv[1:], os.getcwd())"
    (project / "operations" / "__main__.py").write_text(echo, encoding="ascii")
    return project


def run(
    project: Path, *arguments: str, python: Path | str = sys.executable
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, project / "tamaire", *arguments],
        env={},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )


def with_lock(project: Path, text: str) -> None:
    (project / "requirements" / "runtime.txt").write_text(text, encoding="ascii")


class TestScript:
    def test_is_readable_by_the_oldest_python_still_about(self) -> None:
        tree = ast.parse(SCRIPT.read_text(encoding="utf-8"))
        found = [node for node in ast.walk(tree) if isinstance(node, TOO_YOUNG)]
        assert not found
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                assert node.returns is None
                assert not node.args.kwonlyargs
                assert not any(argument.annotation for argument in node.args.args)

    def test_is_executable(self) -> None:
        assert SCRIPT.stat().st_mode & stat.S_IXUSR

    def test_installs_once_and_hands_over(self, copy: Path) -> None:
        first, second = run(copy, "up", "--port", "1"), run(copy, "status")
        assert first.stdout == "['up', '--port', '1'] /\n"
        assert "Installing" in first.stderr
        assert (second.stdout, second.stderr) == ("['status'] /\n", "")

    @pytest.mark.slow
    def test_installs_again_when_the_lock_changes(self, copy: Path) -> None:
        run(copy)
        with_lock(copy, "# another lock\n")
        assert "Installing" in run(copy).stderr
        assert not run(copy).stderr

    @pytest.mark.slow
    def test_two_at_once_install_once(self, copy: Path) -> None:
        both = [
            subprocess.Popen(
                [sys.executable, copy / "tamaire"],
                env={},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            for _ in range(2)
        ]
        words = [process.communicate()[1].decode("utf-8") for process in both]
        assert [process.returncode for process in both] == [0, 0]
        assert sum("Installing what" in text for text in words) == 1

    @pytest.mark.slow
    @pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
    def test_goes_on_where_a_stopped_one_left_off(self, copy: Path, number: signal.Signals) -> None:
        for seconds in (0.5, 1.5, 3.0):
            with subprocess.Popen(
                [sys.executable, copy / "tamaire"], env={}, stderr=subprocess.DEVNULL
            ) as stopped:
                time.sleep(seconds)
                stopped.send_signal(number)
        answer = run(copy, "status")
        assert (answer.returncode, answer.stdout) == (0, "['status'] /\n")

    @pytest.mark.slow
    def test_refuses_a_package_that_is_not_what_was_locked(self, copy: Path) -> None:
        wheel = copy / "thing-1.0-py3-none-any.whl"
        wheel.write_bytes(b"PK\x05\x06" + bytes(18))
        with_lock(copy, f"thing @ file://{wheel} --hash=sha256:{'0' * 64}\n")
        answer = run(copy)
        assert answer.returncode == 69
        assert "differs from what was locked" in answer.stderr
        assert "Traceback" not in answer.stderr

    @pytest.mark.slow
    def test_says_so_when_there_is_no_network(self, copy: Path) -> None:
        with_lock(copy, f"http://127.0.0.1:9/thing-1.0.tar.gz --hash=sha256:{'0' * 64}\n")
        answer = run(copy)
        assert answer.returncode == 69
        assert "No network" in answer.stderr
        assert "ネットワーク" in answer.stderr

    @pytest.mark.slow
    def test_mends_a_venv_whose_python_is_gone(self, copy: Path) -> None:
        run(copy)
        (copy / ".venv" / "bin" / "python").unlink()
        answer = run(copy, "status")
        assert (answer.returncode, answer.stdout) == (0, "['status'] /\n")

    def test_says_so_when_it_cannot_write(self, copy: Path) -> None:
        (copy / ".venv").touch()
        answer = run(copy)
        assert answer.returncode != 0
        assert "✘" in answer.stderr
        assert "Traceback" not in answer.stderr

    @pytest.mark.slow
    def test_looks_for_a_younger_python_before_giving_up(self, copy: Path, tmp_path: Path) -> None:
        old = tmp_path / "old"
        old.write_text(OLD_PYTHON.format(python=sys.executable), encoding="ascii")
        old.chmod(0o755)
        found = tmp_path / "bin" / "python3.11"
        found.parent.mkdir()
        found.symlink_to(sys.executable)
        answer = subprocess.run(
            [old, copy / "tamaire"],
            env={"PATH": str(found.parent)},
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        assert (answer.returncode, answer.stdout) == (0, "[] /\n")

    def test_says_which_python_it_needs(self, copy: Path, tmp_path: Path) -> None:
        old = tmp_path / "old"
        old.write_text(OLD_PYTHON.format(python=sys.executable), encoding="ascii")
        old.chmod(0o755)
        script = (copy / "tamaire").read_text(encoding="utf-8")
        script = script.replace('PLACES = ("/usr', 'PLACES = ("/nowhere/usr', 1)
        script = script.replace('"/usr/bin", "/bin", ', "")
        (copy / "tamaire").write_text(script, encoding="utf-8")
        answer = subprocess.run(
            [old, copy / "tamaire"],
            env={"PATH": "/nowhere"},
            cwd="/",
            capture_output=True,
            check=False,
        )
        words = answer.stderr.decode("utf-8")
        assert answer.returncode == 69
        assert "Python 3.11 or later is needed (this is 3.8)" in words
        assert "Python 3.11 以降が必要です" in words
        assert words.startswith("✘")
