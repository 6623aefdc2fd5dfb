"""A provider's signing API is spoken to as a client of its own name, and believed in nothing."""

import base64
import json
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import httpx
import pytest
from joserfc import jwe
from joserfc.jwk import ECKey
from typing_extensions import override

from foundation.identity import KeySet, SigningKey
from foundation.identity.jpki import (
    Account,
    EncryptionKey,
    Presented,
    ResultUnreadable,
    SigningApi,
    SigningApiUnavailable,
)

TRANSACTION = UUID("0b24bd4e-8e2c-4d0b-9d5f-0c5a5e1d9b61")
ACCOUNT = Account(
    issuer="https://op.test/realms/main",
    client_id="tamaire-012084",
    token_endpoint="https://op.test/realms/main/token",
)
RESULT: dict[str, Any] = {
    "sign_transaction_id": str(TRANSACTION),
    "digest": base64.b64encode(b"d" * 32).decode(),
    "signature": base64.b64encode(b"signature").decode(),
    "certificate": base64.b64encode(b"certificate").decode(),
}


class Provider(httpx.AsyncBaseTransport):
    """Answers what it was told to, and remembers what it was asked."""

    def __init__(self, encryption: EncryptionKey) -> None:
        self.encryption = encryption
        self.requests: list[httpx.Request] = []
        self.result = RESULT
        self.answers: dict[str, httpx.Response] = {}

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.requests.append(request)
        path = request.url.path
        if path in self.answers:
            return self.answers[path]
        if path.endswith("/token"):
            return httpx.Response(200, json={"access_token": "machine-token"})
        if path == "/api/sign-transactions":
            return httpx.Response(201, json={"sign_transaction_id": str(TRANSACTION)})
        return httpx.Response(200, content=self.sealed(json.dumps(self.result).encode()))

    def sealed(self, content: bytes) -> str:
        key = ECKey.import_key(self.encryption.public())
        header = {"alg": "ECDH-ES", "enc": "A256GCM"}
        return jwe.encrypt_compact(header, content, key, algorithms=["ECDH-ES", "A256GCM"])


@pytest.fixture
def provider() -> Provider:
    return Provider(EncryptionKey.generate())


KEY = SigningKey.generate("ES256")


def api_of(provider: Provider) -> SigningApi:
    return SigningApi(key=KEY, encryption=provider.encryption, transport=provider)


class TestBegin:
    async def test_hands_in_the_digest_in_our_own_name(self, provider: Provider) -> None:
        assert await api_of(provider).begin(ACCOUNT, b"d" * 32) == TRANSACTION
        token, begun = provider.requests
        form = {name: one for name, [one] in parse_qs(token.content.decode()).items()}
        assert form["grant_type"] == "client_credentials"
        claims = KeySet.of(KEY).verify(form["client_assertion"], typ="JWT", algorithm="ES256")
        assert (claims["iss"], claims["aud"]) == ("tamaire-012084", ACCOUNT.token_endpoint)
        assert json.loads(begun.content) == {"digest": base64.b64encode(b"d" * 32).decode()}
        assert begun.headers["authorization"] == "Bearer machine-token"
        assert str(begun.url) == "https://op.test/api/sign-transactions"

    @pytest.mark.parametrize(
        "answer",
        [
            httpx.Response(401, json={"error": "invalid_client"}),
            httpx.Response(302, headers={"location": "https://evil.test/"}),
            httpx.Response(200, content=b"<html>"),
            httpx.Response(200, json=[]),
            httpx.Response(201, json={"sign_transaction_id": "one"}),
            httpx.Response(201, json={}),
        ],
    )
    async def test_takes_no_other_answer_for_a_transaction(
        self, provider: Provider, answer: httpx.Response
    ) -> None:
        provider.answers["/api/sign-transactions"] = answer
        with pytest.raises(SigningApiUnavailable):
            await api_of(provider).begin(ACCOUNT, b"d" * 32)


class TestResult:
    async def test_is_opened(self, provider: Provider) -> None:
        found = await api_of(provider).result(ACCOUNT, TRANSACTION, "persons-token")
        assert found == Presented(
            digest=b"d" * 32, signature=b"signature", certificate=b"certificate"
        )
        (request,) = provider.requests
        assert request.headers["authorization"] == "Bearer persons-token"
        assert request.url.path == f"/api/sign-transactions/{TRANSACTION}/result"

    @pytest.mark.parametrize(
        "changes",
        [
            {"sign_transaction_id": "another"},
            {"signature": "***"},
            {"certificate": None},
            {"digest": 1},
        ],
    )
    async def test_is_refused_where_it_is_not_one(
        self, provider: Provider, changes: dict[str, Any]
    ) -> None:
        provider.result = RESULT | changes
        with pytest.raises(ResultUnreadable):
            await api_of(provider).result(ACCOUNT, TRANSACTION, "t")

    async def test_is_refused_when_it_was_not_sealed_to_us(self, provider: Provider) -> None:
        api = SigningApi(key=KEY, encryption=EncryptionKey.generate(), transport=provider)
        with pytest.raises(ResultUnreadable):
            await api.result(ACCOUNT, TRANSACTION, "t")

    async def test_is_refused_in_the_clear(self, provider: Provider) -> None:
        path = f"/api/sign-transactions/{TRANSACTION}/result"
        provider.answers[path] = httpx.Response(200, json=RESULT)
        with pytest.raises(ResultUnreadable):
            await api_of(provider).result(ACCOUNT, TRANSACTION, "t")

    async def test_is_kept_and_read_again_as_it_was(self) -> None:
        presented = Presented(digest=b"d", signature=b"s", certificate=b"c")
        assert Presented.from_text(presented.as_text()) == presented
        assert "b's'" not in repr(presented)
