"""A certificate from the development authority looks like one from the real authority."""

from datetime import date
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from infra.identity.jpki.authority import Authority
from infra.identity.jpki.profile import Holder, Kind
from tests.infra.identity.jpki.parts import ADDRESS, authority, issue
from tests.infra.identity.world import TurnableClock

HOLDER = Holder(
    name="北見 花子",
    name_substitutes="",
    gender="2",
    born_on=date(1985, 3, 15),
    address="北海道北見市",
    address_substitutes="",
)


@pytest.fixture
def root(tmp_path: Path) -> Authority:
    return authority(tmp_path, TurnableClock())


class TestIssue:
    def test_signs_with_rsa_2048_and_sha_256(self, root: Authority) -> None:
        certificate = issue(root)
        certificate.verify_directly_issued_by(root.certificate)
        assert isinstance(certificate.signature_hash_algorithm, hashes.SHA256)
        key = root.certificate.public_key()
        assert isinstance(key, RSAPublicKey)
        assert key.key_size == 2048

    @pytest.mark.parametrize(
        ("kind", "policy", "commits"),
        [
            (Kind.AUTHENTICATION, "1.2.392.200149.8.5.1.3.30", False),
            (Kind.SIGNING, "1.2.392.200149.8.5.1.0.20", True),
        ],
        ids=["authentication", "signing"],
    )
    def test_marks_what_the_key_may_do(
        self,
        tmp_path: Path,
        kind: Kind,
        policy: str,
        commits: bool,  # noqa: FBT001 - a table's column
    ) -> None:
        certificate = issue(authority(tmp_path, TurnableClock(), kind), policy=kind.policy)
        policies = certificate.extensions.get_extension_for_class(x509.CertificatePolicies)
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
        assert policies.critical
        assert usage.critical
        assert [p.policy_identifier.dotted_string for p in policies.value] == [policy]
        assert usage.value.digital_signature
        assert usage.value.content_commitment is commits
        assert not usage.value.key_cert_sign

    def test_says_where_to_ask_whether_it_still_counts(self, root: Authority) -> None:
        extensions = issue(root).extensions
        points = extensions.get_extension_for_class(x509.CRLDistributionPoints).value
        assert points[0].full_name == [x509.UniformResourceIdentifier(f"{ADDRESS}/list.crl")]
        access = extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
        assert access[0].access_method == AuthorityInformationAccessOID.OCSP
        assert access[0].access_location == x509.UniformResourceIdentifier(f"{ADDRESS}/ocsp")

    def test_names_no_person_unless_the_certificate_is_for_signing(self, root: Authority) -> None:
        with pytest.raises(x509.ExtensionNotFound):
            issue(root).extensions.get_extension_for_class(x509.SubjectAlternativeName)
        named = issue(root, holder=HOLDER)
        found = named.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        assert len(found.value) == 6
        [common_name] = named.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        assert "北見" not in str(common_name.value)

    def test_never_gives_a_serial_twice(self, root: Authority) -> None:
        serials = {issue(root).serial_number for _ in range(5)}
        assert len(serials) == 5
        with pytest.raises(ValueError, match="serial"):
            root.ledger.issue(serials.pop())


class TestRestart:
    def test_keeps_the_root_and_what_it_withdrew(self, tmp_path: Path) -> None:
        first = authority(tmp_path, TurnableClock())
        certificate = issue(first)
        first.revoke(certificate, x509.ReasonFlags.key_compromise)
        second = authority(tmp_path, TurnableClock())
        assert second.certificate == first.certificate
        assert second.ledger.revoked() == first.ledger.revoked()
        assert second.ledger.knows(certificate.serial_number)


class TestRevoke:
    def test_keeps_the_first_date_and_reason(self, tmp_path: Path) -> None:
        root = authority(tmp_path, TurnableClock())
        certificate = issue(root)
        root.revoke(certificate, x509.ReasonFlags.key_compromise)
        root.revoke(certificate, x509.ReasonFlags.superseded)
        found = root.ledger.revocation(certificate.serial_number)
        assert found is not None
        assert found.reason is x509.ReasonFlags.key_compromise

    def test_refuses_a_certificate_it_never_issued(self, tmp_path: Path) -> None:
        root = authority(tmp_path / "one", TurnableClock())
        stranger = authority(tmp_path / "two", TurnableClock())
        with pytest.raises(KeyError):
            root.revoke(issue(stranger), x509.ReasonFlags.key_compromise)
