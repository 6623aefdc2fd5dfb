"""What the door itself can refuse, said of every operation: whoever asks meets the door first.

A service does not know the door, so its description cannot tell; this is added when the parts are
put together.
"""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any, Final

from foundation.problems import (
    MEDIA_TYPE,
    InternalError,
    PayloadTooLarge,
    Problem,
    ServiceUnavailable,
)
from foundation.web.refusals import responses_of, schema_name, schema_of
from gateway.forwarding.problems import (
    AmbiguousRequest,
    ClientBusy,
    ExpectationRefused,
    HeadersTooLarge,
    LengthRequired,
    RequestTimeout,
    TenantBusy,
    UnknownPurpose,
    UnreadableTimeout,
    UpstreamFailed,
    UpstreamTimeout,
)
from gateway.memberships.problems import (
    MunicipalityLeaving,
    MunicipalityPaused,
    ServiceNotTakenPartIn,
)
from gateway.switches.problems import ServiceClosed, ServicePaused, ServiceReadOnly

from .deadlines import HEADER, MOST_MILLISECONDS

Document = dict[str, Any]
Refusals = tuple[type[Problem], ...]

_METHODS: Final = ("get", "put", "post", "delete", "patch")
_ALWAYS: Final[Refusals] = (AmbiguousRequest, ExpectationRefused, HeadersTooLarge)
_SENDING: Final[Refusals] = (RequestTimeout,)
_TO_A_SERVICE: Final[Refusals] = (
    MunicipalityLeaving,
    MunicipalityPaused,
    ServiceNotTakenPartIn,
    UnknownPurpose,
    UnreadableTimeout,
    ClientBusy,
    TenantBusy,
    UpstreamFailed,
    UpstreamTimeout,
    ServicePaused,
    ServiceClosed,
    ServiceReadOnly,
)
_TO_THE_DESK: Final[Refusals] = (InternalError, ServiceUnavailable)
_SENDING_TO_THE_DESK: Final[Refusals] = (LengthRequired, PayloadTooLarge)
_TIMEOUT: Final[Document] = {
    "name": HEADER.decode().title(),
    "in": "header",
    "required": False,
    "description": "応答を待つ時間(ミリ秒)。過ぎたら処理を取りやめて 504 を返す。",
    "schema": {
        "type": "integer",
        "minimum": 1,
        "maximum": MOST_MILLISECONDS,
        "examples": [MOST_MILLISECONDS],
    },
}
_RATE: Final[Document] = {
    "RateLimit-Policy": {
        "description": "自治体ごとの上限 (draft-ietf-httpapi-ratelimit-headers)。",
        "schema": {"type": "string", "examples": ['"tenant";q=400;w=2']},
    },
    "RateLimit": {
        "description": "残りの回数 r と、上限まで戻るまでの秒数 t。",
        "schema": {"type": "string", "examples": ['"tenant";r=399;t=1']},
    },
}


def seen_through_the_door(document: Document, paths: tuple[str, ...], *, is_desk: bool) -> Document:
    """Return a copy of a part's description in which its operations also tell the door's refusals.

    `paths` are the beginnings of the part's own addresses; `is_desk` says that it is the
    gateway's own desk, which nothing has to be forwarded to.
    """
    seen = deepcopy(document)
    used: set[type[Problem]] = set()
    for operation in _operations(seen, paths):
        refusals = _refusals_of(operation, is_desk=is_desk)
        used.update(refusals)
        _add(operation.setdefault("responses", {}), refusals)
        if not is_desk:
            _tell_the_rate(operation["responses"])
            operation["parameters"] = [*operation.get("parameters", []), _TIMEOUT]
    schemas = seen.setdefault("components", {}).setdefault("schemas", {})
    for problem in used:
        schemas.setdefault(schema_name(problem), schema_of(problem))
    return seen


def _operations(document: Document, paths: tuple[str, ...]) -> Iterator[Document]:
    for path, item in document.get("paths", {}).items():
        if path.startswith(paths):
            yield from (item[method] for method in _METHODS if method in item)


def _refusals_of(operation: Document, *, is_desk: bool) -> Sequence[type[Problem]]:
    sending = _SENDING if "requestBody" in operation else ()
    if not is_desk:
        return (*_ALWAYS, *sending, *_TO_A_SERVICE)
    return (*_ALWAYS, *sending, *(_SENDING_TO_THE_DESK if sending else ()), *_TO_THE_DESK)


def _add(responses: Document, refusals: Sequence[type[Problem]]) -> None:
    for status, response in responses_of(refusals).items():
        present = responses.get(status)
        responses[status] = response if present is None else _joined(present, response)


def _joined(present: Document, added: Document) -> Document:
    """Return one response for a status under which two kinds of refusal can come."""
    content: Document = present.get("content", {})
    if MEDIA_TYPE not in content:
        return {**present, "content": {**content, **added["content"]}}
    old, new = content[MEDIA_TYPE], added["content"][MEDIA_TYPE]
    schemas = [*_alternatives(old["schema"]), *_alternatives(new["schema"])]
    fresh = [schema for at, schema in enumerate(schemas) if schema not in schemas[:at]]
    return {
        "description": " / ".join(
            dict.fromkeys((present["description"] + " / " + added["description"]).split(" / "))
        ),
        "headers": {**added["headers"], **present.get("headers", {})},
        "content": {
            **content,
            MEDIA_TYPE: {
                "schema": fresh[0] if len(fresh) == 1 else {"anyOf": fresh},
                "examples": {**new["examples"], **old.get("examples", {})},
            },
        },
    }


def _alternatives(schema: Document) -> Sequence[Document]:
    return schema.get("anyOf", [schema])


def _tell_the_rate(responses: Document) -> None:
    for status, response in responses.items():
        if status.startswith("2") or status == "429":
            response["headers"] = {**response.get("headers", {}), **_RATE}
