"""What can be refused about a signature.

Problem
├── NotFound
│   ├── SignatureNotFound         404
│   └── EvidenceNotKept           404
├── MalformedRequest
│   └── SigningNotFound           400, shown to a browser
├── InvalidInput
│   └── ReturnAddressUnknown      422
└── ServiceUnavailable
    └── SigningUnavailable        503
"""

from foundation.problems import InvalidInput, MalformedRequest, NotFound, ServiceUnavailable


class SignatureNotFound(NotFound):
    """No such signature, or it is another person's: the two look the same."""

    slug = "platform/signature-not-found"
    title = "There is no such signature."
    title_ja = "該当する署名がありません。"
    remedy = "Check the identifier; only the person who was asked to sign can see a signature."
    remedy_ja = "識別子を確認してください。署名は、署名を求められた本人だけが見られます。"


class EvidenceNotKept(NotFound):
    """The signature was never verified, so there is nothing to verify again."""

    slug = "platform/signature-without-evidence"
    title = "This signature has not been verified, so there is no evidence of it."
    title_ja = "この署名は検証されていないため、証拠がありません。"
    remedy = "Read the signature to see where it stands."
    remedy_ja = "署名の状況を確認してください。"


class SigningNotFound(MalformedRequest):
    """Signed, refused, too old, or begun in another browser; which of these is not said."""

    slug = "platform/signing-not-found"
    title = "This signing is over, took too long, or was begun in another browser."
    title_ja = "この署名手続きは終了しているか、期限切れか、別のブラウザーで開始されたものです。"
    remedy = "Go back to the application you came from and begin to sign again."
    remedy_ja = "元のアプリケーションに戻り、もう一度署名を始めてください。"


class ReturnAddressUnknown(InvalidInput):
    """The browser would be sent to an address nobody registered for this client."""

    slug = "platform/return-address-unknown"
    title = "The address to return to is not registered for this client."
    title_ja = "戻り先のアドレスは、このクライアントに登録されていません。"
    remedy = "Use a registered redirect address to the letter, or a page of a registered origin."
    remedy_ja = (
        "登録済みのリダイレクト先をそのまま、または登録済みの配信元のページを指定してください。"
    )


class SigningUnavailable(ServiceUnavailable):
    """Nobody can sign here now: the provider does not answer, or none was set up."""

    slug = "platform/signing-unavailable"
    title = "Signing with a card is not available at the moment."
    title_ja = "ただいまカードでの署名を利用できません。"
    remedy = "Try again in a few minutes; an application can also be made at the counter."
    remedy_ja = "数分後にもう一度お試しください。窓口でも申請できます。"
