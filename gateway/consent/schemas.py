"""The shapes of consents as people see them afterwards."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from foundation.web import Wire

from .domain import Consent
from .sentences import SENTENCES, in_order


class PermissionRead(Wire):
    """One thing an application may do, in the words it was asked in."""

    scope: str = Field(examples=["benefits:read"])
    sentence_ja: str
    sentence_en: str
    is_sensitive: bool
    is_given: bool = Field(description="false は、たずねられて許可しなかったもの。")


class ConsentRead(Wire):
    """What one application may do, since when and until when."""

    id: UUID
    client_id: str = Field(examples=["photo-app"])
    client_name: str = Field(examples=["写真アプリ"])
    permissions: list[PermissionRead]
    given_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, consent: Consent, client_name: str) -> "ConsentRead":
        return cls(
            id=consent.id,
            client_id=consent.client_id,
            client_name=client_name,
            permissions=[
                PermissionRead(
                    scope=scope,
                    sentence_ja=SENTENCES[scope].ja,
                    sentence_en=SENTENCES[scope].en,
                    is_sensitive=SENTENCES[scope].is_sensitive,
                    is_given=scope in consent.given,
                )
                for scope in in_order(consent.asked)
            ],
            given_at=consent.given_at,
            expires_at=consent.expires_at,
        )


class ConsentWithdrawn(Wire):
    """A consent that was taken back; the application is refused everywhere within a second."""

    id: UUID
    sessions_ended: int
    effective_within_seconds: int
