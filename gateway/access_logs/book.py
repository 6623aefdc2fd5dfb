"""The book at the door: a request is noted by an append, and written down a moment later.

What cannot be written in time is not kept back for ever: the book has a last page. How many lines
were lost is counted for each municipality and written into its log as a gap.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple, Protocol

from prometheus_client import CollectorRegistry, Counter as Figure

from foundation import clock
from foundation.database import Database, DatabaseProblem
from foundation.identity import Caller, Official, Principal
from foundation.problems import Problem
from foundation.telemetry import logger
from foundation.tenancy import Tenancy

from .domain import UNKNOWN, network_of
from .repository import AccessLog, Lines
from .templates import Templates

_WRITE_SECONDS: Final = 1.0
_MOST_LINES: Final = 50_000
_AT_ONCE: Final = 500
"""So many lines hold up the requests of the moment by less than a millisecond."""
_log = logger(__name__)


class Noted(NamedTuple):
    """One request as the hot path leaves it; nothing of it is computed there.

    `request_id` is the text of a UUID of version 7, `peer` the address of the other end.
    """

    caller: Caller
    service: str
    method: bytes
    target: bytes
    status: int
    seconds: float
    received_bytes: int
    sent_bytes: int
    request_id: str
    peer: str
    refusal: str = ""


_Common = tuple[str, str, str, str, str, str, str]


class Publication(Protocol):
    """The published interface, as far as the book reads it."""

    @property
    def document(self) -> Mapping[str, Any]:
        """The OpenAPI document."""
        ...


Interface = Callable[[], Awaitable[Publication]]
"""Returns the published interface as it is known now."""


class AccessBook:
    """Takes notes, and writes them into each municipality's own log once a second."""

    def __init__(self, database: Database, *, most_lines: int = _MOST_LINES) -> None:
        self._database = database
        self._interface: Interface | None = None
        self._published: Publication | None = None
        self._templates = Templates({})
        self._most_lines = most_lines
        self._noted: list[Noted] = []
        self._lost: Counter[Tenancy] = Counter()
        self._unreported = 0
        self._task: asyncio.Task[None] | None = None
        self._figure: Figure | None = None

    def follow(self, interface: Interface) -> None:
        """Name operations as this interface does; without one, none has a name."""
        self._interface = interface

    def count_in(self, registry: CollectorRegistry) -> None:
        """Show in the process's figures how many lines were lost."""
        self._figure = Figure(
            "tamaire_access_log_lost", "Requests that were not written down.", registry=registry
        )

    def note(self, noted: Noted) -> None:
        """Note a request; costs an append."""
        if len(self._noted) < self._most_lines:
            self._noted.append(noted)
        else:
            self._lose(noted.caller.tenancy, 1)

    async def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.create_task(self._keep_writing())

    async def stop(self) -> None:
        """Write what is left, and end."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self.write()

    async def write(self) -> None:
        """Write down everything noted so far; a municipality's lines together, or none of them."""
        noted, self._noted = self._noted, []
        lost, self._lost = self._lost, Counter()
        if self._figure is not None:
            self._figure.inc(self._unreported)
            self._unreported = 0
        if not noted and not lost:
            return
        templates = await self._current()
        by_tenant: defaultdict[int, list[Noted]] = defaultdict(list)
        for one in noted:
            by_tenant[one.caller.tenancy.tenant_id].append(one)
        tenancies = {lines[0].caller.tenancy for lines in by_tenant.values()} | lost.keys()
        for tenancy in tenancies:
            lines = by_tenant.pop(tenancy.tenant_id, [])
            await self._write(tenancy, lines, lost[tenancy], templates)

    async def _write(
        self, tenancy: Tenancy, noted: list[Noted], lost: int, templates: Templates
    ) -> None:
        try:
            async with self._database.transaction(tenancy) as tx:
                log = AccessLog(tx)
                for start in range(0, len(noted), _AT_ONCE):
                    await log.add(lines_of(noted[start : start + _AT_ONCE], templates))
                if lost:
                    await log.add_gap(lost, at=clock.now())
        except DatabaseProblem as problem:
            _log.warning("access log not written", problem=type(problem).__name__, lines=len(noted))
            self._put_back(tenancy, noted, lost)

    def _put_back(self, tenancy: Tenancy, noted: list[Noted], lost: int) -> None:
        """Keep for the next time what fits into the book, and count the rest as lost."""
        room = max(0, self._most_lines - len(self._noted))
        self._noted += noted[:room]
        self._lost[tenancy] += lost
        if len(noted) > room:
            self._lose(tenancy, len(noted) - room)

    def _lose(self, tenancy: Tenancy, count: int) -> None:
        self._lost[tenancy] += count
        self._unreported += count

    async def _current(self) -> Templates:
        """Return the operations as last known: while a service is away, its names still hold."""
        if self._interface is None:
            return self._templates
        with suppress(Problem):
            published = await self._interface()
            if published is not self._published:
                self._published = published
                self._templates = Templates(published.document["paths"])
        return self._templates

    async def _keep_writing(self) -> None:
        while True:
            await asyncio.sleep(_WRITE_SECONDS)
            try:
                await self.write()
            except Exception as error:  # noqa: BLE001 - a log that stops is worse than a late one
                _log.error("access log not written", exc_info=error)


def lines_of(noted: Sequence[Noted], templates: Templates) -> Lines:
    """Return what is kept of notes: the operation instead of the address.

    Who asks for the same as before is looked up, not read again.
    """
    callers, services, methods, targets, statuses, seconds, received, sent, numbers, peers, why = (
        zip(*noted, strict=True)
    )
    places: dict[tuple[int, str, bytes, bytes, str, str], int] = {}
    # By identity: the notes hold their callers, so no two of them can have the same.
    whose = list(zip(map(id, callers), services, methods, targets, peers, why, strict=True))
    many: list[_Common] = []
    for key, one in zip(whose, noted, strict=True):
        if key not in places:
            many.append(_common(one, templates))
            places[key] = len(many)
    return Lines(
        numbers=numbers,
        statuses=statuses,
        durations_us=[int(spent * 1_000_000) for spent in seconds],
        received_bytes=received,
        sent_bytes=sent,
        asked=[places[key] for key in whose],
        many=many,
    )


def _common(noted: Noted, templates: Templates) -> _Common:
    principal = noted.caller.principal
    operation = UNKNOWN
    if noted.target:
        operation = templates.operation_of(noted.method, noted.target)
    return (
        principal.kind,
        _named(principal),
        principal.client_id,
        noted.service,
        operation,
        network_of(noted.peer),
        noted.refusal,
    )


def _named(principal: Principal) -> str:
    """Return who asked; of somebody from another office, that office's code before it."""
    lent = principal.assistance if isinstance(principal, Official) else None
    return principal.subject if lent is None else f"{lent.office}:{principal.subject}"
