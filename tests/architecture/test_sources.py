"""The shape of the code: small files, small functions, and a commit in one place."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOUSE = ("foundation", "gateway", "services", "operations", "infra")
MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 40
UPWARD = re.compile(r"(?<![a-zA-Z0-9_.])/(?:work|farm|root|home)/")


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).exists()]


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return its lines without the docstring: saying why must not cost a line of code."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None and first.end_lineno is not None:
        lines -= first.end_lineno - first.lineno + 1
    return lines


class TestSources:
    def test_no_file_is_longer_than_400_lines(self) -> None:
        long = {
            str(path.relative_to(ROOT)): count
            for path in tracked("*.py")
            if (count := len(path.read_text("utf-8").splitlines())) > MOST_LINES_OF_A_FILE
        }
        assert long == {}

    def test_no_function_is_longer_than_40_lines(self) -> None:
        long = {
            f"{path.relative_to(ROOT)}:{function.name}": length(function)
            for path in tracked(*(f"{room}/*.py" for room in HOUSE))
            for function in functions(ast.parse(path.read_text("utf-8")))
            if length(function) > MOST_LINES_OF_A_FUNCTION
        }
        assert long == {}

    def test_commit_is_written_in_one_file(self) -> None:
        committing = {
            str(path.relative_to(ROOT))
            for path in tracked("foundation/*.py", "gateway/*.py", "services/*.py")
            if re.search(r"\.commit\(|\"COMMIT\"", path.read_text("utf-8"))
        }
        assert committing == {"foundation/database/transaction.py"}

    def test_no_file_names_a_path_of_somebodys_machine(self) -> None:
        naming = {
            str(path.relative_to(ROOT))
            for path in tracked("*.py", "*.md", "*.toml", "*.yml", "*.sql", "tamaire", "Makefile")
            if path != Path(__file__) and UPWARD.search(path.read_text("utf-8", errors="replace"))
        }
        assert naming == set()

    def test_every_decision_names_what_enforces_it(self) -> None:
        silent = {
            path.name
            for path in tracked("docs/decisions/*.md")
            if "**Enforced by**" not in path.read_text("utf-8")
        }
        assert silent == set()
