"""What the gateway itself refuses on the way to a service, and what it says when one fails."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import ClassVar

from foundation.problems import MalformedRequest, Problem, TooManyRequests


class AmbiguousRequest(MalformedRequest):
    """Two readers could understand it in two ways; that is how requests are smuggled."""

    slug = "platform/ambiguous-request"
    title = "The request can be read in more than one way."
    title_ja = "リクエストを一通りに解釈できません。"
    remedy = "Send each header once, the length once, and the path in its plain form."
    remedy_ja = "ヘッダーと長さの指定は一度だけ、パスは標準の形で送信してください。"


class UnknownPurpose(MalformedRequest):
    """A purpose that is not on the list cannot be recorded, so nothing is done under it."""

    slug = "platform/unknown-purpose"
    title = "This purpose is not one of the purposes known here."
    title_ja = "指定された利用目的は定められたものではありません。"
    remedy = "Send one of the listed purposes in Tamaire-Purpose, or leave the header out."
    remedy_ja = "示された利用目的のいずれかを指定するか、ヘッダーを外してください。"


class UnreadableTimeout(MalformedRequest):
    """A time that is guessed at would end somebody's work too early, or far too late."""

    slug = "platform/unreadable-timeout"
    title = "The Tamaire-Timeout-Ms header is not a number of milliseconds."
    title_ja = "Tamaire-Timeout-Ms ヘッダーがミリ秒の数値ではありません。"
    remedy = "Send a whole number from 1 to 30000, once, or leave the header out."
    remedy_ja = "1 から 30000 までの整数を一度だけ指定するか、ヘッダーを外してください。"


class RequestTimeout(Problem):
    """The rest of the request did not come; a connection is not kept for a promise."""

    slug = "platform/request-timeout"
    status = HTTPStatus.REQUEST_TIMEOUT
    title = "The rest of the request did not arrive in time."
    title_ja = "リクエストの続きが時間内に届きませんでした。"
    remedy = "Send it again; a large file is best sent over a steady connection."
    remedy_ja = "もう一度送信してください。大きなファイルは安定した回線で送信してください。"


class LengthRequired(Problem):
    """A form is sent whole; its length is known beforehand (RFC 9110 §15.5.12)."""

    slug = "platform/length-required"
    status = HTTPStatus.LENGTH_REQUIRED
    title = "The request must say how long it is."
    title_ja = "リクエストの長さ(Content-Length)を指定してください。"
    remedy = "Send the request with a Content-Length header instead of in chunks."
    remedy_ja = "分割転送ではなく、Content-Length ヘッダーを付けて送信してください。"


class ExpectationRefused(Problem):
    """`Expect: 100-continue` holds two sides waiting for each other; nothing here needs it."""

    slug = "platform/expectation-refused"
    status = HTTPStatus.EXPECTATION_FAILED
    title = "The Expect header is not supported."
    title_ja = "Expect ヘッダーには対応していません。"
    remedy = "Send the request again without the Expect header."
    remedy_ja = "Expect ヘッダーを外して、もう一度送信してください。"


class HeadersTooLarge(Problem):
    """No honest request needs so many bytes before its body (RFC 6585 §5)."""

    slug = "platform/headers-too-large"
    status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    title = "The headers of the request are too large."
    title_ja = "リクエストのヘッダーが大きすぎます。"
    remedy = "Send fewer or shorter headers."
    remedy_ja = "ヘッダーの数または長さを減らして送信してください。"


class UpstreamFailed(Problem):
    """A service broke off or answered with something that is no answer; nothing of it is shown."""

    slug = "platform/upstream-failed"
    status = HTTPStatus.BAD_GATEWAY
    title = "The service broke off before it had answered."
    title_ja = "サービスからの応答が途中で途切れました。"
    remedy = "Send it again with the same Idempotency-Key: nothing is then done twice."
    remedy_ja = "同じ Idempotency-Key で再送してください。二重に処理されることはありません。"
    standing_headers: ClassVar[Mapping[str, str]] = {"Retry-After": "2"}


class UpstreamTimeout(Problem):
    """A service did not answer in time; whether it acted is not known."""

    slug = "platform/upstream-timeout"
    status = HTTPStatus.GATEWAY_TIMEOUT
    title = "The service did not answer in time."
    title_ja = "サービスから時間内に応答がありませんでした。"
    remedy = "Send it again with the same Idempotency-Key: nothing is then done twice."
    remedy_ja = "同じ Idempotency-Key で再送してください。二重に処理されることはありません。"
    standing_headers: ClassVar[Mapping[str, str]] = {"Retry-After": "5"}


class ClientBusy(TooManyRequests):
    """One client's share of its municipality's turns is used up; the others keep theirs."""

    slug = "platform/client-busy"
    title = "This client has too many requests under way for this municipality."
    title_ja = "このクライアントからの処理中のリクエストが上限に達しています。"
    remedy = "Wait until some have been answered, then go on with fewer at a time."
    remedy_ja = "処理中のリクエストの完了を待ち、同時に送る数を減らしてください。"
    standing_headers: ClassVar[Mapping[str, str]] = {"Retry-After": "1"}


class TenantBusy(TooManyRequests):
    """One municipality's share of the connections is used up; the others keep theirs."""

    slug = "platform/tenant-busy"
    title = "Your municipality has too many requests under way."
    title_ja = "貴自治体からの処理中のリクエストが上限に達しています。"
    remedy = "Wait until some have been answered, then go on with fewer at a time."
    remedy_ja = "処理中のリクエストの完了を待ち、同時に送る数を減らしてください。"
    standing_headers: ClassVar[Mapping[str, str]] = {"Retry-After": "1"}
