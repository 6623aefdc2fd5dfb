"""What must be true of an account before it is accepted, and of a caller before they answer."""

from dataclasses import dataclass

from .domain import AccountFault, AccountType, BankAccount, BranchListing, NotExpressible, to_zengin


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountGiven:
    """An account as a person typed it: digits of the right length, a name in any letters."""

    bank_code: str
    branch_code: str
    account_type: AccountType
    account_number: str
    holder_kana: str


def judge_account(
    given: AccountGiven, listing: BranchListing | None
) -> BankAccount | tuple[AccountFault, ...]:
    """Return the account as a bank knows it, or every fault at once."""
    faults = list(_listing_faults(listing))
    try:
        holder = to_zengin(given.holder_kana)
    except NotExpressible as reason:
        return (*faults, _letter_fault(reason))
    if faults:
        return tuple(faults)
    return BankAccount(
        bank_code=given.bank_code,
        branch_code=given.branch_code,
        account_type=given.account_type,
        account_number=given.account_number,
        holder=holder,
    )


def same_name(holder: str, register_kana: str | None) -> bool:
    """Tell whether the account's holder is the person of the register, spaces aside.

    The register writes small kana and long vowels as they are spoken; both are brought to the
    letters of a transfer before they are compared.
    """
    try:
        registered = to_zengin(register_kana or "")
    except NotExpressible:
        return False
    return holder.replace(" ", "") == registered.replace(" ", "")


def _listing_faults(listing: BranchListing | None) -> tuple[AccountFault, ...]:
    if listing is None:
        return (
            AccountFault(
                field="bank_code",
                detail="There is no bank with this code.",
                detail_ja="この金融機関コードの金融機関はありません。",
            ),
        )
    if listing.branch_name is None:
        return (
            AccountFault(
                field="branch_code",
                detail="This bank has no branch with this code.",
                detail_ja="この金融機関には、この支店コードの支店がありません。",
            ),
        )
    return ()


def _letter_fault(reason: NotExpressible) -> AccountFault:
    # The characters themselves are part of a name and are not repeated; their places say enough.
    places = [str(fault.position) for fault in reason.faults]
    return AccountFault(
        field="holder_kana",
        detail=f"No letter of a bank transfer writes character {', '.join(places)}.",
        detail_ja=f"{'・'.join(places)}文字目は、振込で使えない文字です。"
        "通帳の口座名義(カナ)のとおりに入力してください。",
    )
