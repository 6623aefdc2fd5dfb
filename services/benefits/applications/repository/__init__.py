"""Where rosters, applications and bank accounts are kept and found."""

from .applications import Applications
from .bank_accounts import BankAccounts
from .roster import Roster, take_time
from .signatures import Signatures

__all__ = ["Applications", "BankAccounts", "Roster", "Signatures", "take_time"]
