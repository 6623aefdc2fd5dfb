"""What lies near a change, for the look an engineer takes at every edit.

Near is what mirrors it: `services/benefits/applications/…` is examined by everything in
`tests/services/benefits/applications`. Whatever else the change may break only the whole
examination finds.
"""

import subprocess
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

_CAPABILITY_DEPTH = 2  # gateway/consent, foundation/web; a service's own are one deeper
_TESTS = "tests"


def changed(root: Path) -> tuple[str, ...]:
    """Return the Python files here that differ from the main branch; none without git."""
    base = _git(root, "merge-base", "HEAD", "main")
    named = [
        *_git(root, "diff", "--name-only", base[0] if base else "HEAD"),
        *_git(root, "ls-files", "--others", "--exclude-standard"),
    ]
    return tuple(
        sorted({name for name in named if name.endswith(".py") and (root / name).is_file()})
    )


def nearby(root: Path, names: Iterable[str]) -> tuple[str, ...]:
    """Return the tests of what changed, each once."""
    found = {near for name in names if (near := _near(root, PurePosixPath(name))) is not None}
    within = {one for one in found if any(str(parent) in found for parent in Path(one).parents)}
    return tuple(sorted(found - within))


def pure(root: Path) -> tuple[str, ...]:
    """Return the tests of rules that know no framework: quick, because nothing is started."""
    tests = root / _TESTS
    rules = {
        *tests.rglob("test_domain.py"),
        *tests.rglob("domain/test_*.py"),
        *tests.glob("foundation/test_*.py"),
    }
    return tuple(sorted(str(path.relative_to(root)) for path in rules))


def _near(root: Path, path: PurePosixPath) -> str | None:
    """Return the tests of a file: its capability's folder, else the one file named after it."""
    if path.parts[0] == _TESTS:
        own, folder = path, path.parent
    else:
        own = _TESTS / path.with_name(f"test_{path.name}")
        folder = _TESTS / path.parent
    is_capability = len(folder.parts) > _CAPABILITY_DEPTH
    if is_capability and any((root / folder).glob("**/test_*.py")):
        return str(folder)
    return str(own) if own.name.startswith("test_") and (root / own).is_file() else None


def _git(root: Path, *arguments: str) -> list[str]:
    try:
        asked = subprocess.run(
            ["git", *arguments], cwd=root, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return []
    return asked.stdout.splitlines() if asked.returncode == 0 else []
