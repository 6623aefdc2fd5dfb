"""How programmes look on the wire."""

from datetime import date
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from foundation.money import yen
from foundation.web import Line, PositiveYen, Version, Wire

from .domain import Condition, Programme, ProgrammeState, Terms

Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,20}$", examples=["R8-BUKKA"])]
FiscalYear = Annotated[int, Field(ge=2019, le=2100, examples=[2026], description="年度(西暦)")]

_EXAMPLE: JsonDict = {
    "code": "R8-BUKKA",
    "name": "令和8年度物価高騰対応支援給付金",
    "legal_ground": "令和8年度物価高騰対応支援給付金支給要綱",
    "fiscal_year": 2026,
    "amount_per_household_yen": 30000,
    "reference_on": "2026-06-01",
    "condition": "household_tax_exempt",
    "application_from": "2026-07-01",
    "application_until": "2026-12-28",
    "seizure_ban": True,
    "tax_free": True,
    "signature_required": False,
}


class ProgrammeDefine(Wire):
    """The terms of a programme; they can be changed until it is published."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    code: Code
    """事業コード。自治体の中で一意。"""
    name: Line
    """事業名。"""
    legal_ground: Line
    """根拠となる法令または要綱。"""
    fiscal_year: FiscalYear
    amount_per_household_yen: PositiveYen
    reference_on: date
    """基準日。この日に住民登録のある世帯が対象になる。"""
    condition: Condition
    """世帯の要件。household_tax_exempt は世帯全員が住民税非課税。"""
    application_from: date
    """受付の初日。"""
    application_until: date
    """受付の最終日(この日を含む)。"""
    seizure_ban: bool
    """差押えが禁止されるか。"""
    tax_free: bool
    """非課税とされるか。"""
    signature_required: bool = False
    """申請にマイナンバーカードによる電子署名を求めるか。"""

    def terms(self) -> Terms:
        given: dict[str, Any] = self.model_dump()
        given["amount_per_household_yen"] = yen(self.amount_per_household_yen)
        return Terms(**given)


class ProgrammeRead(ProgrammeDefine):
    """A programme at one version."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **_EXAMPLE,
                    "id": "01930b7e-0000-7000-8000-000000000001",
                    "state": "published",
                    "version": 2,
                }
            ]
        }
    )

    id: UUID
    state: ProgrammeState
    """draft は公開前、published は実施中、closed は受付終了。"""
    version: Version

    @classmethod
    def of(cls, programme: Programme) -> Self:
        terms = programme.terms
        return cls(
            id=programme.id,
            state=programme.state,
            version=programme.version,
            code=terms.code,
            name=terms.name,
            legal_ground=terms.legal_ground,
            fiscal_year=terms.fiscal_year,
            amount_per_household_yen=terms.amount_per_household_yen,
            reference_on=terms.reference_on,
            condition=terms.condition,
            application_from=terms.application_from,
            application_until=terms.application_until,
            seizure_ban=terms.seizure_ban,
            tax_free=terms.tax_free,
            signature_required=terms.signature_required,
        )
