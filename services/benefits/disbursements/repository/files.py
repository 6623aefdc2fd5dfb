"""Where the bytes for the bank are frozen, and what they are made of."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, insert, select

from foundation.database import Statement, Transaction, UniqueViolation, tenant_is
from foundation.encryption import Cipher, Field
from foundation.identifiers import new_id
from foundation.money import Yen
from services.benefits.applications.models import BankAccountRow, BankBranchRow, BankRow
from services.benefits.applications.repository.bank_accounts import opened, payee_digest
from services.benefits.disbursements.domain import (
    Line,
    TransferFile,
    TransferProposal,
    customer_code,
)
from services.benefits.disbursements.models import DownloadRow, ProposalLineRow, TransferFileRow

_CONTENT = Field("benefits.transfer_files.content")
_ENCODING = "shift_jis"
_PROPOSAL = bindparam("proposal_id", type_=TransferFileRow.proposal_id.type)
_b = BankAccountRow
_l = ProposalLineRow
_LINES = Statement(
    "benefits.transfer_files.lines",
    select(
        _l.line_number,
        _l.amount_yen,
        _b.id,
        _b.bank_code,
        _b.branch_code,
        _b.account_type,
        _b.account_number_sealed,
        _b.holder_sealed,
        _b.payee_digest,
        BankRow.kana.label("bank_kana"),
        BankBranchRow.kana.label("branch_kana"),
    )
    .join(_b, and_(tenant_is(_b), _b.id == _l.bank_account_id))
    .outerjoin(BankRow, BankRow.bank_code == _b.bank_code)
    .outerjoin(
        BankBranchRow,
        and_(
            BankBranchRow.bank_code == _b.bank_code,
            BankBranchRow.branch_code == _b.branch_code,
        ),
    )
    .where(tenant_is(_l), _l.proposal_id == _PROPOSAL)
    .order_by(_l.line_number),
)
_FREEZE = Statement(
    "benefits.transfer_files.freeze",
    insert(TransferFileRow).values(
        {
            column.key: bindparam(column.key, type_=column.type)
            for column in TransferFileRow.__table__.c
        }
    ),
)
_CONTENT_OF = Statement(
    "benefits.transfer_files.content_of",
    select(TransferFileRow.content_sealed, TransferFileRow.sha256).where(
        tenant_is(TransferFileRow), TransferFileRow.proposal_id == _PROPOSAL
    ),
)
_DOWNLOADED = Statement(
    "benefits.transfer_files.downloaded",
    insert(DownloadRow).values(
        {column.key: bindparam(column.key, type_=column.type) for column in DownloadRow.__table__.c}
    ),
)


class TamperedLine(RuntimeError):
    """An account is not the one that was approved; nothing is written, and somebody must look."""


class TransferFiles:
    """The transfer files of one municipality; each is written once and read as it was written."""

    def __init__(self, transaction: Transaction, cipher: Cipher) -> None:
        self._tx = transaction
        self._cipher = cipher

    async def lines(self, proposal: TransferProposal) -> list[Line]:
        """Return the approved lines with their accounts opened.

        Raises:
            DecryptionFailed: a sealed cell was moved or altered.
            TamperedLine: an account differs from what its digest, and so the approval, says.
        """
        rows = await self._tx.fetch(_LINES, proposal_id=proposal.id)
        return [self._line(row) for row in rows]

    async def freeze(self, proposal: TransferProposal, file: TransferFile, *, at: datetime) -> bool:
        """Keep the bytes for ever; False if the proposal has a file already."""
        text = file.content.decode(_ENCODING)
        try:
            await self._tx.execute(
                _FREEZE,
                proposal_id=proposal.id,
                content_sealed=self._cipher.encrypt(text, field=_CONTENT, row_id=proposal.id),
                sha256=file.sha256,
                record_count=file.record_count,
                total_yen=file.total_yen,
                sealed_at=at,
            )
        except UniqueViolation:
            return False
        return True

    async def content(self, proposal_id: UUID) -> tuple[bytes, bytes] | None:
        """Return the frozen bytes and the SHA-256 that was frozen with them."""
        row = await self._tx.fetch_one(_CONTENT_OF, proposal_id=proposal_id)
        if row is None:
            return None
        text = self._cipher.decrypt(row["content_sealed"], field=_CONTENT, row_id=proposal_id)
        return text.encode(_ENCODING), row["sha256"]

    async def count_download(self, proposal_id: UUID, *, by: str, at: datetime) -> None:
        """Remember who took the file out of the house."""
        await self._tx.execute(
            _DOWNLOADED, id=new_id(), proposal_id=proposal_id, downloaded_by=by, downloaded_at=at
        )

    def _line(self, row: Mapping[str, Any]) -> Line:
        account = opened(row, self._cipher)
        if payee_digest(account, self._cipher) != row["payee_digest"]:
            raise TamperedLine
        return Line(
            reference=customer_code(row["line_number"]),
            account=account,
            bank_kana=row["bank_kana"] or "",
            branch_kana=row["branch_kana"] or "",
            amount_yen=Yen(row["amount_yen"]),
        )
