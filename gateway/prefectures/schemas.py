"""How consents to assist look on the wire."""

from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from foundation import clock
from foundation.identifiers import MunicipalityCode
from foundation.identity import Role
from foundation.web import Line, MunicipalityCodeField, Version, Wire
from gateway.assistance.domain import Consent, State, Terms
from gateway.assistance.repository import Offer

_EXAMPLE: dict[str, Any] = {
    "office_code": "010006",
    "roles": ["benefits_officer"],
    "purpose": "災害時の給付事務の応援",
    "ground": "地方自治法第252条の17に基づく職員派遣協定(令和9年3月25日)",
    "starts_on": "2027-04-01",
    "ends_on": "2028-03-31",
}


class AssistancePropose(Wire):
    """What the municipality would consent to; another administrator confirms it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    office_code: MunicipalityCodeField
    """支援する団体。自分の都道府県か、ほかの市区町村。"""
    roles: Annotated[list[Role], Field(min_length=1, max_length=4)]
    """任せる役割。管理者・出納・監査は任せられない。職員本人が自分の団体で持つ役割に限られる。"""
    purpose: Line
    """支援の目的。"""
    ground: Line
    """根拠となる法令、協定や規約。"""
    starts_on: date
    """開始日。日本時間のこの日の0時から。"""
    ends_on: date
    """終了日。日本時間のこの日の終わりまで。開始日から1年以内。"""

    def terms(self) -> Terms:
        return Terms(
            office=MunicipalityCode.parse(self.office_code),
            roles=frozenset(self.roles),
            purpose=self.purpose,
            ground=self.ground,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
        )


class AssistanceRead(Wire):
    """A consent, as the municipality that gave it sees it."""

    id: UUID
    office_code: MunicipalityCodeField
    roles: list[Role]
    purpose: str
    ground: str
    starts_on: date
    ends_on: date
    state: State
    holds: bool
    """いま、この同意によって職員が操作できるかどうか。"""
    proposed_by: str
    proposed_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None
    withdrawn_by: str | None
    withdrawn_at: datetime | None
    version: Version

    @classmethod
    def of(cls, consent: Consent) -> Self:
        return cls(
            id=consent.id,
            **_shown(consent.terms),
            state=consent.state,
            holds=consent.holds(clock.now()),
            proposed_by=consent.proposed_by,
            proposed_at=consent.proposed_at,
            confirmed_by=consent.confirmed_by,
            confirmed_at=consent.confirmed_at,
            withdrawn_by=consent.withdrawn_by,
            withdrawn_at=consent.withdrawn_at,
            version=consent.version,
        )


class AssistanceOfferRead(Wire):
    """Where officials of one's own office may act, and as what; named at the token endpoint."""

    id: UUID
    """トークン交換の assistance_consent_id に指定する番号。"""
    assisted_code: MunicipalityCodeField
    """支援先の自治体。トークン交換の audience に指定する。"""
    roles: list[Role]
    purpose: str
    ground: str
    starts_on: date
    ends_on: date

    @classmethod
    def of(cls, offer: Offer) -> Self:
        shown = _shown(offer.terms)
        del shown["office_code"]
        return cls(id=offer.id, assisted_code=offer.municipality_code, **shown)


def _shown(terms: Terms) -> dict[str, Any]:
    return {
        "office_code": str(terms.office),
        "roles": sorted(terms.roles),
        "purpose": terms.purpose,
        "ground": terms.ground,
        "starts_on": terms.starts_on,
        "ends_on": terms.ends_on,
    }
