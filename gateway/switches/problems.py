"""What is said at a door that the municipality itself has shut, and what a switch refuses.

Problem
├── ServiceUnavailable
│   ├── ServicePaused         503  for a while; it ends by itself
│   ├── ServiceClosed         503  until somebody opens it
│   └── ServiceReadOnly       503  what is there may be read, nothing is taken
├── SwitchNotFound            404
├── PauseNotFound             404
├── SwitchIncomplete          422
└── Conflict
    └── SwitchClosed          409  a pause would open it by itself
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import ClassVar

from foundation.problems import JSON, Conflict, Problem, ServiceUnavailable

_SIGN: Mapping[str, Mapping[str, JSON]] = {
    "service": {"type": "string", "description": "休止しているサービス"},
    "state": {"type": "string", "enum": ["read_only", "paused", "closed"]},
    "until": {"type": ["string", "null"], "format": "date-time", "description": "再開の予定"},
    "paper_route": {"type": "object", "description": "紙で手続きできる窓口(日本語と英語)"},
}


class ServicePaused(ServiceUnavailable):
    """The municipality has paused this service; `until` and the paper route are in the answer."""

    slug = "platform/service-paused"
    title = "The municipality has paused this service for a while."
    title_ja = "この自治体は、このサービスを一時休止しています。"
    remedy = "Come back after the time given, or use the paper route named in this answer."
    remedy_ja = "示された日時のあとで再度お試しいただくか、ご案内の窓口で手続きしてください。"
    extension_schemas: ClassVar[Mapping[str, Mapping[str, JSON]]] = _SIGN


class ServiceClosed(ServiceUnavailable):
    """The municipality has closed this service until it opens it again."""

    slug = "platform/service-closed"
    title = "The municipality has closed this service."
    title_ja = "この自治体は、このサービスの受付を停止しています。"
    remedy = "Use the paper route named in this answer."
    remedy_ja = "ご案内の窓口で手続きしてください。"
    extension_schemas: ClassVar[Mapping[str, Mapping[str, JSON]]] = _SIGN


class ServiceReadOnly(ServiceUnavailable):
    """What is there may be read; nothing new is taken for the moment."""

    slug = "platform/service-read-only"
    title = "This service can be read at the moment, but takes nothing new."
    title_ja = "このサービスは現在、照会のみ利用できます。"
    remedy = "Send it again later, or use the paper route named in this answer."
    remedy_ja = "時間をおいて再度送信するか、ご案内の窓口で手続きしてください。"
    extension_schemas: ClassVar[Mapping[str, Mapping[str, JSON]]] = _SIGN


class SwitchNotFound(Problem):
    """There is no such service to be switched."""

    slug = "platform/switch-not-found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such service to open or close."
    title_ja = "該当するサービスはありません。"
    remedy = "Choose one of the services listed at /platform/v1/services."
    remedy_ja = "/platform/v1/services の一覧にあるサービスから選んでください。"


class PauseNotFound(Problem):
    """No such pause is planned in this municipality, or it is over or called off."""

    slug = "platform/pause-not-found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such planned pause."
    title_ja = "該当する休止の予定がありません。"
    remedy = "Choose a pause from the list; one that is over cannot be called off."
    remedy_ja = "予定の一覧から選び直してください。終わった休止は取り消せません。"


class SwitchIncomplete(Problem):
    """A shut door needs a sign, a pause needs an end, and the end lies ahead."""

    slug = "platform/switch-incomplete"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "What the switch is to say is not complete."
    title_ja = "休止・停止の内容が不足しているか、矛盾しています。"
    remedy = "Give a notice with its paper route, and for a pause the time at which it ends."
    remedy_ja = "お知らせと窓口の案内を入れ、一時休止には再開の日時を指定してください。"


class SwitchClosed(Conflict):
    """A pause ends by itself, and must not open what somebody decided to close."""

    slug = "platform/switch-closed"
    title = "The service is closed; only opening it ends that."
    title_ja = "このサービスは停止中です。一時休止に変えることはできません。"
    remedy = "Open the service first, then pause it."
    remedy_ja = "先に受付を再開してから、一時休止にしてください。"
