"""Which refusals an operation can give, and what each looks like, for the published description."""

from collections.abc import Iterable, Iterator
from typing import Any

from foundation.problems import (
    MEDIA_TYPE,
    Conflict,
    DeadlineExceeded,
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
    StepUpRequired,
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
    DeadlineExceeded,
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
    """Return the JSON Schema of one type, its extensions included.

    Written out in full instead of built on the general one: some generators of clients cannot
    narrow a text to a constant.
    """
    general = document_of()
    return {
        **general,
        "title": schema_name(problem),
        "description": problem.title_ja,
        "properties": {
            **general["properties"],
            "type": {"type": "string", "const": problem.type_uri()},
            "status": {"type": "integer", "const": int(problem.status)},
            **problem.extension_schemas,
        },
    }


def responses_of(problems: Iterable[type[Problem]]) -> dict[str, dict[str, Any]]:
    """Return the `responses` of an operation: each status with the refusals that carry it."""
    by_status: dict[int, list[type[Problem]]] = {}
    for problem in problems:
        by_status.setdefault(int(problem.status), []).append(problem)
    return {str(status): _response_of(alike) for status, alike in sorted(by_status.items())}


def _response_of(problems: list[type[Problem]]) -> dict[str, Any]:
    schemas = [{"$ref": f"#/components/schemas/{schema_name(problem)}"} for problem in problems]
    return {
        "description": " / ".join(problem.title_ja for problem in problems),
        "headers": {
            name: {"schema": {"type": "string"}}
            for name in sorted({n for problem in problems for n in problem.standing_headers})
        },
        "content": {
            MEDIA_TYPE: {
                "schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas},
                "examples": {
                    problem.slug: {"summary": problem.title_ja, "value": _example(problem)}
                    for problem in problems
                },
            }
        },
    }


def _example(problem: type[Problem]) -> dict[str, Any]:
    instance = "urn:uuid:01890a5d-ac96-774b-bcce-b302099a8057"
    shown = dict(problem().document(instance=instance))
    if problem is StepUpRequired:
        shown |= {"acr_values": "aal3", "max_age": 300}
    for name, schema in problem.extension_schemas.items():
        if isinstance(examples := schema.get("examples"), list):
            shown[name] = examples[0]
    if "errors" in problem.extension_schemas and issubclass(problem, InvalidInput):
        shown["errors"] = [
            {
                "pointer": "/amount_yen",
                "detail": "It must be a whole number.",
                "detail_ja": "整数で指定してください。",
                "location": "body",
            }
        ]
    return shown


def _standing(
    operation: Operation, *, conditional: bool, addressed: bool
) -> Iterator[type[Problem]]:
    yield from _ALWAYS
    if operation.permission.assurance is not None:
        yield StepUpRequired
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
