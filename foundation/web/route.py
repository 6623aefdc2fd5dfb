"""One request, one transaction: the frame every operation of every service is carried out in.

In this order, and nothing out of it: who asks → may they → is the body readable → do they mean
their own municipality → was it asked before → the work itself → did it leave its trail → commit.
Only what is committed is answered.
"""

import functools
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import Unpack, override

from foundation.authorization import Denied
from foundation.database import HeldByAnother
from foundation.identity import Caller
from foundation.problems import (
    Fault,
    Forbidden,
    MalformedRequest,
    NotFound,
    Problem,
    RequestInFlight,
)
from foundation.telemetry import current_context
from foundation.work import Work

from .addresses import addressed
from .deadlines import Deadline
from .documents import (
    WITH_GZIP,
    JsonDocument,
    read_body,
    require_length,
    require_media_type,
    require_readable_query,
)
from .etags import etag
from .faults import faults_of, refuse
from .idempotency import Repetition, claim_of, fingerprint_of, key_of
from .judging import authenticate, authorize, refuse_on_record, require_own_tenant
from .operation import Operation, Options, route_arguments
from .parameters import Parameters
from .responses import drawn
from .shortcut import NotUnderstood, Plan, ask_framework
from .spool import Spool
from .state import state_of
from .wire import Wire, from_document

Endpoint = TypeVar("Endpoint", bound=Callable[..., Awaitable[Any]])
Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_FIRST_REFUSAL = 400


class Unaudited(RuntimeError):
    """Work on personal data left no audit entry: a mistake of ours, and nothing of it remains."""


@dataclass(slots=True, kw_only=True)
class _Attendance:
    """What is known about the request in hand between the route and the endpoint."""

    faults: list[Fault]
    document: JsonDocument | None = None
    result: object = None


_attendance: ContextVar[_Attendance] = ContextVar("attendance")


class _OfficeRequest(Request):
    """A request whose body is read and judged before FastAPI asks for it."""

    def __init__(self, request: Request) -> None:
        super().__init__(request.scope, request.receive)
        self._raw = b""
        self._document: JsonDocument | None = None

    def keep(self, raw: bytes, document: JsonDocument | None) -> None:
        """Hold the body that was read, and what it says if it is JSON."""
        self._raw, self._document = raw, document

    @override
    async def body(self) -> bytes:
        return self._raw

    @override
    async def json(self) -> Any:
        return self._document


class OfficeRoute(APIRoute):
    """A FastAPI route whose handler is the frame above."""

    def __init__(
        self, path: str, endpoint: Callable[..., Any], *, operation: Operation, **rest: Any
    ) -> None:
        self.operation = operation
        super().__init__(path, _attended(endpoint), methods=[operation.method], **rest)
        self.plan = Plan.of(
            endpoint,
            path=self.param_convertors,
            body=_body_of(endpoint),
            status_code=self.status_code,
        )

    @override
    def get_route_handler(self) -> Handler:
        self.parameters = Parameters.of(self.dependant)
        self._framework = super().get_route_handler()
        return functools.partial(self._serve, self._framework)

    @property
    def verb(self) -> str:
        return self.operation.method

    async def answer(self, request: Request) -> Response:
        """Serve a request that was led here straight; the framework may still be asked."""
        return await self._serve(functools.partial(ask_framework, self._framework), request)

    async def _serve(self, inner: Handler, request: Request) -> Response:
        if self.operation.retires is None:
            return await self._carry_out(inner, request)
        added = self.operation.retires.headers
        try:
            response = await self._carry_out(inner, request)
        except Problem as problem:
            problem.headers = {**problem.headers, **added}
            raise
        response.headers.update(added)
        return response

    async def _carry_out(self, inner: Handler, request: Request) -> Response:
        request = _OfficeRequest(request)
        state = state_of(request)
        caller = await authorize(request, authenticate(request, state), self.operation.permission)
        document = await self._read(request)
        await require_own_tenant(
            request, document, caller=caller, permission=self.operation.permission
        )
        faults = [*self.parameters.faults(request), *(document.faults if document else ())]
        token = _attendance.set(_Attendance(faults=faults, document=document))
        try:
            return await self._work(inner, request, document, caller)
        except HeldByAnother as held:
            raise RequestInFlight from held
        except Denied as denied:
            await refuse_on_record(request, caller, self.operation.permission, denied)
        except Problem as problem:
            if self._is_telling(problem):
                await refuse_on_record(request, caller, self.operation.permission, problem)
            raise
        finally:
            _attendance.reset(token)

    async def _read(self, request: _OfficeRequest) -> JsonDocument | None:
        """Read the body and require it to be of a kind this operation reads."""
        require_readable_query(request)
        if request.method == "GET":
            return None
        if self.operation.spooled:
            return await self._spool(request)
        raw = await read_body(request, limit_bytes=self.operation.max_body_bytes)
        document: JsonDocument | None = None
        if raw and self.operation.has_body:
            require_media_type(request, accepted=self.operation.accepts)
            document = JsonDocument.read(raw) if self.operation.reads_json else None
        request.keep(raw, document)
        return document

    async def _spool(self, request: _OfficeRequest) -> None:
        """Take a large body in; for what follows, its digest stands for it."""
        limit = self.operation.max_body_bytes
        require_media_type(request, accepted=self.operation.accepts, codings=WITH_GZIP)
        require_length(request, limit_bytes=limit)
        request.state.spool = spool = await Spool.receive(request, limit_bytes=limit)
        request.keep(spool.digest, None)

    async def _work(
        self, inner: Handler, request: Request, document: JsonDocument | None, caller: Caller
    ) -> Response:
        """Open the one transaction, work in it, and commit by leaving it."""
        state = state_of(request)
        key = key_of(request) if self.operation.repeatable else None
        cipher = state.keyring.cipher(caller.tenancy.tenant_id)
        claim = claim_of(state.service, caller, key) if key is not None else None
        deadline = Deadline(request.scope, most=self.operation.seconds)
        opened = state.database.transaction(caller.tenancy, until=deadline.until, claim=claim)
        async with opened as tx:
            work = Work(
                service=state.service,
                caller=caller,
                transaction=tx,
                cipher=cipher,
                request_id=_request_id(),
            )
            request.state.work = work
            async with deadline:
                if key is None:
                    response = await self._answer(inner, request, work)
                else:
                    content = document.canonical if document else await request.body()
                    fingerprint = fingerprint_of(request, content, work)
                    repetition = Repetition(work, key=key, fingerprint=fingerprint)
                    response = await self._answer_once(inner, request, repetition, work)
                await tx.flush()
        return response

    async def _answer_once(
        self, inner: Handler, request: Request, repetition: Repetition, work: Work
    ) -> Response:
        replay = await repetition.earlier_answer()
        if replay is not None:
            await work.record(
                self.operation.permission.action,
                subjects=replay.subjects,
                detail={"replayed": True},
            )
            return replay.response
        response = await self._answer(inner, request, work)
        await repetition.keep(response)
        return response

    async def _answer(self, inner: Handler, request: Request, work: Work) -> Response:
        """Let the endpoint work, and see that it left its trail.

        Raises:
            InvalidInput: with every fault of parameters and body together.
            Unaudited: personal data was touched and no entry says so.
        """
        try:
            response = await drawn(await self._called(inner, request, work))
        except RequestValidationError as error:
            raise _refusal_of(error, _attendance.get().faults) from error
        if response.status_code >= _FIRST_REFUSAL:
            raise RuntimeError("A refusal is raised as a Problem; returned, it would be committed.")
        if self.operation.permission.personal and not work.trail.entries:
            raise Unaudited(self.operation.permission.action)
        version = getattr(_attendance.get().result, "version", None)
        if type(version) is int and "etag" not in response.headers:
            response.headers["ETag"] = etag(version)
        return response

    async def _called(self, inner: Handler, request: Request, work: Work) -> Response:
        """Call the endpoint as it was read beforehand, or let FastAPI find out what is wrong."""
        plan, attendance = self.plan, _attendance.get()
        if plan is None or attendance.faults:
            return await inner(request)
        try:
            arguments = await plan.arguments(request, work, attendance.document)
        except NotUnderstood:
            return await inner(request)
        attendance.result = await plan.endpoint(**arguments)
        return plan.written(attendance.result)

    def _is_telling(self, problem: Problem) -> bool:
        """Tell whether a refusal from within the work is a denial the trail must show.

        A 403 always is. A 404 is where personal data lies: somebody tried a number that is not
        theirs to know. Refusals of `judging` come before the work and are recorded there.
        """
        if problem.status == Forbidden.status:
            return True
        return problem.status == NotFound.status and self.operation.permission.personal


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """An endpoint and what was said about it, waiting to be mounted by its service."""

    method: str
    path: str
    tags: tuple[str, ...]
    endpoint: Callable[..., Awaitable[Any]]
    options: Options

    def mounted(self, base: str, *, service: str) -> OfficeRoute:
        """Return the route below `base`; its operationId is `<service>_<function>`."""
        name = self.endpoint.__name__
        operation = Operation.declared(
            self.method, self.options, reads_json=_body_of(self.endpoint) is not None
        )
        return OfficeRoute(
            base + addressed(self.path, self.endpoint),
            self.endpoint,
            operation=operation,
            name=name,
            operation_id=f"{service}_{name}",
            tags=list(self.tags),
            **route_arguments(self.options),
        )


class OfficeRouter:
    """The operations of one capability."""

    def __init__(self, *, prefix: str = "", tags: Sequence[str] = ()) -> None:
        self._prefix = prefix
        self._tags = tuple(tags)
        self.declarations: list[Declaration] = []

    def get(self, path: str, **options: Unpack[Options]) -> Callable[[Endpoint], Endpoint]:
        return self._declare("GET", path, options)

    def post(self, path: str, **options: Unpack[Options]) -> Callable[[Endpoint], Endpoint]:
        return self._declare("POST", path, options)

    def put(self, path: str, **options: Unpack[Options]) -> Callable[[Endpoint], Endpoint]:
        return self._declare("PUT", path, options)

    def patch(self, path: str, **options: Unpack[Options]) -> Callable[[Endpoint], Endpoint]:
        return self._declare("PATCH", path, options)

    def delete(self, path: str, **options: Unpack[Options]) -> Callable[[Endpoint], Endpoint]:
        return self._declare("DELETE", path, options)

    def _declare(self, method: str, path: str, options: Options) -> Callable[[Endpoint], Endpoint]:
        def declare(endpoint: Endpoint) -> Endpoint:
            self.declarations.append(
                Declaration(
                    method=method,
                    path=self._prefix + path,
                    tags=self._tags,
                    endpoint=endpoint,
                    options=options,
                )
            )
            return endpoint

        return declare


def _attended(endpoint: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Return the endpoint as FastAPI calls it: after all faults, with its body judged as JSON."""

    @functools.wraps(endpoint)
    async def attended(*args: Any, **kwargs: Any) -> Any:
        attendance = _attendance.get()
        if attendance.faults:
            raise refuse(attendance.faults)
        attendance.result = await endpoint(*args, **kwargs)
        return attendance.result

    signature = inspect.signature(endpoint, eval_str=True)
    body = _body_of(endpoint)
    parameters = [
        parameter.replace(annotation=from_document(parameter.annotation))
        if parameter.name == body
        else parameter
        for parameter in signature.parameters.values()
    ]
    vars(attended)["__signature__"] = signature.replace(parameters=parameters)
    return attended


def _body_of(endpoint: Callable[..., Any]) -> str | None:
    """Return the name of the parameter that is the JSON body: the one that is a `Wire`."""
    parameters: Mapping[str, inspect.Parameter] = inspect.signature(
        endpoint, eval_str=True
    ).parameters
    for parameter in parameters.values():
        if any(_is_wire(kind) for kind in _alternatives(parameter.annotation)):
            return parameter.name
    return None


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) in {Union, UnionType}:
        return get_args(annotation)
    return (annotation,)


def _is_wire(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Wire)


def _refusal_of(error: RequestValidationError, faults: Sequence[Fault]) -> Problem:
    if any(found.get("type") == "json_invalid" for found in error.errors()):
        return MalformedRequest(
            "The body is not JSON.", detail_ja="本文が正しい JSON ではありません。"
        )
    return refuse(faults, faults_of(error.errors()))


def _request_id() -> str:
    context = current_context()
    return context.request_id if context is not None else ""
