"""What can be refused about an application.

Problem
├── NotFound
│   └── ApplicationNotFound       404
├── Forbidden
│   └── ResidentNotBound          403
├── Conflict
│   ├── ApplicationStateConflict  409
│   └── ApplicationPeriodOver     409
└── InvalidInput
    ├── BankAccountRefused        422
    ├── SignatureRefused          422
    └── SignatureRequired         422
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from foundation.problems import JSON, Conflict, Fault, Forbidden, InvalidInput, NotFound

from .domain import AccountFault


class ApplicationNotFound(NotFound):
    """No such application, or it is another household's: the two look the same."""

    slug = "benefits/application-not-found"
    title = "There is no such application."
    title_ja = "該当する申請がありません。"
    remedy = "Check the address; the householder can open the household's own applications."
    remedy_ja = "アドレスを確認してください。世帯の申請は世帯主の方がご覧になれます。"


class ResidentNotBound(Forbidden):
    """Who signed in is proven, but not yet which entry of the register they are."""

    slug = "benefits/resident-not-bound"
    title = "You are signed in, but not yet matched to the resident register."
    title_ja = "本人確認は済んでいますが、住民登録との照合がまだ済んでいません。"
    remedy = "Have an official match you at the counter; bring your My Number Card."
    remedy_ja = "マイナンバーカードをお持ちのうえ、窓口で住民登録との照合をお受けください。"


class ApplicationStateConflict(Conflict):
    """The step does not begin where the application stands."""

    slug = "benefits/application-state-conflict"
    title = "The application is not in a state that allows this."
    title_ja = "申請の現在の状態では、この操作はできません。"
    remedy = "Read the application to see where it stands."
    remedy_ja = "申請の状況を確認してください。"
    extension_schemas: ClassVar[Mapping[str, Mapping[str, JSON]]] = {"state": {"type": "string"}}


class ApplicationPeriodOver(Conflict):
    """The programme takes no answers today: before its first day, after its last, or closed."""

    slug = "benefits/application-period-over"
    title = "The programme does not take applications today."
    title_ja = "この給付事業は、本日は申請を受け付けていません。"
    remedy = "See the programme for its period; in doubt, ask the benefits section."
    remedy_ja = "受付期間をご確認ください。ご不明な点は給付の担当課にお問い合わせください。"


class BankAccountRefused(InvalidInput):
    """Money sent to this account would come back; every fault is listed."""

    slug = "benefits/bank-account-refused"
    title = "A transfer to this bank account would fail."
    title_ja = "この口座には振り込めません。"
    remedy = "Correct each listed value as printed in the bankbook and send it again."
    remedy_ja = "示された項目を通帳の表記どおりに直して、もう一度送信してください。"

    @classmethod
    def for_account(cls, faults: Sequence[AccountFault]) -> InvalidInput:
        """Refuse an account with everything that is wrong with it."""
        return cls.of(
            [
                Fault(
                    pointer=f"/bank_account/{fault.field}",
                    detail=fault.detail,
                    detail_ja=fault.detail_ja,
                )
                for fault in faults
            ]
        )


class AccountOfAnother(Forbidden):
    """Somebody acting for another named an account that is not that person's."""

    slug = "benefits/account-of-another"
    title = "The account must be in the name of the person you act for."
    title_ja = "振込口座は、代理を受けているご本人の名義に限ります。"
    remedy = (
        "Name an account of that person; to receive for them, have the counter record the leave."
    )
    remedy_ja = (
        "ご本人名義の口座を指定してください。代理で受け取るときは、窓口で受領の代理を登録できます。"
    )


class SignatureRefused(InvalidInput):
    """The platform vouches for no such signature; which part does not fit is not said."""

    slug = "benefits/signature-refused"
    title = "This signature does not cover this application."
    title_ja = "この電子署名は、この申請に対するものと確認できません。"
    remedy = "Have exactly the document of this application signed, with this bank account."
    remedy_ja = "この申請の文書を、届け出る口座とともに作り直し、もう一度署名してください。"

    @classmethod
    def given(cls) -> InvalidInput:
        """Refuse the signature that was named."""
        return cls.of(
            [
                Fault(
                    pointer="/signature_id",
                    detail="Not a verified signature of yours over exactly this document.",
                    detail_ja="この文書に対する、本人の検証済みの署名ではありません。",
                )
            ]
        )


class SignatureRequired(InvalidInput):
    """The programme takes applications with a signature only."""

    slug = "benefits/signature-required"
    title = "This programme asks for a signature with the My Number Card."
    title_ja = "この給付事業の申請には、マイナンバーカードによる電子署名が必要です。"
    remedy = "Have the application's document signed and send the signature's identifier."
    remedy_ja = "申請の文書に署名し、署名の識別子を付けて送信してください。窓口でも申請できます。"

    @classmethod
    def at_once(cls) -> InvalidInput:
        """Refuse a confirmation without a signature."""
        return cls.of(
            [
                Fault(
                    pointer="/signature_id",
                    detail="A signature is required.",
                    detail_ja="電子署名が必要です。",
                )
            ]
        )
