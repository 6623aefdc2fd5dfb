"""Which refusals an operation can give, and what each looks like, for the published description."""

from collections.abc import Iterator
from typing import Any

from foundation.problems import (
    Conflict,
    Forbidden,
    IdempotencyKeyMissing,
    IdempotencyKeyReused,
    InternalError,
    InvalidInput,
    MalformedRequest,
    NotFound,
    PayloadTooLarge,
    PreconditionFailed,
    PreconditionRequired,
    Problem,
    PurposeNotAllowed,
    PurposeRequired,
    RequestInFlight,
    ServiceUnavailable,
    TenantMismatch,
    TooManyRequests,
    Unauthenticated,
    UnsupportedMediaType,
)

from .operation import Operation

_ALWAYS = (
    MalformedRequest,
    Unauthenticated,
    Forbidden,
    TenantMismatch,
    PurposeNotAllowed,
    InvalidInput,
    TooManyRequests,
    InternalError,
    ServiceUnavailable,
)


def refusals_of(
    operation: Operation, *, conditional: bool, addressed: bool
) -> tuple[type[Problem], ...]:
    """Return every type of refusal, those of the operation itself first.

    `conditional`: it changes a named version. `addressed`: its address names one thing.
    """
    standing = _standing(operation, conditional=conditional, addressed=addressed)
    return tuple(dict.fromkeys((*operation.problems, *standing)))


def document_of() -> dict[str, Any]:
    """Return the JSON Schema every refusal meets (RFC 9457 §3)."""
    text = {"type": "string"}
    return {
        "type": "object",
        "title": "Problem",
        "required": ["type", "title", "status", "title_ja", "remedy", "remedy_ja", "instance"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": text,
            "title_ja": text,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": text,
            "detail_ja": text,
            "remedy": text,
            "remedy_ja": text,
            "instance": {"type": "string", "format": "uri"},
        },
    }


def schema_name(problem: type[Problem]) -> str:
    """Return the name of a type's schema, such as `PlatformNotFoundProblem`."""
    words = problem.slug.replace("/", "-").split("-")
    return "".join(word.capitalize() for word in words) + "Problem"


def schema_of(problem: type[Problem]) -> dict[str, Any]:
    """Return the JSON Schema of one type, its extensions included."""
    return {
        "title": schema_name(problem),
        "description": problem.title_ja,
        "allOf": [
            {"$ref": "#/components/schemas/Problem"},
            {
                "type": "object",
                "properties": {
                    "type": {"const": problem.type_uri()},
                    "status": {"const": int(problem.status)},
                    **problem.extension_schemas,
                },
            },
        ],
    }


def _standing(
    operation: Operation, *, conditional: bool, addressed: bool
) -> Iterator[type[Problem]]:
    yield from _ALWAYS
    if len(operation.permission.purposes) > 1:
        yield PurposeRequired
    if addressed:
        yield NotFound
    if operation.method != "GET":
        yield Conflict
        yield PayloadTooLarge
    if operation.has_body:
        yield UnsupportedMediaType
    if operation.repeatable:
        yield from (IdempotencyKeyMissing, IdempotencyKeyReused, RequestInFlight)
    if conditional:
        yield from (PreconditionRequired, PreconditionFailed)
