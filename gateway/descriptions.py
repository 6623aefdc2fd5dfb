"""How the front desk's refusals appear in the published interface."""

from typing import Any

from foundation.problems import MEDIA_TYPE, Problem

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
