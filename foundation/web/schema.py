"""The published description of an interface: what may be asked, by whom, and every way to fail.

FastAPI describes the shapes. What the office adds is said here once for all operations: scopes,
permissions, the headers each request needs, and each refusal with its document as an example.
"""

from collections.abc import Iterator, Sequence
from typing import Any, cast

from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from foundation.problems import Problem

from .etags import ETAG_PATTERN, if_match
from .event_stream import MEDIA_TYPE as EVENT_STREAM
from .operation import Operation
from .refusals import refusals_of, responses_of, schema_name, schema_of
from .route import OfficeRoute

Json = dict[str, Any]

SECURITY_SCHEME = "tamaire"

_FASTAPIS_OWN = ("HTTPValidationError", "ValidationError")
_NO_NUL = "^[^\\u0000]*$"
_SAYS_ENOUGH = frozenset(
    {"pattern", "format", "enum", "const", "contentMediaType", "contentEncoding"}
)
_BOUNDS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
_LEAST_INTEGER, _GREATEST_INTEGER = -(2**63), 2**63 - 1


def describe(*, title: str, version: str, routes: Sequence[BaseRoute]) -> Json:
    """Return the OpenAPI 3.1 document of one service."""
    document = get_openapi(title=title, version=version, openapi_version="3.1.0", routes=routes)
    components: Json = document.setdefault("components", {})
    schemas: Json = components.setdefault("schemas", {})
    for name in _FASTAPIS_OWN:
        schemas.pop(name, None)
    _say_what_cannot_be_stored(document)
    leave_out_null(document)
    for schema in schemas.values():
        _say_what_is_absent(schema)
    used: dict[str, type[Problem]] = {}
    for route in routes:
        if isinstance(route, OfficeRoute):
            described: Json = document["paths"][route.path_format][route.operation.method.lower()]
            refusals = refusals_of(
                route.operation,
                conditional=_uses_if_match(route.dependant),
                addressed="{" in route.path_format,
            )
            used.update({problem.slug: problem for problem in refusals})
            _complete(described, route, refusals)
    schemas.update({schema_name(problem): schema_of(problem) for problem in used.values()})
    components["securitySchemes"] = {SECURITY_SCHEME: _security_scheme(routes)}
    return document


def leave_out_null(document: Json) -> None:
    """Describe a parameter that may be left out as what it is otherwise: none can be sent as null.

    FastAPI writes `anyOf: [text, null]`, as if the four letters had a meaning in a header.
    """
    for item in document["paths"].values():
        for operation in item.values():
            for parameter in operation.get("parameters", []):
                schema: Json = parameter["schema"]
                ways = [way for way in schema.get("anyOf", []) if way != {"type": "null"}]
                if len(ways) == 1:
                    del schema["anyOf"]
                    parameter["schema"] = {**ways[0], **schema}


def _complete(described: Json, route: OfficeRoute, refusals: Sequence[type[Problem]]) -> None:
    operation, act = route.operation, route.operation.permission
    described["security"] = [{SECURITY_SCHEME: [act.scope] if act.scope else []}]
    described["x-permission"] = act.action
    described["x-permission-ja"] = act.description_ja
    described["x-callers"] = sorted(act.kinds)
    described["x-roles"] = sorted(str(role) for role in act.roles)
    if act.without_role:
        described["x-without-role"] = True
    described["x-purposes"] = [str(purpose) for purpose in act.purposes]
    described["x-personal-data"] = act.personal
    if operation.retires is not None:
        described["x-sunset"] = operation.retires.sunset.isoformat()
    if act.clients:
        described["x-clients"] = sorted(act.clients)
    if act.in_person:
        described["x-in-person"] = True
    if act.own_officials:
        described["x-own-officials"] = True
    if act.assurance is not None:
        described["x-assurance"] = act.assurance.challenge
    parameters = [
        *described.get("parameters", []),
        *_headers_of(operation, conditional=_uses_if_match(route.dependant)),
    ]
    if parameters:
        described["parameters"] = parameters
    _describe_body(described, operation)
    _describe_success(described, route)
    described["responses"] |= responses_of(refusals)


def _headers_of(operation: Operation, *, conditional: bool) -> Iterator[Json]:
    purposes = [str(purpose) for purpose in operation.permission.purposes]
    yield _header(
        "Tamaire-Purpose",
        {"type": "string", "enum": purposes},
        "情報を利用する目的。目的が 1 つだけの操作では省略できる。",
    )
    if operation.repeatable:
        yield _header(
            "Idempotency-Key",
            {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
            "リクエストごとに新しい値。再送では同じ値を使う。",
            required=True,
        )
    if conditional:
        yield _header(
            "If-Match",
            {"type": "string", "pattern": ETAG_PATTERN, "examples": ['"1"']},
            "読み込んだときの ETag。",
            required=True,
        )


def _header(name: str, schema: Json, description: str, *, required: bool = False) -> Json:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "schema": schema,
        "description": description,
    }


def _describe_body(described: Json, operation: Operation) -> None:
    if operation.has_body and not operation.reads_json:
        shown = {} if operation.example is None else {"example": operation.example}
        described["requestBody"] = {
            "required": True,
            "content": {
                kind: {"schema": {"type": "string", "contentMediaType": kind}, **shown}
                for kind in operation.accepts
            },
        }
    if operation.has_body:
        described["x-max-body-bytes"] = operation.max_body_bytes


def _describe_success(described: Json, route: OfficeRoute) -> None:
    responses: Json = described["responses"]
    responses.pop("422", None)
    (status,) = responses
    success: Json = responses[status]
    success["description"] = "成功"
    headers: Json = {"X-Request-Id": {"schema": {"type": "string", "format": "uuid"}}}
    if "version" in getattr(route.response_model, "model_fields", {}):
        headers["ETag"] = {"schema": {"type": "string"}}
    if status == "201":
        headers["Location"] = {"schema": {"type": "string", "format": "uri-reference"}}
    if route.operation.repeatable:
        headers["Idempotency-Replayed"] = {"schema": {"const": "true"}}
    success["headers"] = headers
    if route.operation.produces is not None:
        kind = route.operation.produces
        success["content"] = {kind: {"schema": _text_of(kind)}}


def _text_of(kind: str) -> Json:
    """Return what comes in an answer that is no JSON; of events, what each of them is made of.

    OpenAPI 3.1 leaves open what `schema` means for events; who reads them takes it for each one
    (3.2 says so with `itemSchema`).
    """
    if kind != EVENT_STREAM:
        return {"type": "string", "contentMediaType": kind}
    field: Json = {"type": "string"}
    return {
        "type": "object",
        "required": ["data"],
        "properties": {"id": field, "event": field, "data": field},
    }


def _say_what_cannot_be_stored(node: Any) -> None:
    """Write into every text and whole number the limits that hold for all of them.

    A description that promised to take any text would be untrue: a NUL cannot be stored.
    """
    if isinstance(node, dict):
        schema = cast("Json", node)
        _bound(schema)
        for key in schema.keys() - {"example", "examples", "default"}:
            _say_what_cannot_be_stored(schema[key])
    elif isinstance(node, list):
        for value in cast("list[Any]", node):
            _say_what_cannot_be_stored(value)


def _say_what_is_absent(schema: Json) -> None:
    """Put back the nulls of an example: FastAPI leaves them out wherever they stand."""
    for example in schema.get("examples", []):
        if isinstance(example, dict):
            for name in set(schema.get("required", [])) - cast("Json", example).keys():
                if {"type": "null"} in schema["properties"][name].get("anyOf", []):
                    example[name] = None


def _bound(schema: Json) -> None:
    if schema.get("type") == "string" and not _SAYS_ENOUGH & schema.keys():
        schema["pattern"] = _NO_NUL
    if schema.get("type") == "integer" and not {"enum", "const"} & schema.keys():
        if "exclusiveMinimum" not in schema:
            schema.setdefault("minimum", _LEAST_INTEGER)
        if "exclusiveMaximum" not in schema:
            schema.setdefault("maximum", _GREATEST_INTEGER)
        for bound in _BOUNDS & schema.keys():
            schema[bound] = int(schema[bound])  # FastAPI writes 1.0, which some generators refuse


def _uses_if_match(dependant: Dependant) -> bool:
    return any(
        needed.call is if_match or _uses_if_match(needed) for needed in dependant.dependencies
    )


def _security_scheme(routes: Sequence[BaseRoute]) -> Json:
    scopes = {
        route.operation.permission.scope: route.operation.permission.scope
        for route in routes
        if isinstance(route, OfficeRoute) and route.operation.permission.scope
    }
    return {
        "type": "oauth2",
        "description": "住民・職員は認可コード + PKCE、事業者のシステムは private_key_jwt。",
        "flows": {
            "authorizationCode": {
                "authorizationUrl": "/oauth/authorize",
                "tokenUrl": "/oauth/token",
                "refreshUrl": "/oauth/token",
                "scopes": scopes,
            },
            "clientCredentials": {"tokenUrl": "/oauth/token", "scopes": scopes},
        },
    }
