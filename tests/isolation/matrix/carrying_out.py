"""Carrying out the cells against running services, and saying what was wrong with each answer."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from typing_extensions import override

from tests.isolation.matrix.canaries import Signs
from tests.isolation.matrix.cells import Asked, Cell, Right
from tests.isolation.matrix.papers import Papers

_AT_ONCE = 6
_ALLOWED: Mapping[Right, frozenset[int]] = {
    Right.DONE: frozenset({200, 201, 204, 403, 404, 409, 412}),
    Right.CLOSED: frozenset({200, 201, 400, 404, 409, 412, 422}),
    Right.HIDDEN: frozenset({404}),
    Right.FORBIDDEN: frozenset({403}),
    Right.MISMATCH: frozenset({403}),
    Right.UNBELIEVED: frozenset({401}),
}
_MISMATCH = "/problems/platform/tenant-mismatch"
_OF_THIS_REQUEST = ("instance",)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be: an answer other than the right one."""

    cell: Cell
    what: str

    @override
    def __str__(self) -> str:
        return f"{self.cell}: {self.what}"


class Leak(Finding):
    """The worst of them: something of the other town was seen."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for a cell."""

    cell: Cell
    status: int
    request_id: str


class Counter:
    """Where one carries out cells: the services, and the papers of their callers."""

    def __init__(
        self, clients: Mapping[str, httpx.AsyncClient], papers: Mapping[str, Papers]
    ) -> None:
        self._clients = clients
        self._papers = papers
        self.answers: list[Answer] = []

    async def carry_out(self, cells: Iterable[Cell], other: Signs) -> list[Finding]:
        """Ask each cell, several at a time; return what is wrong, leaks of `other` above all."""
        findings: list[Finding] = []
        waiting = iter(cells)

        async def one_by_one() -> None:
            for cell in waiting:
                findings.extend(await self._findings(cell, other))

        async with asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                group.create_task(one_by_one())
        return findings

    async def _findings(self, cell: Cell, other: Signs) -> list[Finding]:
        answer = await self._ask(cell, cell.asked)
        self.answers.append(Answer(cell, answer.status_code, answer.headers["x-request-id"]))
        findings: list[Finding] = [
            Leak(cell, f"shows {sign}") for sign in other.found_in(_all_of(answer))
        ]
        if wrong := _wrong_with(cell, answer):
            findings.append(Finding(cell, wrong))
        if cell.twin is not None and cell.right is Right.HIDDEN:
            twin = await self._ask(cell, cell.twin)
            if _comparable(twin) != _comparable(answer):
                findings.append(Leak(cell, "is told apart from what does not exist"))
        return findings

    async def _ask(self, cell: Cell, asked: Asked) -> httpx.Response:
        operation = cell.operation
        papers = self._papers[operation.service]
        if cell.right is Right.UNBELIEVED:
            shown = papers.false[cell.probe](cell.caller)
        else:
            shown = papers.true(cell.caller)
        key = {"Idempotency-Key": cell.key} if operation.needs_key else {}
        http = self._clients[operation.service]
        return await http.request(
            operation.method,
            operation.address(asked.path),
            params=asked.query,
            json=asked.json,
            content=asked.content,
            headers={**asked.headers, **shown, **key},
        )


def _all_of(answer: httpx.Response) -> bytes:
    """Return status line, headers and body as one text to look through."""
    head = [b"%d" % answer.status_code, *(b"%s: %s" % pair for pair in answer.headers.raw)]
    return b"\n".join([*head, b"", answer.content])


def _wrong_with(cell: Cell, answer: httpx.Response) -> str | None:
    if answer.status_code not in _ALLOWED[cell.right]:
        return f"{answer.status_code} instead of {cell.right.value}: {answer.text[:200]}"
    if cell.right in {Right.MISMATCH, Right.FORBIDDEN}:
        is_mismatch = answer.json()["type"] == _MISMATCH
        if is_mismatch is not (cell.right is Right.MISMATCH):
            return f"refused for another reason than {cell.right.value}"
    return None


def _comparable(answer: httpx.Response) -> tuple[int, list[str], Any]:
    """Return what of an answer does not depend on which request it is."""
    document: Any = answer.content
    if "json" in answer.headers.get("content-type", ""):
        document = json.loads(answer.content)
        for name in _OF_THIS_REQUEST:
            document.pop(name, None)
    return answer.status_code, sorted(answer.headers), document
