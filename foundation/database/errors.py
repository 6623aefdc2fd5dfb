"""What a database refusal means to the office, whichever door it came through.

DatabaseProblem
├── UniqueViolation        it is already there
├── ForeignKeyViolation    what it points at is not there
├── CheckViolation         a rule of the table forbids it
├── RowSecurityViolation   it belongs to another municipality
├── ValueRefused           a value that the column cannot hold
└── DatabaseBusy           try again in a moment
    ├── LockNotAvailable   another piece of work holds the row
    │   └── HeldByAnother  another piece of work is at this very thing
    └── TooLate            no connection was free before the work's own deadline: it never began
"""

import asyncio
from types import TracebackType

import asyncpg
from sqlalchemy.exc import DBAPIError


class DatabaseProblem(Exception):
    """The database refused; `constraint` names the rule, when there is one."""

    def __init__(self, constraint: str = "") -> None:
        super().__init__(constraint or type(self).__name__)
        self.constraint = constraint


class UniqueViolation(DatabaseProblem):
    """It is already there."""


class ForeignKeyViolation(DatabaseProblem):
    """What it points at is not there, or is another municipality's."""


class CheckViolation(DatabaseProblem):
    """A CHECK or NOT NULL rule of the table forbids it."""


class RowSecurityViolation(DatabaseProblem):
    """The row belongs to another municipality, or the role has no right to it."""


class ValueRefused(DatabaseProblem):
    """A value the column cannot hold: a NUL character, a number out of range."""


class DatabaseBusy(DatabaseProblem):
    """No connection was free, the server is starting or stopping, or a time limit passed."""


class LockNotAvailable(DatabaseBusy):
    """Another piece of work holds the row."""


class HeldByAnother(LockNotAvailable):
    """Another piece of work is at the very thing that this one claims."""


class TooLate(DatabaseBusy):
    """No connection became free before the deadline of the work itself, which never began."""


_MEANINGS: tuple[tuple[tuple[type[BaseException], ...], type[DatabaseProblem]], ...] = (
    ((asyncpg.UniqueViolationError, asyncpg.ExclusionViolationError), UniqueViolation),
    ((asyncpg.ForeignKeyViolationError,), ForeignKeyViolation),
    ((asyncpg.CheckViolationError, asyncpg.NotNullViolationError), CheckViolation),
    ((asyncpg.InsufficientPrivilegeError,), RowSecurityViolation),
    ((asyncpg.LockNotAvailableError,), LockNotAvailable),
    (
        (
            asyncpg.QueryCanceledError,
            asyncpg.TransactionRollbackError,
            asyncpg.OperatorInterventionError,
            asyncpg.InsufficientResourcesError,
            asyncpg.PostgresConnectionError,
            asyncpg.CannotConnectNowError,
            asyncpg.InterfaceError,
            asyncpg.InternalClientError,  # the server hung up on a connection that was idle
            asyncpg.IdleInTransactionSessionTimeoutError,
            asyncio.TimeoutError,
            OSError,
        ),
        DatabaseBusy,
    ),
    ((asyncpg.DataError,), ValueRefused),
)

_DRIVER_ERRORS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    TimeoutError,
    OSError,
)


class translated:  # noqa: N801 - used as `with translated():`, and faster than a generator
    """Turn what the driver raises, through either door, into what it means.

    `asyncpg.exceptions.DataError` is matched by its server class, and the client-side one (an
    `InterfaceError` that is also a `ValueError`) before busyness, since retrying cannot help it.
    """

    __slots__ = ()

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if isinstance(error, DBAPIError):
            cause = error.orig.__cause__ if error.orig is not None else None
            raise _meaning_of(cause or error) or error from error
        if isinstance(error, _DRIVER_ERRORS):
            raise _meaning_of(error) or error from error


def _meaning_of(error: BaseException) -> DatabaseProblem | None:
    if isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError):
        return ValueRefused()
    for kinds, meaning in _MEANINGS:
        if isinstance(error, kinds):
            return meaning(getattr(error, "constraint_name", None) or "")
    return None
