"""Whom we believe is configured, and a wrong configuration does not open."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from foundation.identity.jpki import Root, RootSettings, Trust, TrustSettings
from tests.foundation.identity.jpki.making import ISSUER, NOW, OTHER, Leaf, root_certificate


def settings(path: Path) -> TrustSettings:
    return TrustSettings(
        roots=(RootSettings(certificate=path, crl="http://x.test/", ocsp="http://x.test/"),)
    )


class TestTrust:
    @pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
    def test_reads_an_authority(self, tmp_path: Path, encoding: Encoding) -> None:
        path = tmp_path / "root"
        path.write_bytes(root_certificate().public_bytes(encoding))
        trust = Trust.load(settings(path))
        assert trust.roots[0].certificate == root_certificate()
        assert ":" in trust.roots[0].fingerprint

    def test_believes_no_test_cards_unless_it_is_said(self, tmp_path: Path) -> None:
        path = tmp_path / "root"
        path.write_bytes(root_certificate().public_bytes(Encoding.DER))
        assert len(Trust.load(settings(path)).signing_policies) == 1

    @pytest.mark.parametrize("content", [b"", b"-----BEGIN CERTIFICATE-----\n", b"\x30\x00"])
    def test_does_not_open_with_what_is_no_certificate(
        self, tmp_path: Path, content: bytes
    ) -> None:
        path = tmp_path / "root"
        path.write_bytes(content)
        with pytest.raises(ValueError, match="holds no certificate"):
            Trust.load(settings(path))

    def test_does_not_open_without_its_file(self, tmp_path: Path) -> None:
        with pytest.raises(OSError, match="absent"):
            Trust.load(settings(tmp_path / "absent"))

    def test_does_not_open_with_an_authority_of_another_kind_of_key(self, tmp_path: Path) -> None:
        signing = ec.generate_private_key(ec.SECP256R1())
        made = (
            x509.CertificateBuilder()
            .subject_name(ISSUER)
            .issuer_name(ISSUER)
            .public_key(signing.public_key())
            .serial_number(1)
            .not_valid_before(NOW)
            .not_valid_after(NOW.replace(year=2030))
            .sign(signing, hashes.SHA256())
        )
        path = tmp_path / "root"
        path.write_bytes(made.public_bytes(Encoding.DER))
        with pytest.raises(ValueError, match="RSA"):
            Trust.load(settings(path))

    def test_knows_every_key_an_authority_of_one_name_had(self) -> None:
        old, new = (
            Root(certificate=one, crl="", ocsp="")
            for one in (root_certificate(), root_certificate(signer="renewed", serial=2))
        )
        other = Root(certificate=root_certificate(OTHER), crl="", ocsp="")
        leaf = x509.load_der_x509_certificate(Leaf().made())
        assert Trust(roots=(old, other, new)).issuers_of(leaf) == [old, new]
