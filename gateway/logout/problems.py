"""What can stand in the way of ending a sign-in."""

from foundation.problems import MalformedRequest, NotFound


class SessionNotFound(NotFound):
    """There is none, it ended already, or it is somebody else's; which of these is not said."""

    slug = "platform/session-not-found"
    title = "You have no such open sign-in."
    title_ja = "このサインインは見つからないか、すでに終了しています。"
    remedy = "List your sign-ins at /platform/v1/sessions."
    remedy_ja = "/platform/v1/sessions で現在のサインインの一覧を確認してください。"


class UpstreamNotFound(NotFound):
    """A word came to an address at which no provider of the municipality is listened to."""

    slug = "platform/upstream-not-found"
    title = "This municipality has no such identity provider."
    title_ja = "この自治体に該当する認証基盤がありません。"
    remedy = "Register the address as it stands in the municipality's identity provider settings."
    remedy_ja = "認証基盤に登録した通知先アドレスを、自治体の認証基盤設定で確認してください。"


class LogoutRedirectNotRegistered(MalformedRequest):
    """Sending a browser to an address nobody registered is how people are led astray."""

    slug = "platform/logout-redirect-not-registered"
    title = "The application asked to be returned to at an address that is not registered for it."
    title_ja = "登録されていない戻り先アドレスが指定されました。"
    remedy = "Close this page, and report this to whoever runs the application you came from."
    remedy_ja = "この画面を閉じ、呼び出し元のアプリケーションの提供者にお知らせください。"
