"""What becomes of everything that can go wrong: one document each, none with our insides in it."""

from collections.abc import Mapping

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match

from foundation.authorization import Denied
from foundation.database import (
    CheckViolation,
    DatabaseBusy,
    DatabaseProblem,
    ForeignKeyViolation,
    InvalidCursor,
    TooLate,
    UniqueViolation,
    ValueRefused,
)
from foundation.encryption import KeyUnavailable
from foundation.problems import (
    Conflict,
    DeadlineExceeded,
    InternalError,
    InvalidInput,
    MalformedRequest,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    Problem,
    ServiceUnavailable,
    UnsupportedMediaType,
)
from foundation.telemetry import logger

from .faults import faults_of
from .responses import problem_response

_log = logger(__name__)

_OF_STATUS: Mapping[int, type[Problem]] = {
    404: NotFound,
    413: PayloadTooLarge,
    415: UnsupportedMediaType,
    503: ServiceUnavailable,
}
_SERVER_ERROR = 500
_VERBS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")


def problem_of(error: Exception) -> Problem:
    """Return what the caller is told about an exception; an unknown one is ours, and logged."""
    match error:
        case Problem():
            return error
        case Denied(problem=problem):
            return problem
        case DatabaseProblem():
            return _of_database(error)
        case RequestValidationError():
            return InvalidInput.of(faults_of(error.errors()))
        case _:
            return _of_foundation(error)


def install_handlers(application: FastAPI) -> None:
    """Register what Starlette finds inside the routes; the rest is `FailureMiddleware`'s."""

    async def answer(_: Request, error: Exception) -> Response:
        return problem_response(problem_of(error))

    async def answer_http(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            raise error
        return problem_response(_of_http(request, error))

    for kind in (
        Problem,
        Denied,
        DatabaseProblem,
        InvalidCursor,
        KeyUnavailable,
        RequestValidationError,
    ):
        application.add_exception_handler(kind, answer)
    application.add_exception_handler(HTTPException, answer_http)


def _of_foundation(error: Exception) -> Problem:
    match error:
        case InvalidCursor():
            return MalformedRequest(
                "This list did not give out that cursor.",
                detail_ja="このカーソルは、この一覧のものではありません。",
            )
        case ClientDisconnect():
            return MalformedRequest("The body ended before its announced length.")
        case KeyUnavailable():
            _log.error("a municipality's key is unavailable", exc_info=error)
            return ServiceUnavailable()
        case _:
            _log.error("unexpected failure", exc_info=error)
            return InternalError()


def _of_database(error: DatabaseProblem) -> Problem:
    match error:
        case TooLate():
            return DeadlineExceeded()
        case DatabaseBusy():
            _log.warning("the database is busy", exc_info=error)
            return ServiceUnavailable()
        case UniqueViolation() | ForeignKeyViolation() | CheckViolation():
            # The use case did not foresee it, so it is worth a look; the caller can still act.
            _log.warning("a rule of the database refused", exc_info=error)
            return Conflict()
        case ValueRefused():
            _log.warning("a value the database cannot hold", exc_info=error)
            return InvalidInput.of([])
        case _:
            _log.error("the database refused", exc_info=error)
            return InternalError()


def _of_http(request: Request, error: HTTPException) -> Problem:
    if error.status_code == 405:  # noqa: PLR2004 - RFC 9110 §15.5.6
        return MethodNotAllowed(headers={"Allow": ", ".join(sorted(_methods_at(request)))})
    kind = _OF_STATUS.get(error.status_code)
    if kind is not None:
        return kind()
    if error.status_code >= _SERVER_ERROR:
        _log.error("unexpected failure", exc_info=error)
        return InternalError()
    return MalformedRequest()


def _methods_at(request: Request) -> set[str]:
    """Return every verb this address answers; FastAPI knows one route at a time.

    Each verb is tried, since a router within a router tells nobody which verbs it has.
    """
    routes: list[BaseRoute] = request.app.router.routes
    return {
        verb
        for verb in _VERBS
        if any(
            route.matches({**request.scope, "method": verb})[0] is Match.FULL for route in routes
        )
    }
