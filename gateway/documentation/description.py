"""The reading room's own entries in the published interface: the interface itself, and refusals."""

from typing import Any, Final

from foundation.problems import NotFound, ServiceUnavailable
from foundation.web.refusals import responses_of

Document = dict[str, Any]

_HTML: Final = {"text/html": {"schema": {"type": "string"}}}
_ENTRY: Final[Document] = {
    "type": "object",
    "required": ["type", "status", "title", "title_ja", "remedy", "remedy_ja"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "title": {"type": "string"},
        "title_ja": {"type": "string"},
        "remedy": {"type": "string", "description": "英語で、次にできること"},
        "remedy_ja": {"type": "string", "description": "日本語で、次にできること"},
    },
    "examples": [
        {
            "type": NotFound.type_uri(),
            "status": int(NotFound.status),
            "title": NotFound.title,
            "title_ja": NotFound.title_ja,
            "remedy": NotFound.remedy,
            "remedy_ja": NotFound.remedy_ja,
        }
    ],
}
_UNCHANGED: Final = {"304": {"description": "If-None-Match の版から変わっていない"}}
_SCHEMA: Final = {"$ref": "#/components/schemas/ProblemEntry"}

SCHEMAS: Final[Document] = {"ProblemEntry": _ENTRY}
PATHS: Final[Document] = {
    "/openapi.json": {
        "get": {
            "operationId": "platform_openapi",
            "tags": ["documentation"],
            "summary": "このAPIの記述 (OpenAPI 3.1)",
            "description": "The description of the whole house, as it stands now.",
            "responses": {
                "200": {
                    "description": "成功",
                    "headers": {"ETag": {"schema": {"type": "string"}}},
                    "content": {"application/json": {"schema": {"type": "object"}}},
                },
                **_UNCHANGED,
                **responses_of([ServiceUnavailable]),
            },
        }
    },
    "/problems": {
        "get": {
            "operationId": "platform_list_problems",
            "tags": ["documentation"],
            "summary": "お断りの一覧",
            "description": "Every type of refusal; JSON if asked for, otherwise a page to read.",
            "responses": {
                "200": {
                    "description": "成功",
                    "content": {
                        "application/json": {"schema": {"type": "array", "items": _SCHEMA}},
                        **_HTML,
                    },
                },
                **_UNCHANGED,
            },
        }
    },
    "/problems/{area}/{name}": {
        "get": {
            "operationId": "platform_read_problem",
            "tags": ["documentation"],
            "summary": "お断りの説明",
            "description": "What a refusal means and what to do about it; its `type` leads here.",
            "parameters": [
                {
                    "name": place,
                    "in": "path",
                    "required": True,
                    "schema": {"type": "string", "pattern": "^[a-z0-9-]+$"},
                    "example": shown,
                }
                for place, shown in (("area", "platform"), ("name", "not-found"))
            ],
            "responses": {
                "200": {
                    "description": "成功",
                    "content": {"application/json": {"schema": _SCHEMA}, **_HTML},
                },
                **_UNCHANGED,
                **responses_of([NotFound, ServiceUnavailable]),
            },
        }
    },
}
