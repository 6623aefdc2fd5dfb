"""Each thing that can be wrong with a signature is made wrong once, and named as what it is."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from foundation.identity.jpki import Evidence, Refusal, SignatureRefused, verify
from foundation.identity.jpki.attributes import GENDER, NAME
from foundation.identity.jpki.trust import AUTHENTICATION_POLICY, SIGNING_POLICY
from tests.foundation.identity.jpki.making import (
    ATTRIBUTES,
    DAY,
    DIGEST,
    ISSUER,
    NOW,
    OTHER,
    SERIAL,
    Answered,
    Leaf,
    Listed,
    Scene,
    attributes,
    delegate,
    key,
    names,
    policies,
    root_certificate,
    trust,
    usage,
)

HOUR = timedelta(hours=1)
REVOKED = ocsp.OCSPCertStatus.REVOKED
UNKNOWN_OID = ObjectIdentifier("1.2.3.4.5")


def leaf(**changes: object) -> Scene:
    return Scene(leaf=Leaf(**changes))  # pyright: ignore[reportArgumentType] - one field each


def holder(**changes: str | None) -> Scene:
    return leaf(names=attributes(**changes))


def raw(oid: ObjectIdentifier, der: bytes) -> Scene:
    return leaf(names=names(*ATTRIBUTES, raw={oid: der}))


def listed(**changes: object) -> Scene:
    return Scene(listed=Listed(**changes))  # pyright: ignore[reportArgumentType] - one field each


def answered(**changes: object) -> Scene:
    return Scene(answered=Answered(**changes))  # pyright: ignore[reportArgumentType] - one field each


def delegated(signer: str = "root", *, purpose: ObjectIdentifier, until: datetime) -> Scene:
    responder = delegate(signer, purpose=purpose, until=until)
    return answered(signer="delegate", responder=responder, attached=(responder,))


def of_point(uri: str) -> tuple[x509.ExtensionType, bool]:
    """Say that a list is for one distribution point."""
    scope = x509.IssuingDistributionPoint(
        full_name=[x509.UniformResourceIdentifier(uri)],
        relative_name=None,
        only_contains_user_certs=False,
        only_contains_ca_certs=False,
        only_some_reasons=None,
        indirect_crl=False,
        only_contains_attribute_certs=False,
    )
    return scope, True


def naming_point(uri: str) -> tuple[x509.ExtensionType, bool]:
    """Say in a certificate where its list is."""
    named = x509.DistributionPoint(
        full_name=[x509.UniformResourceIdentifier(uri)],
        relative_name=None,
        reasons=None,
        crl_issuer=None,
    )
    return x509.CRLDistributionPoints([named]), False


GENUINE = Answered().made()
FORGED = GENUINE[:-1] + bytes((GENUINE[-1] ^ 1,))
POINT = "http://jlis.test/01208"
R = Refusal
CERTIFICATES: dict[str, tuple[Scene, Refusal]] = {
    "no certificate at all": (Scene(certificate=b"0\x03\x02\x01\x01"), R.UNREADABLE),
    "something after it": (Scene(certificate=Leaf().made() + b"\x00"), R.UNREADABLE),
    "a leaf that is an authority": (
        leaf(more=[(x509.BasicConstraints(ca=True, path_length=None), True)]),
        R.AUTHORITY,
    ),
    "the authority itself": (
        Scene(certificate=root_certificate().public_bytes(Encoding.DER)),
        R.AUTHORITY,
    ),
    "a leaf that may issue": (leaf(usage=usage(key_cert_sign=True)), R.WRONG_KEY_USAGE),
    "a leaf that may sign lists": (leaf(usage=usage(crl_sign=True)), R.WRONG_KEY_USAGE),
    "no key usage": (leaf(usage=None), R.NO_KEY_USAGE),
    "a usage nobody must heed": (leaf(usage_critical=False), R.WRONG_KEY_USAGE),
    "a key that commits to nothing": (
        leaf(usage=usage(content_commitment=False)),
        R.WRONG_KEY_USAGE,
    ),
    "an elliptic curve": (leaf(holder_key=ec.generate_private_key(ec.SECP256R1())), R.NOT_RSA),
    "RSA of 1024 bits": (leaf(holder_key=key("weak", 1024)), R.WEAK_KEY),
    "signed with SHA-1": (leaf(sha1=True), R.WEAK_ALGORITHM),
    "an unknown critical extension": (
        leaf(more=[(x509.UnrecognizedExtension(UNKNOWN_OID, b"\x05\x00"), True)]),
        R.UNKNOWN_EXTENSION,
    ),
    "no policy": (leaf(policy=None), R.NO_POLICY),
    "the policy of signing in": (
        leaf(policy=policies(AUTHENTICATION_POLICY)),
        R.AUTHENTICATION_POLICY,
    ),
    "both policies at once": (
        leaf(policy=policies(SIGNING_POLICY, AUTHENTICATION_POLICY)),
        R.AUTHENTICATION_POLICY,
    ),
    "another policy": (leaf(policy=policies(UNKNOWN_OID)), R.WRONG_POLICY),
    "a test card where none are believed": (
        Scene(trust=trust(test_cards=False)),
        R.TEST_POLICY,
    ),
    "expired": (leaf(not_after=NOW - timedelta(seconds=1)), R.EXPIRED),
    "not yet valid": (leaf(not_before=NOW + timedelta(seconds=1)), R.NOT_YET_VALID),
    "another authority": (leaf(issuer=OTHER, signer="impostor"), R.UNTRUSTED),
    "an authority of the same name": (leaf(signer="impostor"), R.UNTRUSTED),
}
HOLDERS: dict[str, tuple[Scene, Refusal]] = {
    "no attributes": (leaf(names=None), R.NO_ATTRIBUTES),
    "names of another kind only": (
        leaf(names=x509.SubjectAlternativeName([x509.DNSName("hanako.test")])),
        R.NO_ATTRIBUTES,
    ),
    "no name": (holder(name=None), R.ATTRIBUTE_MISSING),
    "no address flags": (holder(address_flags=None), R.ATTRIBUTE_MISSING),
    "two names": (leaf(names=names(*ATTRIBUTES, (NAME, "別人"))), R.ATTRIBUTE_REPEATED),
    "two genders": (leaf(names=names(*ATTRIBUTES, (GENDER, "2"))), R.ATTRIBUTE_REPEATED),
    "an empty name": (raw(NAME, b"\x0c\x00"), R.ATTRIBUTE_MALFORMED),
    "a name of another encoding": (raw(NAME, b"\x0c\x02\x96k"), R.ATTRIBUTE_MALFORMED),
    "a name of another type": (raw(NAME, b"\x13\x01A"), R.ATTRIBUTE_MALFORMED),
    "a line feed in the name": (
        holder(name="北見\n花子", name_flags="00000"),
        R.ATTRIBUTE_MALFORMED,
    ),
    "an unknown gender": (holder(gender="3"), R.ATTRIBUTE_MALFORMED),
    "flags too short": (holder(name_flags="000"), R.SUBSTITUTES_MALFORMED),
    "flags too long": (holder(address_flags="0" * 14), R.SUBSTITUTES_MALFORMED),
    "flags that are none": (holder(name_flags="00x0"), R.SUBSTITUTES_MALFORMED),
    "an impossible day": (holder(born="419930229"), R.BIRTH_DATE_IMPOSSIBLE),
    "a day of another era": (holder(born="319920415"), R.BIRTH_DATE_IMPOSSIBLE),
    "a year of the era": (holder(born="400040415"), R.BIRTH_DATE_IMPOSSIBLE),
    "an era that is not yet": (holder(born="619920415"), R.BIRTH_DATE_IMPOSSIBLE),
    "a birth to come": (holder(born="520260602"), R.BIRTH_DATE_IMPOSSIBLE),
    "a month of zero": (holder(born="419920015"), R.BIRTH_DATE_IMPOSSIBLE),
}
LISTS: dict[str, tuple[Scene, Refusal]] = {
    "no list": (Scene(crl=b""), R.CRL_UNREADABLE),
    "withdrawn before signing": (listed(revoked=((SERIAL, NOW - DAY),)), R.REVOKED_BY_CRL),
    "withdrawn at that second": (listed(revoked=((SERIAL, NOW),)), R.REVOKED_BY_CRL),
    "stale": (listed(next_update=NOW), R.CRL_STALE),
    "from tomorrow": (listed(this_update=NOW + HOUR), R.CRL_NOT_YET_VALID),
    "of another authority": (listed(issuer=OTHER, signer="impostor"), R.CRL_OF_ANOTHER_ISSUER),
    "forged": (listed(signer="impostor"), R.CRL_FORGED),
    "for another distribution point": (listed(more=[of_point(POINT)]), R.CRL_PARTIAL),
    "only what changed": (listed(more=[(x509.DeltaCRLIndicator(1), True)]), R.CRL_PARTIAL),
}
ANSWERS: dict[str, tuple[Scene, Refusal]] = {
    "no answer": (Scene(ocsp=b"<html>"), R.OCSP_UNREADABLE),
    "try later": (
        Scene(
            ocsp=ocsp.OCSPResponseBuilder.build_unsuccessful(
                ocsp.OCSPResponseStatus.TRY_LATER
            ).public_bytes(Encoding.DER)
        ),
        R.OCSP_UNSUCCESSFUL,
    ),
    "unknown": (answered(status=ocsp.OCSPCertStatus.UNKNOWN), R.OCSP_UNKNOWN),
    "withdrawn, though not listed": (
        answered(status=REVOKED, revoked_at=NOW - HOUR),
        R.REVOKED_BY_OCSP,
    ),
    "about another certificate": (answered(serial=1), R.OCSP_OF_ANOTHER_CERTIFICATE),
    "about another authority's": (answered(about=OTHER), R.OCSP_OF_ANOTHER_CERTIFICATE),
    "forged": (Scene(ocsp=FORGED), R.OCSP_FORGED),
    "another question's answer": (answered(nonce=b"m" * 32), R.OCSP_WRONG_NONCE),
    "an answer to everybody": (answered(nonce=None), R.OCSP_WRONG_NONCE),
    "stale": (answered(this_update=NOW - HOUR, next_update=NOW), R.OCSP_STALE),
    "old, without an end": (answered(this_update=NOW - HOUR, next_update=None), R.OCSP_STALE),
    "from tomorrow": (
        answered(this_update=NOW + HOUR, next_update=NOW + DAY),
        R.OCSP_NOT_YET_VALID,
    ),
    "a stranger's": (
        answered(
            signer="impostor",
            responder=root_certificate(OTHER, "impostor"),
            attached=(root_certificate(OTHER, "impostor"),),
        ),
        R.OCSP_UNAUTHORISED,
    ),
    "a delegate for something else": (
        delegated(purpose=ExtendedKeyUsageOID.CLIENT_AUTH, until=NOW + DAY),
        R.OCSP_UNAUTHORISED,
    ),
    "a delegate of nobody": (
        delegated("impostor", purpose=ExtendedKeyUsageOID.OCSP_SIGNING, until=NOW + DAY),
        R.OCSP_UNAUTHORISED,
    ),
    "a delegate of last year": (
        delegated(purpose=ExtendedKeyUsageOID.OCSP_SIGNING, until=NOW - HOUR),
        R.OCSP_UNAUTHORISED,
    ),
    "a delegate who was withdrawn": (
        delegated(purpose=ExtendedKeyUsageOID.OCSP_SIGNING, until=NOW + DAY).with_(
            listed=Listed(revoked=((77, NOW - DAY),))
        ),
        R.OCSP_UNAUTHORISED,
    ),
}
SIGNATURES: dict[str, tuple[Scene, Refusal]] = {
    "another document": (Scene(digest=b"d" * 32), R.BAD_SIGNATURE),
    "no digest of SHA-256": (Scene(digest=DIGEST[:20]), R.BAD_SIGNATURE),
    "another key": (
        Scene(signature=key("impostor").sign(b"", padding.PKCS1v15(), hashes.SHA256())),
        R.BAD_SIGNATURE,
    ),
    "no signature": (Scene(signature=b"x"), R.BAD_SIGNATURE),
}
ALL = {
    f"{kind}: {name}": case
    for kind, cases in (
        ("certificate", CERTIFICATES),
        ("holder", HOLDERS),
        ("list", LISTS),
        ("answer", ANSWERS),
        ("signature", SIGNATURES),
    )
    for name, case in cases.items()
}
GOOD = {
    "in order": Scene(),
    "a card of the real authority": leaf(policy=policies(SIGNING_POLICY)),
    "a list that names others": listed(revoked=((1, NOW - DAY), (2, NOW - DAY))),
    "withdrawn a second after signing": listed(
        revoked=((SERIAL, NOW + timedelta(seconds=1)),), next_update=NOW + 9 * DAY
    ).with_(checked_at=NOW + timedelta(seconds=5)),
    "an answer of a delegate": delegated(purpose=ExtendedKeyUsageOID.OCSP_SIGNING, until=NOW + DAY),
    "a list for the point the certificate names": Scene(
        leaf=Leaf(more=[naming_point(POINT)]), listed=Listed(more=[of_point(POINT)])
    ),
    "the last second of the certificate": leaf(not_after=NOW),
}


class TestVerify:
    @pytest.mark.parametrize("case", ALL)
    def test_refuses(self, case: str) -> None:
        scene, refusal = ALL[case]
        with pytest.raises(SignatureRefused) as refused:
            verify(scene.evidence(), scene.trust)
        assert refused.value.refusal is refusal

    @pytest.mark.parametrize("case", GOOD)
    def test_believes(self, case: str) -> None:
        scene = GOOD[case]
        assert verify(scene.evidence(), scene.trust).holder.name.text == "北見花子"

    def test_knows_a_reason_for_each_refusal_it_can_give(self) -> None:
        assert {refusal for _, refusal in ALL.values()} == set(Refusal)

    def test_reports_what_was_looked_at_and_nobody(self) -> None:
        report = verify(Scene().evidence(), trust()).report.as_json()
        assert report["policy"] == "1.2.392.200149.8.5.1.0.20"
        assert report["key_bits"] == 2048
        assert report["signed_at"] == NOW.isoformat()
        told = json.dumps(report, ensure_ascii=False)
        assert "花子" not in told
        assert str(SERIAL) not in told

    def test_says_when_a_certificate_was_withdrawn_after_it_signed(self) -> None:
        later = NOW + timedelta(seconds=1)
        scene = answered(status=REVOKED, revoked_at=later).with_(checked_at=NOW + HOUR / 60)
        assert verify(scene.evidence(), trust()).report.revoked_at == later


class TestEvidence:
    def test_is_judged_alike_years_later_from_what_was_kept(self) -> None:
        scene = Scene(leaf=Leaf(not_after=NOW + DAY))
        kept = scene.evidence()
        text, crl = kept.as_text(), kept.revocations.crl
        # Whatever happened since: nothing below looks at a clock.
        again = verify(Evidence.from_text(text, crl=crl), trust())
        assert again == verify(kept, trust())
        assert again.report.not_after < datetime(2036, 1, 1, tzinfo=UTC)

    def test_is_refused_years_later_when_a_byte_was_changed(self) -> None:
        kept = Scene().evidence()
        changed = kept.as_text().replace(DIGEST.hex(), "00" * 32)
        with pytest.raises(SignatureRefused):
            verify(Evidence.from_text(changed, crl=kept.revocations.crl), trust())

    def test_is_not_read_with_another_list(self) -> None:
        kept = Scene().evidence()
        with pytest.raises(ValueError, match="another"):
            Evidence.from_text(kept.as_text(), crl=Listed(revoked=()).made())

    def test_has_one_fingerprint(self) -> None:
        kept = Scene().evidence()
        again = Evidence.from_text(kept.as_text(), crl=kept.revocations.crl)
        assert kept.fingerprint == again.fingerprint
        assert kept.fingerprint != Scene(digest=b"d" * 32).evidence().fingerprint

    def test_never_prints_what_is_personal(self) -> None:
        kept = Scene().evidence()
        assert "certificate=" not in repr(kept)
        assert "花子" not in repr(verify(kept, trust()))


def test_the_authority_of_tests_is_one() -> None:
    assert trust().roots[0].certificate.subject == ISSUER
