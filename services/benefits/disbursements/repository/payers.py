"""Where the municipality's own account is kept."""

from datetime import datetime

from sqlalchemy import and_, bindparam, insert, select, update

from foundation.database import Statement, Transaction, UniqueViolation, tenant_is
from foundation.encryption import Cipher, Field
from services.benefits.applications.domain import AccountType, BankAccount, ZenginText
from services.benefits.applications.models import BankBranchRow, BankRow
from services.benefits.disbursements.domain import Payer
from services.benefits.disbursements.models import PayerRow

_NUMBER = Field("benefits.payers.account_number")
_ROW = "payer"
_COLUMNS = tuple(PayerRow.__table__.c)
_GET = Statement(
    "benefits.payers.get",
    select(*_COLUMNS, BankRow.kana.label("bank_kana"), BankBranchRow.kana.label("branch_kana"))
    .outerjoin(BankRow, BankRow.bank_code == PayerRow.bank_code)
    .outerjoin(
        BankBranchRow,
        and_(
            BankBranchRow.bank_code == PayerRow.bank_code,
            BankBranchRow.branch_code == PayerRow.branch_code,
        ),
    )
    .where(tenant_is(PayerRow)),
)
_ADD = Statement(
    "benefits.payers.add",
    insert(PayerRow).values(
        {column.key: bindparam(column.key, type_=column.type) for column in _COLUMNS}
    ),
)
_CHANGE = Statement(
    "benefits.payers.change",
    update(PayerRow)
    .where(tenant_is(PayerRow), PayerRow.version == bindparam("version_before"))
    .values(
        {
            column.key: bindparam(column.key, type_=column.type)
            for column in _COLUMNS
            if column.key != "tenant_id"
        }
    ),
)


class Payers:
    """The one paying account of a municipality."""

    def __init__(self, transaction: Transaction, cipher: Cipher) -> None:
        self._tx = transaction
        self._cipher = cipher

    async def get(self) -> Payer | None:
        row = await self._tx.fetch_one(_GET)
        if row is None:
            return None
        return Payer(
            originator_code=row["originator_code"],
            account=BankAccount(
                bank_code=row["bank_code"],
                branch_code=row["branch_code"],
                account_type=AccountType(row["account_type"]),
                account_number=self._cipher.decrypt(
                    row["account_number_sealed"], field=_NUMBER, row_id=_ROW
                ),
                holder=ZenginText(row["holder"]),
            ),
            bank_kana=row["bank_kana"] or "",
            branch_kana=row["branch_kana"] or "",
            version=row["version"],
        )

    async def keep(self, payer: Payer, *, by: str, at: datetime) -> bool:
        """Keep the account as version `payer.version`; False if another version is there."""
        account = payer.account
        values = {
            "originator_code": payer.originator_code,
            "bank_code": account.bank_code,
            "branch_code": account.branch_code,
            "account_type": str(account.account_type),
            "account_number_sealed": self._cipher.encrypt(
                account.account_number, field=_NUMBER, row_id=_ROW
            ),
            "holder": account.holder,
            "changed_by": by,
            "changed_at": at,
            "version": payer.version,
        }
        if payer.version > 1:
            before = payer.version - 1
            return await self._tx.execute(_CHANGE, version_before=before, **values) == 1
        try:
            return await self._tx.execute(_ADD, **values) == 1
        except UniqueViolation:
            return False
