"""Whether a service lives, and whether it is ready for work; contents nobody could learn from."""

from sqlalchemy import literal, select
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from foundation.database import DatabaseProblem, Statement
from foundation.problems import ServiceUnavailable
from foundation.telemetry import Metrics, logger
from foundation.telemetry.metrics import CONTENT_TYPE

from .responses import problem_response
from .state import AppState

_log = logger(__name__)

_ANSWERS = Statement("platform.health.answers", select(literal(1).label("one")))


def health_routes(metrics: Metrics) -> list[Route]:
    """Return /livez (the process), /startupz (it has started), /readyz (it can work), /metrics."""

    async def livez(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def startupz(request: Request) -> Response:
        return _told(ready=_state(request) is not None)

    async def readyz(request: Request) -> Response:
        state = _state(request)
        return _told(ready=state is not None and await _can_work(state))

    async def figures(_: Request) -> Response:
        return Response(metrics.exposition(), media_type=CONTENT_TYPE)

    return [
        Route("/livez", livez, name="livez"),
        Route("/startupz", startupz, name="startupz"),
        Route("/readyz", readyz, name="readyz"),
        Route("/metrics", figures, name="metrics"),
    ]


async def _can_work(state: AppState) -> bool:
    """Tell whether the database answers our role and the directory of keys is there."""
    if not state.settings.key_directory.is_dir():
        _log.error("the directory of keys is missing")
        return False
    try:
        async with state.database.unbound() as tx:
            return await tx.fetch_one(_ANSWERS) is not None
    except DatabaseProblem as problem:
        _log.warning("the database does not answer", problem=type(problem).__name__)
        return False


def _state(request: Request) -> AppState | None:
    state: AppState | None = getattr(request.app.state, "office", None)
    return state


def _told(*, ready: bool) -> Response:
    return PlainTextResponse("ok\n") if ready else problem_response(ServiceUnavailable())
