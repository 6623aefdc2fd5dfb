"""How duties given by name look on the wire."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from foundation.identity import Role
from foundation.web import Line, Version, Wire
from gateway.duties.domain import Grant, GrantState, NamedBy

from .service import Proposal

EmployeeId = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,64}$", examples=["A01234"])]
Email = Annotated[str, Field(pattern=r"^[^\s@]{1,128}@[^\s@]{1,126}$", max_length=255)]
Subject = Annotated[str, Field(pattern=r"^[A-Za-z0-9._~-]{1,255}$")]
_NAMES: tuple[NamedBy, ...] = ("subject", "employee_id", "email")
_EXAMPLE: dict[str, Any] = {
    "employee_id": "A01234",
    "role": "benefits_officer",
    "starts_on": "2027-04-01",
    "ends_on": "2028-03-31",
    "reason": "令和9年4月1日付け人事異動",
}


class GrantPropose(Wire):
    """A duty for one person, named in one way; they need not have signed in before."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    subject: Subject | None = None
    """職員の識別子(トークンの sub)。サインインしたことのある職員に限る。"""
    employee_id: EmployeeId | None = None
    """職員番号。初めてのサインインで、認証基盤が同じ番号を伝えた人に付与される。"""
    email: Email | None = None
    """メールアドレス。初めてのサインインで、認証基盤が同じものを伝えた人に付与される。"""
    role: Role
    starts_on: date
    """開始日。日本時間のこの日の0時から。"""
    ends_on: date | None = None
    """終了日。日本時間のこの日の終わりまで。省略すると期限なし。"""
    reason: Line

    @model_validator(mode="after")
    def _names_one_person(self) -> "GrantPropose":
        if sum(getattr(self, name) is not None for name in _NAMES) != 1:
            raise ValueError(
                "Name exactly one of subject, employee_id and email.",
                "subject・employee_id・email のうち一つだけを指定してください。",
            )
        return self

    def proposal(self) -> Proposal:
        named_by: NamedBy = next(name for name in _NAMES if getattr(self, name) is not None)
        return Proposal(
            named_by=named_by,
            name=getattr(self, named_by),
            role=self.role,
            first_day=self.starts_on,
            last_day=self.ends_on,
            reason=self.reason,
        )


class GrantShorten(Wire):
    """An earlier last day."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ends_on": "2027-09-30"}]})

    ends_on: date


class GrantDecide(Wire):
    """What becomes of a proposal."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"decision": "approved"}]})

    decision: Literal["approved", "declined", "withdrawn"]
    """approved(承認)、declined(却下)、withdrawn(起案した本人による取下げ)。"""


class ConflictRead(Wire):
    """Two duties one person should not have together; a warning, not a refusal."""

    roles: list[Role]
    detail: str
    detail_ja: str

    @classmethod
    def of(cls, pair: tuple[Role, Role, str, str]) -> Self:
        return cls(roles=[pair[0], pair[1]], detail=pair[2], detail_ja=pair[3])


class GrantRead(Wire):
    """A duty given, or proposed, by name."""

    id: UUID
    subject: str | None
    """付与された職員。まだサインインしていなければ null。"""
    named_by: Literal["subject", "employee_id", "email"]
    name: str | None
    """指定された職員番号またはメールアドレス。"""
    role: Role
    starts_on: date
    ends_on: date | None
    reason: str
    state: GrantState
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    ended_by: str | None
    warnings: list[ConflictRead]
    """兼務に注意が必要な役割の組合せ。"""
    version: Version

    @classmethod
    def of(cls, grant: Grant, conflicts: Iterable[tuple[Role, Role, str, str]] = ()) -> Self:
        return cls(
            id=grant.id,
            subject=grant.subject,
            named_by=grant.named_by,
            name=grant.name,
            role=grant.role,
            starts_on=grant.period.first_day,
            ends_on=grant.period.last_day,
            reason=grant.reason,
            state=grant.state,
            proposed_by=grant.proposed_by,
            proposed_at=grant.proposed_at,
            decided_by=grant.decided_by,
            decided_at=grant.decided_at,
            ended_by=grant.ended_by,
            warnings=[ConflictRead.of(pair) for pair in conflicts],
            version=grant.version,
        )
