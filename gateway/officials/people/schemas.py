"""How the directory of officials looks on the wire."""

from datetime import date, datetime
from typing import Literal, Self
from uuid import UUID

from foundation.identity import Role
from foundation.web import Wire
from gateway.officials.grants.schemas import ConflictRead

from .repository import Colleague
from .service import Duty, Holder


class OfficialRead(Wire):
    """Who a subject is."""

    subject: str
    display_name: str | None
    """氏名。認証基盤が伝えていなければ null。"""
    last_seen_at: datetime

    @classmethod
    def of(cls, one: Colleague) -> Self:
        return cls(
            subject=one.subject, display_name=one.display_name, last_seen_at=one.last_seen_at
        )


class DutyRead(Wire):
    """One duty, and where it comes from."""

    role: Role
    source: Literal["group", "grant"]
    """group(認証基盤のグループによる)、grant(職員ごとの付与による)。"""
    group: str | None
    grant_id: UUID | None
    ends_on: date | None

    @classmethod
    def of(cls, one: Duty) -> Self:
        return cls(
            role=one.role,
            source="group" if one.grant_id is None else "grant",
            group=one.group,
            grant_id=one.grant_id,
            ends_on=one.last_day,
        )


class HolderRead(Wire):
    """Somebody with their duties on a day."""

    subject: str | None
    """まだサインインしていない職員は null。"""
    display_name: str | None
    employee_id: str | None
    email: str | None
    """メールアドレスで付与され、まだサインインしていないときだけ。"""
    duties: list[DutyRead]
    warnings: list[ConflictRead]

    @classmethod
    def of(cls, one: Holder) -> Self:
        return cls(
            subject=one.subject,
            display_name=one.display_name,
            employee_id=one.employee_id,
            email=one.email,
            duties=[DutyRead.of(duty) for duty in one.duties],
            warnings=[ConflictRead.of(pair) for pair in one.conflicts],
        )
