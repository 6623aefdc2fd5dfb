"""The shapes of asking for leave, giving it, and seeing what was given."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from foundation.web import Line, MunicipalityCodeField, Version, Wire
from gateway.vendors.access import AccessState
from gateway.vendors.shown import DOCUMENTS

from .askers import Asker
from .repository import Grant, Petition
from .service import Answer

Scope = Annotated[str, Field(pattern=r"^[a-z-]+(:[a-z-]+)?$", examples=["benefits:read"])]
Scopes = Annotated[list[Scope], Field(min_length=1, max_length=40)]


class AskerRead(Wire):
    """Who asks, in the vendor's own words: nobody here has looked whether the names are true."""

    declared_by: Literal["vendor"] = Field(
        default="vendor",
        description="名称・連絡先などは事業者が書いたもので、確認されたものではないこと。",
    )
    name: str = Field(description="製品名", examples=["まどぐち番号表示"])
    kinds: list[str] = Field(description="machine はシステム、resident・official は画面")
    organization_name: str | None = Field(description="事業者名。共同運営のものは null。")
    contacts: list[str] = Field(description="連絡先")
    leads_to: list[str] = Field(
        description="サインインのあとに住民や職員が移動する先など、この製品のホスト。"
        "申請のあとに増えることはありません。",
        examples=[["madoguchi.example.co.jp"]],
    )
    client_uri: str | None = Field(default=None, description="製品の紹介ページ")
    policy_uri: str | None = Field(default=None, description="個人情報の取扱い")
    tos_uri: str | None = Field(default=None, description="利用規約")

    @classmethod
    def of(cls, asker: Asker) -> Self:
        return cls(
            declared_by="vendor",
            name=asker.name,
            kinds=list(asker.kinds),
            organization_name=asker.organization_name,
            contacts=list(asker.contacts),
            leads_to=list(asker.leads_to),
            **{name: asker.about.get(name) for name in DOCUMENTS},
        )


class AccessRequestCreate(Wire):
    """What a vendor asks of one municipality."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "municipality_code": "012084",
                    "scopes": ["benefits:read", "window-dx:read"],
                    "purpose": "窓口の呼出番号を庁舎の画面に表示するため",
                }
            ]
        }
    )

    municipality_code: MunicipalityCodeField
    scopes: Scopes
    """必要な範囲。少ないほど早く許可されます。"""
    purpose: Line
    """何のために使うか。自治体の担当者が読みます。"""


class AccessRequestRead(Wire):
    """A request and what became of it."""

    id: UUID
    client_id: str
    asker: AskerRead
    scopes: list[str]
    purpose: str
    state: AccessState = Field(
        description="requested 審査待ち、granted 許可、refused 不許可、withdrawn 取下げ、"
        "ended 終了、expired 期限切れ"
    )
    requested_at: datetime
    granted_scopes: list[str]
    expires_at: datetime | None
    decided_at: datetime | None
    reason: str | None
    version: Version

    @classmethod
    def of(cls, petition: Petition, *, now: datetime) -> Self:
        request = petition.request.seen_at(now)
        decision = request.decision
        return cls(
            id=request.id,
            client_id=request.client_id,
            asker=AskerRead.of(petition.asker),
            scopes=sorted(request.scopes),
            purpose=request.purpose,
            state=request.state,
            requested_at=request.requested_at,
            granted_scopes=sorted(request.granted_scopes),
            expires_at=request.expires_at,
            decided_at=None if decision is None else decision.at,
            reason=None if decision is None else decision.reason,
            version=request.version,
        )


_EITHER: JsonDict = {
    "examples": [
        {
            "decision": "granted",
            "scopes": ["window-dx:read"],
            "expires_on": "2027-03-31",
            "reason": "契約第12条による",
        }
    ],
    "oneOf": [
        {
            "title": "Granted",
            "properties": {"decision": {"const": "granted"}},
            "required": ["scopes", "expires_on"],
        },
        {
            "title": "Refused",
            "properties": {"decision": {"const": "refused"}},
            "not": {"anyOf": [{"required": ["scopes"]}, {"required": ["expires_on"]}]},
        },
    ],
}


class AccessDecision(Wire):
    """What the administrator decides: a part of what was asked until a day, or nothing of it."""

    model_config = ConfigDict(json_schema_extra=_EITHER)

    decision: Literal["granted", "refused"]
    scopes: Scopes | None = None
    """許可する範囲。申請された範囲の一部でかまいません。"""
    expires_on: date | None = None
    """許可の最終日(この日を含む)。3 年以内。"""
    reason: Line
    """理由。事業者に表示されます。"""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.decision == "granted" and (self.scopes is None or self.expires_on is None):
            raise ValueError(
                "To grant, name the scopes and the last day.",
                "許可するときは、範囲と最終日を指定してください。",
            )
        if self.decision == "refused" and self.model_fields_set & {"scopes", "expires_on"}:
            raise ValueError(
                "A refusal names no scopes and no day.",
                "不許可のときは、範囲と最終日を指定しないでください。",
            )
        return self

    def answer(self) -> Answer:
        return Answer(
            decision=self.decision,
            reason=self.reason,
            scopes=frozenset(self.scopes or ()),
            until=self.expires_on,
        )


class ClientGrantRead(Wire):
    """A client this municipality lets in, or once did."""

    client_id: str
    asker: AskerRead
    environment: Literal["sandbox", "production"]
    scopes: list[str]
    state: Literal["in_force", "suspended", "expired", "ended"] = Field(
        description="in_force 有効、suspended 事業者が停止中、expired 期限切れ、ended 終了"
    )
    granted_at: datetime
    granted_by: str | None = Field(description="許可した職員(この自治体だけで通じる名前)")
    expires_at: datetime | None
    ended_at: datetime | None
    last_used_at: datetime | None = Field(
        description="最後にトークンを受け取った日時(1 分単位)。null は一度も使っていないこと。"
    )
    version: Version

    @classmethod
    def of(cls, grant: Grant, *, now: datetime) -> Self:
        return cls(
            client_id=grant.client_id,
            asker=AskerRead.of(grant.asker),
            environment="sandbox" if grant.environment == "sandbox" else "production",
            scopes=sorted(grant.scopes),
            state=_standing(grant, now),
            granted_at=grant.granted_at,
            granted_by=grant.granted_by,
            expires_at=grant.expires_at,
            ended_at=grant.withdrawn_at,
            last_used_at=grant.last_used_at,
            version=grant.version,
        )


def _standing(grant: Grant, now: datetime) -> Literal["in_force", "suspended", "expired", "ended"]:
    if grant.withdrawn_at is not None:
        return "ended"
    if not grant.is_in_force(now):
        return "expired"
    return "in_force" if grant.client_status == "active" else "suspended"
