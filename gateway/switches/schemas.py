"""How switches look on the wire."""

from datetime import UTC
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from foundation.web import Line, Version, Wire

from .domain import Closure, Notice, PaperRoute, Pause, Standing, State, Switch

_ROUTE_EXAMPLE: dict[str, Any] = {
    "office_ja": "市民課 1番窓口",
    "office_en": "Citizens' division, window 1",
    "address_ja": "北海道北見市大通西3丁目1番地1",
    "address_en": "3-1-1 Odori-nishi, Kitami, Hokkaido",
    "telephone": "0157-23-7111",
    "hours_ja": "平日 8時45分から17時30分まで",
    "hours_en": "8:45 to 17:30 on weekdays",
}
_NOTICE_EXAMPLE: dict[str, Any] = {
    "message_ja": "機器の点検のため、オンラインの受付を休止しています。",
    "message_en": "Online applications are paused while equipment is being checked.",
    "paper_route": _ROUTE_EXAMPLE,
}
_SWITCH_EXAMPLE: dict[str, Any] = {
    "state": "paused",
    "until": "2026-11-24T08:00:00Z",
    "notice": _NOTICE_EXAMPLE,
    "reason": "回線の点検",
}
_HOURS_EXAMPLE: dict[str, Any] = {
    "starts_at": "2026-12-29T15:00:00Z",
    "ends_at": "2027-01-03T15:00:00Z",
}


class PlaceName(StrEnum):
    """What can be switched, as addresses name it; `all` is every service at once."""

    ALL = "all"
    REGISTRY = "registry"
    BENEFITS = "benefits"
    WINDOW_DX = "window-dx"
    CONSULTATION = "consultation"

    @property
    def place(self) -> str:
        return self.value.replace("-", "_")

    @classmethod
    def of(cls, place: str) -> Self:
        return cls(place.replace("_", "-"))


class PaperRouteShape(Wire):
    """Where the same can be done on paper."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ROUTE_EXAMPLE]})

    office_ja: Line
    office_en: Line
    address_ja: Line
    address_en: Line
    telephone: Annotated[str, Field(pattern=r"^[0-9+() -]{5,25}$", examples=["0157-23-7111"])]
    hours_ja: Line
    hours_en: Line

    @classmethod
    def of(cls, route: PaperRoute) -> Self:
        return cls(
            office_ja=route.office_ja,
            office_en=route.office_en,
            address_ja=route.address_ja,
            address_en=route.address_en,
            telephone=route.telephone,
            hours_ja=route.hours_ja,
            hours_en=route.hours_en,
        )


class NoticeShape(Wire):
    """What hangs on the door. It is public: no names, no cases."""

    model_config = ConfigDict(json_schema_extra={"examples": [_NOTICE_EXAMPLE]})

    message_ja: Line
    message_en: Line
    paper_route: PaperRouteShape

    @classmethod
    def of(cls, notice: Notice) -> Self:
        return cls(
            message_ja=notice.message_ja,
            message_en=notice.message_en,
            paper_route=PaperRouteShape.of(notice.paper_route),
        )

    def notice(self) -> Notice:
        return Notice(
            message_ja=self.message_ja,
            message_en=self.message_en,
            paper_route=PaperRoute(**self.paper_route.model_dump()),
        )


class SwitchSet(Wire):
    """How the switch is to stand.

    Anything but `open` needs a notice; `paused` needs `until`, `closed` has none.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_SWITCH_EXAMPLE]})

    state: State
    until: AwareDatetime | None = None
    """自動で再開する日時。`paused` では必須、`read_only` では任意。"""
    notice: NoticeShape | None = None
    reason: Line
    """内部の記録に残す理由。公開されません。"""

    def standing(self) -> Standing:
        return Standing(
            state=self.state,
            until=None if self.until is None else self.until.astimezone(UTC),
            notice=None if self.notice is None else self.notice.notice(),
        )


class SwitchRead(Wire):
    """A switch, who touched it last, when and why. `state` is the one in force now."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "service": "benefits",
                    **_SWITCH_EXAMPLE,
                    "switched_by": "official-1",
                    "switched_at": "2026-11-24T01:00:00Z",
                    "version": 2,
                }
            ]
        }
    )

    service: PlaceName
    state: State
    until: AwareDatetime | None
    notice: NoticeShape | None
    switched_by: str | None
    switched_at: AwareDatetime | None
    reason: str
    version: Version

    @classmethod
    def of(cls, switch: Switch, state: State) -> Self:
        notice = None if state is State.OPEN else switch.standing.notice
        return cls(
            service=PlaceName.of(switch.place),
            state=state,
            until=None if state is State.OPEN else switch.standing.until,
            notice=None if notice is None else NoticeShape.of(notice),
            switched_by=switch.switched_by,
            switched_at=switch.switched_at,
            reason=switch.reason,
            version=switch.version,
        )


class PausePlan(Wire):
    """A pause announced ahead."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "state": "paused",
                    **_HOURS_EXAMPLE,
                    "notice": _NOTICE_EXAMPLE,
                    "reason": "年末年始",
                }
            ]
        }
    )

    state: Literal[State.PAUSED, State.READ_ONLY] = State.PAUSED
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    notice: NoticeShape
    reason: Line


class PauseRead(Wire):
    """A pause that lies ahead or is in force, and who announced it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "01930b7e-0000-7000-8000-000000000031",
                    "service": "benefits",
                    "state": "paused",
                    **_HOURS_EXAMPLE,
                    "notice": _NOTICE_EXAMPLE,
                    "planned_by": "official-1",
                    "planned_at": "2026-11-24T01:00:00Z",
                    "reason": "年末年始",
                }
            ]
        }
    )

    id: UUID
    service: PlaceName
    state: State
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None
    notice: NoticeShape
    planned_by: str
    planned_at: AwareDatetime
    reason: str

    @classmethod
    def of(cls, pause: Pause) -> Self:
        return cls(
            id=pause.id,
            service=PlaceName.of(pause.closure.place),
            state=pause.closure.state,
            starts_at=pause.closure.starts_at,
            ends_at=pause.closure.ends_at,
            notice=NoticeShape.of(pause.closure.notice),
            planned_by=pause.planned_by,
            planned_at=pause.planned_at,
            reason=pause.reason,
        )


class ClosureRead(Wire):
    """When a service is not fully open, and where to go meanwhile."""

    state: State
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None
    notice: NoticeShape

    @classmethod
    def of(cls, closure: Closure) -> Self:
        return cls(
            state=closure.state,
            starts_at=closure.starts_at,
            ends_at=closure.ends_at,
            notice=NoticeShape.of(closure.notice),
        )


class ServiceRead(Wire):
    """How far a service is open now, and which pauses lie ahead; for everybody to see."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "service": "benefits",
                    "state": "paused",
                    "until": "2026-11-24T08:00:00Z",
                    "notice": _NOTICE_EXAMPLE,
                    "planned": [{"state": "paused", **_HOURS_EXAMPLE, "notice": _NOTICE_EXAMPLE}],
                }
            ]
        }
    )

    service: PlaceName
    state: State
    until: AwareDatetime | None
    notice: NoticeShape | None
    planned: list[ClosureRead]
