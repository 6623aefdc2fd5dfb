"""What lies near a change: its capability's tests, and never less than the file named after it."""

import subprocess
from pathlib import Path

import pytest

from operations.changes import changed, nearby, pure

FILES = (
    "gateway/limits.py",
    "gateway/consent/desk.py",
    "gateway/consent/screen/words.py",
    "services/benefits/applications/service.py",
    "tests/gateway/test_limits.py",
    "tests/gateway/consent/test_desk.py",
    "tests/gateway/consent/conftest.py",
    "tests/services/benefits/applications/domain/test_states.py",
    "tests/services/benefits/applications/test_endpoints.py",
    "tests/services/benefits/programmes/test_domain.py",
    "tests/foundation/test_money.py",
    "tests/support/house.py",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("", encoding="utf-8")
    return tmp_path


class TestNearby:
    @pytest.mark.parametrize(
        ("name", "near"),
        [
            ("gateway/consent/desk.py", "tests/gateway/consent"),
            ("tests/gateway/consent/conftest.py", "tests/gateway/consent"),
            ("gateway/limits.py", "tests/gateway/test_limits.py"),
            ("tests/gateway/test_limits.py", "tests/gateway/test_limits.py"),
            (
                "services/benefits/applications/service.py",
                "tests/services/benefits/applications",
            ),
        ],
    )
    def test_is_the_capability_or_the_file_of_that_name(
        self, root: Path, name: str, near: str
    ) -> None:
        assert nearby(root, [name]) == (near,)

    @pytest.mark.parametrize("name", ["gateway/unheard.py", "tests/support/house.py"])
    def test_is_nothing_where_nothing_mirrors_it(self, root: Path, name: str) -> None:
        assert nearby(root, [name]) == ()

    def test_names_nothing_twice(self, root: Path) -> None:
        inside = "services/benefits/applications/service.py"
        assert nearby(root, [inside, inside, "services/benefits/app.py"]) == (
            "tests/services/benefits",
        )


class TestPure:
    def test_are_the_rules_of_every_domain(self, root: Path) -> None:
        assert pure(root) == (
            "tests/foundation/test_money.py",
            "tests/services/benefits/applications/domain/test_states.py",
            "tests/services/benefits/programmes/test_domain.py",
        )


class TestChanged:
    def test_are_edited_and_new_files_but_not_those_that_are_gone(self, root: Path) -> None:
        for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "x"]):
            who = ["-c", "user.name=a", "-c", "user.email=a@example.jp"]
            subprocess.run(["git", *who, *words], cwd=root, check=True)
        assert changed(root) == ()
        (root / "gateway/limits.py").write_text("LIMIT = 1\n", encoding="utf-8")
        (root / "gateway/new.py").write_text("", encoding="utf-8")
        (root / "gateway/new.txt").write_text("", encoding="utf-8")
        (root / "tests/gateway/test_limits.py").unlink()
        assert changed(root) == ("gateway/limits.py", "gateway/new.py")

    def test_are_none_where_there_is_no_history(self, root: Path) -> None:
        assert changed(root) == ()
