"""The facts a service announces, handed to whoever may know them, in order and without a gap."""

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field

from foundation.authorization import Permission, permission
from foundation.database import InvalidCursor, decode_cursor, encode_cursor
from foundation.events import Cursor, Outbox, StoredEvent
from foundation.identity import Purpose, Role

from .dependencies import CurrentWork, CursorText, Limit
from .route import OfficeRouter
from .wire import Wire

_GREATEST_TX = 2**63 - 1


class EventRead(Wire):
    """One fact: identifiers, codes and amounts, never a person's data."""

    id: UUID = Field(description="イベントの識別子。同じものが二度届くことがある。")
    type: str = Field(description="種類と版。", examples=["benefits.application.granted.v1"])
    subject_id: UUID = Field(description="何についての事実か。")
    occurred_at: datetime
    data: dict[str, str | int | bool | None]

    @classmethod
    def of(cls, event: StoredEvent) -> "EventRead":
        """Describe a stored event."""
        return cls(
            id=event.id,
            type=event.type,
            subject_id=event.subject_id,
            occurred_at=event.occurred_at,
            data=dict(event.data),
        )


class EventFeed(Wire):
    """The next events, and where to read on; the cursor is there also when nothing is new."""

    items: list[EventRead]
    next_cursor: Annotated[str, Field(max_length=512)] | None = Field(
        default=None, description="次回ここから読む。まだ何もなければ null。"
    )
    has_more: bool = Field(default=False, description="すぐに続きを読めるかどうか。")

    model_config: ClassVar[Any] = {
        "json_schema_extra": {
            "examples": [
                {
                    "items": [
                        {
                            "id": "01890a5d-ac96-774b-bcce-b302099a8057",
                            "type": "benefits.application.granted.v1",
                            "subject_id": "01890a5d-ac96-774b-bcce-b302099a8058",
                            "occurred_at": "2026-04-01T00:00:00Z",
                            "data": {"programme_id": "01890a5d-ac96-774b-bcce-b302099a8059"},
                        }
                    ],
                    "next_cursor": "WzEyMywiMDE4OTBhNWQtYWM5Ni03NzRiLWJjY2UtYjMwMjA5OWE4MDU3Il0",
                    "has_more": False,
                }
            ]
        }
    }


def read_events(service: str) -> Permission:
    """Return the permission to follow a service's events."""
    return permission(
        f"{service}.events.read",
        scope=f"{service.replace('_', '-')}:events",
        officials=(Role.ADMINISTRATOR,),
        machines=True,
        purposes=(Purpose.OPERATION,),
        description_ja="サービスのイベントを購読する",
    )


def events_router(service: str, reading: Permission) -> OfficeRouter:
    """Return the router of `GET /<service>/v1/events`."""
    router = OfficeRouter(tags=("events",))
    outbox = Outbox(service)

    @router.get("/events", permission=reading, summary="イベントを順に読む")
    async def list_events(
        work: CurrentWork, limit: Limit = 100, cursor: CursorText = None
    ) -> EventFeed:
        """Read what happened after `cursor`, oldest first; nothing is skipped, nothing reordered.

        A reader that remembers the last `next_cursor` and deduplicates by `id` loses nothing.
        """
        after = _after(cursor)
        found = await outbox.read_after(work.tx, after, limit + 1)
        shown = found[:limit]
        last = shown[-1].cursor if shown else after
        return EventFeed(
            items=[EventRead.of(event) for event in shown],
            next_cursor=encode_cursor(last.tx, last.id) if last is not None else None,
            has_more=len(found) > limit,
        )

    return router


def _after(cursor: str | None) -> Cursor | None:
    if cursor is None:
        return None
    tx, event_id = decode_cursor(cursor, int, UUID)
    if not 0 <= tx <= _GREATEST_TX:
        raise InvalidCursor
    return Cursor(tx, event_id)
