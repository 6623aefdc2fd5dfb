"""An endpoint called without asking the framework anew what its signature says.

What an endpoint wants is read once, when its service is put together. A request whose every value
is valid is then served by this reading alone. Where a value is not valid, or an endpoint wants
something that is not understood here, FastAPI is asked as before and says what is wrong; so nothing
is described, accepted or refused otherwise than it is without this module.
"""

import inspect
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Annotated, Any, Final, Protocol, get_args, get_origin

from fastapi.params import Depends, Path, Query
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from foundation.work import Work

from .dependencies import current_work, raw_body, spooled_body
from .documents import JsonDocument
from .etags import if_match

_ABSENT: Final = inspect.Parameter.empty
_ASKED: Final[Mapping[Any, Callable[[Request], Awaitable[Any]]]] = {
    if_match: if_match,
    raw_body: raw_body,
    spooled_body: spooled_body,
}
_WITHOUT_CONTENT: Final = frozenset({204, 205})
_MEDIA_TYPE: Final = "application/json"
_STACKS: Final = ("fastapi_middleware_astack", "fastapi_inner_astack", "fastapi_function_astack")

Endpoint = Callable[..., Awaitable[Any]]


class NotUnderstood(Exception):
    """A value that FastAPI is to judge; nothing has been done yet."""


@dataclass(frozen=True, slots=True)
class _Value:
    """One parameter of an address: where it stands, what it must be, and what it is if absent."""

    name: str
    adapter: TypeAdapter[Any]
    default: Any
    is_repeated: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """How one endpoint is called, and how what it returns is written."""

    endpoint: Endpoint
    works: tuple[str, ...]
    asked: Mapping[str, Callable[[Request], Awaitable[Any]]]
    path: tuple[_Value, ...]
    query: tuple[_Value, ...]
    body: tuple[str, TypeAdapter[Any]] | None
    answer: TypeAdapter[Any]
    answer_type: type[Any] | None
    status_code: int

    @classmethod
    def of(
        cls, endpoint: Endpoint, *, path: Iterable[str], body: str | None, status_code: int | None
    ) -> "Plan | None":
        """Read a signature; None where it wants something that is not understood here."""
        signature = inspect.signature(endpoint, eval_str=True)
        in_path, works = frozenset(path), list[str]()
        asked: dict[str, Callable[[Request], Awaitable[Any]]] = {}
        of_path, of_query = list[_Value](), list[_Value]()
        document: tuple[str, TypeAdapter[Any]] | None = None
        for parameter in signature.parameters.values():
            dependency = _dependency_of(parameter.annotation)
            if dependency is current_work:
                works.append(parameter.name)
            elif dependency in _ASKED:
                asked[parameter.name] = _ASKED[dependency]
            elif parameter.name == body:
                document = parameter.name, TypeAdapter(parameter.annotation)
            elif dependency is not None or not _is_plain(parameter):
                return None
            else:
                values = of_path if parameter.name in in_path else of_query
                values.append(_value_of(parameter))
        answer = signature.return_annotation
        if answer is _ABSENT or any(_is_response(kind) for kind in (answer, *get_args(answer))):
            return None
        return cls(
            endpoint=endpoint,
            works=tuple(works),
            asked=asked,
            path=tuple(of_path),
            query=tuple(of_query),
            body=document,
            answer=TypeAdapter(answer),
            answer_type=answer if isinstance(answer, type) else None,
            status_code=status_code or 200,
        )

    async def arguments(
        self, request: Request, work: Work, document: JsonDocument | None
    ) -> dict[str, Any]:
        """Return what the endpoint is called with.

        Raises:
            NotUnderstood: something is missing or not valid; FastAPI will say what.
            Problem: a dependency refused.
        """
        given: dict[str, Any] = dict.fromkeys(self.works, work)
        try:
            for one in self.path:
                given[one.name] = one.adapter.validate_python(request.path_params[one.name])
            if self.query:
                self._read_query(request, given)
            if self.body is not None:
                if document is None:
                    raise NotUnderstood
                name, adapter = self.body
                given[name] = adapter.validate_json(document.canonical)
        except (ValidationError, KeyError) as error:
            raise NotUnderstood from error
        for name, dependency in self.asked.items():
            given[name] = await dependency(request)
        return given

    def _read_query(self, request: Request, given: dict[str, Any]) -> None:
        found = request.query_params if request.scope["query_string"] else None
        for one in self.query:
            if found is None or one.name not in found:
                if one.default is _ABSENT:
                    raise NotUnderstood
                given[one.name] = one.default
            else:
                value: Any = found.getlist(one.name) if one.is_repeated else found[one.name]
                given[one.name] = one.adapter.validate_python(value)

    def written(self, result: Any) -> Response:
        """Return the answer in bytes, written once.

        Raises:
            ValidationError, PydanticSerializationError: the endpoint returned something else than
                it promised: our mistake.
        """
        if isinstance(result, Response):
            return result
        if self.status_code in _WITHOUT_CONTENT:
            return Response(status_code=self.status_code)
        if self.answer_type is None or not isinstance(result, self.answer_type):
            result = self.answer.validate_python(result, from_attributes=True)
        content = self.answer.dump_json(result, by_alias=True, warnings="error")
        return Response(content, self.status_code, media_type=_MEDIA_TYPE)


class DirectRoute(Protocol):
    """A route that can be served without the framework's own way to it."""

    @property
    def path(self) -> str: ...
    @property
    def path_regex(self) -> re.Pattern[str]: ...
    @property
    def param_convertors(self) -> Mapping[str, Any]: ...
    @property
    def plan(self) -> Plan | None: ...
    @property
    def verb(self) -> str: ...

    async def answer(self, request: Request) -> Response:
        """Serve a request whose scope says which route was reached."""
        ...


class Directory:
    """Leads a request straight to its route; whatever has none goes on to the framework."""

    def __init__(self, app: ASGIApp, *, routes: Sequence[DirectRoute]) -> None:
        self._app = app
        self._routes = routes
        self._fixed: dict[tuple[str, str], DirectRoute] | None = None
        self._open: list[DirectRoute] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._found(scope) if scope["type"] == "http" else None
        if route is None:
            await self._app(scope, receive, send)
            return
        response = await route.answer(Request(scope, receive, send))
        await response(scope, receive, send)

    def _found(self, scope: Scope) -> DirectRoute | None:
        """Return the route that the framework would find, and note in the scope what it would."""
        fixed = self._fixed if self._fixed is not None else self._index()
        verb, path = scope["method"], scope["path"]
        route = fixed.get((verb, path))
        parameters: dict[str, Any] = {}
        if route is None:
            for candidate in self._open:
                match = candidate.path_regex.match(path) if candidate.verb == verb else None
                if match is not None:
                    convertors = candidate.param_convertors
                    parameters = {
                        name: convertors[name].convert(text)
                        for name, text in match.groupdict().items()
                    }
                    route = candidate
                    break
        if route is None or route.plan is None:
            return None
        scope["path_params"], scope["route"] = parameters, route
        scope["endpoint"] = route.plan.endpoint
        return route

    def _index(self) -> dict[tuple[str, str], DirectRoute]:
        """Sort the routes, in their order, once all of them are known."""
        self._open = [route for route in self._routes if route.param_convertors]
        fixed = {
            (route.verb, route.path): route for route in self._routes if route not in self._open
        }
        self._fixed = fixed
        return fixed


async def ask_framework(
    handler: Callable[[Request], Awaitable[Response]], request: Request
) -> Response:
    """Let FastAPI serve a request that reached its route by the short way."""
    if all(name in request.scope for name in _STACKS):
        return await handler(request)
    async with AsyncExitStack() as stack:
        for name in _STACKS:
            request.scope.setdefault(name, stack)
        return await handler(request)


def _dependency_of(annotation: Any) -> Any:
    for note in getattr(annotation, "__metadata__", ()):
        if isinstance(note, Depends):
            return note.dependency
    return None


def _is_response(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Response)


def _is_plain(parameter: inspect.Parameter) -> bool:
    """Whether a parameter is one value, or a list of them, under its own name in the address."""
    annotation = parameter.annotation
    for note in getattr(annotation, "__metadata__", ()):
        if type(note) not in (Query, Path) or note.alias is not None:
            return False
    default = parameter.default
    kind = annotation.__origin__ if hasattr(annotation, "__metadata__") else annotation
    return not isinstance(default, (Query, Path, Depends)) and not (
        isinstance(kind, type) and issubclass(kind, (BaseModel, Request, Response))
    )


def _value_of(parameter: inspect.Parameter) -> _Value:
    adapter: TypeAdapter[Any] = TypeAdapter(parameter.annotation)
    return _Value(parameter.name, adapter, parameter.default, _is_list(parameter.annotation))


def _is_list(annotation: Any) -> bool:
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    kinds = [annotation, *get_args(annotation)]
    return any((get_origin(kind) or kind) in {list, tuple, set, frozenset} for kind in kinds)
