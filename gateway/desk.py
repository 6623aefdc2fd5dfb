"""The front desk: people sign in, clients fetch tokens, and anybody may ask who they are."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.responses import RedirectResponse

from foundation.web.handlers import install_handlers
from foundation.web.middleware import FailureMiddleware

from .authorization.endpoints import router as tokens
from .consent.desk import router as consent
from .descriptions import completed
from .directory.endpoints import router as directory
from .directory.openness import router as services
from .frontends.endpoints import router as sessions
from .grants.desk import router as asking
from .grants.scopes import router as scopes
from .logout.desk import router as logout
from .logout.upstream_desk import router as upstream_logout
from .officials.providers.front import router as trials
from .onboarding.desk import router as onboarding
from .signatures.desk import router as signing
from .signin.endpoints import router as signin
from .state import GatewayState
from .vendors.care import router as care
from .vendors.endpoints import router as registration

TITLE = "Tamaire Platform"
VERSION = "1.0.0"


def create_front_desk(state: GatewayState) -> FastAPI:
    """Return the application for `/oauth`, `/.well-known` and `/platform` over an open gateway."""
    desk = FastAPI(
        title=TITLE,
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    desk.state.door = state
    for router in (
        signin,
        consent,
        logout,
        upstream_logout,
        sessions,
        tokens,
        directory,
        services,
        registration,
        care,
        asking,
        scopes,
        onboarding,
        trials,
        signing,
    ):
        desk.include_router(router)
    desk.add_api_route("/", _show_in, include_in_schema=False)
    install_handlers(desk)
    desk.add_middleware(FailureMiddleware)
    return desk


async def _show_in() -> RedirectResponse:
    """Lead whoever types the bare address to what can be read here."""
    return RedirectResponse("/docs", status_code=HTTPStatus.SEE_OTHER)


def describe_front_desk(desk: FastAPI) -> dict[str, Any]:
    """Return the desk's part of the published interface (OpenAPI 3.1)."""
    return completed(
        get_openapi(title=TITLE, version=VERSION, openapi_version="3.1.0", routes=desk.routes)
    )
