"""How cases look on the wire.

A change is answered with numbers only: an answer is kept and repeated to whoever sends the same
request again, also after they have left the case.
"""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import Path
from pydantic import ConfigDict, Field

from foundation.web import Line, Version, Wire

from .domain import (
    Case,
    CaseOfMember,
    CaseRole,
    CaseState,
    Confidentiality,
    Consultee,
    Member,
    Theme,
)
from .service import Intake

_SUBJECT = r"^[A-Za-z0-9._~-]{1,255}$"
_EXAMPLE = "pQ3n0vJX2m6wq0m3mB1o0n8S4bYxw7fXJm2r5tYd9aE"

Subject = Annotated[str, Field(pattern=_SUBJECT, examples=[_EXAMPLE])]
"""職員の識別子(トークンの sub)。"""

SubjectPath = Annotated[str, Path(pattern=_SUBJECT, description="職員の識別子(トークンの sub)。")]


class ConsulteeGiven(Wire):
    """Somebody who is not in the register, as far as they are named."""

    name: Line | None = None
    """氏名、または呼び名。暗号化して保存。"""
    contact: Line | None = None
    """連絡先。暗号化して保存。"""


class CaseOpen(Wire):
    """A person who came for advice; without resident and consultee, the intake is anonymous."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "theme": "housing",
                    "confidentiality": "sensitive",
                    "consultee": {"name": "見本 太郎", "contact": "知人を通じて"},
                }
            ]
        }
    )

    theme: Theme
    """相談内容のうち、最も困っていること。"""
    confidentiality: Confidentiality
    """秘匿の程度。strict では、閲覧者は支援経過記録を読めない。"""
    resident_id: UUID | None = None
    """住民情報に登録されている相談者。匿名のときは省略。"""
    consultee: ConsulteeGiven | None = None
    """住民情報に登録されていない相談者。"""

    def intake(self) -> Intake:
        given = self.consultee or ConsulteeGiven()
        return Intake(
            theme=self.theme,
            confidentiality=self.confidentiality,
            consultee=Consultee(
                resident_id=self.resident_id, name=given.name, contact=given.contact
            ),
        )


class CaseClassify(Wire):
    """What the case is about, and how closely it is kept."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"theme": "violence", "confidentiality": "strict"}]}
    )

    theme: Theme
    confidentiality: Confidentiality


class MemberSet(Wire):
    """A role on the case; the lead's is passed on by handing over."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"role": "worker"}]})

    role: Literal["worker", "reader"]
    """役割。worker(担当)、reader(閲覧)。"""


class LeadHandOver(Wire):
    """Who leads the case from now on."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"subject": _EXAMPLE}]})

    subject: Subject
    """新しい主担当。すでにこのケースの担当である職員。"""


class CaseReceipt(Wire):
    """What a change to a case is answered with."""

    id: UUID
    state: CaseState
    version: Version

    @classmethod
    def of(cls, case: Case) -> Self:
        return cls(id=case.id, state=case.state, version=case.version)


class CaseSummary(Wire):
    """A case in the list of one of its members."""

    id: UUID
    theme: Theme
    state: CaseState
    confidentiality: Confidentiality
    """いまの秘匿の程度。支援措置の対象者のケースは、区分にかかわらず strict。"""
    resident_id: UUID | None
    consultee_name: str | None
    protected: bool
    """支援措置の対象者。"""
    role: CaseRole
    """このケースでの自分の役割。"""
    opened_at: datetime
    version: Version

    @classmethod
    def of(cls, case: CaseOfMember) -> Self:
        return cls(
            id=case.id,
            theme=case.theme,
            state=case.state,
            confidentiality=case.confidentiality,
            resident_id=case.consultee.resident_id,
            consultee_name=case.consultee.name,
            protected=case.consultee.protected,
            role=case.role,
            opened_at=case.opened_at,
            version=case.version,
        )


class MemberRead(Wire):
    """An official with a role on the case."""

    subject: str
    role: CaseRole
    since: datetime

    @classmethod
    def of(cls, member: Member) -> Self:
        return cls(subject=member.subject, role=member.role, since=member.since)


class CaseRead(Wire):
    """A case at one version."""

    id: UUID
    theme: Theme
    state: CaseState
    confidentiality: Confidentiality
    """いまの秘匿の程度。支援措置の対象者のケースは、区分にかかわらず strict。"""
    classified_as: Confidentiality
    """主担当が定めた区分。"""
    resident_id: UUID | None
    consultee_name: str | None
    consultee_contact: str | None
    protected: bool
    """支援措置の対象者。"""
    members: list[MemberRead]
    opened_by: str
    opened_at: datetime
    version: Version

    @classmethod
    def of(cls, case: Case) -> Self:
        return cls(
            id=case.id,
            theme=case.theme,
            state=case.state,
            confidentiality=case.confidentiality,
            classified_as=case.classified_as,
            resident_id=case.consultee.resident_id,
            consultee_name=case.consultee.name,
            consultee_contact=case.consultee.contact,
            protected=case.consultee.protected,
            members=[MemberRead.of(member) for member in case.members],
            opened_by=case.opened_by,
            opened_at=case.opened_at,
            version=case.version,
        )
