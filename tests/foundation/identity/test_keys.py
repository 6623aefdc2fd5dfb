"""A private key lies in a file that only its owner can read, and is made once."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from foundation.identity import InvalidToken, KeySet, SigningKey


class TestLoadOrCreate:
    @pytest.mark.parametrize("algorithm", ["Ed25519", "ES256"])
    def test_returns_the_same_key_the_second_time(self, tmp_path: Path, algorithm: str) -> None:
        path = tmp_path / "keys" / "pen.pem"
        first = SigningKey.load_or_create(path, algorithm)  # pyright: ignore[reportArgumentType] - parametrised text
        assert SigningKey.load_or_create(path, "Ed25519").kid == first.kid
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_is_made_once_by_processes_that_start_together(self, tmp_path: Path) -> None:
        path = tmp_path / "pen.pem"
        with ThreadPoolExecutor(4) as pool:
            makers = [pool.submit(SigningKey.load_or_create, path, "ES256") for _ in range(8)]
            kids = {maker.result().kid for maker in makers}
        assert len(kids) == 1
        assert [entry.name for entry in tmp_path.iterdir()] == ["pen.pem"]

    def test_says_which_file_holds_no_key(self, tmp_path: Path) -> None:
        path = tmp_path / "pen.pem"
        path.write_text("not a key", encoding="utf-8")
        with pytest.raises(ValueError, match=r"pen\.pem"):
            SigningKey.load(path)


class TestKeySet:
    def test_refuses_the_right_key_with_the_wrong_algorithm(self) -> None:
        key = SigningKey.generate("ES256")
        token = key.sign({"sub": "x"}, typ="at+jwt")
        assert KeySet.of(key).verify(token, typ="at+jwt", algorithm="ES256") == {"sub": "x"}
        with pytest.raises(InvalidToken):
            KeySet.of(key).verify(token, typ="at+jwt", algorithm="Ed25519")

    def test_publishes_no_private_part(self) -> None:
        assert "d" not in SigningKey.generate("ES256").public()
