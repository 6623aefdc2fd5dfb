"""Who does the jobs: fairly across municipalities, each in its own tenant's transaction, once.

Two roles share the work. The worker role may look across tenants, and sees only that a job is
due. The application role does it, bound to that one tenant, and everything it does commits
together with the job's removal. So a job whose worker was killed was never begun, and one that
was done is never done again.

A handler's effects must all be in its transaction. It must be quicker than
`idle_in_transaction_session_timeout`; what takes longer leaves further jobs behind it.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Integer, Table, Text, bindparam, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from foundation.database import Database, DatabaseProblem, Row, Statement, Transaction
from foundation.identifiers import MunicipalityCode, TenantId
from foundation.telemetry import logger
from foundation.tenancy import Tenancy

from .jobs import Job, JobQueue, jobs_table

Handler = Callable[[Transaction, Job], Awaitable[None]]

_log = logger(__name__)
_QUICK: Final = 0.02
_IDLE: Final = 0.5
_LAST_ORDERS: Final = 20.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a job is tried, and how long it rests after a failure: 1 s, 2 s, 4 s … 1 h."""

    attempts: int = 8
    first: timedelta = timedelta(seconds=1)
    longest: timedelta = timedelta(hours=1)

    def rest_after(self, failures: int) -> timedelta | None:
        """Return how long to wait after that many failures; None when the job is given up."""
        if failures >= self.attempts:
            return None
        return min(self.first * 2 ** min(failures - 1, 30), self.longest)


_PATIENT: Final = Patience()


@dataclass(frozen=True, slots=True)
class _Due:
    """A job that was due when somebody looked."""

    id: UUID
    kind: str
    tenancy: Tenancy


def _due(jobs: Table) -> Any:
    """Walk from tenant to tenant by the index, and take the first jobs of each.

    A plain DISTINCT would read every waiting job of the largest city to find the smallest
    village's one.
    """
    ready = (
        jobs.c.dead_at.is_(None),
        jobs.c.available_at <= func.now(),
        jobs.c.kind == func.any(bindparam("kinds", type_=ARRAY(Text))),
    )
    walk = select(bindparam("after_tenant", type_=Integer).label("tenant")).cte(
        "walk", recursive=True
    )
    following = (
        select(jobs.c.tenant_id)
        .where(jobs.c.tenant_id > walk.c.tenant, *ready)
        .order_by(jobs.c.tenant_id)
        .limit(1)
        .scalar_subquery()
    )
    walk = walk.union_all(select(following).where(walk.c.tenant.is_not(None)))
    tenants = (
        select(walk.c.tenant)
        .where(walk.c.tenant > bindparam("after_tenant", type_=Integer))
        .limit(bindparam("tenants", type_=Integer))
        .subquery("tenants")
    )
    first = (
        select(jobs.c.tenant_id, jobs.c.municipality_code, jobs.c.id, jobs.c.kind)
        .where(jobs.c.tenant_id == tenants.c.tenant, *ready)
        .order_by(jobs.c.available_at, jobs.c.id)
        .limit(bindparam("each", type_=Integer))
        .lateral("first")
    )
    return select(first).select_from(tenants.join(first, true()))


@cache
def _discovery(schema: str) -> Statement:
    return Statement(f"{schema}.jobs.due", _due(jobs_table(schema)))


class Worker:
    """Does one service's jobs, several at a time, until it is told to stop."""

    def __init__(
        self,
        schema: str,
        app_db: Database,
        worker_db: Database,
        handlers: Mapping[str, Handler],
        *,
        patience: Patience = _PATIENT,
        at_once: int = 4,
    ) -> None:
        self._queue = JobQueue(schema)
        self._due = _discovery(schema)
        self._app_db = app_db
        self._worker_db = worker_db
        self._handlers = handlers
        self._patience = patience
        self._at_once = at_once
        self._running: dict[_Due, asyncio.Task[bool]] = {}
        self._last_served = 0
        self._stopping = False
        self._bell = asyncio.Event()

    async def run(self) -> None:
        """Do jobs until `stop`, then finish those begun, for twenty seconds at most.

        Looks again at once when a job ends or this process commits a new one, and otherwise
        after 20 ms, then less and less often, down to twice a second. A database that does not
        answer is asked again; the jobs are safe in it.
        """
        unsubscribe = self._queue.on_arrival(self.kick)
        pause = _QUICK
        try:
            while not self._stopping:
                self._bell.clear()
                await self._begin()
                pause = _QUICK if await self._heard_within(pause) else min(pause * 2, _IDLE)
            if self._running:
                await asyncio.wait(self._running.values(), timeout=_LAST_ORDERS)
        finally:
            unsubscribe()
            await self._give_back()

    async def run_once(self) -> int:
        """Do one round of what is due now and return how many jobs were tried."""
        await self._begin()
        return sum(await asyncio.gather(*self._running.values()))

    def kick(self) -> None:
        """Look for work at once."""
        self._bell.set()

    def stop(self) -> None:
        """Begin nothing more; `run` returns when what was begun is done."""
        self._stopping = True
        self._bell.set()

    async def _begin(self) -> None:
        """Begin as many due jobs as there are free hands."""
        room = self._at_once - len(self._running)
        if room <= 0:
            return
        try:
            due = await self._look()
        except DatabaseProblem as problem:
            _log.warning("jobs.database_unavailable", problem=type(problem).__name__)
            return
        for job in _fairly(due, self._running, at_once=self._at_once)[:room]:
            task = asyncio.create_task(self._do(job))
            self._running[job] = task
            task.add_done_callback(partial(self._ended, job))
            self._last_served = job.tenancy.tenant_id

    async def _look(self) -> list[_Due]:
        """Return due jobs, beginning with the tenant after the one that was served last."""
        found: dict[UUID, _Due] = {}
        async with self._worker_db.unbound() as tx:
            for after_tenant in dict.fromkeys((self._last_served, 0)):
                rows = await tx.fetch(
                    self._due,
                    after_tenant=after_tenant,
                    kinds=list(self._handlers),
                    tenants=self._at_once + 1,
                    each=self._at_once * 2,
                )
                for row in rows:
                    found.setdefault(row["id"], _seen(row))
                if len({due.tenancy.tenant_id for due in found.values()}) > self._at_once:
                    break
        return list(found.values())

    async def _do(self, due: _Due) -> bool:
        """Try one job; False if somebody else had it."""
        job: Job | None = None
        try:
            async with self._app_db.transaction(due.tenancy) as tx:
                job = await self._queue.take(tx, due.id)
                if job is None:
                    return False
                await self._handlers[job.kind](tx, job)
                await self._queue.finish(tx, job)
        except Exception as error:  # noqa: BLE001 - one job's fault must not stop the others
            await self._record_failure(due, job, error)
        return job is not None

    async def _record_failure(self, due: _Due, job: Job | None, error: Exception) -> None:
        """Count the attempt in a transaction of its own, for that of the effect is undone.

        Only the kind of the error is kept: its words may quote a resident.
        """
        facts = {"job_kind": due.kind, "job_id": str(due.id), "tenant": str(due.tenancy.code)}
        if job is None:
            _log.warning("jobs.not_taken", **facts, problem=type(error).__name__)
            return
        failures = job.attempts + 1
        rest = self._patience.rest_after(failures)
        _log.error("jobs.failed", **facts, failures=failures, dead=rest is None, exc_info=error)
        try:
            async with self._app_db.transaction(due.tenancy) as tx:
                await self._queue.fail(tx, job, error=type(error).__qualname__, retry_in=rest)
        except DatabaseProblem as problem:
            _log.warning("jobs.failure_not_recorded", **facts, problem=type(problem).__name__)

    async def _heard_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._bell.wait()
        except TimeoutError:
            return False
        return True

    def _ended(self, job: _Due, task: asyncio.Task[bool]) -> None:
        """Free a hand; a job that another process holds is no reason to look again at once."""
        self._running.pop(job, None)
        if not task.cancelled() and task.result():
            self._bell.set()

    async def _give_back(self) -> None:
        """Abandon what is still running; its transactions are undone and the jobs due again."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _seen(row: Row) -> _Due:
    tenancy = Tenancy(TenantId(row["tenant_id"]), MunicipalityCode.parse(row["municipality_code"]))
    return _Due(row["id"], row["kind"], tenancy)


def _fairly(due: Iterable[_Due], running: Iterable[_Due], *, at_once: int) -> list[_Due]:
    """Return the jobs in turn: every tenant's first before any tenant's second.

    Jobs already running count as a tenant's first ones, and one pair of hands is always left to
    the other tenants, so a city's thousand slow jobs delay a village's one by nothing.
    """
    under_way = set(running)
    share = max(at_once - 1, 1)
    taken = Counter(job.tenancy.tenant_id for job in under_way)
    turns: list[tuple[int, _Due]] = []
    for job in due:
        turn = taken[job.tenancy.tenant_id]
        if job not in under_way and turn < share:
            turns.append((turn, job))
            taken[job.tenancy.tenant_id] += 1
    return [job for _, job in sorted(turns, key=lambda pair: pair[0])]
