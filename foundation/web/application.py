"""How a service is put together: its operations, its counter, and what runs behind it."""

import json
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import cached_property
from typing import Any

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from typing_extensions import override

from foundation.authorization import Permission, PolicyTable
from foundation.database import Database
from foundation.encryption import Keyring
from foundation.settings import ServiceSettings
from foundation.telemetry import Metrics, configure_logging

from .background import Background, running
from .events_feed import events_router, read_events
from .handlers import install_handlers
from .health import health_routes
from .idempotency import statements_of
from .middleware import FailureMiddleware, RequestMiddleware
from .newcomers import make_room
from .route import OfficeRoute, OfficeRouter
from .schema import describe
from .shortcut import Directory
from .state import AppState, Gatekeeper, OnRefusal

VERSION = "1.0.0"
_WORKER_POOL = 2


class OfficeApplication(FastAPI):
    """A FastAPI application that describes itself with everything the office adds.

    A request goes straight to our own layers: traces and figures are theirs to keep. Where an
    attempt is itself the news, `on_refusal` is told in the transaction that records the refusal.
    """

    on_refusal: OnRefusal | None = None

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        scope["app"] = self
        if self.middleware_stack is None:
            self.middleware_stack = self.build_middleware_stack()
        await self.middleware_stack(scope, receive, send)

    @override
    def build_middleware_stack(self) -> ASGIApp:
        """Return the layers from ours on: what stands before them is for those who have none."""
        layer: Any = super().build_middleware_stack()
        while not isinstance(layer, RequestMiddleware):
            layer = layer.app
        return layer

    @override
    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = describe(
                title=self.title, version=self.version, routes=self.routes
            )
        return self.openapi_schema

    @cached_property
    def written(self) -> bytes:
        """The same as it is sent: it is long, and the gateway asks for it again and again."""
        return json.dumps(self.openapi(), ensure_ascii=False).encode()


async def openapi(request: Request) -> Response:
    """Answer with what the service is, in OpenAPI 3.1."""
    application: OfficeApplication = request.app
    return Response(application.written, media_type="application/json")


def create_application(
    *,
    service: str,
    title: str,
    routers: Iterable[OfficeRouter],
    policy: PolicyTable,
    settings: ServiceSettings,
    background: Sequence[Background] = (),
) -> OfficeApplication:
    """Put a service together below `/<service>/v1`.

    Args:
        service: the schema's name, such as `window_dx`; its path is `/window-dx/v1`.
        title: what the service is called in its OpenAPI.
        routers: one for each capability.
        policy: every act of the service. Following its events is added.
        settings: read once, before anything is opened.
        background: coroutine functions kept running while the service serves.

    Raises:
        ValueError: an operation's permission is not in the policy, or two operations share an id.
    """
    configure_logging(service, level=settings.log_level)
    statements_of(service)
    metrics = Metrics(service)
    direct: list[OfficeRoute] = []
    known = _with_events(policy, service)
    application = OfficeApplication(
        title=title,
        version=VERSION,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=_lifespan(service, settings, known, background),
        middleware=[
            Middleware(RequestMiddleware, service=service, metrics=metrics),
            Middleware(FailureMiddleware),
            Middleware(Directory, routes=direct),
        ],
    )
    install_handlers(application)
    application.router.routes.append(Route("/openapi.json", openapi, name="openapi"))
    application.router.routes.extend(health_routes(metrics))
    _mount(application, [*routers, events_router(service, _reading(known, service))], known)
    direct += [route for route in application.router.routes if isinstance(route, OfficeRoute)]
    return application


def _mount(application: FastAPI, routers: Iterable[OfficeRouter], policy: PolicyTable) -> None:
    base = f"/{policy.service.replace('_', '-')}/v1"
    names: set[str] = set()
    for router in routers:
        for declaration in router.declarations:
            route: OfficeRoute = declaration.mounted(base, service=policy.service)
            if route.operation.permission not in policy:
                raise ValueError(f"{route.operation.permission.action} is not in the policy table.")
            if route.name in names:
                raise ValueError(f"Two operations are called {route.name}.")
            names.add(route.name)
            application.router.routes.append(route)


def _with_events(policy: PolicyTable, service: str) -> PolicyTable:
    reading = read_events(service)
    if any(row.action == reading.action for row in policy):
        return policy
    return PolicyTable(service, [*policy, reading])


def _reading(policy: PolicyTable, service: str) -> Permission:
    action = read_events(service).action
    return next(row for row in policy if row.action == action)


def _lifespan(
    service: str, settings: ServiceSettings, policy: PolicyTable, background: Sequence[Background]
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(application: FastAPI) -> AsyncGenerator[None]:
        async with AsyncExitStack() as opened:
            database = await Database.open(
                settings.database_url.get_secret_value(),
                application_name=service,
                size=settings.pool_size,
            )
            opened.push_async_callback(database.close)
            worker = await Database.open(
                settings.worker_database_url.get_secret_value(),
                application_name=f"{service}-worker",
                size=_WORKER_POOL,
            )
            opened.push_async_callback(worker.close)
            state = AppState(
                service=service,
                settings=settings,
                policy=policy,
                gatekeeper=Gatekeeper(settings.internal_public_keys, audience=service),
                keyring=Keyring(settings.key_directory),
                database=database,
                worker_database=worker,
            )
            async with running([make_room, *background], state):
                application.state.office = state
                yield
                application.state.office = None

    return lifespan
