"""Where the database lives when its account may not enter where the project does."""

import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from operations.postgres.account import Account
from operations.postgres.place import find_place, forsaken, known_place, wheel
from operations.tether import tethered

NOBODY = Account(uid=65534, gid=65534)


@pytest.fixture
def closed() -> Generator[Path]:
    """A folder that only we may enter, with a folder in it that anybody might."""
    with tempfile.TemporaryDirectory() as name:
        project = Path(name) / "project"
        project.mkdir(mode=0o755)
        yield project


class TestCanReach:
    def test_follows_every_step_of_the_way(self, closed: Path) -> None:
        assert not NOBODY.can_reach(closed)
        closed.parent.chmod(0o711)
        assert NOBODY.can_reach(closed)
        assert NOBODY.can_reach(closed / "not" / "yet" / "there")
        closed.chmod(0o700)
        assert not NOBODY.can_reach(closed)

    def test_is_true_of_our_own_folders_for_ourselves(self, closed: Path) -> None:
        assert Account(uid=os.geteuid(), gid=os.getegid()).can_reach(closed)


class TestFindPlace:
    def test_decides_once(self, closed: Path) -> None:
        assert known_place(closed / "pg") is None
        first = find_place(closed / "pg", for_tests=True)
        try:
            assert find_place(closed / "pg", for_tests=True) == first
            assert known_place(closed / "pg") == first
            assert first.account.can_reach(first.home)
        finally:
            first.erase()
        assert not first.home.exists()

    def test_stays_beside_the_rest_where_it_can(self, closed: Path) -> None:
        closed.parent.chmod(0o711)
        place = find_place(closed / "pg")
        assert not place.is_elsewhere
        assert stat.S_IMODE(place.home.stat().st_mode) == 0o711


class TestPrograms:
    def test_run_from_wherever_the_account_can_reach_them(self, closed: Path) -> None:
        package = wheel().parent
        copied = closed / package.name / wheel().name
        shutil.copytree(wheel(), copied, ignore=shutil.ignore_patterns("*.a", "include"))
        libraries = package.with_name(f"{package.name}.libs")
        shutil.copytree(libraries, closed / libraries.name)
        place = find_place(closed / "pg", for_tests=True)
        try:
            program = place.programs(copied) / "postgres"
            uid, gid = place.account.uid, place.account.gid
            command = tethered([str(program), "--version"], on_orphaned=9, uid=uid, gid=gid)
            answer = subprocess.run(command, check=True, capture_output=True, text=True, cwd="/")
            assert answer.stdout.startswith("postgres (PostgreSQL) 18.")
        finally:
            place.erase()


class TestForsaken:
    def test_names_what_no_folder_points_to(self, closed: Path) -> None:
        outside, owner = closed / "outside", closed / "pg"
        home = outside / "tamaire-1"
        home.mkdir(parents=True)
        owner.mkdir()
        (home / "belongs-to").write_text(str(owner), encoding="utf-8")
        (owner / "place.json").write_text(f'{{"home": "{home}"}}', encoding="utf-8")
        assert forsaken(among=[outside]) == []
        shutil.rmtree(owner)
        assert forsaken(among=[outside]) == [home]
