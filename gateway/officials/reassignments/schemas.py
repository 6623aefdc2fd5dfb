"""How a list of reassignments looks on the wire."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from foundation.identity import Role
from foundation.web import Line as OneLine, Version, Wire
from gateway.officials.grants.schemas import Email, EmployeeId

from .domain import MOST_ENTRIES, Line, ReassignmentState
from .repository import Reassignment

_EXAMPLE: dict[str, Any] = {
    "effective_on": "2027-04-01",
    "reason": "令和9年4月1日付け人事異動",
    "entries": [
        {"employee_id": "A01234", "roles": ["benefits_officer"], "ends_on": "2028-03-31"},
        {"employee_id": "A05678", "roles": []},
    ],
}


class EntryGiven(Wire):
    """One person, and exactly the duties they have by name from the day on."""

    employee_id: EmployeeId | None = None
    email: Email | None = None
    roles: Annotated[list[Role], Field(max_length=7)]
    """異動日からの役割の全部。空なら、役割がなくなる(退職・派遣など)。"""
    ends_on: date | None = None

    def line(self, number: int) -> Line:
        return Line(
            number=number,
            employee_id=self.employee_id or "",
            email=self.email or "",
            roles=tuple(role.value for role in self.roles),
            ends_on=self.ends_on.isoformat() if self.ends_on else "",
        )


class ReassignmentLoad(Wire):
    """Who changes desks on a day."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    effective_on: date
    """異動日。日本時間のこの日の0時に切り替わる。"""
    reason: OneLine
    entries: Annotated[list[EntryGiven], Field(min_length=1, max_length=MOST_ENTRIES)]

    def lines(self) -> list[Line]:
        return [entry.line(number) for number, entry in enumerate(self.entries, start=1)]


class RemarkRead(Wire):
    """Something about one line."""

    line: int
    code: str
    detail: str
    detail_ja: str


class ReassignmentRead(Wire):
    """A list as it was checked, or carried out."""

    id: UUID
    effective_on: date
    state: ReassignmentState
    people: int
    begun: int
    """始まる役割の数。"""
    ended: int
    """終わる役割の数。"""
    needs_four_eyes: bool
    """読み込んだ人とは別の管理者が確定しなければならないかどうか。"""
    faults: list[RemarkRead]
    warnings: list[RemarkRead]
    loaded_by: str
    loaded_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    version: Version

    @classmethod
    def of(cls, one: Reassignment) -> Self:
        report: Mapping[str, Any] = one.report
        return cls(
            id=one.id,
            effective_on=one.effective_on,
            state=one.state,
            people=report["people"],
            begun=report["begun"],
            ended=report["ended"],
            needs_four_eyes=report["needs_four_eyes"],
            faults=[RemarkRead(**remark) for remark in report["faults"]],
            warnings=[RemarkRead(**remark) for remark in report["warnings"]],
            loaded_by=one.loaded_by,
            loaded_at=one.loaded_at,
            decided_by=one.decided_by,
            decided_at=one.decided_at,
            version=one.version,
        )
