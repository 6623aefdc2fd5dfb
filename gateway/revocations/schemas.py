"""The shapes of taking something back."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, model_validator

from foundation.web import Line, Wire

_REVOCABLE = ("session_id", "subject", "client_id")


class RevocationCreate(Wire):
    """Exactly one thing to take back, and why."""

    session_id: UUID | None = None
    subject: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    client_id: Annotated[str, Field(pattern=r"^[0-9a-z-]{1,255}$")] | None = None
    reason: Line

    @model_validator(mode="after")
    def _names_one_thing(self) -> "RevocationCreate":
        named = [getattr(self, name) for name in self.model_fields_set & set(_REVOCABLE)]
        if len(named) != 1 or named == [None]:
            raise ValueError(
                "Name exactly one of session_id, subject and client_id.",
                "session_id・subject・client_id のうち一つだけを指定してください。",
            )
        return self


class RevocationRead(Wire):
    """What was taken back; it is refused everywhere within a second."""

    kind: Literal["session", "subject", "client"]
    sessions_ended: int
    effective_within_seconds: int
