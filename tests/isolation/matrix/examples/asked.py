"""One correct request of an operation, written so that each thing in it can be another town's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.isolation.matrix.towns import Town


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is put into an operation's address, headers and body."""

    path: Mapping[str, str] = field(default_factory=dict[str, str])
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    json: Mapping[str, Any] | None = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


Thing = Callable[[str], str]
"""Gives a thing by its name: one's own, or in a foreign cell another town's."""

Example = Callable[[Thing, Town], Asked]
"""The second argument is always the caller's own town: for words, never for identifiers."""


def plain(of: Thing, own: Town) -> Asked:
    """Ask for what needs nothing but oneself."""
    del of, own
    return Asked()


def at(parameter: str, thing: str, **rest: Any) -> Example:
    """Ask about one thing of the address."""

    def example(of: Thing, own: Town) -> Asked:
        del own
        return Asked(path={parameter: of(thing)}, **rest)

    return example


def page_after(cursor: str, **path: str) -> Example:
    """Ask for the page after a cursor; the path, as parameter = thing, stays one's own."""

    def example(of: Thing, own: Town) -> Asked:
        mine = {parameter: own.things[thing] for parameter, thing in path.items()}
        return Asked(path=mine, query={"cursor": of(cursor)})

    return example


def if_match(version: str) -> dict[str, str]:
    """Return the header that names the version one has seen."""
    return {"If-Match": f'"{version}"'}
