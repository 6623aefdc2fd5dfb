"""How the front desk's operations appear in the published interface, beyond their shapes."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, cast

from foundation.problems import CATALOGUE, Problem
from foundation.web.refusals import responses_of, schema_name, schema_of
from foundation.web.schema import leave_out_null
from gateway.documentation import description as reading_room

_FORM = "application/x-www-form-urlencoded"
_FASTAPIS_OWN = ("HTTPValidationError", "ValidationError")
_PROBLEM = re.compile(r"#/components/schemas/([A-Za-z0-9]+Problem)")
_MUNICIPALITY: dict[str, Any] = {
    "name": "Tamaire-Municipality",
    "in": "header",
    "required": False,
    "description": "自治体の 6 桁コード。自治体専用のアドレスを使う場合は不要。",
    "schema": {"type": "string", "pattern": "^[0-9]{6}$", "examples": ["012084"]},
}
_SHAPES: dict[str, dict[str, Any]] = {
    "response_type": {"enum": ["code"]},
    "code_challenge_method": {"enum": ["S256"]},
    "code_challenge": {"pattern": "^[A-Za-z0-9_-]{43}$"},
    "identity_provider": {
        "type": "string",
        "description": "resident・official・business、または職員の認証基盤の id",
        "examples": ["official"],
    },
    "state": {"pattern": "^[ -~]{1,512}$"},
    "nonce": {"pattern": "^[ -~]{1,512}$"},
    "redirect_uri": {"format": "uri"},
    "request_uri": {"pattern": "^urn:ietf:params:oauth:request_uri:[0-9]{6}\\.[A-Za-z0-9_-]{43}$"},
    "dpop_jkt": {"pattern": "^[A-Za-z0-9_-]{43}$"},
    "grant_type": {
        "examples": ["authorization_code", "refresh_token", "client_credentials"],
        "pattern": "^[!-~]{1,255}$",
    },
    "client_assertion_type": {"enum": ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"]},
    "token_type_hint": {"enum": ["access_token", "refresh_token"]},
}
"""What is known of a parameter of OAuth beyond its being a text."""
_OAUTH_ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {"type": "string", "examples": ["invalid_request"]},
        "error_description": {"type": "string"},
    },
}


def refusals(*problems: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of an operation: each status with the problems it can carry."""
    return {**responses_of(problems)}


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """Complete what FastAPI wrote: the shapes of refusals are added, its own are taken away.

    FastAPI promises a 422 in its own form wherever there is a parameter; our refusals have one
    form, and an operation that can refuse a value says so itself.
    """
    schemas: dict[str, Any] = document.setdefault("components", {}).setdefault("schemas", {})
    for name in _FASTAPIS_OWN:
        schemas.pop(name, None)
    schemas |= reading_room.SCHEMAS
    document["paths"] |= reading_room.PATHS
    for operation in _operations(document):
        if "HTTPValidationError" in str(operation["responses"].get("422")):
            del operation["responses"]["422"]
    leave_out_null(document)
    known = {schema_name(problem): problem for problem in CATALOGUE.values()}
    for name in sorted(set(_PROBLEM.findall(str(document["paths"])))):
        schemas[name] = schema_of(known[name])
    return document


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in document["paths"].values():
        yield from cast("dict[str, dict[str, Any]]", item).values()


def with_query(required: Sequence[str], optional: Sequence[str] = ()) -> dict[str, Any]:
    """Return the parameters of a step of a sign-in."""
    return {
        "parameters": [
            *(
                {"name": name, "in": "query", "required": here, "schema": _shape(name)}
                for names, here in ((required, True), (optional, False))
                for name in names
            ),
            _MUNICIPALITY,
        ]
    }


def with_form(required: Sequence[str], optional: Sequence[str]) -> dict[str, Any]:
    """Return the form of an OAuth endpoint and the shape of its refusals (RFC 6749 §5.2)."""
    schema = {
        "type": "object",
        "required": list(required),
        "properties": {
            **{name: _shape(name) | {"minLength": 1} for name in required},
            **{name: _shape(name) for name in optional},
        },
        "additionalProperties": {"type": "string"},
    }
    refusal = {"content": {"application/json": {"schema": _OAUTH_ERROR}}}
    return {
        "parameters": [_MUNICIPALITY],
        "requestBody": {"required": True, "content": {_FORM: {"schema": schema}}},
        "responses": {
            "400": {"description": "The request, grant or scope is refused.", **refusal},
            "401": {"description": "The client is not proven.", **refusal},
            "503": {"description": "Try again in a moment.", **refusal},
        },
    }


def _shape(name: str) -> dict[str, Any]:
    return {"type": "string", **_SHAPES.get(name, {"pattern": "^[^\\u0000]*$"})}
