"""One folder, one instance; and nothing is ever erased that is not ours."""

import json
import os
import stat
from pathlib import Path

import pytest

from operations.failures import FolderUnwritable
from operations.folder import AlreadyRunning, DataFolder, Instance, NotOurFolder

INSTANCE = Instance(pid=os.getpid(), port=8200, base_url="http://a", simulator_url="http://b")


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    made = DataFolder(tmp_path / "data")
    made.claim()
    return made


class TestClaim:
    def test_takes_an_empty_folder(self, tmp_path: Path) -> None:
        DataFolder(tmp_path).claim()
        assert DataFolder(tmp_path).is_ours

    def test_takes_its_own_folder_again(self, folder: DataFolder) -> None:
        folder.claim()
        assert folder.is_ours

    def test_refuses_a_folder_with_something_else_in_it(self, tmp_path: Path) -> None:
        (tmp_path / "diary.txt").write_text("dear diary", encoding="utf-8")
        with pytest.raises(NotOurFolder):
            DataFolder(tmp_path).claim()
        assert [path.name for path in tmp_path.iterdir()] == ["diary.txt"]

    def test_refuses_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(FolderUnwritable):
            DataFolder(tmp_path / "file").claim()


class TestPrepare:
    @pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
    def test_closes_everything_private_whatever_the_umask(
        self, folder: DataFolder, mask: int
    ) -> None:
        before = os.umask(mask)
        try:
            folder.prepare()
        finally:
            os.umask(before)
        private = (folder.keys, folder.passwords, folder.logs, folder.run, folder.simulator)
        assert {stat.S_IMODE(path.stat().st_mode) for path in private} == {0o700}

    def test_begins_a_new_log_when_the_old_one_has_grown_large(self, folder: DataFolder) -> None:
        folder.prepare()
        with folder.log("gateway").open("wb") as log:
            log.truncate(20_000_000)
        folder.prepare()
        assert not folder.log("gateway").exists()
        assert (folder.logs / "gateway.log.1").exists()


class TestHeld:
    def test_refuses_a_second_holder_and_names_the_first(self, folder: DataFolder) -> None:
        with folder.held():
            folder.announce(INSTANCE)
            with pytest.raises(AlreadyRunning, match=str(os.getpid())), folder.held():
                pass
            assert folder.instance() == INSTANCE

    def test_lets_go_at_the_end(self, folder: DataFolder) -> None:
        with folder.held():
            assert folder.is_in_use
        with folder.held():
            pass
        assert not folder.is_in_use


class TestInstance:
    def test_is_none_when_what_announced_itself_is_gone(self, folder: DataFolder) -> None:
        folder.announce(INSTANCE)
        assert folder.instance() is None

    def test_is_none_while_the_holder_has_not_announced_itself(self, folder: DataFolder) -> None:
        with folder.held():
            assert folder.instance() is None


class TestErase:
    def test_removes_what_is_ours(self, folder: DataFolder) -> None:
        folder.prepare()
        folder.erase()
        assert not folder.root.exists()

    def test_leaves_what_is_not(self, tmp_path: Path) -> None:
        (tmp_path / "diary.txt").touch()
        with pytest.raises(NotOurFolder):
            DataFolder(tmp_path).erase()
        assert (tmp_path / "diary.txt").exists()

    def test_removes_the_short_folder_of_the_sockets_too(self, tmp_path: Path) -> None:
        deep = DataFolder(tmp_path / ("d" * 120))
        deep.claim()
        deep.prepare()
        sockets = deep.run
        assert sockets.parent == Path("/tmp")  # noqa: S108 - where a path is short
        assert json.loads((deep.root / "tamaire.json").read_text(encoding="utf-8"))
        deep.erase()
        assert not sockets.exists()
