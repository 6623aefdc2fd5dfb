"""The one way to a municipality's rows: a transaction that knows its tenant, with two doors.

The quick door runs statements compiled once, straight on the driver; the other is a SQLAlchemy
session for units of work. Both speak over the same connection inside the same transaction.
"""

from .errors import (
    CheckViolation,
    DatabaseBusy,
    DatabaseProblem,
    ForeignKeyViolation,
    HeldByAnother,
    LockNotAvailable,
    RowSecurityViolation,
    TooLate,
    UniqueViolation,
    ValueRefused,
)
from .pagination import InvalidCursor, Page, decode_cursor, encode_cursor, page_of
from .pool import Database
from .sayings import Claim
from .statements import STATEMENTS, Row, Statement, tenant_is
from .tables import Base, Identified, TenantOwned
from .transaction import Transaction

__all__ = [
    "STATEMENTS",
    "Base",
    "CheckViolation",
    "Claim",
    "Database",
    "DatabaseBusy",
    "DatabaseProblem",
    "ForeignKeyViolation",
    "HeldByAnother",
    "Identified",
    "InvalidCursor",
    "LockNotAvailable",
    "Page",
    "Row",
    "RowSecurityViolation",
    "Statement",
    "TenantOwned",
    "TooLate",
    "Transaction",
    "UniqueViolation",
    "ValueRefused",
    "decode_cursor",
    "encode_cursor",
    "page_of",
    "tenant_is",
]
