"""Every document of the service is described by an example that is itself valid."""

import json
from collections.abc import Iterator
from typing import Any, cast

import pytest

import services.benefits.app
from foundation.web import Listing, Wire

HERE = services.benefits.app.__package__ or ""
PARTS = {"StandingRead"}
"""Shown only inside the example of a larger document."""


def documents(kind: type[Wire] = Wire) -> Iterator[type[Wire]]:
    for document in kind.__subclasses__():
        if issubclass(document, Listing):
            continue
        if document.__module__.startswith(HERE):
            yield document
        yield from documents(document)


def by_name() -> dict[str, type[Wire]]:
    return {document.__name__: document for document in documents()}


@pytest.mark.parametrize("name", sorted(by_name().keys() - PARTS))
def test_example_is_there_and_valid(name: str) -> None:
    document = by_name()[name]
    schema: dict[str, Any] = document.model_json_schema()
    examples = cast("list[Any]", schema.get("examples", []))
    assert examples
    for example in examples:
        document.model_validate_json(json.dumps(example))
