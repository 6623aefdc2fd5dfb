"""What was given to whom: a session, the code that began it, and the tokens that carry it on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

Binding = Literal["none", "bound", "unmatched", "unavailable"]
"""How a session stands to the register: `none` for officials, who are not looked up in it."""

SESSION_LIFETIME = {
    "resident": timedelta(minutes=60),
    "official": timedelta(hours=12),
    "business": timedelta(minutes=60),
}
"""How long a person may work without proving themselves again, however busy they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A person signed in through one client, in one municipality."""

    id: UUID
    kind: Literal["resident", "official", "business"]
    person: str
    subject: str
    client_id: str
    groups: tuple[str, ...]
    acr: str
    auth_time: datetime
    binding: Binding
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    upstream_session: bytes | None = None
    """The provider's session it was begun in, by our name for it; None: it named none."""

    def is_open(self, now: datetime) -> bool:
        return self.ended_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """An authorization code, whose text only the client has."""

    session_id: UUID
    client_id: str
    redirect_uri: str
    scopes: frozenset[str]
    nonce: str | None
    code_challenge: str
    expires_at: datetime
    redeemed_at: datetime | None = None
    dpop_jkt: str | None = None
    """The key that must be shown when it is redeemed (RFC 9449 §10)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """A refresh token, whose text only the client has; its family is its session."""

    session_id: UUID
    scopes: frozenset[str]
    expires_at: datetime
    used_at: datetime | None = None
    dpop_jkt: str | None = None
    """The key that must be shown when it is used (RFC 9449 §5)."""
