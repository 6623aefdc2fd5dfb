"""The shapes the gateway's own answers have."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, model_validator

from foundation.web import Line, Wire
from gateway.tenants import Municipality

_REVOCABLE = ("session_id", "subject", "client_id")
_SERVICES = ["benefits", "consultation", "registry", "window-dx"]


class MunicipalityRead(Wire):
    """One entry of the public directory."""

    code: str = Field(examples=["012084"], description="全国地方公共団体コード")
    name: str = Field(examples=["北見市"])
    name_kana: str
    kind: str = Field(description="nation・prefecture・municipality のいずれか")
    prefecture_name: str = Field(examples=["北海道"])
    takes_part: bool = Field(description="利用を開始しているかどうか")
    services: list[str] = Field(description="利用できるサービス")

    @classmethod
    def of(cls, one: Municipality) -> "MunicipalityRead":
        return cls(
            code=str(one.code),
            name=one.name,
            name_kana=one.name_kana,
            kind=one.kind,
            prefecture_name=one.prefecture_name,
            takes_part=one.takes_part,
            services=list(_SERVICES) if one.takes_part else [],
        )


class NextStep(Wire):
    """What to do now, in a sentence for a person."""

    ja: str
    en: str


class BindingRead(Wire):
    """How a signed-in resident stands to the register; never whether their like is in it."""

    status: Literal["bound", "unmatched", "unavailable"]
    resident_id: UUID | None
    next_step: NextStep | None


class MeRead(Wire):
    """Who the access token says is calling."""

    kind: Literal["resident", "official", "machine"]
    subject: str
    client_id: str
    municipality: MunicipalityRead
    scopes: list[str]
    roles: list[str]
    acr: str | None
    auth_time: datetime | None
    binding: Literal["bound", "unmatched", "unavailable"] | None
    resident: BindingRead | None


class AccessRead(Wire):
    """One act on a resident's data, as the resident sees it."""

    reference: UUID = Field(description="自治体に問い合わせるときに伝える番号")
    at: datetime
    service: str
    action: str
    actor_kind: str
    by_yourself: bool
    purpose: str | None
    decision: str
    summary_ja: str = Field(
        description="この記録を一文で述べたもの",
        examples=["自治体の職員が、支払のために、給付の情報を利用しました。"],
    )


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


def revocation_schema() -> dict[str, Any]:
    """Return the published shape: one alternative for each thing that can be named."""
    properties = RevocationCreate.model_json_schema()["properties"]
    return {
        "oneOf": [
            {
                "type": "object",
                "title": f"Revocation of a {name.removesuffix('_id')}",
                "required": [name, "reason"],
                "additionalProperties": False,
                "properties": {name: properties[name]["anyOf"][0], "reason": properties["reason"]},
            }
            for name in _REVOCABLE
        ],
        "examples": [{"client_id": "former-vendor", "reason": "契約の終了"}],
    }


class RevocationRead(Wire):
    """What was taken back; it is refused everywhere within a second."""

    kind: Literal["session", "subject", "client"]
    sessions_ended: int
    effective_within_seconds: int
