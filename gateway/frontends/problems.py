"""What a front end in a browser can be refused, beyond what everybody can be."""

from foundation.problems import Forbidden, MalformedRequest, Unauthenticated


class SessionOver(Unauthenticated):
    """No session, or one that ended, lay idle, grew too old, or was shown in copy."""

    slug = "platform/session-over"
    title = "You are not signed in, or your sign-in has ended."
    title_ja = "サインインしていないか、サインインが終了しています。"
    remedy = "Sign in again at /session/sign-in."
    remedy_ja = "/session/sign-in から、もう一度サインインしてください。"


class ForeignOrigin(Forbidden):
    """The request comes from a page that is not this front end's (CSRF)."""

    slug = "platform/foreign-origin"
    title = "This request comes from a page that may not use your sign-in."
    title_ja = "このサインインを使うことのできない画面からの要求です。"
    remedy = "Use the front end you signed in at; its origin must be registered."
    remedy_ja = "サインインした画面から操作してください。画面の配信元は登録が必要です。"


class CsrfTokenRefused(Forbidden):
    """A request with effect came without the session's own token (CSRF)."""

    slug = "platform/csrf-token-refused"
    title = "The Tamaire-CSRF header is missing or is not this session's."
    title_ja = "Tamaire-CSRF ヘッダーがないか、このサインインのものではありません。"
    remedy = "Read csrf_token at GET /session and send it as Tamaire-CSRF."
    remedy_ja = "GET /session で得た csrf_token を Tamaire-CSRF ヘッダーに付けて送信してください。"


class RepresentationRefused(Forbidden):
    """There is no such right, it is not this person's, or it does not hold; which is not said."""

    slug = "platform/representation-refused"
    title = "You may not act on this representation."
    title_ja = "この代理の登録によって操作することはできません。"
    remedy = "List what you may take up at /platform/v1/representations, or leave the header out."
    remedy_ja = (
        "/platform/v1/representations で代理できる人を確認するか、ヘッダーを外してください。"
    )


class ReturnNotRegistered(MalformedRequest):
    """Sending a browser to an address nobody registered is how people are led astray."""

    slug = "platform/return-not-registered"
    title = "The address to return to is not one of this front end's."
    title_ja = "戻り先アドレスが、この画面の配信元として登録されていません。"
    remedy = "Name an address below one of the registered origins in return_to."
    remedy_ja = "登録済みの配信元で始まるアドレスを return_to に指定してください。"
