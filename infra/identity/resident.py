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

from .cards import CardRefused, NoSuchCertificate, PinLocked, PinWrong, Presentation, Wallet
from .clock import Clock
from .interaction import SignIn, cancel, finish, resume, start
from .jpki.authority import Authority
from .jpki.profile import Kind
from .jpki.revocation import revocation_list
from .jpki.verification import CertificateRefused, CertificateVerifier, Fault
from .oauth.authorization import Offer
from .oauth.endpoints import provider_routes
from .oauth.provider import Authentication, Provider, ProviderSettings, pairwise
from .pages import card_page, refusal_page, signing_page
from .register import CardRecord, Register
from .signing import SignTransactions

_PATH = "/resident"
_STEP = "present-card"
_SIGN_STEP = "sign-document"
_CHALLENGE_BYTES = 32
_LEVEL = "aal3"
"""A hardware key and a PIN: the highest of the three levels of assurance."""

_ATTRIBUTES = ("name", "address", "birthdate", "gender")
OFFER = Offer(
    scopes=frozenset({"openid", "sign", *_ATTRIBUTES}),
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
_NO_SIGNING_CERTIFICATE = (
    "このカードには署名用電子証明書がありません。",
    "15歳未満の方と成年被後見人の方には発行されません。法定代理人の方が手続きをしてください。",
)
_LOCKED = (
    "このカードの暗証番号はロックされています。",
    f"暗証番号の再設定が必要です。{_AT_THE_WINDOW}",
)
_TRANSACTION_OVER = (
    "署名する文書が見つからないか、すでに署名されています。",
    "元のサービスに戻り、もう一度署名を始めてください。",
)
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
        machine_scopes=frozenset({"sign"}),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidentDesk:
    """The pages of the residents' provider and the check behind them."""

    provider: Provider
    register: Register
    wallet: Wallet
    authorities: Mapping[Kind, Authority]
    transactions: SignTransactions
    pseudonyms: bytes
    clock: Clock

    def routes(self) -> list[Route]:
        authorize = f"{_PATH}/protocol/openid-connect/auth"
        return [
            Route(authorize, self.authorize),
            Route(f"{_PATH}/{_STEP}", self.present, methods=["POST"]),
            Route(f"{_PATH}/{_SIGN_STEP}", self.sign, methods=["POST"]),
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
        if sign_in.request.sign_transaction_id is not None:
            return self._refuse(sign_in, *_TRANSACTION_OVER)
        try:
            await run_in_threadpool(self._verify, card, form.get("pin", ""))
        except (CardRefused, CertificateRefused) as refused:
            return self._after(refused, sign_in, card)
        return finish(self.provider, sign_in, self._authentication(sign_in, card))

    async def sign(self, request: Request) -> Response:
        """One try to sign the document of this request; the card sees its digest only."""
        sign_in, form = await resume(self.provider, request)
        waiting = self.transactions.waiting(sign_in.request)
        if waiting is None:
            return self._refuse(sign_in, *_TRANSACTION_OVER)
        card = self.register.cards().get(form.get("card_id", ""))
        if card is None:
            return self._ask(sign_in, fault="カードを選んでください。")
        try:
            presented = await run_in_threadpool(
                self._sign, sign_in, card, pin=form.get("sign_pin", ""), digest=waiting.digest
            )
        except (CardRefused, CertificateRefused) as refused:
            return self._after(refused, sign_in, card)
        if not self.transactions.conclude(sign_in.request, presented):
            return self._refuse(sign_in, *_TRANSACTION_OVER)
        return finish(self.provider, sign_in, self._authentication(sign_in, card))

    def _after(
        self, refused: CardRefused | CertificateRefused, sign_in: SignIn, card: CardRecord
    ) -> Response:
        if isinstance(refused, PinWrong):
            fault = f"暗証番号が違います。あと{refused.remaining}回間違えるとロックされます。"
            return self._ask(sign_in, chosen=card.card_id, fault=fault)
        if isinstance(refused, PinLocked):
            return self._refuse(sign_in, *_LOCKED)
        if isinstance(refused, NoSuchCertificate):
            return self._refuse(sign_in, *_NO_SIGNING_CERTIFICATE)
        fault = refused.fault if isinstance(refused, CertificateRefused) else Fault.UNREADABLE
        if fault is Fault.WRONG_POLICY and sign_in.request.sign_transaction_id is not None:
            return self._refuse(sign_in, "署名用の電子証明書ではありません。", _OTHER_CARD)
        return self._refuse(sign_in, *_REFUSALS.get(fault, _NOT_GENUINE))

    def _sign(self, sign_in: SignIn, card: CardRecord, *, pin: str, digest: bytes) -> Presentation:
        """Sign; the certificate is judged for public bodies only, the signature for nobody."""
        presented = self.wallet.sign(card, pin=pin, digest=digest)
        if sign_in.request.client.administrative:
            self._verifier(Kind.SIGNING).accept(presented.certificate, at=self.clock())
        return presented

    def _verifier(self, kind: Kind) -> CertificateVerifier:
        authority = self.authorities[kind]
        return CertificateVerifier(
            authority.certificate, kind.policy, partial(revocation_list, authority)
        )

    def _verify(self, card: CardRecord, pin: str) -> None:
        """Challenge and response, with a challenge that has never been used before."""
        challenge = secrets.token_bytes(_CHALLENGE_BYTES)
        presented = self.wallet.authenticate(card, pin=pin, challenge=challenge)
        self._verifier(Kind.AUTHENTICATION).verify(
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
            subject=pairwise(self.pseudonyms, sign_in.request.client.client_id, card.holder),
            acr=_LEVEL,
            amr=("hwk", "pin"),  # RFC 8176 §2
            userinfo={name: value for name, value in attributes.items() if name in wanted},
        )

    def _ask(self, sign_in: SignIn, *, chosen: str = "", fault: str = "") -> Response:
        cards = self.register.cards().values()
        if sign_in.request.sign_transaction_id is None:
            return card_page(sign_in.form(_PATH, _STEP), cards, chosen=chosen, fault=fault)
        waiting = self.transactions.waiting(sign_in.request)
        if waiting is None:
            return self._refuse(sign_in, *_TRANSACTION_OVER)
        form = sign_in.form(_PATH, _SIGN_STEP)
        return signing_page(form, cards, digest=waiting.digest.hex(), chosen=chosen, fault=fault)

    def _refuse(self, sign_in: SignIn, message: str, remedy: str) -> Response:
        form = sign_in.form(_PATH, _STEP)
        return refusal_page(message, remedy=remedy, status=HTTPStatus.FORBIDDEN, form=form)
