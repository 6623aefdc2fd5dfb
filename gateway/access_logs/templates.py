"""From an address to the operation it stands for, so that no log ever quotes an address."""

from collections.abc import Mapping
from typing import Any, Final

from .domain import UNKNOWN

_METHODS: Final = frozenset({"get", "put", "post", "delete", "patch"})


class _Node:
    """One segment of the addresses known: what may follow it, and what it is as the last."""

    __slots__ = ("anything", "named", "operations")

    def __init__(self) -> None:
        self.named: dict[bytes, _Node] = {}
        self.anything: _Node | None = None
        self.operations: dict[bytes, str] = {}

    def find(self, segments: list[bytes], place: int) -> "_Node | None":
        """Return the node where a path ends; a segment that is named goes before any."""
        if place == len(segments):
            return self if self.operations else None
        named = self.named.get(segments[place])
        found = None if named is None else named.find(segments, place + 1)
        if found is None and self.anything is not None and segments[place]:
            found = self.anything.find(segments, place + 1)
        return found


class Templates:
    """Every operation of the published interface, by its address."""

    def __init__(self, paths: Mapping[str, Mapping[str, Any]]) -> None:
        """Read the `paths` of an OpenAPI document."""
        self._root = _Node()
        for path, methods in paths.items():
            node = self._root
            for segment in path.encode().split(b"/")[1:]:
                node = _below(node, segment)
            for method, described in methods.items():
                if method in _METHODS:
                    node.operations[method.upper().encode()] = str(described["operationId"])
            if b"GET" in node.operations:
                node.operations.setdefault(b"HEAD", node.operations[b"GET"])

    def operation_of(self, method: bytes, target: bytes) -> str:
        """Return the operation, or `unknown`; the query is not looked at."""
        path = target.partition(b"?")[0]
        found = self._root.find(path.split(b"/")[1:], 0)
        return UNKNOWN if found is None else found.operations.get(method, UNKNOWN)


def _below(node: _Node, segment: bytes) -> _Node:
    if segment.startswith(b"{") and segment.endswith(b"}"):
        if node.anything is None:
            node.anything = _Node()
        return node.anything
    return node.named.setdefault(segment, _Node())
