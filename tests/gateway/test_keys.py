"""The gateway's keys."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from foundation.identity import KeySet, SigningKey
from foundation.identity.key_ring import ACCESS_TOKENS, INTERNAL, KeyRing
from gateway.keys import GatewayKeys


def keys_in(folder: Path) -> GatewayKeys:
    return GatewayKeys(folder / "gateway", internal_public=folder / "internal" / "jwks.json")


class TestGatewayKeys:
    def test_makes_every_key_once(self, tmp_path: Path) -> None:
        first, second = keys_in(tmp_path), keys_in(tmp_path)
        assert first.pseudonyms == second.pseudonyms
        assert first.internal.signing.kid == second.internal.signing.kid
        assert first.access_tokens.document() == second.access_tokens.document()

    def test_two_gateways_that_start_together_share_them(self, tmp_path: Path) -> None:
        with ThreadPoolExecutor(4) as pool:
            made = list(pool.map(keys_in, [tmp_path] * 4))
        assert len({keys.pseudonyms for keys in made}) == 1
        assert len({keys.internal.signing.kid for keys in made}) == 1
        assert len({keys.access_tokens.signing.kid for keys in made}) == 1

    def test_nobody_else_may_read_them(self, tmp_path: Path) -> None:
        keys_in(tmp_path)
        for path in (tmp_path / "gateway").rglob("*"):
            if path.is_file():
                assert path.stat().st_mode & 0o077 == 0, path.name

    def test_publishes_what_services_verify_with(self, tmp_path: Path) -> None:
        keys = keys_in(tmp_path)
        document = json.loads((tmp_path / "internal" / "jwks.json").read_text())
        token = keys.internal.sign({"x": 1}, typ="internal+jwt")
        published = KeySet(document["keys"])
        assert published.verify(token, typ="internal+jwt", algorithm="Ed25519") == {"x": 1}
        assert not any("d" in key for key in document["keys"])

    def test_the_newest_key_is_published_before_it_signs(self, tmp_path: Path) -> None:
        keys = keys_in(tmp_path).access_tokens
        assert [key["kid"] for key in keys.document()["keys"]][-1] != keys.signing.kid

    def test_needs_two_keys(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="two keys"):
            KeyRing(tmp_path, ACCESS_TOKENS)

    def test_keeps_what_it_has_when_the_directory_is_emptied(self, tmp_path: Path) -> None:
        keys = keys_in(tmp_path).access_tokens
        signing = keys.signing.kid
        for path in (tmp_path / "gateway" / "access-tokens").iterdir():
            path.unlink()
        with pytest.raises(ValueError, match="two keys"):
            keys.reload()
        assert keys.signing.kid == signing

    def test_tells_the_services_of_a_new_key_before_it_signs(self, tmp_path: Path) -> None:
        keys, folder = keys_in(tmp_path), tmp_path / "gateway"
        KeyRing(folder, INTERNAL).rotate(lead=timedelta(0))
        keys.reload()
        document = json.loads((tmp_path / "internal" / "jwks.json").read_text())
        assert document == keys.internal.document()
        assert [key["kid"] for key in document["keys"]][1] == keys.internal.signing.kid
        assert len(document["keys"]) == 3

    def test_goes_on_with_the_one_key_of_an_older_folder(self, tmp_path: Path) -> None:
        old = SigningKey.load_or_create(tmp_path / "gateway" / "internal.pem", "Ed25519")
        assert keys_in(tmp_path).internal.signing.kid == old.kid
