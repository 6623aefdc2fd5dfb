"""How changes look on the wire: identifiers and a time, no word about a person."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from foundation.web import Wire

from .domain import Change, Kind


class ChangeRead(Wire):
    """One change of one record."""

    resident_id: UUID
    resident_number: str = Field(description="宛名番号。")
    history_number: int = Field(description="履歴番号。この変更でできた履歴の番号。")
    kind: Kind = Field(
        description="added 新規、changed 変更、ended 住民でなくなった。ほかの値が加わることがある。"
    )
    changed_at: datetime | None = Field(
        description="変更の日時。最初の履歴がすでに置き換わっているときだけ null。"
    )

    @classmethod
    def of(cls, change: Change) -> Self:
        return cls(
            resident_id=change.resident_id,
            resident_number=change.resident_number,
            history_number=change.history_number,
            kind=change.kind,
            changed_at=change.changed_at,
        )


class ChangeFeed(Wire):
    """The next changes, and where to read on; the cursor is there also when nothing is new."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "resident_id": "01930b7e-0000-7000-8000-000000000001",
                            "resident_number": "10000009",
                            "history_number": 2,
                            "kind": "changed",
                            "changed_at": "2026-04-01T00:00:00Z",
                        }
                    ],
                    "next_cursor": "WzEyMywiMDE5MzBiN2UtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAxIiwyXQ",
                    "has_more": False,
                }
            ]
        }
    )

    items: list[ChangeRead]
    next_cursor: Annotated[str, Field(max_length=512)] | None = Field(
        default=None, description="次回ここから読む。まだ何もなければ null。"
    )
    has_more: bool = Field(description="すぐに続きを読めるかどうか。")
