"""What a vendor, or a municipality that deals with one, can be refused."""

import math
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import ClassVar

from foundation.problems import (
    JSON,
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    ServiceUnavailable,
    TooManyRequests,
    Unauthenticated,
)


class RegistrationTokenRefused(Unauthenticated):
    """Who manages a registration shows the token that was given for it."""

    slug = "platform/registration-token-refused"
    title = "This is not the registration access token of this client."
    title_ja = "このクライアントの登録管理トークンではありません。"
    remedy = "Send the registration_access_token you were given at registration as a bearer token."
    remedy_ja = (
        "登録時に受け取った registration_access_token を Bearer トークンとして送信してください。"
    )
    standing_headers: ClassVar[Mapping[str, str]] = {
        "WWW-Authenticate": 'Bearer error="invalid_token"'
    }


class RegistrationsTooFrequent(TooManyRequests):
    """One address registers more than a developer would."""

    slug = "platform/registrations-too-frequent"
    title = "Too many registrations from this address."
    title_ja = "このアドレスからの登録が多すぎます。"
    remedy = "Wait as long as Retry-After says; one registration can be changed at will."
    remedy_ja = "Retry-After の時間をおいてください。登録ずみの内容は何度でも変更できます。"


class RegistrationClosed(ServiceUnavailable):
    """There is no sandbox here, or no room for further registrations."""

    slug = "platform/registration-closed"
    title = "No new registration is taken here at the moment."
    title_ja = "現在、新しい登録を受け付けていません。"
    remedy = "Try again later, or write to whoever runs this platform."
    remedy_ja = "しばらくしてから、または運営者にお問い合わせのうえ、もう一度お試しください。"


class TooManyClients(Conflict):
    """A product has a few clients; dozens of them are a mistake in a loop."""

    slug = "platform/too-many-clients"
    title = "This vendor has as many clients as one can have."
    title_ja = "登録できるクライアント数の上限に達しています。"
    remedy = "Delete one that is not used any more."
    remedy_ja = "使っていないクライアントを削除してください。"


class ClientKeyRefused(InvalidInput):
    """What was sent is no public key that is taken here."""

    slug = "platform/client-key-refused"
    title = "This cannot be registered as a public key."
    title_ja = "公開鍵として登録できません。"
    remedy = "Send the public half of a P-256 or Ed25519 key as a JWK."
    remedy_ja = "P-256 または Ed25519 の公開鍵を JWK 形式で送信してください。"


class ClientKeyNotFound(NotFound):
    """The client has no active key of this name."""

    slug = "platform/client-key-not-found"
    title = "This client has no such key."
    title_ja = "このクライアントに該当する鍵がありません。"
    remedy = "List the keys of the client and use one of their kid."
    remedy_ja = "鍵の一覧で kid を確認してください。"


class ClientKeysFull(Conflict):
    """Two keys are active: the present one and its successor."""

    slug = "platform/client-keys-full"
    title = "The client has two active keys already."
    title_ja = "有効な鍵がすでに 2 つあります。"
    remedy = "Revoke the older one first."
    remedy_ja = "先に古い鍵を失効させてください。"


class ClientKeyKnown(Conflict):
    """A name stands for one key for ever, also when the key was revoked."""

    slug = "platform/client-key-known"
    title = "A key of this name was registered before."
    title_ja = "同じ kid の鍵がすでに登録されています(失効した鍵を含みます)。"
    remedy = "Make a new key, or give it another kid."
    remedy_ja = "新しい鍵を作るか、別の kid にしてください。"


class KeysAreElsewhere(Conflict):
    """A client with a jwks_uri publishes its keys itself."""

    slug = "platform/client-keys-elsewhere"
    title = "The keys of this client are read from its jwks_uri."
    title_ja = "このクライアントの鍵は jwks_uri から読み込まれます。"
    remedy = "Publish the key there, or change the registration to have no jwks_uri."
    remedy_ja = "jwks_uri で公開するか、登録から jwks_uri を外してください。"


class SandboxClientOnly(Forbidden):
    """A client that was made to be tried out asks for a real municipality."""

    slug = "platform/sandbox-client"
    title = "A sandbox client cannot be let into a real municipality."
    title_ja = "サンドボックス用のクライアントは、実在の自治体では利用できません。"
    remedy = (
        'Register a second client with "environment": "production" under the same token, and ask'
        " with that one."
    )
    remedy_ja = (
        '同じトークンで "environment": "production" のクライアントを登録し、'
        "そのクライアントで申請してください。"
    )


class AccessRequestNotFound(NotFound):
    """No such request of this client, or to this municipality."""

    slug = "platform/access-request-not-found"
    title = "There is no such request."
    title_ja = "該当する利用申請がありません。"
    remedy = "Look it up in the list of requests."
    remedy_ja = "利用申請の一覧で確認してください。"


class AccessRequestOpen(Conflict):
    """One undecided request per client and municipality."""

    slug = "platform/access-request-open"
    title = "This client already waits for this municipality's answer."
    title_ja = "この自治体への利用申請が、すでに審査待ちです。"
    remedy = "Wait for the answer, or withdraw the request and ask anew."
    remedy_ja = "回答をお待ちいただくか、取り下げてから申請し直してください。"


class AccessRequestsFull(Conflict):
    """A client does not ask half the country at once."""

    slug = "platform/access-requests-full"
    title = "Too many requests of this client wait for an answer."
    title_ja = "審査待ちの利用申請が上限に達しています。"
    remedy = (
        "A further one can be made as soon as a municipality has answered, or one is withdrawn."
    )
    remedy_ja = "自治体から回答があるか、どれかを取り下げると、すぐに次の申請ができます。"
    extension_schemas: ClassVar[Mapping[str, Mapping[str, JSON]]] = {
        "most": {"type": "integer", "description": "同時に審査待ちにできる件数"}
    }


class EnoughForToday(TooManyRequests):
    """What a vendor does by itself is bounded by the day; nobody has to say no."""

    slug = "platform/enough-for-today"
    title = "This was done often enough today."
    title_ja = "本日の回数の上限に達しました。"
    remedy = (
        "Go on after the instant named in `until`, midnight in Japan. A vendor without a token"
        " is counted by its name: show the registration access token of your sandbox client."
    )
    remedy_ja = (
        "until の日時(日本時間の翌日 0 時)を過ぎてから続けてください。"
        "トークンのない登録は事業者名で数えます。"
        "サンドボックスの registration_access_token を付けると、事業者ごとに数えます。"
    )
    extension_schemas: ClassVar[Mapping[str, Mapping[str, JSON]]] = {
        "most": {"type": "integer", "description": "1 日の上限"},
        "until": {"type": "string", "format": "date-time", "description": "次にできる日時"},
    }

    @classmethod
    def until(cls, end: datetime, *, now: datetime, most: int) -> "EnoughForToday":
        seconds = max(1, math.ceil((end - now).total_seconds()))
        return cls(headers={"Retry-After": str(seconds)}, until=end.isoformat(), most=most)


class AccessRequestDecided(Conflict):
    """What was decided, or taken back, stays so."""

    slug = "platform/access-request-decided"
    title = "This request is not open any more."
    title_ja = "この利用申請は、すでに処理されています。"
    remedy = "Read it again to see what became of it."
    remedy_ja = "もう一度読み込んで、状態をご確認ください。"
    extension_schemas: ClassVar[Mapping[str, Mapping[str, JSON]]] = {
        "state": {"type": "string", "description": "現在の状態"}
    }


class GrantBeyondRequest(InvalidInput):
    """More than was asked, nothing, or for too long."""

    slug = "platform/grant-beyond-request"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "This cannot be granted."
    title_ja = "この内容では許可できません。"
    remedy = "Grant at least one and only scopes of the request, until a day within three years."
    remedy_ja = "申請された範囲から 1 つ以上を選び、3 年以内の終了日を指定してください。"


class ClientGrantNotFound(NotFound):
    """This municipality gave the client no leave that is in force."""

    slug = "platform/client-grant-not-found"
    title = "This municipality has given no such leave."
    title_ja = "該当する利用許可がありません。"
    remedy = "Look it up in the list of clients."
    remedy_ja = "利用許可の一覧で確認してください。"
