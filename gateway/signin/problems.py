"""What a person is told when their sign-in cannot go on and there is no safe place to send them."""

from foundation.problems import MalformedRequest


class SignInNotFound(MalformedRequest):
    """Finished, too old, or begun in another browser; which of these is not said."""

    slug = "platform/sign-in-not-found"
    title = "This sign-in is over, took too long, or was begun in another browser."
    title_ja = "このサインインは終了しているか、期限切れか、別のブラウザーで開始されたものです。"
    remedy = "Go back to the application you came from and sign in again."
    remedy_ja = "元のアプリケーションに戻り、もう一度サインインしてください。"
