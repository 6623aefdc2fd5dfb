"""The municipality's own account, from which every transfer is paid."""

from foundation import clock
from foundation.problems import PreconditionFailed
from foundation.work import Work
from services.benefits.applications.domain import BankAccount
from services.benefits.applications.policies import AccountGiven
from services.benefits.applications.problems import BankAccountRefused
from services.benefits.applications.repository import BankAccounts
from services.benefits.disbursements.domain import Payer
from services.benefits.disbursements.policies import judge_paying_account
from services.benefits.disbursements.problems import PayerNotFound
from services.benefits.disbursements.repository import Payers


async def read_payer(work: Work) -> Payer:
    """Return the paying account.

    Raises:
        PayerNotFound: it has not been entered (404).
    """
    payer = await Payers(work.tx, work.cipher).get()
    if payer is None:
        raise PayerNotFound
    await work.record("benefits.payer.read")
    return payer


async def set_payer(
    work: Work, *, originator_code: str, given: AccountGiven, version: int
) -> Payer:
    """Enter the paying account over the version the caller has read; 0 means there was none.

    Raises:
        PreconditionFailed: another version is there (412).
        BankAccountRefused: no such bank or branch, or a name no transfer file can carry (422).
    """
    accounts = BankAccounts(work.tx, work.cipher)
    listing = await accounts.listed(bank_code=given.bank_code, branch_code=given.branch_code)
    account = judge_paying_account(given, listing)
    if not isinstance(account, BankAccount):
        raise BankAccountRefused.for_account(account)
    payer = Payer(
        originator_code=originator_code,
        account=account,
        bank_kana=listing.bank_kana if listing else "",
        branch_kana=(listing.branch_kana or "") if listing else "",
        version=version + 1,
    )
    payers = Payers(work.tx, work.cipher)
    if not await payers.keep(payer, by=work.principal.subject, at=clock.now()):
        raise PreconditionFailed
    await work.record("benefits.payer.set", detail={"version": payer.version})
    return payer
