"""What is said at the doors of a municipality that does not take part, and what its life refuses.

Problem
├── ServiceUnavailable
│   ├── MunicipalityPaused       503  all of it, until somebody resumes
│   └── MunicipalityLeaving      503  what is there may be read, nothing new is taken
├── NotFound
│   ├── ServiceNotTakenPartIn    404
│   ├── MembershipActNotFound    404
│   └── NoSuchService            404
├── Forbidden
│   └── SecondPersonRequired     403
└── Conflict
    ├── MembershipNotReady       409  naming every item that is missing
    ├── MembershipActRefused     409  no way leads there from here
    ├── MembershipActDecided     409
    ├── FiguresOnly              409
    └── MunicipalityHasAdministrators 409
"""

from collections.abc import Mapping
from typing import ClassVar

from foundation.problems import JSON, Conflict, Forbidden, NotFound, ServiceUnavailable

_SIGN: Mapping[str, Mapping[str, JSON]] = {
    "service": {"type": "string", "description": "求めたサービス"},
    "state": {"type": "string", "enum": ["paused", "leaving"]},
    "paper_route": {
        "type": ["object", "null"],
        "description": "紙で手続きできる窓口(日本語と英語)",
    },
}
_MISSING: Mapping[str, Mapping[str, JSON]] = {
    "missing": {
        "type": "array",
        "description": "満たしていない項目。なぜ必要か、何をすればよいかを含む",
        "items": {"type": "object"},
    }
}


class MunicipalityPaused(ServiceUnavailable):
    """The municipality has paused as a whole; the paper route is in the answer."""

    slug = "platform/municipality-paused"
    title = "The municipality has paused its online services."
    title_ja = "この自治体は、オンラインのサービスを休止しています。"
    remedy = "Come back later, or use the paper route named in this answer."
    remedy_ja = "時間をおいて再度お試しいただくか、ご案内の窓口で手続きしてください。"
    extension_schemas: ClassVar[Mapping[str, Mapping[str, JSON]]] = _SIGN


class MunicipalityLeaving(ServiceUnavailable):
    """The municipality is leaving: what is there may still be read."""

    slug = "platform/municipality-leaving"
    title = "The municipality is leaving; nothing new is taken online."
    title_ja = "この自治体は利用を終了します。照会のみ利用できます。"
    remedy = "Use the paper route named in this answer."
    remedy_ja = "ご案内の窓口で手続きしてください。"
    extension_schemas: ClassVar[Mapping[str, Mapping[str, JSON]]] = _SIGN


class ServiceNotTakenPartIn(NotFound):
    """The municipality does not take part in this service; there is nothing behind the door."""

    slug = "platform/service-not-taken-part-in"
    title = "The municipality does not take part in this service."
    title_ja = "この自治体は、このサービスを利用していません。"
    remedy = "See which services it takes part in at /platform/v1/municipalities/{code}."
    remedy_ja = "利用しているサービスは /platform/v1/municipalities/{code} で確認できます。"


class NoSuchService(NotFound):
    """There is no service of this name."""

    slug = "platform/no-such-service"
    title = "There is no such service."
    title_ja = "該当するサービスはありません。"
    remedy = "Choose registry, benefits, window-dx or consultation."
    remedy_ja = "registry、benefits、window-dx、consultation から選んでください。"


class MembershipActNotFound(NotFound):
    """Nothing of this kind was proposed in this municipality."""

    slug = "platform/membership-act-not-found"
    title = "There is no such proposal."
    title_ja = "該当する起案がありません。"
    remedy = "Choose one from the list at /platform/v1/membership/acts."
    remedy_ja = "/platform/v1/membership/acts の一覧から選んでください。"


class SecondPersonRequired(Forbidden):
    """Who proposed it does not confirm it."""

    slug = "platform/second-person-required"
    title = "Another administrator must confirm this."
    title_ja = "起案した人は承認できません。"
    remedy = "Ask another administrator to confirm the proposal."
    remedy_ja = "別の管理者に承認を依頼してください。"


class MembershipNotReady(Conflict):
    """Something of the checklist is missing; `missing` names every item."""

    slug = "platform/membership-not-ready"
    title = "The municipality is not ready to go live."
    title_ja = "本稼働に必要な項目が満たされていません。"
    remedy = "Do what each item of `missing` says, then propose it again."
    remedy_ja = "`missing` の各項目に示された対応をしてから、もう一度送信してください。"
    extension_schemas: ClassVar[Mapping[str, Mapping[str, JSON]]] = _MISSING


class MembershipActRefused(Conflict):
    """No way leads there from where the municipality stands, or not yet."""

    slug = "platform/membership-act-refused"
    title = "This cannot be done from where the municipality stands."
    title_ja = "自治体の現在の状態では、この操作はできません。"
    remedy = "Read the membership: `possible` names what can be done; a pause needs its words."
    remedy_ja = "`possible` にある操作を選んでください。休止と終了には、お知らせの文が必要です。"


class MembershipActDecided(Conflict):
    """It was confirmed or taken back already."""

    slug = "platform/membership-act-decided"
    title = "This was decided already."
    title_ja = "この起案は、すでに決定または取り下げられています。"
    remedy = "Read the membership; propose again what is still needed."
    remedy_ja = "現在の状態を確認し、必要であればあらためて起案してください。"


class MunicipalityHasAdministrators(Conflict):
    """Operators name the first administrators; whoever comes later is named by those."""

    slug = "platform/municipality-has-administrators"
    title = "The municipality has administrators of its own."
    title_ja = "この自治体には、すでに管理者がいます。"
    remedy = "Ask one of them to give the duty: POST /platform/v1/role-grants."
    remedy_ja = "自治体の管理者に、役割の付与(/platform/v1/role-grants)を依頼してください。"


class FiguresOnly(Conflict):
    """A prefecture and the nation keep no residents here, so they take part in no service."""

    slug = "platform/figures-only"
    title = "Prefectures and the nation are shown figures only."
    title_ja = "都道府県と国は、集計だけを利用できます。"
    remedy = (
        "Read the figures, or help a municipality that consents (/platform/v1/assistance-offers)."
    )
    remedy_ja = (
        "集計を利用するか、市区町村の同意を得て支援してください(/platform/v1/assistance-offers)。"
    )
