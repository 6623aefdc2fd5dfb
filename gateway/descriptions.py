"""How the front desk's operations appear in the published interface, beyond their shapes."""

from collections.abc import Sequence
from typing import Any

from foundation.authorization import Permission
from foundation.problems import MEDIA_TYPE, Problem

_FORM = "application/x-www-form-urlencoded"
_MUNICIPALITY: dict[str, Any] = {
    "name": "Tamaire-Municipality",
    "in": "header",
    "required": False,
    "description": "自治体の 6 桁コード。自治体専用のアドレスを使う場合は不要。",
    "schema": {"type": "string", "pattern": "^[0-9]{6}$"},
}
_OAUTH_ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "string"}, "error_description": {"type": "string"}},
}

_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
    },
}


def refusals(*problems: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of an operation: each status with the problems it can carry."""
    found: dict[int | str, dict[str, Any]] = {}
    for problem in problems:
        entry = found.setdefault(
            int(problem.status),
            {"description": "", "content": {MEDIA_TYPE: {"schema": _SCHEMA, "examples": {}}}},
        )
        entry["description"] = " / ".join(filter(None, (entry["description"], problem.title)))
        entry["content"][MEDIA_TYPE]["examples"][problem.slug] = {
            "value": {
                "type": f"/problems/{problem.slug}",
                "title": problem.title,
                "status": int(problem.status),
            }
        }
    return found


def for_callers(act: Permission | None = None) -> dict[str, Any]:
    """Return what an operation adds that only a signed-in caller may use."""
    if act is None:
        return {"security": [{"tamaire": []}]}
    return {
        "security": [{"tamaire": [act.scope]}],
        "x-permission": act.action,
        "x-permission-ja": act.description_ja,
        "x-callers": sorted(act.kinds),
        "x-roles": sorted(str(role) for role in act.roles),
        "x-purposes": [str(purpose) for purpose in act.purposes],
        "x-personal-data": act.personal,
    }


def with_query(required: Sequence[str], optional: Sequence[str] = ()) -> dict[str, Any]:
    """Return the parameters of a step of a sign-in."""
    return {
        "parameters": [
            *(
                {"name": name, "in": "query", "required": here, "schema": {"type": "string"}}
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
        "properties": {name: {"type": "string"} for name in (*required, *optional)},
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
