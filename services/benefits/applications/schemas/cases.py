"""How rosters, offers and applications look on the wire."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from foundation.web import AccountNumber, BankCode, BranchCode, Version, Wire, Yen
from services.benefits.applications.domain import (
    AccountType,
    ApplicationState,
    Case,
    Extraction,
    RegisteredAccount,
    Standing,
)
from services.benefits.applications.domain.kana import full_width
from services.benefits.applications.policies import AccountGiven
from services.benefits.applications.service import CaseFile
from services.benefits.programmes.domain import Programme

from .documents import SIGNATURE, SignatureRead

_ACCOUNT: JsonDict = {
    "bank_code": "0001",
    "branch_code": "001",
    "account_type": "ordinary",
    "account_number": "0012345",
    "holder_kana": "キタミ ハナコ",
}
_REASON = (
    "基準日 令和8年(2026年)6月1日に北見市に住民登録があり、"
    "世帯の3人全員が令和8年度の住民税非課税だったため"
)
_APPLICATION_ID = "01930b7e-0000-8000-8000-000000000002"
_PROGRAMME_ID = "01930b7e-0000-7000-8000-000000000001"
_OFFER: JsonDict = {
    "application_id": _APPLICATION_ID,
    "programme_id": _PROGRAMME_ID,
    "programme_name": "令和8年度物価高騰対応支援給付金",
    "legal_ground": "令和8年度物価高騰対応支援給付金支給要綱",
    "amount_yen": 30000,
    "reason": _REASON,
    "seizure_ban": True,
    "tax_free": True,
    "signature_required": False,
    "application_from": "2026-07-01",
    "application_until": "2026-12-28",
    "state": "offered",
    "version": 1,
}
_SUMMARY: JsonDict = {
    "id": _APPLICATION_ID,
    "programme_id": _PROGRAMME_ID,
    "programme_name": "令和8年度物価高騰対応支援給付金",
    "household_id": "01930b7e-0000-7000-8000-000000000003",
    "beneficiary_id": "01930b7e-0000-7000-8000-000000000004",
    "beneficiary_name": "北見 花子",
    "member_count": 3,
    "amount_yen": 30000,
    "reason": _REASON,
    "rule_version": 1,
    "state": "confirmed",
    "version": 2,
}
_ACCOUNT_READ: JsonDict = {
    "bank_code": "0001",
    "bank_name": "みずほ",
    "branch_code": "001",
    "branch_name": "東京営業部",
    "account_type": "ordinary",
    "account_number_masked": "****345",
    "holder_kana": "キタミ ハナコ",
}
_AID: JsonDict = {
    "holder_is_beneficiary": True,
    "other_households_with_account": 0,
    "counts_protected_person": False,
}
_EXTRACTION: JsonDict = {
    "programme_id": _PROGRAMME_ID,
    "offered": 12345,
    "already_on_roster": 0,
    "not_meeting": 41200,
    "held_unknown": 310,
    "held_protected": 8,
    "held_counted_elsewhere": 0,
    "held_no_householder": 2,
}
_PROGRESS: JsonDict = {
    "programme_id": _PROGRAMME_ID,
    "code": "R8-BUKKA",
    "standings": [{"state": "offered", "count": 12345, "amount_yen": 370350000}],
    "total_count": 12345,
    "total_yen": 370350000,
}


class BankAccountGiven(Wire):
    """The account the household wants the benefit paid to."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ACCOUNT]})

    bank_code: BankCode
    """金融機関コード。"""
    branch_code: BranchCode
    """支店コード。"""
    account_type: AccountType
    """預金種目。ordinary は普通、current は当座、savings は貯蓄、other はその他。"""
    account_number: AccountNumber
    """口座番号。6 桁以下のときは先頭に 0 を付けて 7 桁にする。"""
    holder_kana: Annotated[str, Field(min_length=1, max_length=60)]
    """口座名義(カナ)。通帳に印字されているとおり。"""

    def given(self) -> AccountGiven:
        return AccountGiven(
            bank_code=self.bank_code,
            branch_code=self.branch_code,
            account_type=self.account_type,
            account_number=self.account_number,
            holder_kana=self.holder_kana,
        )


class ApplicationConfirm(Wire):
    """The household's acceptance of the offer."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"bank_account": _ACCOUNT}]})

    bank_account: BankAccountGiven
    signature_id: UUID | None = None
    """この申請の文書に対する電子署名の識別子。"""


class BankAccountChange(Wire):
    """Where the benefit shall be paid to; also, for a document, where it would be."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"bank_account": _ACCOUNT}]})

    bank_account: BankAccountGiven


class BankAccountRead(Wire):
    """An account as it is shown again: the number only by its last three digits."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ACCOUNT_READ]})

    bank_code: str
    bank_name: str | None
    branch_code: str
    branch_name: str | None
    account_type: AccountType
    account_number_masked: Annotated[str, Field(examples=["****345"])]
    holder_kana: str

    @classmethod
    def of(cls, registered: RegisteredAccount) -> Self:
        account = registered.account
        return cls(
            bank_code=account.bank_code,
            bank_name=registered.bank_name,
            branch_code=account.branch_code,
            branch_name=registered.branch_name,
            account_type=account.account_type,
            account_number_masked=account.masked_number,
            holder_kana=full_width(account.holder),
        )


class OfferRead(Wire):
    """What a household is offered, and why; the household knows its reason and its legal ground."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OFFER]})

    application_id: UUID
    programme_id: UUID
    programme_name: str
    legal_ground: str
    """根拠となる法令または要綱。"""
    amount_yen: Yen
    reason: Annotated[str, Field(examples=[_REASON])]
    """対象になった理由。"""
    seizure_ban: bool
    tax_free: bool
    signature_required: bool
    application_from: date
    application_until: date
    state: ApplicationState
    version: Version

    @classmethod
    def of(cls, case: Case) -> Self:
        application, terms = case.application, case.programme.terms
        return cls(
            application_id=application.id,
            programme_id=application.programme_id,
            programme_name=terms.name,
            legal_ground=terms.legal_ground,
            amount_yen=application.offer.amount_yen,
            reason=case.reason_ja,
            seizure_ban=terms.seizure_ban,
            tax_free=terms.tax_free,
            signature_required=terms.signature_required,
            application_from=terms.application_from,
            application_until=terms.application_until,
            state=application.state,
            version=application.version,
        )


class ApplicationSummary(Wire):
    """One line of a list for officials; accounts are read one by one, with an entry each."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SUMMARY]})

    id: UUID
    programme_id: UUID
    programme_name: str
    household_id: UUID
    beneficiary_id: UUID
    beneficiary_name: str | None
    member_count: int
    amount_yen: Yen
    reason: str
    rule_version: int
    state: ApplicationState
    version: Version

    @classmethod
    def of(cls, case: Case) -> Self:
        application = case.application
        return cls(
            id=application.id,
            programme_id=application.programme_id,
            programme_name=case.programme.terms.name,
            household_id=application.household_id,
            beneficiary_id=application.beneficiary_id,
            beneficiary_name=case.beneficiary_name,
            member_count=len(application.offer.member_ids),
            amount_yen=application.offer.amount_yen,
            reason=case.reason_ja,
            rule_version=application.offer.rule_version,
            state=application.state,
            version=application.version,
        )


class AssessmentAid(Wire):
    """What an official should look at before deciding; never shown to residents."""

    model_config = ConfigDict(json_schema_extra={"examples": [_AID]})

    holder_is_beneficiary: bool
    """口座名義が世帯主の氏名カナと一致するか。"""
    other_households_with_account: int
    """同じ口座を届け出た、ほかの世帯の数。"""
    counts_protected_person: bool
    """世帯主が支援措置の対象者ではないのに、対象者を世帯員に数えているか。"""


class ApplicationRead(ApplicationSummary):
    """One application with its account, masked; the aid is there for officials only."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **_SUMMARY,
                    "legal_ground": _OFFER["legal_ground"],
                    "bank_account": _ACCOUNT_READ,
                    "signature": SIGNATURE,
                    "assessment_aid": _AID,
                }
            ]
        }
    )

    legal_ground: str
    bank_account: BankAccountRead | None
    signature: SignatureRead | None
    assessment_aid: AssessmentAid | None

    @classmethod
    def of_file(cls, file: CaseFile) -> Self:
        account = file.bank_account
        summary = ApplicationSummary.of(file.case)
        return cls(
            **{name: getattr(summary, name) for name in ApplicationSummary.model_fields},
            legal_ground=file.case.programme.terms.legal_ground,
            bank_account=BankAccountRead.of(account) if account else None,
            signature=SignatureRead.of(file.signature) if file.signature else None,
            assessment_aid=AssessmentAid(**asdict(file.aid)) if file.aid else None,
        )


class ExtractionRead(Wire):
    """What an extraction did, in households; the held ones await the section's own look."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXTRACTION]})

    programme_id: UUID
    offered: int
    """今回あらたに対象とした世帯数。"""
    already_on_roster: int
    """すでに対象者リストにある世帯数。"""
    not_meeting: int
    """要件に当たらない世帯数。"""
    held_unknown: int
    """課税状況または住民となった日が不明な者がいるため、自動では対象としなかった世帯数。"""
    held_protected: int
    """支援措置の対象者がいるため、自動では対象としなかった世帯数。"""
    held_counted_elsewhere: int
    """この事業で別の世帯に数えられた者がいるため、自動では対象としなかった世帯数。"""
    held_no_householder: int
    """基準日の世帯主が一人に定まらないため、自動では対象としなかった世帯数。"""

    @classmethod
    def of(cls, programme_id: UUID, found: Extraction) -> Self:
        return cls(
            programme_id=programme_id,
            offered=len(found.offered),
            already_on_roster=found.already_on_roster,
            not_meeting=found.not_meeting,
            held_unknown=found.held_unknown,
            held_protected=found.held_protected,
            held_counted_elsewhere=found.held_counted_elsewhere,
            held_no_householder=found.held_no_householder,
        )


class StandingRead(Wire):
    """How many applications are in one state, and their money."""

    state: ApplicationState
    count: int
    amount_yen: Yen


class ProgressRead(Wire):
    """How far a programme has come, without a single person in it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PROGRESS]})

    programme_id: UUID
    code: str
    standings: list[StandingRead]
    total_count: int
    total_yen: Yen

    @classmethod
    def of(cls, programme: Programme, standings: list[Standing]) -> Self:
        return cls(
            programme_id=programme.id,
            code=programme.terms.code,
            standings=[
                StandingRead(
                    state=standing.state, count=standing.count, amount_yen=standing.amount_yen
                )
                for standing in standings
            ],
            total_count=sum(standing.count for standing in standings),
            total_yen=sum(standing.amount_yen for standing in standings),
        )
