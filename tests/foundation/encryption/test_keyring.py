"""Keys are made once, kept from others, rotated without loss, and destroyed for good."""

import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from foundation.encryption import Field, Keyring, KeyUnavailable, settle_first_keys
from foundation.identifiers import TenantId

TEXT = Field("consultation.records.text")
KITAMI, KINOKAWA = TenantId(1), TenantId(2)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def keyring(directory: Path) -> Keyring:
    keyring = Keyring(directory)
    keyring.create(KITAMI)
    return keyring


def sealed(keyring: Keyring, text: str = "相談の内容") -> bytes:
    return keyring.cipher(KITAMI).encrypt(text, field=TEXT, row_id="1")


def opened(keyring: Keyring, blob: bytes) -> str:
    return keyring.cipher(KITAMI).decrypt(blob, field=TEXT, row_id="1")


class TestCreate:
    def test_keeps_the_files_from_everyone_else(self, keyring: Keyring, directory: Path) -> None:
        home = directory / "1"
        assert sorted(path.name for path in home.iterdir()) == [
            "dek-1.wrapped",
            "index.wrapped",
            "kek",
        ]
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()} == {0o600}
        assert len((home / "kek").read_bytes()) == 32
        assert keyring.cipher(KITAMI).newest_key == 1

    def test_keeps_the_keys_a_tenant_has(self, keyring: Keyring, directory: Path) -> None:
        blob = sealed(keyring)
        Keyring(directory).create(KITAMI)
        assert opened(Keyring(directory), blob) == "相談の内容"

    def test_gives_ten_processes_at_once_the_same_key(self, directory: Path) -> None:
        def first_writer(_: int) -> bytes:
            keyring = Keyring(directory)
            keyring.create(KITAMI)
            return sealed(keyring)

        with ThreadPoolExecutor(10) as pool:
            blobs = list(pool.map(first_writer, range(10)))
        assert {opened(Keyring(directory), blob) for blob in blobs} == {"相談の内容"}

    def test_finishes_what_a_power_cut_interrupted(self, keyring: Keyring, directory: Path) -> None:
        for path in (directory / "1").glob("*.wrapped"):
            path.unlink()
        # A wrapping key alone has sealed nothing yet.
        keyring.create(KITAMI)
        assert opened(keyring, sealed(keyring)) == "相談の内容"


class TestCreateAll:
    MANY = range(10, 30)

    def made(self, directory: Path) -> Keyring:
        keyring = Keyring(directory)
        keyring.create_all(map(TenantId, self.MANY))
        return keyring

    def indexes(self, keyring: Keyring) -> list[bytes]:
        """Return what differs from key to key."""
        ciphers = (keyring.cipher(TenantId(one)) for one in self.MANY)
        return [cipher.blind_index("1234567", field=TEXT) for cipher in ciphers]

    def test_waits_for_one_file_and_serves_everybody_at_once(self, directory: Path) -> None:
        keyring = self.made(directory)

        (written,) = directory.iterdir()
        assert stat.S_IMODE(written.stat().st_mode) == 0o600
        assert len(set(self.indexes(keyring))) == len(self.MANY)

    def test_fills_all_folders_at_leisure_and_keeps_no_second_copy(
        self, directory: Path, tmp_path: Path
    ) -> None:
        keyring = self.made(directory)
        (written,) = directory.iterdir()
        early = keyring.cipher(TenantId(10)).blind_index("1234567", field=TEXT)
        kept = tmp_path / "kept"
        kept.hardlink_to(written)

        settle_first_keys(Keyring(directory))

        assert (directory / "10" / "kek").read_bytes() not in kept.read_bytes()
        assert sorted(path.name for path in directory.iterdir()) == sorted(map(str, self.MANY))
        assert self.indexes(Keyring(directory))[0] == early

    def test_loses_no_key_in_a_power_cut(self, directory: Path) -> None:
        before = self.indexes(self.made(directory))
        # What was not on the disk is gone: a folder, a name in it, what a file held.
        shutil.rmtree(directory / "10")
        (directory / "11" / "index.wrapped").unlink()
        (directory / "12" / "kek").write_bytes(b"")

        Keyring(directory).create(TenantId(10))
        Keyring(directory).create(TenantId(11))
        assert self.indexes(Keyring(directory)) == before

        (directory / "13" / "dek-1.wrapped").write_bytes(b"")
        settle_first_keys(Keyring(directory))
        assert self.indexes(Keyring(directory)) == before

    def test_gives_ten_processes_at_once_the_same_keys(self, directory: Path) -> None:
        def first_writer(number: int) -> list[bytes]:
            keyring = Keyring(directory)
            if number % 3 == 0:
                keyring.create(TenantId(10))
            keyring.create_all(map(TenantId, self.MANY))
            return self.indexes(keyring)

        with ThreadPoolExecutor(10) as pool:
            found = list(pool.map(first_writer, range(10)))
        settle_first_keys(Keyring(directory))
        assert found == [self.indexes(Keyring(directory))] * 10

    def test_is_used_and_ended_by_many_at_once(self, directory: Path) -> None:
        self.made(directory)

        def use(number: int) -> list[bytes] | None:
            if number % 2:
                return self.indexes(Keyring(directory))
            settle_first_keys(Keyring(directory))
            return None

        with ThreadPoolExecutor(10) as pool:
            found = [indexes for indexes in pool.map(use, range(10)) if indexes]
        assert found == [self.indexes(Keyring(directory))] * 5
        assert not list(directory.glob(".*"))

    def test_strikes_out_whose_keys_are_destroyed(self, directory: Path) -> None:
        keyring = self.made(directory)
        keyring.cipher(TenantId(10))
        key = (directory / "10" / "kek").read_bytes()

        keyring.destroy(TenantId(10))

        (written,) = directory.glob(".first-*")
        assert key not in written.read_bytes()
        settle_first_keys(keyring)
        with pytest.raises(KeyUnavailable):
            Keyring(directory).cipher(TenantId(10))
        assert keyring.cipher(TenantId(11))

    def test_keeps_the_keys_a_tenant_has(self, keyring: Keyring, directory: Path) -> None:
        blob = sealed(keyring)

        Keyring(directory).create_all([KITAMI, KINOKAWA])
        settle_first_keys(keyring)

        assert opened(Keyring(directory), blob) == "相談の内容"
        assert Keyring(directory).cipher(KINOKAWA)


class TestCipher:
    def test_is_the_same_object_while_no_key_comes_or_goes(self, keyring: Keyring) -> None:
        assert keyring.cipher(KITAMI) is keyring.cipher(KITAMI)

    def test_is_unavailable_for_a_tenant_without_keys(self, keyring: Keyring) -> None:
        with pytest.raises(KeyUnavailable):
            keyring.cipher(KINOKAWA)

    def test_is_unavailable_when_others_could_read_the_key(
        self, keyring: Keyring, directory: Path
    ) -> None:
        (directory / "1" / "kek").chmod(0o640)
        with pytest.raises(KeyUnavailable, match="open to others"):
            keyring.cipher(KITAMI)

    def test_is_unavailable_when_the_key_was_shortened(
        self, keyring: Keyring, directory: Path
    ) -> None:
        (directory / "1" / "kek").write_bytes(b"short")
        with pytest.raises(KeyUnavailable, match="damaged"):
            keyring.cipher(KITAMI)

    @pytest.mark.parametrize("name", ["dek-1.wrapped", "index.wrapped"])
    def test_is_unavailable_when_a_wrapped_key_was_altered(
        self, keyring: Keyring, directory: Path, name: str
    ) -> None:
        path = directory / "1" / name
        path.write_bytes(path.read_bytes()[:-1] + b"\x00\x00")
        with pytest.raises(KeyUnavailable, match=name):
            keyring.cipher(KITAMI)

    def test_is_unavailable_without_any_data_key(self, keyring: Keyring, directory: Path) -> None:
        (directory / "1" / "dek-1.wrapped").unlink()
        with pytest.raises(KeyUnavailable, match="no data key"):
            keyring.cipher(KITAMI)

    def test_is_unavailable_when_keys_are_passed_on_to_another_tenant(
        self, keyring: Keyring, directory: Path
    ) -> None:
        shutil.copytree(directory / "1", directory / "2")
        with pytest.raises(KeyUnavailable):
            keyring.cipher(KINOKAWA)


class TestRotate:
    def test_writes_with_the_new_key_and_reads_with_both(self, keyring: Keyring) -> None:
        before = sealed(keyring)
        assert keyring.rotate(KITAMI) == 2
        after = sealed(keyring)
        assert not keyring.cipher(KITAMI).is_current(before)
        assert keyring.cipher(KITAMI).is_current(after)
        assert {opened(keyring, before), opened(keyring, after)} == {"相談の内容"}

    def test_is_seen_by_a_process_that_already_holds_a_cipher(
        self, keyring: Keyring, directory: Path
    ) -> None:
        elsewhere = Keyring(directory)
        elsewhere.cipher(KITAMI)
        keyring.rotate(KITAMI)
        assert opened(elsewhere, sealed(keyring)) == "相談の内容"

    def test_never_gives_a_number_twice(self, directory: Path, keyring: Keyring) -> None:
        assert keyring.cipher(KITAMI).newest_key == 1
        with ThreadPoolExecutor(8) as pool:
            kids = list(pool.map(Keyring(directory).rotate, [KITAMI] * 8))
        assert sorted(kids) == list(range(2, 10))

    def test_leaves_the_blind_index_findable(self, keyring: Keyring) -> None:
        before = keyring.cipher(KITAMI).blind_index("1234567", field=TEXT)
        keyring.rotate(KITAMI)
        assert keyring.cipher(KITAMI).blind_index("1234567", field=TEXT) == before

    def test_needs_keys_to_rotate(self, keyring: Keyring) -> None:
        with pytest.raises(KeyUnavailable):
            keyring.rotate(KINOKAWA)


class TestDestroy:
    def test_ends_reading_at_once_everywhere(self, keyring: Keyring, directory: Path) -> None:
        elsewhere = Keyring(directory)
        elsewhere.cipher(KITAMI)
        keyring.destroy(KITAMI)
        for ring in (keyring, elsewhere):
            with pytest.raises(KeyUnavailable):
                ring.cipher(KITAMI)

    def test_overwrites_the_key_before_it_is_unlinked(
        self, keyring: Keyring, directory: Path
    ) -> None:
        kek, second_name = directory / "1" / "kek", directory / "1" / "kept"
        second_name.hardlink_to(kek)
        before = second_name.read_bytes()
        keyring.destroy(KITAMI)
        assert not kek.exists()
        assert second_name.read_bytes() != before

    def test_touches_no_other_tenant(self, keyring: Keyring) -> None:
        keyring.create(KINOKAWA)
        blob = sealed(keyring)
        keyring.destroy(KINOKAWA)
        assert opened(keyring, blob) == "相談の内容"

    def test_is_never_undone_by_silence(self, keyring: Keyring) -> None:
        keyring.destroy(KITAMI)
        with pytest.raises(KeyUnavailable, match="destroyed"):
            keyring.create(KITAMI)

    def test_may_be_asked_twice(self, keyring: Keyring) -> None:
        keyring.destroy(KITAMI)
        keyring.destroy(KITAMI)
