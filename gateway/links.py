"""How one answer leads to the next request (OpenAPI 3.1 §4.8.20): what was made can be asked for.

Worked out from the addresses: whoever adds `/things` and `/things/{thing_id}` gets the link between
them without writing it down.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

Document = dict[str, Any]
Place = tuple[str, Document, str]
"""An address, an operation there, and its method."""

_METHODS: Final = ("get", "put", "post", "delete", "patch")
_PARAMETER: Final = re.compile(r"\{([a-z_]+)\}")
_SCHEMAS: Final = "#/components/schemas/"
_MEDIA_TYPE: Final = "application/json"


def add_links(paths: Document, schemas: Document) -> None:
    """Give each answer that names something the requests that can be made about it."""
    places = [
        (path, item[method], method)
        for path, item in paths.items()
        for method in _METHODS
        if method in item
    ]
    for path, operation, _ in places:
        for status, response in operation.get("responses", {}).items():
            if status.startswith("2"):
                named = dict(_named(path, response, schemas, places))
                links = {
                    target["operationId"]: {
                        "operationId": target["operationId"],
                        "parameters": parameters,
                    }
                    for target, parameters in _leads_to(path, named, places)
                    if target is not operation
                }
                if links:
                    response["links"] = links


def _leads_to(
    path: str, named: Mapping[str, str], places: Sequence[Place]
) -> Iterator[tuple[Document, dict[str, str]]]:
    """Yield the operations whose address is complete after this answer, with what completes it.

    `named`: path parameters, each with the expression that finds it in the answer. What the answer
    is about leads to everything that can be done with it; what it only mentions, to reading that.
    """
    here = _PARAMETER.findall(path)
    given = {name: f"$request.path.{name}" for name in here} | dict(named)
    subject = _parameter_below(path, places) or (here[-1] if here else "")
    for place, target, method in places:
        needed = _PARAMETER.findall(place)
        if not needed or not set(needed) <= given.keys():
            continue
        is_reading = method == "get" and place.endswith(f"{{{needed[-1]}}}")
        if subject in needed or (is_reading and needed[-1] in named):
            yield target, {name: given[name] for name in needed}


def _named(
    path: str, response: Document, schemas: Document, places: Sequence[Place]
) -> Iterator[tuple[str, str]]:
    """Yield each path parameter that the answer, or the first entry of its list, names."""
    content = response.get("content", {}).get(_MEDIA_TYPE, {})
    properties = _properties(content.get("schema", {}), schemas)
    entries = _properties(properties.get("items", {}).get("items", {}), schemas)
    for start, members in (("", properties), ("/items/0", entries)):
        for member in members:
            name = _parameter_below(path, places) if member == "id" else member
            if name.endswith("_id"):
                yield name, f"$response.body#{start}/{member}"


def _properties(schema: Document, schemas: Document) -> Document:
    name = str(schema.get("$ref", "")).removeprefix(_SCHEMAS)
    return schemas.get(name, schema).get("properties", {})


def _parameter_below(path: str, places: Sequence[Place]) -> str:
    """Return the parameter that names one of what is at this address; nothing if there is none."""
    if path.endswith("}"):
        return _PARAMETER.findall(path)[-1]
    below = (place for place, *_ in places if place.startswith(f"{path}/{{"))
    return next((_PARAMETER.findall(place.removeprefix(path))[0] for place in below), "")
