"""A vendor's key is made where it is used: private for its owner, public for the registration."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from foundation.identity import SigningKey
from gateway.vendors.public_keys import read
from operations.client_key import KeyExists, UnknownAlgorithm
from operations.keys import app


class TestGenerate:
    @pytest.mark.parametrize("algorithm", ["ES256", "Ed25519"])
    def test_writes_a_private_key_and_says_the_public_one(
        self, tmp_path: Path, algorithm: str
    ) -> None:
        file = tmp_path / "product.pem"
        said = CliRunner().invoke(app, ["generate", str(file), "--algorithm", algorithm])
        assert said.exit_code == 0, said.output
        (public,) = json.loads(said.stdout)["keys"]
        assert public == SigningKey.load(file).public()
        assert read(public).kid == public["kid"]
        assert file.stat().st_mode & 0o777 == 0o600
        assert "PRIVATE" not in said.stdout

    def test_never_writes_over_a_key(self, tmp_path: Path) -> None:
        file = tmp_path / "product.pem"
        file.write_text("mine", encoding="utf-8")
        said = CliRunner().invoke(app, ["generate", str(file)])
        assert isinstance(said.exception, KeyExists)
        assert file.read_text("utf-8") == "mine"

    def test_makes_only_what_the_gateway_verifies(self, tmp_path: Path) -> None:
        said = CliRunner().invoke(app, ["generate", str(tmp_path / "x"), "--algorithm", "RS256"])
        assert isinstance(said.exception, UnknownAlgorithm)
