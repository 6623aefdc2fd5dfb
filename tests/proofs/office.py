"""A day at the windows: people take tickets, ten clerks call them, in several processes at once."""

import asyncio
import itertools
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from foundation.identifiers import new_id
from foundation.identity import Official, Role
from foundation.tenancy import Tenancy
from tests.proofs.doors import Doors, Given, Wish
from tests.support.callers import a_machine, an_official
from tests.support.house import House

WINDOWS = "/window-dx/v1/windows"
RECEPTIONS = "/window-dx/v1/receptions"
CLERKS = 10
KIOSKS = 6
_PAUSE_SECONDS = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A ticket as a person at the window holds it: their own watch says when they got it."""

    window_id: str
    reception_id: str
    number: int
    given: Given


@dataclass(slots=True, kw_only=True)
class Day:
    """What the people in the hall and the clerks have seen."""

    doors: Doors
    tenancy: Tenancy
    tickets: int
    windows: list[str] = field(default_factory=list[str])
    taken: list[Ticket] = field(default_factory=list[Ticket])
    called: list[Ticket] = field(default_factory=list[Ticket])
    empty_calls: int = 0
    seconds: float = 0.0

    async def run(self, *, windows: int = 4) -> None:
        """Set up the windows, then take and call until every ticket has been called."""
        await self._set_up(windows)
        began = time.monotonic()
        turns = iter([self.windows[n % windows] for n in range(self.tickets)])
        async with asyncio.TaskGroup() as hall:
            for n in range(KIOSKS):
                hall.create_task(self._kiosk(f"kiosk-{n + 1}", turns))
            for n in range(CLERKS):
                clerk = an_official(Role.CLERK, subject=f"clerk-{n + 1}")
                hall.create_task(self._clerk(clerk, self.windows[n % windows]))
        self.seconds = time.monotonic() - began
        self.doors.close()

    async def _set_up(self, windows: int) -> None:
        administrator = an_official(Role.ADMINISTRATOR)
        for n in range(windows):
            body = {"code": f"M-{str(new_id())[-12:]}", "name": f"市民課 {n + 1}番窓口"}
            made = await self.doors.ask(
                Wish(
                    method="POST",
                    path=WINDOWS,
                    principal=administrator,
                    tenancy=self.tenancy,
                    body=body,
                )
            )
            self.windows.append(made.document["id"])

    async def _kiosk(self, name: str, turns: Iterator[str]) -> None:
        machine = a_machine(name)
        for window_id in turns:
            given = await self.doors.ask(
                Wish(
                    method="POST",
                    path=RECEPTIONS,
                    principal=machine,
                    tenancy=self.tenancy,
                    body={"window_id": window_id, "matter": "転入届"},
                )
            )
            self.taken.append(_ticket(window_id, given.document, given))

    async def _clerk(self, clerk: Official, window_id: str) -> None:
        path = f"{WINDOWS}/{window_id}/call-next"
        while len(self.called) < self.tickets and not self._is_done(window_id):
            given = await self.doors.ask(
                Wish(method="POST", path=path, principal=clerk, tenancy=self.tenancy)
            )
            reception = given.document["reception"]
            if reception is None:
                self.empty_calls += 1
                await asyncio.sleep(_PAUSE_SECONDS)
            else:
                self.called.append(_ticket(window_id, reception, given))

    def _is_done(self, window_id: str) -> bool:
        """Whether everybody who will ever come to this window has been called."""
        if len(self.taken) < self.tickets:
            return False
        waiting = Counter(ticket.window_id for ticket in self.taken)
        waiting.subtract(ticket.window_id for ticket in self.called)
        return waiting[window_id] == 0


def _ticket(window_id: str, reception: dict[str, Any], given: Given) -> Ticket:
    return Ticket(
        window_id=window_id,
        reception_id=reception["id"],
        number=reception["number"],
        given=given,
    )


def overtaken(tickets: Sequence[Ticket]) -> int:
    """Count who was served although somebody had been answered before they even asked.

    Of two requests of which one was over before the other began, the first must get the smaller
    number, whichever processes they went to.
    """
    wrong = 0
    for _, group in itertools.groupby(
        sorted(tickets, key=lambda one: (one.window_id, one.number)),
        key=lambda one: one.window_id,
    ):
        latest_asked = 0.0
        for ticket in group:
            wrong += latest_asked > ticket.given.answered_at
            latest_asked = max(latest_asked, ticket.given.asked_at)
    return wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What stands in the database after the day, read by the owners of the tables."""

    states: Counter[str]
    called_events: list[tuple[str, str, int]]
    """Window, reception and number, in the order in which the calls were committed."""
    called_entries: Counter[str]
    empty_entries: int
    queue: dict[str, list[int]]
    """The numbers of each window in the order of the queue: queued_at, then id."""

    @classmethod
    async def read(cls, house: House, tenancy: Tenancy) -> "Books":
        """Read tables, trail and outbox of one municipality."""
        tenant = int(tenancy.tenant_id)
        connection = await asyncpg.connect(house.dsn("window_dx_owner"))
        try:
            receptions = await connection.fetch(
                "SELECT id, window_id, number, state FROM window_dx.receptions"
                " WHERE tenant_id = $1 ORDER BY queued_at, id",
                tenant,
            )
            events = await connection.fetch(
                "SELECT subject_id, data FROM window_dx.outbox WHERE tenant_id = $1"
                " AND type = 'window_dx.reception.called.v1' ORDER BY tx, id",
                tenant,
            )
        finally:
            await connection.close()
        entries = await _entries(house, tenant)
        queue: dict[str, list[int]] = {}
        for row in receptions:
            queue.setdefault(str(row["window_id"]), []).append(row["number"])
        return cls(
            states=Counter(row["state"] for row in receptions),
            called_events=[_event(row) for row in events],
            called_entries=Counter(obj for obj, told in entries if told.get("act") == "called"),
            empty_entries=sum(told.get("count") == 0 for _, told in entries),
            queue=queue,
        )


async def _entries(house: House, tenant: int) -> list[tuple[str, dict[str, Any]]]:
    connection = await asyncpg.connect(house.dsn("audit_owner"))
    try:
        rows = await connection.fetch(
            "SELECT object, detail FROM audit.entries"
            " WHERE tenant_id = $1 AND action = 'window_dx.reception.serve'",
            tenant,
        )
    finally:
        await connection.close()
    return [(row["object"], json.loads(row["detail"])) for row in rows]


def _event(row: Any) -> tuple[str, str, int]:
    data = json.loads(row["data"])
    return data["window_id"], str(row["subject_id"]), data["number"]
