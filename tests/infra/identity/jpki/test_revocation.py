"""The list and the responder answer over HTTP, signed, and agree with each other."""

import base64
from contextlib import suppress
from datetime import timedelta

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from tests.infra.identity.world import World
from tests.support.simulator import SignInRefused

PATH = "/jpki/authentication"


async def root_of(world: World, path: str = PATH) -> x509.Certificate:
    answer = await world.browser.get(f"{path}/certificate.cer")
    assert answer.headers["content-type"] == "application/pkix-cert"
    return x509.load_der_x509_certificate(answer.content)


def certificate_of(world: World, card_id: str) -> x509.Certificate:
    [path] = (world.directory / "cards" / card_id).glob("authentication-*.pem")
    return x509.load_pem_x509_certificate(path.read_bytes())


async def used(world: World, card_id: str) -> x509.Certificate:
    """Present a card, whether or not it is accepted; its certificate exists from then on."""
    with suppress(SignInRefused):
        await world.resident_client().code_by_card(card_id)
    return certificate_of(world, card_id)


def question(
    certificate: x509.Certificate, root: x509.Certificate, nonce: bytes = b""
) -> ocsp.OCSPRequest:
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, root, hashes.SHA256())
    if nonce:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build()


async def ask(world: World, content: bytes) -> ocsp.OCSPResponse:
    answer = await world.browser.post(
        f"{PATH}/ocsp", content=content, headers={"Content-Type": "application/ocsp-request"}
    )
    assert answer.headers["content-type"] == "application/ocsp-response"
    return ocsp.load_der_ocsp_response(answer.content)


class TestList:
    async def test_is_signed_by_the_root_and_in_force(self, world: World) -> None:
        root = await root_of(world)
        key = root.public_key()
        found = x509.load_der_x509_crl((await world.browser.get(f"{PATH}/list.crl")).content)
        assert isinstance(key, RSAPublicKey)
        assert found.is_signature_valid(key)
        assert found.issuer == root.subject
        assert found.last_update_utc == world.clock()
        assert found.next_update_utc == world.clock() + timedelta(hours=24)

    async def test_holds_the_revoked_card_with_its_reason_and_no_other(self, world: World) -> None:
        revoked = await used(world, "revoked")
        good = await used(world, "hanako")
        found = x509.load_der_x509_crl((await world.browser.get(f"{PATH}/list.crl")).content)
        entry = found.get_revoked_certificate_by_serial_number(revoked.serial_number)
        assert entry is not None
        reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
        assert reason is x509.ReasonFlags.cessation_of_operation
        assert found.get_revoked_certificate_by_serial_number(good.serial_number) is None

    async def test_survives_a_restart(self, world: World) -> None:
        revoked = await used(world, "revoked")
        world.start()
        found = x509.load_der_x509_crl((await world.browser.get(f"{PATH}/list.crl")).content)
        assert found.get_revoked_certificate_by_serial_number(revoked.serial_number)


class TestResponder:
    async def test_says_good_of_a_good_card(self, world: World) -> None:
        certificate, root = await used(world, "hanako"), await root_of(world)
        response = await ask(world, question(certificate, root).public_bytes(Encoding.DER))
        assert response.response_status is ocsp.OCSPResponseStatus.SUCCESSFUL
        assert response.certificate_status is ocsp.OCSPCertStatus.GOOD
        assert response.serial_number == certificate.serial_number
        assert response.this_update_utc == world.clock()

    async def test_signs_with_the_roots_key(self, world: World) -> None:
        certificate, root = await used(world, "hanako"), await root_of(world)
        response = await ask(world, question(certificate, root).public_bytes(Encoding.DER))
        key = root.public_key()
        assert isinstance(key, RSAPublicKey)
        key.verify(
            response.signature, response.tbs_response_bytes, padding.PKCS1v15(), hashes.SHA256()
        )

    async def test_says_revoked_of_a_revoked_card(self, world: World) -> None:
        certificate, root = await used(world, "revoked"), await root_of(world)
        response = await ask(world, question(certificate, root).public_bytes(Encoding.DER))
        assert response.certificate_status is ocsp.OCSPCertStatus.REVOKED
        assert response.revocation_reason is x509.ReasonFlags.cessation_of_operation
        assert response.revocation_time_utc == world.clock()

    async def test_says_unknown_of_a_serial_never_issued(self, world: World) -> None:
        root = await root_of(world)
        # The root names itself as issuer, and its own serial is in no ledger.
        response = await ask(world, question(root, root).public_bytes(Encoding.DER))
        assert response.certificate_status is ocsp.OCSPCertStatus.UNKNOWN

    async def test_gives_the_nonce_back(self, world: World) -> None:
        certificate, root = await used(world, "hanako"), await root_of(world)
        asked = question(certificate, root, b"sixteen octets..")
        response = await ask(world, asked.public_bytes(Encoding.DER))
        nonce = response.extensions.get_extension_for_class(x509.OCSPNonce).value
        assert nonce.nonce == b"sixteen octets.."

    async def test_answers_get_as_well(self, world: World) -> None:
        certificate, root = await used(world, "hanako"), await root_of(world)
        asked = base64.b64encode(question(certificate, root).public_bytes(Encoding.DER)).decode()
        answer = await world.browser.get(f"{PATH}/ocsp/{asked.replace('+', '%2B')}")
        response = ocsp.load_der_ocsp_response(answer.content)
        assert response.certificate_status is ocsp.OCSPCertStatus.GOOD

    async def test_knows_nothing_of_another_authoritys_cards(self, world: World) -> None:
        certificate = await used(world, "hanako")
        other = await root_of(world, "/jpki/signing")
        response = await ask(world, question(certificate, other).public_bytes(Encoding.DER))
        assert response.response_status is ocsp.OCSPResponseStatus.UNAUTHORIZED

    @pytest.mark.parametrize("content", [b"", b"x", b"\x30\x00", b"\x30\x80" * 50])
    async def test_calls_malformed_what_it_cannot_read(self, world: World, content: bytes) -> None:
        response = await ask(world, content)
        assert response.response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST

    async def test_calls_a_nonce_too_long_malformed(self, world: World) -> None:
        certificate, root = await used(world, "hanako"), await root_of(world)
        asked = question(certificate, root, b"x" * 129)
        response = await ask(world, asked.public_bytes(Encoding.DER))
        assert response.response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST

    async def test_takes_requests_of_its_own_media_type_only(self, world: World) -> None:
        answer = await world.browser.post(f"{PATH}/ocsp", content=b"x")
        assert answer.status_code == 415

    async def test_refuses_what_is_too_large_to_be_a_request(self, world: World) -> None:
        headers = {"Content-Type": "application/ocsp-request"}
        answer: httpx.Response = await world.browser.post(
            f"{PATH}/ocsp", content=b"x" * 20_000, headers=headers
        )
        assert answer.status_code == 400


class TestAuthorities:
    @pytest.mark.parametrize("name", ["impostor", "nobody"])
    async def test_are_two_and_no_more(self, world: World, name: str) -> None:
        for path in ("certificate.cer", "list.crl", "ocsp/AAAA"):
            assert (await world.browser.get(f"/jpki/{name}/{path}")).status_code == 404

    async def test_have_different_roots(self, world: World) -> None:
        assert await root_of(world) != await root_of(world, "/jpki/signing")
