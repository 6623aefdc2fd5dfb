"""How settings look on the wire."""

from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from foundation.identifiers import CodeKind
from foundation.parameters import Considered, Kind, Unit, Verdict
from foundation.web import Line, Version, Wire

from .comparison import Share, SizeClass
from .domain import Entry, State
from .peers import Beside
from .service import Difference, Held, Wish

_WISH: dict[str, Any] = {
    "value": 14,
    "starts_on": "2099-04-01",
    "ends_on": "2100-04-01",
    "reason": "年度替わりで窓口が混み合うため",
}
_PARAMETER: dict[str, Any] = {
    "key": "platform.slip_days",
    "kind": "duration_days",
    "unit": "days",
    "value": 14,
    "origin": "municipality",
    "since": "2027-04-01",
    "considered": [
        {"level": "municipality", "verdict": "in_force", "value": 14, "since": "2027-04-01"},
        {"level": "prefecture", "verdict": "silent", "value": None, "since": None},
        {"level": "nation", "verdict": "overridden", "value": 10, "since": "2026-12-01"},
    ],
    "following": {"starts_on": "2028-04-01", "value": 10, "origin": "nation"},
    "default": 7,
    "least": 1,
    "most": 30,
    "choices": [],
    "set_by": ["nation", "prefecture", "municipality"],
    "read_by": "platform",
    "is_public": True,
    "description_ja": "窓口で示す番号の有効日数",
    "description_en": "How long the code shown at the counter is good",
    "ground_ja": "自治体の開庁日と広さによって異なるため",
    "ground_en": "It depends on the hours of the counter and on the distance",
}
_VALUE: dict[str, Any] = {
    **_WISH,
    "id": "01890f3e-7c00-7000-8000-000000000001",
    "key": "platform.slip_days",
    "ends": None,
    "entered_by": "official-1",
    "entered_at": "2026-11-24T01:00:00Z",
    "state": "standing",
    "replaced_by": None,
    "changed_by": None,
    "changed_at": None,
    "version": 1,
}
_VALUE.pop("ends_on")

Key = Annotated[str, Field(examples=["platform.slip_days"])]
Said = Annotated[
    bool | int | Annotated[str, Field(max_length=64)], Field(description="設定値", examples=[14])
]
Origin = Literal["declaration", "nation", "prefecture", "municipality"]
_ORIGINS: dict[CodeKind, Origin] = {
    CodeKind.NATION: "nation",
    CodeKind.PREFECTURE: "prefecture",
    CodeKind.MUNICIPALITY: "municipality",
}


class ValueEnter(Wire):
    """What is to hold, from a day on; `null` puts back what holds above."""

    model_config = ConfigDict(json_schema_extra={"examples": [_WISH]})

    value: Said | None
    starts_on: date
    """この日から(日本の日付、今日以降)。"""
    ends_on: date | None = None
    """この日の前日まで。省略すると、次の値が始まるまで。"""
    reason: Line
    supersedes: bool = False
    """期間内に始まる登録済みの値を置き換える。"""

    def wish(self) -> Wish:
        return Wish(
            value=self.value,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            reason=self.reason,
            supersedes=self.supersedes,
        )


class ValueRead(Wire):
    """One value this place entered, and whether it still counts."""

    model_config = ConfigDict(json_schema_extra={"examples": [_VALUE]})

    id: UUID
    key: Key
    value: Said | None
    starts_on: date
    ends: UUID | None
    """終了日によって自動で登録された行では、終わらせた値の番号。"""
    reason: str
    entered_by: str
    entered_at: AwareDatetime
    state: State
    replaced_by: UUID | None
    changed_by: str | None
    changed_at: AwareDatetime | None
    version: Version

    @classmethod
    def of(cls, entry: Entry) -> Self:
        return cls(
            id=entry.id,
            key=entry.key,
            value=entry.value,
            starts_on=entry.starts_on,
            ends=entry.ends,
            reason=entry.reason,
            entered_by=entry.entered_by,
            entered_at=entry.entered_at,
            state=entry.state,
            replaced_by=entry.replaced_by,
            changed_by=entry.changed_by,
            changed_at=entry.changed_at,
            version=entry.version,
        )


class ConsideredRead(Wire):
    """What one level says, and what that counts for."""

    level: CodeKind
    verdict: Verdict
    value: Said | None
    since: date | None

    @classmethod
    def of(cls, considered: Considered) -> Self:
        return cls(
            level=considered.level,
            verdict=considered.verdict,
            value=considered.value,
            since=considered.since,
        )


class FollowingRead(Wire):
    """What will hold next, as it is planned now."""

    starts_on: date
    value: Said
    origin: Origin


class ParameterRead(Wire):
    """A parameter: what holds, where it is from and why, and what it may be."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PARAMETER]})

    key: Key
    kind: Kind
    unit: Unit
    value: Said
    origin: Origin
    since: date | None
    considered: list[ConsideredRead]
    following: FollowingRead | None
    """次に値が変わる日と、その値。予定がなければ null。"""
    default: Said
    least: int | None
    most: int | None
    choices: list[str]
    set_by: list[CodeKind]
    read_by: str
    is_public: bool
    description_ja: str
    description_en: str
    ground_ja: str
    ground_en: str

    @classmethod
    def of(cls, held: Held) -> Self:
        declaration, resolved = held.declaration, held.resolved
        return cls(
            key=declaration.key,
            kind=declaration.kind,
            unit=declaration.unit,
            value=resolved.value,
            origin=_origin(resolved.origin),
            since=resolved.since,
            considered=[ConsideredRead.of(one) for one in resolved.considered],
            following=_following(held),
            default=declaration.default,
            least=declaration.least if declaration.is_number else None,
            most=declaration.most,
            choices=list(declaration.choices),
            set_by=[one for one in CodeKind if one in declaration.set_by],
            read_by=declaration.read_by,
            is_public=declaration.is_public,
            description_ja=declaration.description_ja,
            description_en=declaration.description_en,
            ground_ja=declaration.ground_ja,
            ground_en=declaration.ground_en,
        )


class DifferenceRead(Wire):
    """Where this place differs from the nation's template, since when, and by whom."""

    key: Key
    value: Said
    national_value: Said
    origin: Origin
    since: date | None
    entered_by: str | None
    """この自治体が登録した値では、登録した職員。"""
    reason: str | None

    @classmethod
    def of(cls, found: Difference) -> Self:
        entry = found.entry
        return cls(
            key=found.declaration.key,
            value=found.resolved.value,
            national_value=found.template.value,
            origin=_origin(found.resolved.origin),
            since=found.resolved.since,
            entered_by=None if entry is None else entry.entered_by,
            reason=None if entry is None else entry.reason,
        )


class ShareRead(Wire):
    """How many hold a value; `null` stands for all those that too few hold to be told."""

    value: Said | None
    municipalities: Annotated[int, Field(ge=5)]

    @classmethod
    def of(cls, share: Share) -> Self:
        return cls(value=share.value, municipalities=share.count)


class BesideRead(Wire):
    """One public parameter among municipalities of the same class."""

    key: Key
    value: Said
    """この自治体の値。"""
    shares: list[ShareRead]

    @classmethod
    def of(cls, beside: Beside) -> Self:
        return cls(
            key=beside.declaration.key,
            value=beside.value,
            shares=[ShareRead.of(one) for one in beside.shares],
        )


class DriftRead(Wire):
    """How a place differs: from the nation's template, or among those of its own class."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "against": "national",
                    "day": "2027-05-01",
                    "differences": [
                        {
                            "key": "platform.slip_days",
                            "value": 14,
                            "national_value": 7,
                            "origin": "municipality",
                            "since": "2027-04-01",
                            "entered_by": "official-1",
                            "reason": "年度替わりで窓口が混み合うため",
                        }
                    ],
                    "size_class": None,
                    "similar": [],
                }
            ]
        }
    )

    against: Literal["national", "similar"]
    day: date
    differences: list[DifferenceRead]
    size_class: SizeClass | None
    similar: list[BesideRead]
    """5団体に満たない区分では空。5団体に満たない値は `null` にまとめる。"""


def _following(held: Held) -> FollowingRead | None:
    if held.following is None:
        return None
    day, resolved = held.following
    return FollowingRead(starts_on=day, value=resolved.value, origin=_origin(resolved.origin))


def _origin(level: CodeKind | None) -> Origin:
    return "declaration" if level is None else _ORIGINS[level]
