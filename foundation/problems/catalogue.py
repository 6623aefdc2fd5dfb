"""The refusals that belong to no one service: identity, reading, repetition, versions, load."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import ClassVar, Literal

from .problem import JSON, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong with a request, and where it stands.

    `pointer` is a JSON Pointer (RFC 6901) into the body, or `/<name>` of a parameter. The value
    itself is not repeated: it may be somebody's name.
    """

    pointer: str
    detail: str
    detail_ja: str
    location: Literal["body", "query", "path", "header"] = "body"


class MalformedRequest(Problem):
    """The bytes are not what they claim to be, so nothing inside them was looked at."""

    slug = "platform/malformed-request"
    status = HTTPStatus.BAD_REQUEST
    title = "The request could not be read."
    title_ja = "リクエストを読み取れませんでした。"
    remedy = "Correct the form of the request and send it again."
    remedy_ja = "リクエストの形式を直して、もう一度送信してください。"


class IdempotencyKeyMissing(MalformedRequest):
    """Without a key a repeat after a lost answer could take effect twice."""

    slug = "platform/idempotency-key-missing"
    title = "The Idempotency-Key header is missing."
    title_ja = "Idempotency-Key ヘッダーがありません。"
    remedy = "Send an Idempotency-Key of your choice, a new one for each new request."
    remedy_ja = "リクエストごとに新しい値を決め、Idempotency-Key ヘッダーに付けて送信してください。"


class Unauthenticated(Problem):
    """No proof of identity came with the request, or it no longer holds."""

    slug = "platform/unauthenticated"
    status = HTTPStatus.UNAUTHORIZED
    title = "You are not signed in."
    title_ja = "サインインしていません。"
    remedy = "Sign in again and repeat the request with the new access token."
    remedy_ja = "もう一度サインインし、新しいアクセストークンで送信してください。"
    standing_headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": "Bearer"}


class StepUpRequired(Problem):
    """The sign-in is good, but not sure or fresh enough for this act (RFC 9470).

    `acr_values` and `max_age` are the parameters to authorize again with; both are also in
    `WWW-Authenticate`, where libraries look.
    """

    error: ClassVar[str] = "insufficient_user_authentication"
    slug = "platform/step-up-required"
    status = HTTPStatus.UNAUTHORIZED
    title = "Prove once more that it is you before doing this."
    title_ja = "この操作の前に、もう一度ご本人であることの確認が必要です。"
    remedy = (
        "Authorize again with the acr_values and max_age given here (/oauth/authorize, or"
        " /session/sign-in in a browser session), then repeat the request unchanged, with the new"
        " access token if you hold one."
    )
    remedy_ja = (
        "この応答の acr_values と max_age を付けて /oauth/authorize(ブラウザのセッションでは"
        " /session/sign-in)からもう一度サインインし(住民の方はマイナンバーカードを"
        "かざしてください)、アクセストークンを使う場合は新しいもので、同じ内容を送信してください。"
    )
    standing_headers: ClassVar[Mapping[str, str]] = {
        "WWW-Authenticate": 'Bearer error="insufficient_user_authentication"'
    }
    extension_schemas: ClassVar[Mapping[str, Mapping[str, JSON]]] = {
        "acr_values": {"type": "string"},
        "max_age": {"type": "integer", "minimum": 1},
    }


class Forbidden(Problem):
    """The caller is known and the thing may exist, but this is not theirs to do."""

    slug = "platform/forbidden"
    status = HTTPStatus.FORBIDDEN
    title = "You are not allowed to do this."
    title_ja = "この操作を行う権限がありません。"
    remedy = (
        "If you act for another person, ask that person to entrust this to you; as an official, ask"
        " your municipality's administrator for the role that includes this operation."
    )
    remedy_ja = (
        "代理で利用している方は、本人に、この操作も任せてもらえるか相談してください。職員の方は、"
        "この操作を含む役割について、自治体の管理者に相談してください。"
    )


class TenantMismatch(Forbidden):
    """A tenant is proven by the token; a different one in the request is an error or an attack."""

    slug = "platform/tenant-mismatch"
    title = "The request names a municipality other than the one you are signed in to."
    title_ja = "サインイン中の自治体と異なる自治体が指定されています。"
    remedy = "Leave the municipality out, or sign in to the municipality you mean."
    remedy_ja = "自治体の指定を外すか、対象の自治体にサインインし直してください。"


class PurposeRequired(Forbidden):
    """More than one purpose would fit, and the record of access needs the true one."""

    slug = "platform/purpose-required"
    title = "Say for which purpose you need this information."
    title_ja = "情報を利用する目的を指定してください。"
    remedy = "Send the Tamaire-Purpose header with one of the purposes listed for this operation."
    remedy_ja = "この操作で認められている目的を Tamaire-Purpose ヘッダーで指定してください。"


class PurposeNotAllowed(Forbidden):
    """The purpose stated does not cover this operation."""

    slug = "platform/purpose-not-allowed"
    title = "This operation is not allowed for the purpose you stated."
    title_ja = "指定された目的では、この操作は認められていません。"
    remedy = "Use an operation meant for your purpose, or state the purpose that truly applies."
    remedy_ja = "目的に合った操作を使うか、実際の利用目的を指定してください。"


class NotFound(Problem):
    """It is not there, or the caller may not learn that it is; the two look the same."""

    slug = "platform/not-found"
    status = HTTPStatus.NOT_FOUND
    title = "Nothing was found here."
    title_ja = "該当するものが見つかりません。"
    remedy = "Check the address, and that you are signed in to the right municipality."
    remedy_ja = "アドレスと、サインイン中の自治体が正しいかを確認してください。"


class MethodNotAllowed(Problem):
    """The address exists but does not answer this verb; `Allow` lists those it does."""

    slug = "platform/method-not-allowed"
    status = HTTPStatus.METHOD_NOT_ALLOWED
    title = "This address does not support that method."
    title_ja = "このアドレスでは、そのメソッドは使えません。"
    remedy = "Use one of the methods listed in the Allow header."
    remedy_ja = "Allow ヘッダーに示されたメソッドを使ってください。"


class Conflict(Problem):
    """It was acceptable in itself but contradicts what is already recorded."""

    slug = "platform/conflict"
    status = HTTPStatus.CONFLICT
    title = "This contradicts what is already recorded."
    title_ja = "すでに記録されている内容と矛盾します。"
    remedy = "Read the present state, then decide whether the request is still needed."
    remedy_ja = "現在の状態を確認し、必要であればあらためて送信してください。"


class RequestInFlight(Conflict):
    """The first request with this key has not finished, so its answer cannot be repeated yet."""

    slug = "platform/request-in-flight"
    title = "The same request is still being carried out."
    title_ja = "同じリクエストを処理しています。"
    remedy = "Wait a moment and send it again with the same Idempotency-Key."
    remedy_ja = "少し待ってから、同じ Idempotency-Key でもう一度送信してください。"
    standing_headers: ClassVar[Mapping[str, str]] = {"Retry-After": "1"}


class PreconditionFailed(Problem):
    """The version named in If-Match is no longer the present one (RFC 9110 §13.1.1)."""

    slug = "platform/precondition-failed"
    status = HTTPStatus.PRECONDITION_FAILED
    title = "Somebody has changed this since you read it."
    title_ja = "読み込んだ後に、ほかの人が内容を変更しました。"
    remedy = "Read it again, look at what changed, and repeat your change with the new ETag."
    remedy_ja = "もう一度読み込んで変更点を確認し、新しい ETag で送信し直してください。"


class PayloadTooLarge(Problem):
    """The body is longer than this address accepts."""

    slug = "platform/payload-too-large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    title = "The request is too large."
    title_ja = "送信されたデータが大きすぎます。"
    remedy = "Send less at once; the limit is given in this answer."
    remedy_ja = "この応答に示された上限以下に分けて送信してください。"
    extension_schemas: ClassVar[Mapping[str, Mapping[str, JSON]]] = {
        "limit_bytes": {"type": "integer", "minimum": 0}
    }


class UnsupportedMediaType(Problem):
    """The body is of a kind this address does not read."""

    slug = "platform/unsupported-media-type"
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    title = "This address does not read that kind of document."
    title_ja = "この形式のデータは受け付けていません。"
    remedy = "Send the body as one of the accepted media types, without content encoding."
    remedy_ja = "受け付けている形式で、圧縮せずに送信してください。"
    extension_schemas: ClassVar[Mapping[str, Mapping[str, JSON]]] = {
        "accepted": {"type": "array", "items": {"type": "string"}}
    }


class InvalidInput(Problem):
    """Readable, but not acceptable. Every fault is listed, so that one correction suffices."""

    slug = "platform/invalid-input"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "Some of the values are not acceptable."
    title_ja = "入力内容に誤りがあります。"
    remedy = "Correct each of the listed values and send the request again."
    remedy_ja = "示された項目をすべて直して、もう一度送信してください。"
    extension_schemas: ClassVar[Mapping[str, Mapping[str, JSON]]] = {
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail", "detail_ja", "location"],
                "properties": {
                    "pointer": {"type": "string"},
                    "detail": {"type": "string"},
                    "detail_ja": {"type": "string"},
                    "location": {"enum": ["body", "query", "path", "header"]},
                },
            },
        }
    }

    @classmethod
    def of(cls, faults: Sequence[Fault]) -> "InvalidInput":
        """Refuse with every fault that was found, in the order they were found."""
        return cls(errors=[asdict(fault) for fault in faults])


class IdempotencyKeyReused(Problem):
    """A key stands for one request; a different one under it would get the wrong answer."""

    slug = "platform/idempotency-key-reused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "This Idempotency-Key was already used for a different request."
    title_ja = "この Idempotency-Key は、別のリクエストですでに使われています。"
    remedy = "Send the new request with a new key, or the old request unchanged."
    remedy_ja = "新しいリクエストには新しいキーを使うか、元のリクエストのまま送信してください。"


class PreconditionRequired(Problem):
    """A change must say which version it changes (RFC 6585 §3)."""

    slug = "platform/precondition-required"
    status = HTTPStatus.PRECONDITION_REQUIRED
    title = "Say which version you are changing."
    title_ja = "どの版を変更するのかを指定してください。"
    remedy = "Read it first, then send its ETag in the If-Match header."
    remedy_ja = "先に読み込み、その ETag を If-Match ヘッダーに付けて送信してください。"


class TooManyRequests(Problem):
    """This caller asks faster than agreed, and others are waiting."""

    slug = "platform/too-many-requests"
    status = HTTPStatus.TOO_MANY_REQUESTS
    title = "Too many requests in a short time."
    title_ja = "短い時間に多くのリクエストがありました。"
    remedy = "Wait for the number of seconds in the Retry-After header, then go on more slowly."
    remedy_ja = "Retry-After ヘッダーの秒数だけ待ち、間隔を空けて送信してください。"
    standing_headers: ClassVar[Mapping[str, str]] = {"Retry-After": "1"}


class DeadlineExceeded(Problem):
    """Nobody is waiting for the answer any more, so the work was given up before it took effect.

    Raised only where that is certain: before a request was sent on, or before its commit.
    """

    slug = "platform/deadline-exceeded"
    status = HTTPStatus.GATEWAY_TIMEOUT
    title = "There was not enough time; nothing was done."
    title_ja = "時間内に処理できませんでした。何も変更されていません。"
    remedy = "Send it again, with the same Idempotency-Key, and allow more time if you set a limit."
    remedy_ja = "同じ Idempotency-Key で再送してください。時間を指定した場合は延ばしてください。"
    standing_headers: ClassVar[Mapping[str, str]] = {"Retry-After": "2"}


class InternalError(Problem):
    """Something of ours went wrong; nothing was changed, and we have recorded it."""

    slug = "platform/internal-error"
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    title = "Something went wrong on our side; nothing was changed."
    title_ja = "システム側で問題が起きました。データは変更されていません。"
    remedy = "Try again later; if it persists, report the instance of this answer."
    remedy_ja = "時間をおいて再度お試しください。続く場合は instance の番号をお知らせください。"


class ServiceUnavailable(Problem):
    """For the moment we cannot take this; nothing is lost, and the counter stays open."""

    slug = "platform/service-unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "This service cannot answer at the moment."
    title_ja = "現在、このサービスはご利用いただけません。"
    remedy = "Try again after the seconds in Retry-After; in a hurry, use the paper form."
    remedy_ja = "Retry-After の秒数の後に再度お試しください。お急ぎの際は紙の様式でも承ります。"
    standing_headers: ClassVar[Mapping[str, str]] = {"Retry-After": "5"}
