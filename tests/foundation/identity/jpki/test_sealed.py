"""What was sealed to us opens here, and nothing else does."""

from pathlib import Path

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey, OctKey

from foundation.identity import InvalidToken
from foundation.identity.jpki import EncryptionKey


def sealed(key: EncryptionKey, content: bytes, **header: str) -> str:
    head = {"alg": "ECDH-ES", "enc": "A256GCM"} | header
    algorithms = [head["alg"], head["enc"], *([head["zip"]] if "zip" in head else [])]
    return jwe.encrypt_compact(head, content, ECKey.import_key(key.public()), algorithms=algorithms)


class TestEncryptionKey:
    @pytest.mark.parametrize("enc", ["A256GCM", "A128GCM", "A128CBC-HS256", "A256CBC-HS512"])
    def test_opens_what_was_sealed_to_it(self, enc: str) -> None:
        key = EncryptionKey.generate()
        assert key.open(sealed(key, b"a signature", enc=enc)) == b"a signature"

    def test_is_published_for_encryption_alone(self) -> None:
        public = EncryptionKey.generate().public()
        assert (public["use"], public["alg"]) == ("enc", "ECDH-ES")
        assert "d" not in public

    def test_is_made_once_and_readable_by_its_owner_only(self, tmp_path: Path) -> None:
        path = tmp_path / "keys" / "encryption.pem"
        first, second = (EncryptionKey.load_or_create(path) for _ in range(2))
        assert first.kid == second.kid
        assert path.stat().st_mode & 0o777 == 0o600

    def test_opens_nothing_of_another_key(self) -> None:
        with pytest.raises(InvalidToken):
            EncryptionKey.generate().open(sealed(EncryptionKey.generate(), b"x"))

    def test_opens_nothing_that_was_altered(self) -> None:
        key = EncryptionKey.generate()
        head, *rest = sealed(key, b"x").split(".")
        rest[2] = "A" + rest[2][1:] if rest[2][0] != "A" else "B" + rest[2][1:]
        with pytest.raises(InvalidToken):
            key.open(".".join([head, *rest]))

    def test_opens_nothing_packed(self) -> None:
        key = EncryptionKey.generate()
        with pytest.raises(InvalidToken):
            key.open(sealed(key, b"x" * 100_000, zip="DEF"))

    def test_opens_nothing_sealed_in_a_way_we_did_not_offer(self) -> None:
        key, secret = EncryptionKey.generate(), OctKey.generate_key(256)
        made = jwe.encrypt_compact(
            {"alg": "dir", "enc": "A256GCM"}, b"x", secret, algorithms=["dir", "A256GCM"]
        )
        with pytest.raises(InvalidToken):
            key.open(made)

    @pytest.mark.parametrize("text", ["", "x", "a.b.c", "a.b.c.d.e", "日本", "." * 300_000])
    def test_opens_no_text_at_random(self, text: str) -> None:
        with pytest.raises(InvalidToken):
            EncryptionKey.generate().open(text)
