"""Whatever goes wrong below becomes one of the refusals we have words for."""

import pytest
from fastapi.exceptions import RequestValidationError
from starlette.requests import ClientDisconnect

from foundation.authorization import Denied
from foundation.database import (
    CheckViolation,
    DatabaseBusy,
    DatabaseProblem,
    ForeignKeyViolation,
    InvalidCursor,
    LockNotAvailable,
    RowSecurityViolation,
    UniqueViolation,
    ValueRefused,
)
from foundation.encryption import KeyUnavailable
from foundation.problems import NotFound, PurposeRequired
from foundation.web.handlers import problem_of


class TestProblemOf:
    @pytest.mark.parametrize(
        ("error", "status"),
        [
            (UniqueViolation("x_key"), 409),
            (ForeignKeyViolation("x_fkey"), 409),
            (CheckViolation("x_check"), 409),
            (ValueRefused(), 422),
            (LockNotAvailable(), 503),
            (DatabaseBusy(), 503),
            (RowSecurityViolation(), 500),
            (DatabaseProblem(), 500),
            (InvalidCursor(), 400),
            (KeyUnavailable("gone"), 503),
            (Denied(PurposeRequired()), 403),
            (NotFound(), 404),
            (RequestValidationError([]), 422),
            (ClientDisconnect(), 400),
            (RuntimeError("CANARY"), 500),
        ],
        ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
    )
    def test_finds_the_word_for_it(self, error: Exception, status: int) -> None:
        problem = problem_of(error)
        assert problem.status == status
        assert "CANARY" not in str(problem.document())

    def test_says_when_to_come_back(self) -> None:
        assert problem_of(DatabaseBusy()).headers["Retry-After"] == "5"
