"""How payers, proposals and settlements look on the wire."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from foundation.web import Version, Wire, Yen
from services.benefits.applications.domain import AccountType
from services.benefits.applications.domain.kana import full_width
from services.benefits.applications.schemas import BankAccountGiven

from .domain import Payer, ProposalState, SealedFile, TransferProposal

_FILE: JsonDict = {
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "record_count": 12000,
    "total_yen": 360000000,
    "sealed_at": "2026-12-15T05:00:03Z",
    "downloads": 1,
}
_PROPOSAL: JsonDict = {
    "id": "01930b7e-0000-7000-8000-000000000005",
    "programme_id": "01930b7e-0000-7000-8000-000000000001",
    "transfer_on": "2026-12-18",
    "state": "sealed",
    "line_count": 12000,
    "total_yen": 360000000,
    "fingerprint": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
    "proposed_by": "kQ2…",
    "proposed_at": "2026-12-14T01:00:00Z",
    "approved_by": "x9T…",
    "approved_at": "2026-12-15T05:00:00Z",
    "closing_reason": None,
    "executed_on": None,
    "file": _FILE,
    "version": 3,
}
_PAYER: JsonDict = {
    "originator_code": "0000012084",
    "bank_code": "0001",
    "branch_code": "001",
    "account_type": "ordinary",
    "account_number_masked": "****001",
    "holder_kana": "キタミシ カイケイカンリシヤ",
    "version": 1,
}

OriginatorCode = Annotated[str, Field(pattern=r"^[0-9]{10}$", examples=["0000012084"])]


class PayerSet(Wire):
    """The municipality as its bank knows it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "originator_code": "0000012084",
                    "bank_account": {
                        "bank_code": "0001",
                        "branch_code": "001",
                        "account_type": "ordinary",
                        "account_number": "0000001",
                        "holder_kana": "キタミシ カイケイカンリシヤ",
                    },
                }
            ]
        }
    )

    originator_code: OriginatorCode
    """委託者コード。金融機関から割り当てられた 10 桁の数字。"""
    bank_account: BankAccountGiven
    """振込元の口座。名義は振込データの委託者名になる。"""


class PayerRead(Wire):
    """The paying account; its number is shown by its last three digits only."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PAYER]})

    originator_code: str
    bank_code: str
    branch_code: str
    account_type: AccountType
    account_number_masked: Annotated[str, Field(examples=["****001"])]
    holder_kana: str
    version: Version

    @classmethod
    def of(cls, payer: Payer) -> Self:
        account = payer.account
        return cls(
            originator_code=payer.originator_code,
            bank_code=account.bank_code,
            branch_code=account.branch_code,
            account_type=account.account_type,
            account_number_masked=account.masked_number,
            holder_kana=full_width(account.holder),
            version=payer.version,
        )


class TransferPropose(Wire):
    """Which programme is to be paid, and on which day."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "programme_id": "01930b7e-0000-7000-8000-000000000001",
                    "transfer_on": "2026-12-18",
                }
            ]
        }
    )

    programme_id: UUID
    transfer_on: date
    """振込日。明日以降の銀行営業日。"""


class TransferReject(Wire):
    """Why the treasury sends a proposal back."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "振込日を変更してください"}]}
    )

    reason: Annotated[str, Field(min_length=1, max_length=400, pattern=r"^[^\x00]*\S[^\x00]*$")]


class SettlementRecord(Wire):
    """What the bank reported."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"executed_on": "2026-12-18"}]})

    executed_on: date
    """銀行が振込を実行した日。振込日より前の日と、振込日・本日より後の日は指定できない。"""


class FileFigures(Wire):
    """The figures of the sealed file, to be compared with what the bank received."""

    model_config = ConfigDict(json_schema_extra={"examples": [_FILE]})

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    record_count: int
    total_yen: Yen
    sealed_at: datetime
    downloads: int
    """取り出された回数。"""

    @classmethod
    def of(cls, file: SealedFile) -> Self:
        return cls(
            sha256=file.sha256.hex(),
            record_count=file.record_count,
            total_yen=file.total_yen,
            sealed_at=file.sealed_at,
            downloads=file.downloads,
        )


class ProposalRead(Wire):
    """A proposal's figures and progress; no payee is among them."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PROPOSAL]})

    id: UUID
    programme_id: UUID
    transfer_on: date
    state: ProposalState
    """proposed は承認待ち、approved は承認済み、sealed は振込データあり、settled は振込済み。"""
    line_count: int
    total_yen: Yen
    fingerprint: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """受取人・口座・金額すべてにわたる SHA-256。承認はこの内容に対してのみ有効。"""
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    closing_reason: str | None
    """却下または無効になった理由。"""
    executed_on: date | None
    file: FileFigures | None
    version: Version

    @classmethod
    def of(cls, proposal: TransferProposal) -> Self:
        return cls(
            id=proposal.id,
            programme_id=proposal.programme_id,
            transfer_on=proposal.transfer_on,
            state=proposal.state,
            line_count=proposal.line_count,
            total_yen=proposal.total_yen,
            fingerprint=proposal.fingerprint.hex(),
            proposed_by=proposal.proposed_by,
            proposed_at=proposal.proposed_at,
            approved_by=proposal.approved_by,
            approved_at=proposal.approved_at,
            closing_reason=proposal.closing_reason,
            executed_on=proposal.executed_on,
            file=FileFigures.of(proposal.file) if proposal.file else None,
            version=proposal.version,
        )
