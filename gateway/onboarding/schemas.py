"""How the life of a municipality looks on the wire."""

from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from foundation.database import Row
from foundation.web import Line, Version, Wire
from gateway.memberships.checklist import Item
from gateway.memberships.domain import Act, ActState, Stage, Step, Words
from gateway.switches.schemas import PaperRouteShape, PlaceName

from .service import Standing

TownAct = Literal[Act.GO_LIVE, Act.PAUSE, Act.RESUME, Act.LEAVE, Act.STAY]
Disclosure = Literal["none", "prefecture", "nation"]
_WORDS: dict[str, Any] = {
    "message_ja": "基幹システムの更新のため、休止しています。",
    "message_en": "Paused while the base systems are being replaced.",
}
_CONTACT: dict[str, Any] = {
    "unit": "総務課 情報係",
    "email": "joho@city.kitami.example",
    "telephone": "0157-23-7111",
}


class WordsShape(Wire):
    """What is told to whoever comes. It is public: no names, no cases."""

    model_config = ConfigDict(json_schema_extra={"examples": [_WORDS]})

    message_ja: Line
    message_en: Line

    def words(self) -> Words:
        return Words(message_ja=self.message_ja, message_en=self.message_en)


class ContactShape(Wire):
    """Whom to reach: a unit of the town hall, never a person's own address."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CONTACT]})

    unit: Line
    email: Annotated[str, Field(pattern=r"^[^@\s]{1,64}@[^@\s]{1,190}$", max_length=254)]
    telephone: Annotated[str, Field(pattern=r"^[0-9+() -]{5,25}$")]


class ContactsShape(Wire):
    """The three contacts; one that is not known yet is null."""

    operational: ContactShape | None = None
    privacy: ContactShape | None = None
    security: ContactShape | None = None


class PapersSet(Wire):
    """Whom to ring, and how far the municipality's figures may go."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "contacts": {
                        "operational": _CONTACT,
                        "privacy": _CONTACT,
                        "security": _CONTACT,
                    },
                    "disclosure": "nation",
                }
            ]
        }
    )

    contacts: ContactsShape
    disclosure: Disclosure | None = None
    """件数をどこまで示すか。none(示さない)、prefecture(県まで)、nation(国まで)。"""


class ServiceSet(Wire):
    """Whether the municipality takes part in a service, and where it is to be had on paper."""

    takes_part: bool
    paper_route: PaperRouteShape | None = None
    """省略すると、登録済みの窓口のまま。"""


class DrillCreate(Wire):
    """That a backup was read back."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"drilled_on": "2026-11-20", "minutes": 42, "finding": "手順書のとおり復元できた"}
            ]
        }
    )

    drilled_on: date
    minutes: Annotated[int, Field(ge=1, le=100_000)]
    finding: Line


class DrillRead(Wire):
    """The record of a drill."""

    id: UUID
    drilled_on: date
    minutes: int


class ActPropose(Wire):
    """What administrators want; `pause` and `leave` tell whoever comes why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"act": "go_live", "reason": "試用で確認が済んだ"},
                {"act": "pause", "reason": "基幹システムの更新", "notice": _WORDS},
            ]
        }
    )

    act: TownAct
    reason: Line
    """内部の記録に残す理由。公開されません。"""
    notice: WordsShape | None = None


class ActRead(Wire):
    """An act, and who stood behind it; `go_live` and `leave` wait for a second administrator."""

    id: UUID
    act: Act
    state: ActState
    reason: str
    notice: WordsShape | None
    proposed_by: str
    proposed_at: AwareDatetime
    decided_by: str | None
    decided_at: AwareDatetime | None

    @classmethod
    def of(cls, step: Step) -> Self:
        return cls(
            id=step.id,
            act=step.act,
            state=step.state,
            reason=step.reason,
            notice=_words(step.words),
            proposed_by=step.proposed_by,
            proposed_at=step.proposed_at,
            decided_by=step.decided_by,
            decided_at=step.decided_at,
        )


class ItemRead(Wire):
    """One item of the checklist: whether it is met, why it is asked for, and what to do."""

    item: str
    is_met: bool
    title: str
    title_ja: str
    why: str
    why_ja: str
    remedy: str
    remedy_ja: str

    @classmethod
    def of(cls, item: Item) -> Self:
        return cls(
            item=item.name,
            is_met=item.is_met,
            title=item.title_en,
            title_ja=item.title_ja,
            why=item.why_en,
            why_ja=item.why_ja,
            remedy=item.remedy_en,
            remedy_ja=item.remedy_ja,
        )


class MembershipRead(Wire):
    """Where the municipality stands, what may come next, and what is missing for going live."""

    code: str
    state: Stage
    since: AwareDatetime | None
    possible: list[Act]
    services: list[PlaceName]
    paper_routes: dict[str, PaperRouteShape]
    contacts: ContactsShape
    disclosure: Disclosure | None
    notice: WordsShape | None
    is_ready: bool
    """本稼働に必要な項目をすべて満たしているか。"""
    checklist: list[ItemRead]
    version: Version

    @classmethod
    def of(cls, code: str, standing: Standing) -> Self:
        membership = standing.membership
        return cls(
            code=code,
            state=membership.stage,
            since=membership.since,
            possible=membership.possible,
            services=[PlaceName.of(name) for name in sorted(membership.services)],
            paper_routes={
                PlaceName.of(name).value: PaperRouteShape.model_validate(route)
                for name, route in sorted(standing.routes.items())
            },
            contacts=ContactsShape.model_validate(standing.contacts),
            disclosure=_disclosure(standing.disclosure),
            notice=_words(membership.words),
            is_ready=all(item.is_met for item in standing.items),
            checklist=[ItemRead.of(item) for item in standing.items],
            version=membership.version,
        )


class MembershipNoticeRead(Wire):
    """That a municipality came, went live, paused or left."""

    id: UUID
    municipality_code: str
    act: Act
    state_before: Stage
    state: Stage
    occurred_at: AwareDatetime
    message_ja: str
    message_en: str

    @classmethod
    def of(cls, row: Row) -> Self:
        return cls(
            id=row["id"],
            municipality_code=row["municipality_code"],
            act=Act(row["act"]),
            state_before=Stage(row["state_before"]),
            state=Stage(row["state"]),
            occurred_at=row["occurred_at"],
            message_ja=row["message_ja"],
            message_en=row["message_en"],
        )


def _words(words: Words | None) -> WordsShape | None:
    if words is None:
        return None
    return WordsShape(message_ja=words.message_ja, message_en=words.message_en)


def _disclosure(kept: str | None) -> Disclosure | None:
    known: tuple[Disclosure, ...] = ("none", "prefecture", "nation")
    return next((one for one in known if one == kept), None)
