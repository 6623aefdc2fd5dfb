"""The shapes of sign-ins as people see their own."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from foundation.web import Wire

from .repository import SignIn


class SessionRead(Wire):
    """One open sign-in: through which application, since when, until when at the latest."""

    id: UUID
    client_id: str = Field(examples=["demo-portal"])
    client_name: str = Field(examples=["住民ポータル(デモ)"])
    acr: str
    auth_time: datetime
    created_at: datetime
    expires_at: datetime
    seen_at: datetime | None = Field(description="ブラウザーで最後に使われた日時（目安）。")
    is_current: bool = Field(description="この呼び出しに使われているサインイン。")

    @classmethod
    def of(cls, found: SignIn, *, current: UUID) -> "SessionRead":
        return cls(
            id=found.id,
            client_id=found.client_id,
            client_name=found.client_name,
            acr=found.acr,
            auth_time=found.auth_time,
            created_at=found.created_at,
            expires_at=found.expires_at,
            seen_at=found.seen_at,
            is_current=found.id == current,
        )


class SessionsEnded(Wire):
    """What was ended; every token of it is refused everywhere within a second."""

    sessions_ended: int
    effective_within_seconds: int
