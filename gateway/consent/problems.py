"""What can stand in the way of asking somebody."""

from foundation.problems import MalformedRequest, NotFound


class ConsentRequestNotFound(MalformedRequest):
    """Answered, too old, or put to another browser; which of these is not said."""

    slug = "platform/consent-request-not-found"
    title = "This question was already answered, took too long, or was put to another browser."
    title_ja = "この確認は、すでに答えたか、時間が過ぎたか、別のブラウザーで開かれたものです。"
    remedy = "Go back to the application you came from and sign in again."
    remedy_ja = "元のアプリケーションに戻り、もう一度サインインしてください。"


class ConsentNotFound(NotFound):
    """There is none, or it is not this person's, or it was already withdrawn."""

    slug = "platform/consent-not-found"
    title = "You gave no such consent."
    title_ja = "この許可は見つかりません。"
    remedy = "List your consents at /platform/v1/consents."
    remedy_ja = "/platform/v1/consents で現在の許可の一覧を確認してください。"
