"""Where bank accounts are kept: number and holder sealed, and found again only by equality."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, distinct, func, insert, select

from foundation.database import Statement, Transaction, tenant_is
from foundation.encryption import Cipher, Field
from services.benefits.applications.domain import (
    AccountType,
    Application,
    BankAccount,
    BranchListing,
    RegisteredAccount,
    ZenginText,
)
from services.benefits.applications.models import BankAccountRow, BankBranchRow, BankRow

NUMBER = Field("benefits.bank_accounts.account_number")
HOLDER = Field("benefits.bank_accounts.holder")
ACCOUNT_INDEX = Field("benefits.bank_accounts.account_index")
PAYEE_DIGEST = Field("benefits.bank_accounts.payee_digest")

_COLUMNS = tuple(BankAccountRow.__table__.c)
_ADD = Statement(
    "benefits.bank_accounts.add",
    insert(BankAccountRow).values(
        {column.key: bindparam(column.key, type_=column.type) for column in _COLUMNS}
    ),
)
_OF_ID = Statement(
    "benefits.bank_accounts.of_id",
    select(
        BankAccountRow.id,
        BankAccountRow.bank_code,
        BankAccountRow.branch_code,
        BankAccountRow.account_type,
        BankAccountRow.account_number_sealed,
        BankAccountRow.holder_sealed,
        BankAccountRow.account_index,
        BankRow.name.label("bank_name"),
        BankBranchRow.name.label("branch_name"),
    )
    .outerjoin(BankRow, BankRow.bank_code == BankAccountRow.bank_code)
    .outerjoin(
        BankBranchRow,
        and_(
            BankBranchRow.bank_code == BankAccountRow.bank_code,
            BankBranchRow.branch_code == BankAccountRow.branch_code,
        ),
    )
    .where(tenant_is(BankAccountRow), BankAccountRow.id == bindparam("id")),
)
_OTHER_HOUSEHOLDS = Statement(
    "benefits.bank_accounts.other_households",
    select(func.count(distinct(BankAccountRow.household_id)).label("households")).where(
        tenant_is(BankAccountRow),
        BankAccountRow.account_index == bindparam("account_index"),
        BankAccountRow.household_id != bindparam("household_id"),
    ),
)
_LISTED = Statement(
    "benefits.bank_accounts.listed",
    select(
        BankRow.name.label("bank_name"),
        BankRow.kana.label("bank_kana"),
        BankBranchRow.name.label("branch_name"),
        BankBranchRow.kana.label("branch_kana"),
    )
    .outerjoin(
        BankBranchRow,
        and_(
            BankBranchRow.bank_code == BankRow.bank_code,
            BankBranchRow.branch_code == bindparam("branch_code"),
        ),
    )
    .where(BankRow.bank_code == bindparam("bank_code")),
)


class BankAccounts:
    """The accounts that households of one municipality have named."""

    def __init__(self, transaction: Transaction, cipher: Cipher) -> None:
        self._tx = transaction
        self._cipher = cipher

    async def listed(self, *, bank_code: str, branch_code: str) -> BranchListing | None:
        """Return the branch as the national list has it.

        None means there is no such bank; a listing without a branch, that the bank has none such.
        """
        row = await self._tx.fetch_one(_LISTED, bank_code=bank_code, branch_code=branch_code)
        return BranchListing(**row) if row else None

    async def add(
        self, account: BankAccount, *, account_id: UUID, of: Application, by: str, at: datetime
    ) -> None:
        """Keep an account as it was given; it is never changed, only followed by another."""
        await self._tx.execute(
            _ADD,
            id=account_id,
            programme_id=of.programme_id,
            household_id=of.household_id,
            bank_code=account.bank_code,
            branch_code=account.branch_code,
            account_type=str(account.account_type),
            registered_by=by,
            registered_at=at,
            **self._sealed(account, account_id),
        )

    async def get(self, account_id: UUID, *, household_id: UUID) -> RegisteredAccount | None:
        """Return an account opened, with how many other households named the same one."""
        row = await self._tx.fetch_one(_OF_ID, id=account_id)
        if row is None:
            return None
        others = await self._tx.fetch_one(
            _OTHER_HOUSEHOLDS, account_index=row["account_index"], household_id=household_id
        )
        return RegisteredAccount(
            id=row["id"],
            account=opened(row, self._cipher),
            bank_name=row["bank_name"],
            branch_name=row["branch_name"],
            other_households=others["households"] if others else 0,
        )

    def _sealed(self, account: BankAccount, account_id: UUID) -> Mapping[str, bytes]:
        cipher = self._cipher
        return {
            "account_number_sealed": cipher.encrypt(
                account.account_number, field=NUMBER, row_id=account_id
            ),
            "holder_sealed": cipher.encrypt(account.holder, field=HOLDER, row_id=account_id),
            "account_index": cipher.blind_index(account.place, field=ACCOUNT_INDEX),
            "payee_digest": payee_digest(account, cipher),
        }


def opened(row: Mapping[str, Any], cipher: Cipher) -> BankAccount:
    """Open the sealed cells of an account's row.

    Raises:
        DecryptionFailed: a cell was moved here from another row, or was altered.
    """
    return BankAccount(
        bank_code=row["bank_code"],
        branch_code=row["branch_code"],
        account_type=AccountType(row["account_type"]),
        account_number=cipher.decrypt(row["account_number_sealed"], field=NUMBER, row_id=row["id"]),
        holder=ZenginText(cipher.decrypt(row["holder_sealed"], field=HOLDER, row_id=row["id"])),
    )


def payee_digest(account: BankAccount, cipher: Cipher) -> bytes:
    """Return 16 keyed bytes that stand for everything a bank pays by."""
    return cipher.blind_index(account.payee, field=PAYEE_DIGEST)
