"""A municipality's key files, put where running services find them, or taken back.

A service knows that keys came anew by the names in their folder; a folder that was put in the
place of another one has one name more, so that no service goes on with a cipher of before.
"""

import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from foundation.encryption.files import place, settle
from foundation.identifiers import new_id

from .refusals import FileChanged

Keys = Mapping[str, Mapping[str, bytes]]
_MARK: Final = "moved-in-"
_ASIDE: Final = ".before-"


@contextmanager
def placed(keys: Keys, directory: Path, *, tenant_id: int) -> Generator[None]:
    """Put keys in their place for good, or, if the work fails, take them away again.

    Keys that were there sealed nothing, for there is not a row yet; if the work fails they are
    back as they were.
    """
    aside: list[tuple[Path, Path]] = []
    made: list[Path] = []
    try:
        for service, files in keys.items():
            home = directory / service / str(tenant_id)
            home.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if home.exists():
                before = home.with_name(f"{_ASIDE}{home.name}-{new_id()}")
                home.rename(before)
                aside.append((home, before))
            made.append(home)
            _write(home, files)
        yield
    except BaseException:
        for home in made:
            shutil.rmtree(home, ignore_errors=True)
        for home, before in aside:
            before.rename(home)
        raise
    for _, before in aside:
        shutil.rmtree(before, ignore_errors=True)


def _write(home: Path, files: Mapping[str, bytes]) -> None:
    home.mkdir(mode=0o700)
    for name, content in files.items():
        if "/" in name or name.startswith("."):
            raise FileChanged("keys.json")
        if not name.startswith(_MARK):
            place(home / name, content)
    place(home / f"{_MARK}{new_id()}", b"")
    settle(home.parent)
