"""A digest is signed by the person it was shown to, once, and read by the client it is for."""

import base64
import hashlib
from datetime import timedelta

import httpx
import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from joserfc.jwk import ECKey, RSAKey

from infra.identity.jpki.keys import verify
from tests.infra.identity.world import RelyingParty, World, answer_of
from tests.support.simulator import SignInRefused, give_up, present_card, sign_document

DOCUMENT = "給付金を申請します。".encode()
DIGEST = hashlib.sha256(DOCUMENT).digest()


async def begun(client: RelyingParty) -> str:
    return (await client.begin_signing(DIGEST)).json()["sign_transaction_id"]


async def result_of(world: World, card_id: str = "hanako") -> dict[str, str]:
    client = world.resident_client()
    transaction = await begun(client)
    token = await client.signed_by(card_id, transaction)
    return client.opened((await client.signing_result(transaction, token)).text)


def check(result: dict[str, str], document: bytes) -> None:
    certificate = x509.load_der_x509_certificate(base64.b64decode(result["certificate"]))
    key = certificate.public_key()
    assert isinstance(key, RSAPublicKey)
    verify(key, document, base64.b64decode(result["signature"]))


class TestSigning:
    async def test_gives_a_signature_over_the_document_with_its_certificate(
        self, world: World
    ) -> None:
        result = await result_of(world)
        assert result["digest"] == base64.b64encode(DIGEST).decode()
        check(result, DOCUMENT)
        with pytest.raises(InvalidSignature):
            check(result, b"another document")

    async def test_is_sealed_to_an_rsa_key_where_the_client_publishes_one(
        self, world: World
    ) -> None:
        world.gateway.encryption = RSAKey.generate_key(2048, auto_kid=True)
        check(await result_of(world), DOCUMENT)

    async def test_says_who_signed_by_the_name_of_signing_in(self, world: World) -> None:
        client = world.resident_client()
        signed_in = (await client.redeem(await client.code_by_card("hanako"))).json()
        transaction = await begun(client)
        url = client.authorization_url(scope="openid sign", sign_transaction_id=transaction)
        callback = await sign_document(world.browser, url, card_id="phone", sign_pin="ABC123")
        signed = (await client.redeem(answer_of(callback)["code"])).json()
        names = {(await client.id_token(one["id_token"]))["sub"] for one in (signed_in, signed)}
        assert len(names) == 1

    async def test_shows_the_digest_and_asks_for_the_signing_pin(self, world: World) -> None:
        client = world.resident_client()
        url = client.authorization_url(scope="openid sign", sign_transaction_id=await begun(client))
        page = (await world.browser.get(url)).text
        assert DIGEST.hex() in page
        assert 'minlength="6"' in page

    async def test_can_be_given_up(self, world: World) -> None:
        client = world.resident_client()
        url = client.authorization_url(scope="openid sign", sign_transaction_id=await begun(client))
        assert answer_of(await give_up(world.browser, url))["error"] == "access_denied"


REFUSED = {
    "child": "このカードには署名用電子証明書がありません。",
    "ward": "このカードには署名用電子証明書がありません。",
    "moved": "電子証明書は失効しています。",
    "revoked": "電子証明書は失効しています。",
    "expired": "電子証明書の有効期限が切れています。",
    "locked": "このカードの暗証番号はロックされています。",
    "sign-locked": "このカードの暗証番号はロックされています。",
    "wrong-policy": "署名用の電子証明書ではありません。",
    "wrong-root": "このカードの電子証明書を確認できません。",
    "weak-key": "このカードの電子証明書を確認できません。",
}


class TestRefusedCards:
    @pytest.mark.parametrize("card_id", REFUSED)
    async def test_sign_nothing(self, world: World, card_id: str) -> None:
        client = world.resident_client()
        with pytest.raises(SignInRefused) as refused:
            await client.signed_by(card_id, await begun(client))
        assert str(refused.value) == REFUSED[card_id]

    @pytest.mark.parametrize("card_id", ["moved", "sign-locked", "ward", "child"])
    async def test_still_sign_in_where_only_the_signing_certificate_is_gone(
        self, world: World, card_id: str
    ) -> None:
        assert await world.resident_client().code_by_card(card_id)

    async def test_sign_wrongly_for_all_the_provider_cares(self, world: World) -> None:
        with pytest.raises(InvalidSignature):
            check(await result_of(world, "wrong-key"), DOCUMENT)

    async def test_lock_after_five_wrong_pins(self, world: World) -> None:
        client = world.resident_client()
        transaction = await begun(client)
        for remaining in (4, 3, 2, 1):
            with pytest.raises(SignInRefused, match=f"あと{remaining}回"):
                await client.signed_by("taro", transaction, pin="WRONG1")
        for pin in ("WRONG1", "ABC123"):
            with pytest.raises(SignInRefused, match="ロックされています"):
                await client.signed_by("taro", transaction, pin=pin)
        assert await client.code_by_card("taro")


class TestTransactions:
    async def test_are_signed_once(self, world: World) -> None:
        client = world.resident_client()
        transaction = await begun(client)
        await client.signed_by("hanako", transaction)
        with pytest.raises(SignInRefused, match="署名する文書が見つからない"):
            await client.signed_by("hanako", transaction)

    async def test_end_after_ten_minutes(self, world: World) -> None:
        client = world.resident_client()
        transaction = await begun(client)
        world.clock.turn(timedelta(minutes=10))
        with pytest.raises(SignInRefused, match="署名する文書が見つからない"):
            await client.signed_by("hanako", transaction)

    async def test_belong_to_the_client_that_began_them(self, world: World) -> None:
        transaction = await begun(world.resident_client("302082"))
        with pytest.raises(SignInRefused, match="署名する文書が見つからない"):
            await world.resident_client().signed_by("hanako", transaction)

    async def test_are_not_signed_by_signing_in(self, world: World) -> None:
        client = world.resident_client()
        url = client.authorization_url(scope="openid sign", sign_transaction_id=await begun(client))
        with pytest.raises(LookupError):
            await present_card(world.browser, url, card_id="hanako", pin="1234")

    async def test_give_no_result_before_they_are_signed_nor_to_another_token(
        self, world: World
    ) -> None:
        client = world.resident_client()
        transaction, other = await begun(client), await begun(client)
        token = await client.signed_by("hanako", other)
        assert (await client.signing_result(transaction, token)).status_code == 404
        machine = await client.machine_token()
        assert (await client.signing_result(other, machine)).status_code == 401
        plain = (await client.redeem(await client.code_by_card())).json()["access_token"]
        assert (await client.signing_result(other, plain)).status_code == 404

    async def test_need_a_key_to_be_sealed_to(self, world: World) -> None:
        world.gateway.encryption = ECKey.generate_key("P-384", auto_kid=True)
        client = world.resident_client()
        transaction = await begun(client)
        token = await client.signed_by("hanako", transaction)
        answer = await client.signing_result(transaction, token)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")


class TestBeginning:
    async def test_is_not_for_a_person(self, world: World) -> None:
        client = world.resident_client()
        tokens = (await client.redeem(await client.code_by_card())).json()
        answer = await client.begin_signing(DIGEST, tokens["access_token"])
        assert answer.status_code == 401

    async def test_takes_one_sha_256_digest(self, world: World) -> None:
        client = world.resident_client()
        assert (await client.begin_signing(DIGEST)).status_code == 201
        for digest in (b"", DIGEST[:-1], hashlib.sha512(DOCUMENT).digest()):
            assert (await client.begin_signing(digest)).status_code == 400

    @pytest.mark.parametrize("body", [b"", b"[]", b'{"digest": 1}', b'{"digest": "***"}'])
    async def test_refuses_what_is_no_digest(self, world: World, body: bytes) -> None:
        answer: httpx.Response = await world.browser.post(
            "/api/sign-transactions",
            content=body,
            headers={"Authorization": f"Bearer {await world.resident_client().machine_token()}"},
        )
        assert answer.status_code == 400

    async def test_offers_no_token_to_officials_clients(self, world: World) -> None:
        client = world.official_client()
        answer = await client.redeem("x" * 43, grant_type="client_credentials")
        assert answer.json()["error"] == "unsupported_grant_type"


class TestFreshness:
    @pytest.mark.parametrize("asked", [{"max_age": "0"}, {"max_age": "300"}, {"prompt": "login"}])
    async def test_is_what_every_sign_in_has(self, world: World, asked: dict[str, str]) -> None:
        client = world.resident_client()
        code = await client.code_by_card(acr_values="aal3 crl", **asked)
        claims = await client.id_token((await client.redeem(code)).json()["id_token"])
        assert claims["auth_time"] == int(world.clock().timestamp())
        assert claims["acr"] == "aal3"


class TestPersons:
    async def test_keep_their_name_over_a_renewal_and_lose_it_with_a_new_card(
        self, world: World
    ) -> None:
        client = world.resident_client()
        names: list[str] = []
        for card_id in ("hanako", "renewed", "reissued"):
            tokens = (await client.redeem(await client.code_by_card(card_id))).json()
            names.append((await client.id_token(tokens["id_token"]))["sub"])
        assert names[0] == names[1] != names[2]
