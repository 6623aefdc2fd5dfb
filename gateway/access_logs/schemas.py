"""How the access log looks on the wire."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from foundation.web import Listing, Wire

from .domain import Line
from .repository import Wanted
from .service import Pages, anything

_Name = Annotated[str, Field(min_length=1, max_length=255)]


class Outcome(StrEnum):
    """What became of a request, by its status."""

    SUCCEEDED = "succeeded"
    REFUSED = "refused"
    FAILED = "failed"

    @property
    def statuses(self) -> tuple[int, int]:
        """The lowest and the highest status."""
        return {
            Outcome.SUCCEEDED: (0, 399),
            Outcome.REFUSED: (400, 499),
            Outcome.FAILED: (500, 999),
        }[self]


class AccessLogQuestion(BaseModel):
    """What the log may be asked for; what is left out means any."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: Annotated[datetime | None, Field(description="この日時から")] = None
    until: Annotated[datetime | None, Field(description="この日時より前")] = None
    client_id: Annotated[_Name | None, Field(description="アプリ・連携先")] = None
    subject: Annotated[
        _Name | None,
        Field(
            description="操作した人・機械の識別子。支援に来た他の団体の職員は「団体コード:識別子」"
        ),
    ] = None
    service: Annotated[_Name | None, Field(description="サービス", examples=["benefits"])] = None
    operation: Annotated[_Name | None, Field(description="操作の名前(operationId)")] = None
    outcome: Annotated[Outcome | None, Field(description="結果")] = None
    limit: Annotated[int, Field(ge=1, le=200, description="1 ページの件数(最大 200)。")] = 50
    cursor: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=512,
            pattern=r"^[A-Za-z0-9_=-]+$",
            description="前のページの next_cursor。",
        ),
    ] = None

    def wanted(self) -> Wanted:
        """Return the question but for its period."""
        lowest, highest = (0, 999) if self.outcome is None else self.outcome.statuses
        return replace(
            anything(),
            client_id=self.client_id or "",
            subject=self.subject or "",
            service=(self.service or "").replace("-", "_"),
            operation=self.operation or "",
            lowest_status=lowest,
            highest_status=highest,
        )


class AccessLogLine(Wire):
    """One request that came through the door with a token of this municipality."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "request_id": "01930b7e-0000-7000-8000-000000000041",
                    "at": "2026-11-24T01:00:00.123Z",
                    "kind": "machine",
                    "subject": "demo-vendor",
                    "client_id": "demo-vendor",
                    "service": "benefits",
                    "operation": "benefits_list_programmes",
                    "status": 200,
                    "duration_ms": 4.2,
                    "received_bytes": 0,
                    "sent_bytes": 1830,
                    "network": "203.0.113.0/24",
                    "refusal": None,
                }
            ]
        }
    )

    request_id: UUID
    at: AwareDatetime
    kind: str
    """resident, official, business, machine のいずれか。"""
    subject: str
    """操作した人または機械の識別子(仮名)。"""
    client_id: str
    service: str
    operation: str
    """操作の名前(operationId)。住所録に載らないアドレスは unknown。"""
    status: int
    """HTTP ステータス。499 は、応答の前に相手が切断したこと。"""
    duration_ms: float
    received_bytes: int
    sent_bytes: int
    network: str
    """接続元のネットワーク(IPv4 は 24 ビット、IPv6 は 48 ビットまで)。"""
    refusal: str | None
    """入口で断った場合の理由(/problems の一覧にある名前)。"""

    @classmethod
    def of(cls, line: Line) -> Self:
        return cls(
            request_id=line.id,
            at=line.at,
            kind=line.kind,
            subject=line.subject,
            client_id=line.client_id,
            service=line.service,
            operation=line.operation,
            status=line.status,
            duration_ms=line.duration_us / 1_000,
            received_bytes=line.received_bytes,
            sent_bytes=line.sent_bytes,
            network=line.network,
            refusal=line.refusal or None,
        )


class AccessLogPage(Listing[AccessLogLine]):
    """A page of the log, newest first.

    A page may hold fewer lines than asked for, even none, and still not be the last: every question
    looks through a bounded number of lines. `has_more` alone says whether to go on.
    """

    lost: int = Field(default=0, description="この期間に記録できなかったリクエストの数。通常は 0。")

    @classmethod
    def of(cls, pages: Pages) -> Self:
        return cls(
            items=[AccessLogLine.of(line) for line in pages.lines],
            next_cursor=pages.next_cursor,
            has_more=pages.next_cursor is not None,
            lost=pages.lost,
        )
