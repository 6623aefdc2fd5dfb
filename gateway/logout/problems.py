"""What can stand in the way of ending a sign-in."""

from foundation.problems import MalformedRequest, NotFound


class SessionNotFound(NotFound):
    """There is none, it ended already, or it is somebody else's; which of these is not said."""

    slug = "platform/session-not-found"
    title = "You have no such open sign-in."
    title_ja = "このサインインは見つからないか、すでに終了しています。"
    remedy = "List your sign-ins at /platform/v1/sessions."
    remedy_ja = "/platform/v1/sessions で現在のサインインの一覧を確認してください。"


class LogoutRedirectNotRegistered(MalformedRequest):
    """Sending a browser to an address nobody registered is how people are led astray."""

    slug = "platform/logout-redirect-not-registered"
    title = "The application asked to be returned to at an address that is not registered for it."
    title_ja = "登録されていない戻り先アドレスが指定されました。"
    remedy = "Close this page, and report this to whoever runs the application you came from."
    remedy_ja = "この画面を閉じ、呼び出し元のアプリケーションの提供者にお知らせください。"
