"""Work that a request leaves for later, and that is done once, for the same municipality."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    FetchedValue,
    Index,
    Integer,
    Interval,
    SmallInteger,
    Table,
    Text,
    Uuid,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from foundation.database import Base, Row, Statement, Transaction, tenant_is

_ringing: dict[str, set[Callable[[], None]]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A piece of work; `attempts` counts those that failed before this one."""

    id: UUID
    kind: str
    payload: Mapping[str, Any]
    attempts: int
    created_at: datetime


@cache
def jobs_table(schema: str) -> Table:
    """Return the table that `migrations.service_tables.create_jobs` creates."""
    return Table(
        "jobs",
        Base.metadata,
        Column("tenant_id", Integer, primary_key=True, autoincrement=False),
        Column("id", Uuid, FetchedValue(), primary_key=True),
        Column("municipality_code", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("payload", JSONB, nullable=False),
        Column("attempts", SmallInteger, FetchedValue(), nullable=False),
        Column("available_at", DateTime(timezone=True), FetchedValue(), nullable=False),
        Column("created_at", DateTime(timezone=True), FetchedValue(), nullable=False),
        Column("last_error", Text),
        Column("dead_at", DateTime(timezone=True)),
        Index("jobs_due", "tenant_id", "available_at", "id", postgresql_include=["kind"]),
        Index("jobs_dead", "tenant_id", "dead_at", "id"),
        schema=schema,
    )


@dataclass(frozen=True, slots=True)
class _Statements:
    enqueue: Statement
    take: Statement
    finish: Statement
    fail: Statement
    dead: Statement
    revive: Statement


@cache
def _statements(schema: str) -> _Statements:
    jobs = jobs_table(schema)
    prefix = f"{schema}.jobs"
    return _Statements(
        enqueue=Statement(f"{prefix}.enqueue", _enqueue(jobs)),
        take=Statement(f"{prefix}.take", _take(jobs)),
        finish=Statement(f"{prefix}.finish", delete(jobs).where(*_this(jobs))),
        fail=Statement(f"{prefix}.fail", _fail(jobs)),
        dead=Statement(f"{prefix}.dead", _dead(jobs)),
        revive=Statement(f"{prefix}.revive", _revive(jobs)),
    )


class JobQueue:
    """The jobs of one service, seen from inside one tenant's transaction."""

    def __init__(self, schema: str) -> None:
        self._schema = schema
        self._statements = _statements(schema)

    async def enqueue(
        self,
        tx: Transaction,
        kind: str,
        payload: Mapping[str, str | int],
        available_at: datetime | None = None,
    ) -> None:
        """Leave a job, to be found once this transaction has committed.

        Args:
            tx: the transaction of the effect that makes the job necessary.
            kind: which handler does it.
            payload: identifiers and amounts; what is personal the handler reads itself.
            available_at: not before this instant; at once, if absent.

        Raises:
            ValueError: the transaction belongs to no tenant, so nobody could do the job.
        """
        if tx.tenancy is None:
            raise ValueError("A job belongs to a tenant.")
        await tx.execute(
            self._statements.enqueue,
            municipality_code=str(tx.tenancy.code),
            kind=kind,
            payload=dict(payload),
            available_at=available_at,
        )
        tx.afterwards(self._ring)

    async def take(self, tx: Transaction, job_id: UUID) -> Job | None:
        """Lock a job that is due; None if it is done, or somebody else is at it.

        The row lock is the lease: it lasts as long as the transaction, so a worker that is
        killed gives the job back at that moment and nobody has to wait for a time to run out.
        """
        row = await tx.fetch_one(self._statements.take, id=job_id)
        return None if row is None else _job(row)

    async def finish(self, tx: Transaction, job: Job) -> None:
        """Remove a job that was done, in the transaction in which it was done."""
        await tx.execute(self._statements.finish, id=job.id)

    async def fail(
        self, tx: Transaction, job: Job, *, error: str, retry_in: timedelta | None
    ) -> None:
        """Record that an attempt failed; without `retry_in` the job is dead.

        Says nothing if somebody else has taken the job up since.
        """
        await tx.execute(
            self._statements.fail,
            id=job.id,
            attempts_before=job.attempts,
            error=error,
            rest=retry_in or timedelta(0),
            give_up=retry_in is None,
        )

    async def dead(self, tx: Transaction, limit: int = 100) -> list[Row]:
        """Return the tenant's jobs that were given up, the longest dead first."""
        return await tx.fetch(self._statements.dead, limit=limit)

    async def revive(self, tx: Transaction, job_id: UUID) -> bool:
        """Give a dead job all its attempts again; False if there is no such dead job."""
        revived = await tx.execute(self._statements.revive, id=job_id) == 1
        tx.afterwards(self._ring)
        return revived

    def on_arrival(self, ring: Callable[[], None]) -> Callable[[], None]:
        """Call `ring` whenever this process commits a job; returns how to stop it."""
        rings = _ringing.setdefault(self._schema, set())
        rings.add(ring)
        return lambda: rings.discard(ring)

    def _ring(self) -> None:
        for ring in tuple(_ringing.get(self._schema, ())):
            ring()


def _job(row: Row) -> Job:
    return Job(**row)


def _this(jobs: Table) -> tuple[Any, ...]:
    return (tenant_is(jobs), jobs.c.id == bindparam("id", type_=Uuid))


def _enqueue(jobs: Table) -> Any:
    available_at = bindparam("available_at", type_=DateTime(timezone=True))
    return (
        insert(jobs)
        .values(
            tenant_id=bindparam("tenant_id", type_=Integer),
            municipality_code=bindparam("municipality_code"),
            kind=bindparam("kind"),
            payload=bindparam("payload", type_=JSONB),
            # The database's clock, not ours: hosts disagree, and a job must not wait for that.
            available_at=func.coalesce(available_at, func.now()),
        )
        .inline()
    )


def _take(jobs: Table) -> Any:
    columns = jobs.c
    return (
        select(columns.id, columns.kind, columns.payload, columns.attempts, columns.created_at)
        .where(*_this(jobs), columns.dead_at.is_(None), columns.available_at <= func.now())
        .with_for_update(skip_locked=True)
    )


def _fail(jobs: Table) -> Any:
    rest = cast(bindparam("rest", type_=Interval), Interval)
    give_up = bindparam("give_up", type_=Boolean)
    attempts_before = bindparam("attempts_before", type_=SmallInteger)
    return (
        update(jobs)
        .where(*_this(jobs), jobs.c.attempts == attempts_before, jobs.c.dead_at.is_(None))
        .values(
            attempts=jobs.c.attempts + 1,
            last_error=bindparam("error"),
            available_at=func.now() + rest,
            dead_at=case((give_up, func.now())),
        )
    )


def _dead(jobs: Table) -> Any:
    columns = jobs.c
    return (
        select(columns.id, columns.kind, columns.attempts, columns.last_error, columns.dead_at)
        .where(tenant_is(jobs), columns.dead_at.is_not(None))
        .order_by(columns.dead_at, columns.id)
        .limit(bindparam("limit", type_=Integer))
    )


def _revive(jobs: Table) -> Any:
    return (
        update(jobs)
        .where(*_this(jobs), jobs.c.dead_at.is_not(None))
        .values(attempts=0, available_at=func.now(), dead_at=None)
    )
