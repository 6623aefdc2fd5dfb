"""A gateway has documents signed where it was told whom to believe, and nowhere else."""

from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import ValidationError

from foundation.identity import SigningKey
from foundation.identity.jpki import RevocationUnavailable, RootSettings, TrustSettings
from gateway.settings import GatewaySettings
from gateway.signing_room import SigningRoom
from tests.foundation.identity.jpki.making import root_certificate


def room(certificate: Path) -> SigningRoom:
    root = RootSettings(certificate=certificate, crl="http://x.test/", ocsp="http://x.test/")
    return SigningRoom.furnished(
        TrustSettings(roots=(root,)),
        keys=certificate.parent,
        key=SigningKey.generate("ES256"),
        transport=httpx.AsyncHTTPTransport(),
    )


class TestAuthorities:
    def test_are_waited_for_until_their_certificate_is_there(self, tmp_path: Path) -> None:
        path = tmp_path / "root.der"
        opened = room(path)
        with pytest.raises(RevocationUnavailable):
            opened.authorities()
        path.write_bytes(root_certificate().public_bytes(Encoding.DER))
        assert opened.authorities() is opened.authorities()

    def test_are_none_where_the_file_is_no_certificate(self, tmp_path: Path) -> None:
        path = tmp_path / "root.der"
        path.write_bytes(b"not a certificate")
        with pytest.raises(RevocationUnavailable):
            room(path).authorities()


class TestSettings:
    GIVEN = {
        "environment": "production",
        "issuer": "https://tamaire.example",
        "database_url": "postgresql://x@y/z",
        "key_directory": "/keys",
        "internal_public_keys": "/keys/jwks.json",
    }

    def test_believe_no_test_cards_in_production(self) -> None:
        with pytest.raises(ValidationError, match="Test cards"):
            GatewaySettings.model_validate(self.GIVEN | {"jpki": {"roots": [], "test_cards": True}})
        assert GatewaySettings.model_validate(self.GIVEN | {"jpki": {"roots": []}}).jpki

    def test_may_name_no_authority(self) -> None:
        assert GatewaySettings.model_validate(self.GIVEN).jpki is None
