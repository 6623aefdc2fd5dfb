"""How protection looks on the wire.

A change is answered with codes and days only: an answer is kept and repeated to whoever sends the
same request again. The address is in one answer alone, which is not kept.
"""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from foundation.web import Line, MunicipalityCodeField, Prose, Version, Wire

from .domain import (
    Act,
    Alert,
    AlertKind,
    Ground,
    Measure,
    MeasureState,
    OfficeWork,
    Opening,
    OpeningState,
    Origin,
    Part,
    Perpetrator,
    ProtectedPerson,
)
from .service import Application

_RESIDENT = "01890a5d-ac96-774b-bcce-b302099a8057"
_OFFICIAL = "pQ3n0vJX2m6wq0m3mB1o0n8S4bYxw7fXJm2r5tYd9aE"
_SUBJECT = r"^[A-Za-z0-9._~-]{1,255}$"

Official = Annotated[str, Field(pattern=_SUBJECT, examples=[_OFFICIAL])]
"""職員の識別子(トークンの sub)。"""


class PersonGiven(Wire):
    """One who is to be protected."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"resident_id": _RESIDENT, "relation": "長女"}]}
    )

    resident_id: UUID
    part: Part = Part.ACCOMPANYING
    """applicant は申出者、accompanying は併せて支援を求める者。"""
    relation: Annotated[str, Field(max_length=200)] = ""
    """申出者との関係。暗号化して保存。"""

    def person(self) -> ProtectedPerson:
        return ProtectedPerson(resident_id=self.resident_id, part=self.part, relation=self.relation)


class PerpetratorGiven(Wire):
    """From whom; every text is sealed."""

    name: Line
    birth_on: date | None = None
    address: Annotated[str, Field(max_length=400)] = ""
    note: Annotated[str, Field(max_length=2000)] = ""
    resident_id: UUID | None = None
    """この自治体の住民のとき、その記録。"""

    def perpetrator(self) -> Perpetrator:
        return Perpetrator(
            name=self.name,
            birth_on=self.birth_on,
            address=self.address,
            note=self.note,
            resident_id=self.resident_id,
        )


class MeasureApply(Wire):
    """支援措置の申出."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "persons": [{"resident_id": _RESIDENT, "part": "applicant"}],
                    "perpetrators": [{"name": "見本 太郎", "birth_on": "1980-01-01"}],
                    "office_work": ["basic_ledger_inspection", "resident_record_present"],
                }
            ]
        }
    )

    persons: Annotated[list[PersonGiven], Field(min_length=1, max_length=20)]
    """申出者(ちょうど1人)と、併せて支援を求める者。"""
    perpetrators: list[PerpetratorGiven] = Field(default_factory=list, max_length=10)
    """加害者。"""
    office_work: list[OfficeWork] = Field(default_factory=list, max_length=10)
    """支援を求める事務。"""
    caretaker: Official | None = None
    """警告を受ける担当職員。省略すると申出を受け付けた職員。"""
    excluded_officials: list[Official] = Field(default_factory=list, max_length=20)
    """加害者の親族など、この措置に関与させない職員。"""
    informed_by: MunicipalityCodeField | None = None
    """他の自治体から転送された申出のとき、その団体コード。"""
    informed_on: date | None = None
    """転送を受けた日。"""
    notes: Annotated[str, Field(max_length=4000)] = ""
    """その他。暗号化して保存。"""

    def application(self) -> Application:
        return Application(
            origin=Origin.APPLICATION if self.informed_by is None else Origin.TRANSFER,
            caretaker=self.caretaker or "",
            office_work=frozenset(self.office_work),
            excluded_officials=frozenset(self.excluded_officials),
            informed_by=str(self.informed_by or ""),
            informed_on=self.informed_on,
            notes=self.notes,
            persons=tuple(person.person() for person in self.persons),
            perpetrators=tuple(one.perpetrator() for one in self.perpetrators),
        )


class MeasurePropose(Wire):
    """What is to happen, and why."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"act": "grant", "reason": "警察の意見書を確認"}]}
    )

    act: Literal[Act.GRANT, Act.RELEASE]
    """grant は支援決定、release は解除。"""
    reason: Prose
    """理由。暗号化して保存。"""


class SecondWord(Wire):
    """What the second official says."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"decision": "agreed"}]})

    decision: Literal["agreed", "declined"]


class MeasureReceipt(Wire):
    """Where a measure stands after a step."""

    id: UUID
    state: MeasureState
    ends_on: date | None
    waiting: Act | None
    """別の職員の決裁を待っている操作。"""
    version: Version

    @classmethod
    def of(cls, measure: Measure) -> Self:
        return cls(
            id=measure.id,
            state=measure.state,
            ends_on=measure.ends_on,
            waiting=measure.proposal.act if measure.proposal else None,
            version=measure.version,
        )


class MeasureSummary(Wire):
    """A measure in a list: no name, no text."""

    id: UUID
    state: MeasureState
    ends_on: date | None
    waiting: Act | None
    version: Version
    origin: Origin
    applied_on: date
    caretaker: str

    @classmethod
    def of(cls, measure: Measure) -> Self:
        return cls(
            id=measure.id,
            state=measure.state,
            ends_on=measure.ends_on,
            waiting=measure.proposal.act if measure.proposal else None,
            origin=measure.origin,
            applied_on=measure.applied_on,
            caretaker=measure.caretaker,
            version=measure.version,
        )


class MeasureRead(Wire):
    """A measure as the official in charge sees it; the protected address is not in it."""

    id: UUID
    origin: Origin
    """application は申出、transfer は他団体からの転送、register は住民情報ファイル。"""
    state: MeasureState
    applied_on: date
    ends_on: date | None
    """支援期間の末日。過ぎても自動では終了しない。"""
    caretaker: str
    office_work: list[OfficeWork]
    excluded_officials: list[str]
    informed_by: str
    informed_on: date | None
    notes: str
    persons: list[PersonGiven]
    perpetrators: list[PerpetratorGiven]
    waiting: Act | None
    proposed_by: str | None
    proposal_reason: str | None
    opened_at: datetime
    version: Version

    @classmethod
    def of(cls, measure: Measure) -> Self:
        proposal = measure.proposal
        return cls(
            id=measure.id,
            origin=measure.origin,
            state=measure.state,
            applied_on=measure.applied_on,
            ends_on=measure.ends_on,
            caretaker=measure.caretaker,
            office_work=sorted(measure.office_work),
            excluded_officials=sorted(measure.excluded_officials),
            informed_by=measure.informed_by,
            informed_on=measure.informed_on,
            notes=measure.notes,
            persons=[
                PersonGiven(resident_id=one.resident_id, part=one.part, relation=one.relation)
                for one in measure.persons
            ],
            perpetrators=[
                PerpetratorGiven(
                    name=one.name,
                    birth_on=one.birth_on,
                    address=one.address,
                    note=one.note,
                    resident_id=one.resident_id,
                )
                for one in measure.perpetrators
            ],
            waiting=proposal.act if proposal else None,
            proposed_by=proposal.by if proposal else None,
            proposal_reason=proposal.reason if proposal else None,
            opened_at=measure.opened_at,
            version=measure.version,
        )


class OpeningRequest(Wire):
    """Whose address, on which ground, and what for."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "resident_id": _RESIDENT,
                    "ground": "court_order",
                    "reason": "調査嘱託(令和8年(家)第1号)",
                }
            ]
        }
    )

    resident_id: UUID
    ground: Ground
    """開示の根拠。"""
    reason: Prose
    """具体的な必要性。暗号化して保存。"""


class OpeningReceipt(Wire):
    """Where a request stands, and until when something must happen."""

    id: UUID
    state: OpeningState
    until: datetime
    version: Version

    @classmethod
    def of(cls, opening: Opening) -> Self:
        return cls(id=opening.id, state=opening.state, until=opening.until, version=opening.version)


class OpeningRead(Wire):
    """A request as the official who is to decide sees it; the address is not in it."""

    id: UUID
    resident_id: UUID
    state: OpeningState
    purpose: str
    ground: Ground
    reason: str
    requested_by: str
    requested_at: datetime
    until: datetime
    version: Version

    @classmethod
    def of(cls, opening: Opening) -> Self:
        return cls(
            id=opening.id,
            resident_id=opening.resident_id,
            state=opening.state,
            purpose=opening.purpose,
            ground=opening.ground,
            reason=opening.reason,
            requested_by=opening.requested_by,
            requested_at=opening.requested_at,
            until=opening.until,
            version=opening.version,
        )


class OpenedAddress(Wire):
    """The one answer that holds a protected address. It is given once, and kept nowhere."""

    postal_code: str
    address: str
    notice: Literal["印刷・転記・口外禁止。閲覧は記録され、担当者に通知されました。"] = (
        "印刷・転記・口外禁止。閲覧は記録され、担当者に通知されました。"
    )


class AlertRead(Wire):
    """One alert."""

    id: UUID
    kind: AlertKind
    measure_id: UUID | None
    resident_id: UUID | None
    opening_id: UUID | None
    caretaker: str
    """知らせるべき担当職員。担当のない警告は空。"""
    actor: str
    """行為者(職員・利用者・システムの識別子)。"""
    action: str
    times: Annotated[int, Field(ge=1)]
    """まだ誰も確認していない同じ行為の回数。"""
    raised_at: datetime
    last_at: datetime
    seen_by: str | None
    version: Version

    @classmethod
    def of(cls, alert: Alert) -> Self:
        return cls(**{name: getattr(alert, name) for name in cls.model_fields})
