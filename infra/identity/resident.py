"""The residents' provider, in the shape of the digital authentication app (デジタル認証アプリ).

A person presents a card, the card signs a fresh challenge, and the provider believes nothing but
that signature and the certificate that goes with it.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .cards import PinLocked, PinWrong, Wallet
from .clock import Clock
from .interaction import SignIn, cancel, finish, resume, start
from .jpki.authority import Authority
from .jpki.revocation import revocation_list
from .jpki.verification import CertificateRefused, CertificateVerifier, Fault
from .oauth.authorization import Offer
from .oauth.endpoints import provider_routes
from .oauth.provider import Authentication, Provider, ProviderSettings, pairwise
from .pages import card_page, refusal_page
from .register import CardRecord, Register

_PATH = "/resident"
_STEP = "present-card"
_CHALLENGE_BYTES = 32
_LEVEL = "aal3"
"""A hardware key and a PIN: the highest of the three levels of assurance."""

_ATTRIBUTES = ("name", "address", "birthdate", "gender")
OFFER = Offer(
    scopes=frozenset({"openid", *_ATTRIBUTES}),
    # `crl` asks for the revocation check that is made here in any case.
    acr_values=frozenset({_LEVEL, "crl"}),
)

_AT_THE_WINDOW = "お住まいの市区町村の窓口で手続きをしてください。"
_OTHER_CARD = "別のカードで、もう一度試してください。"
_REFUSALS: Mapping[Fault, tuple[str, str]] = {
    Fault.EXPIRED: (
        "電子証明書の有効期限が切れています。",
        f"電子証明書の更新が必要です。{_AT_THE_WINDOW}",
    ),
    Fault.REVOKED: (
        "電子証明書は失効しています。",
        f"電子証明書の再発行が必要です。{_AT_THE_WINDOW}",
    ),
    Fault.NO_REVOCATION_DATA: (
        "電子証明書が有効かどうかを確認できません。",
        "しばらくしてから、もう一度試してください。",
    ),
    Fault.WRONG_POLICY: ("利用者証明用の電子証明書ではありません。", _OTHER_CARD),
}
_NOT_GENUINE = ("このカードの電子証明書を確認できません。", _OTHER_CARD)


def resident_settings(base_url: str) -> ProviderSettings:
    """The one issuer for all residents, with a pseudonym per client."""
    issuer = f"{base_url}{_PATH}"
    return ProviderSettings(
        issuer=issuer,
        offer=OFFER,
        claims=_ATTRIBUTES,
        subject_type="pairwise",
        # The app's reference names the token endpoint, and only that.
        assertion_audiences=frozenset({f"{issuer}/protocol/openid-connect/token"}),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidentDesk:
    """The pages of the residents' provider and the check behind them."""

    provider: Provider
    register: Register
    wallet: Wallet
    authority: Authority
    pseudonyms: bytes
    clock: Clock

    def routes(self) -> list[Route]:
        authorize = f"{_PATH}/protocol/openid-connect/auth"
        return [
            Route(authorize, self.authorize),
            Route(f"{_PATH}/{_STEP}", self.present, methods=["POST"]),
            Route(f"{_PATH}/cancel", self.cancel, methods=["POST"]),
            *provider_routes(_PATH, lambda _request: self.provider),
        ]

    async def authorize(self, request: Request) -> Response:
        return start(self.provider, request, self._ask)

    async def cancel(self, request: Request) -> Response:
        return await cancel(self.provider, request)

    async def present(self, request: Request) -> Response:
        """One try with one card; a refused card leaves the sign-in open for another."""
        sign_in, form = await resume(self.provider, request)
        card = self.register.cards().get(form.get("card_id", ""))
        if card is None:
            return self._ask(sign_in, fault="カードを選んでください。")
        try:
            await run_in_threadpool(self._verify, card, form.get("pin", ""))
        except PinWrong as wrong:
            fault = f"暗証番号が違います。あと{wrong.remaining}回間違えるとロックされます。"
            return self._ask(sign_in, chosen=card.card_id, fault=fault)
        except PinLocked:
            message = "このカードの暗証番号はロックされています。"
            remedy = f"暗証番号の再設定が必要です。{_AT_THE_WINDOW}"
            return self._refuse(sign_in, message, remedy)
        except CertificateRefused as refused:
            return self._refuse(sign_in, *_REFUSALS.get(refused.fault, _NOT_GENUINE))
        return finish(self.provider, sign_in, self._authentication(sign_in, card))

    def _verify(self, card: CardRecord, pin: str) -> None:
        """Challenge and response, with a challenge that has never been used before."""
        challenge = secrets.token_bytes(_CHALLENGE_BYTES)
        presented = self.wallet.authenticate(card, pin=pin, challenge=challenge)
        verifier = CertificateVerifier(
            self.authority.certificate,
            self.authority.kind.policy,
            partial(revocation_list, self.authority),
        )
        verifier.verify(
            presented.certificate,
            message=challenge,
            signature=presented.signature,
            at=self.clock(),
        )

    def _authentication(self, sign_in: SignIn, card: CardRecord) -> Authentication:
        """The pseudonym is the client's own, so that two municipalities cannot compare notes."""
        attributes = {
            "name": card.name,
            "address": card.address,
            "birthdate": f"{card.birth_on:%Y%m%d}",
            "gender": card.gender,
        }
        wanted = sign_in.request.scopes
        return Authentication(
            subject=pairwise(self.pseudonyms, sign_in.request.client.client_id, card.card_id),
            acr=_LEVEL,
            amr=("hwk", "pin"),  # RFC 8176 §2
            userinfo={name: value for name, value in attributes.items() if name in wanted},
        )

    def _ask(self, sign_in: SignIn, *, chosen: str = "", fault: str = "") -> Response:
        cards = self.register.cards().values()
        return card_page(sign_in.form(_PATH, _STEP), cards, chosen=chosen, fault=fault)

    def _refuse(self, sign_in: SignIn, message: str, remedy: str) -> Response:
        form = sign_in.form(_PATH, _STEP)
        return refusal_page(message, remedy=remedy, status=HTTPStatus.FORBIDDEN, form=form)
