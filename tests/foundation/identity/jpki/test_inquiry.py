"""Authorities are asked where we were told to ask, and silence decides nothing."""

from collections.abc import AsyncGenerator
from datetime import timedelta

import httpx
import pytest
from cryptography.x509 import ocsp
from typing_extensions import override

from foundation import clock
from foundation.identity.jpki import (
    Authorities,
    Evidence,
    Refusal,
    RevocationUnavailable,
    SignatureRefused,
    verify,
)
from tests.foundation.identity.jpki.making import (
    DAY,
    NOW,
    SERIAL,
    Answered,
    Leaf,
    Listed,
    Scene,
    trust,
)


class Authority(httpx.AsyncBaseTransport):
    """Answers for the authority of tests, or not."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.status = 200
        self.silent = False
        self.listed = Listed()

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        if self.silent:
            raise httpx.ConnectTimeout("nobody answers")
        if request.method == "GET":
            return httpx.Response(self.status, content=self.listed.made())
        asked = ocsp.load_der_ocsp_request(request.read())
        assert asked.serial_number == SERIAL
        nonce = next(iter(asked.extensions)).value
        content = Answered(nonce=getattr(nonce, "nonce", None)).made()
        return httpx.Response(self.status, content=content)


@pytest.fixture
async def authority() -> AsyncGenerator[Authority]:
    with clock.frozen(NOW):
        yield Authority()


class TestAsk:
    async def test_gives_what_a_signature_is_judged_by(self, authority: Authority) -> None:
        document = Scene().evidence().document
        said = await Authorities(trust(), authority).ask(document)
        assert (
            verify(Evidence(document=document, revocations=said), trust()).report.checked_at == NOW
        )
        assert authority.asked == ["http://jlis.test/list", "http://jlis.test/ocsp"]

    async def test_uses_a_nonce_once(self, authority: Authority) -> None:
        authorities = Authorities(trust(), authority)
        document = Scene().evidence().document
        nonces = {(await authorities.ask(document)).nonce for _ in range(3)}
        assert len(nonces) == 3

    async def test_keeps_a_list_for_half_its_time(self, authority: Authority) -> None:
        authorities = Authorities(trust(), authority)
        document = Scene().evidence().document
        for _ in range(2):
            await authorities.ask(document)
        assert authority.asked.count("http://jlis.test/list") == 1
        with clock.frozen(NOW + timedelta(hours=13)):
            await authorities.ask(document)
        assert authority.asked.count("http://jlis.test/list") == 2

    async def test_asks_nobody_about_a_certificate_no_authority_issued(
        self, authority: Authority
    ) -> None:
        document = Scene(leaf=Leaf(signer="impostor")).evidence().document
        with pytest.raises(SignatureRefused) as refused:
            await Authorities(trust(), authority).ask(document)
        assert refused.value.refusal is Refusal.UNTRUSTED
        assert authority.asked == []

    @pytest.mark.parametrize("status", [302, 404, 500, 503])
    async def test_takes_no_other_answer_for_one(self, authority: Authority, status: int) -> None:
        authority.status = status
        with pytest.raises(RevocationUnavailable):
            await Authorities(trust(), authority).ask(Scene().evidence().document)

    async def test_decides_nothing_while_nobody_answers(self, authority: Authority) -> None:
        authority.silent = True
        with pytest.raises(RevocationUnavailable):
            await Authorities(trust(), authority).ask(Scene().evidence().document)

    async def test_keeps_no_list_that_cannot_be_read(self, authority: Authority) -> None:
        class Garbled(Listed):
            @override
            def made(self) -> bytes:
                return b"<html>"

        authority.listed = Garbled()
        authorities = Authorities(trust(), authority)
        document = Scene().evidence().document
        for _ in range(2):
            said = await authorities.ask(document)
            with pytest.raises(SignatureRefused) as refused:
                verify(Evidence(document=document, revocations=said), trust())
            assert refused.value.refusal is Refusal.CRL_UNREADABLE
        assert authority.asked.count("http://jlis.test/list") == 2

    async def test_finds_a_withdrawal_of_this_morning(self, authority: Authority) -> None:
        authority.listed = Listed(revoked=((SERIAL, NOW - DAY),))
        document = Scene().evidence().document
        said = await Authorities(trust(), authority).ask(document)
        with pytest.raises(SignatureRefused) as refused:
            verify(Evidence(document=document, revocations=said), trust())
        assert refused.value.refusal is Refusal.REVOKED_BY_CRL
