"""What a front end is told of the session its browser carries."""

from datetime import datetime, timedelta
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from .service import Present


class BrowserSessionRead(BaseModel):
    """Who is signed in, with what a page must send to act, and the time that is left."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: UUID
    kind: str = Field(examples=["resident"])
    subject: str = Field(
        description="サインインしている人。サインインし直した後で違えば、別の人のカードが使われている。"
    )
    client_id: str = Field(examples=["demo-portal"])
    municipality_code: str = Field(examples=["012084"])
    municipality_name: str = Field(examples=["北見市"])
    scopes: list[str]
    acr: str
    auth_time: datetime
    csrf_token: str = Field(description="更新を伴う要求に Tamaire-CSRF ヘッダーで付ける値。")
    idle_seconds_left: int = Field(description="何もしないとき、終了するまでの秒数。")
    seconds_left: int = Field(description="使い続けても終了するまでの秒数。")
    expires_at: datetime

    @classmethod
    def of(cls, here: Present, now: datetime) -> "BrowserSessionRead":
        session, idle_until = here.session, here.browser.seen_at + here.browser.idle
        return cls(
            id=session.id,
            kind=session.kind,
            subject=session.subject,
            client_id=session.client_id,
            municipality_code=str(here.place.code),
            municipality_name=here.place.name,
            scopes=sorted(here.browser.scopes),
            acr=session.acr,
            auth_time=session.auth_time,
            csrf_token=here.csrf,
            idle_seconds_left=_seconds(min(idle_until, session.expires_at) - now),
            seconds_left=_seconds(session.expires_at - now),
            expires_at=session.expires_at,
        )


def _seconds(left: timedelta) -> int:
    return max(0, int(left.total_seconds()))
