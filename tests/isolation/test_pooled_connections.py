"""However work is interleaved, cancelled, broken or killed, a connection never mixes two towns.

Two connections serve three municipalities. Hypothesis chooses who begins, reads, writes, commits,
fails, is cancelled in the middle of a question or loses the connection; after each step every
piece of work must see exactly its own municipality's rows.
"""

import asyncio
from collections.abc import Generator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from sqlalchemy import Column, Integer, MetaData, Table, Text, Uuid, bindparam, func, insert, select
from typing_extensions import override

from foundation.database import CheckViolation, Database, DatabaseProblem, Statement, Transaction
from foundation.identifiers import MunicipalityCode, TenantId, new_id
from foundation.tenancy import Tenancy
from tests.support.house import House

pytestmark = pytest.mark.isolation

notes = Table(
    "interleaved",
    MetaData(schema="registry"),
    Column("tenant_id", Integer, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("text", Text, nullable=False),
)
WRITE = Statement(
    "test.interleaved.write",
    insert(notes).values(
        tenant_id=bindparam("tenant_id"), id=bindparam("id"), text=bindparam("text")
    ),
)
# No predicate on purpose: only the policy stands between the towns here.
READ = Statement("test.interleaved.read", select(notes.c.tenant_id))
WAIT = Statement("test.interleaved.wait", select(func.pg_sleep(bindparam("seconds"))))
WHO = Statement("test.interleaved.who", select(func.pg_backend_pid().label("pid")))
POISON = Statement(
    "test.interleaved.poison",
    select(func.set_config("app.tenant_id", bindparam("value"), False)),  # noqa: FBT003 - SQL
)

CODE = MunicipalityCode.parse("012084")


@dataclass
class OpenWork:
    """One piece of work under way, and how many rows it has written."""

    tenancy: Tenancy
    stack: AsyncExitStack
    work: Transaction
    written: int = 0


@dataclass
class Town:
    """What a municipality's rows must be."""

    tenancy: Tenancy
    rows: int = 0
    open: list[OpenWork] = field(default_factory=list)


class Interleaving(RuleBasedStateMachine):
    """The steps of several clerks who share two connections."""

    house: House
    numbers = iter(range(1_000_000, 2_000_000))
    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.database = self.run(
            Database.open(self.house.dsn("registry_app"), application_name="interleave", size=2)
        )
        self.towns = [Town(Tenancy(TenantId(next(type(self).numbers)), CODE)) for _ in range(3)]
        self.open: list[OpenWork] = []

    def run(self, awaitable: Any) -> Any:
        type(self).steps += 1
        return self.runner.run(awaitable)

    @override
    def teardown(self) -> None:
        for work in list(self.open):
            self.finish(work, RuntimeError("the day ends"))
        for town in self.towns:
            self.begin_for(town)
            self.check(self.open[-1])
            self.finish(self.open[-1], None)
        self.run(self.database.close())
        self.runner.close()

    def town_of(self, work: OpenWork) -> Town:
        return next(town for town in self.towns if town.tenancy == work.tenancy)

    def begin_for(self, town: Town) -> None:
        async def begin() -> OpenWork:
            stack = AsyncExitStack()
            work = await stack.enter_async_context(self.database.transaction(town.tenancy))
            return OpenWork(town.tenancy, stack, work)

        self.open.append(self.run(begin()))

    def finish(self, work: OpenWork, error: BaseException | None) -> None:
        async def leave() -> None:
            swallowed = await work.stack.__aexit__(type(error) if error else None, error, None)
            if error is not None and not swallowed:
                raise error

        self.open.remove(work)
        if error is not None:
            with pytest.raises(type(error)):
                self.run(leave())
            return
        self.run(leave())
        self.town_of(work).rows += work.written

    def check(self, work: OpenWork) -> None:
        rows = self.run(work.work.fetch(READ))
        assert {row["tenant_id"] for row in rows} <= {work.tenancy.tenant_id}
        assert len(rows) >= work.written
        assert len(rows) == self.town_of(work).rows + work.written

    def pick(self, data: st.DataObject) -> OpenWork:
        return data.draw(st.sampled_from(self.open))

    @precondition(lambda self: len(self.open) < 2)
    @rule(which=st.integers(0, 2))
    def begin(self, which: int) -> None:
        town = self.towns[which]
        if all(work.tenancy != town.tenancy for work in self.open):  # one writer each: exact counts
            self.begin_for(town)

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def read(self, data: st.DataObject) -> None:
        self.check(self.pick(data))

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def write(self, data: st.DataObject) -> None:
        work = self.pick(data)
        self.run(work.work.execute(WRITE, id=new_id(), text="控え"))
        work.written += 1

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def commit(self, data: st.DataObject) -> None:
        self.finish(self.pick(data), None)

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def fail(self, data: st.DataObject) -> None:
        self.finish(self.pick(data), RuntimeError("a rule of the office"))

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def break_a_rule_of_the_table(self, data: st.DataObject) -> None:
        work = self.pick(data)
        with pytest.raises(CheckViolation) as refused:
            self.run(work.work.execute(WRITE, id=new_id(), text=""))
        self.finish(work, refused.value)

    @precondition(lambda self: self.open)
    @rule(data=st.data(), after=st.sampled_from([0.0, 0.001, 0.003]))
    def cancel_in_mid_question(self, data: st.DataObject, after: float) -> None:
        work = self.pick(data)

        async def cancelled() -> None:
            asking = asyncio.create_task(work.work.fetch(WAIT, seconds=5.0))
            await asyncio.sleep(after)
            asking.cancel()
            await asking

        with pytest.raises(asyncio.CancelledError):
            self.run(cancelled())
        self.finish(work, asyncio.CancelledError())

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def kill_the_connection(self, data: st.DataObject) -> None:
        work = self.pick(data)

        async def kill() -> None:
            row = await work.work.fetch_one(WHO)
            assert row is not None
            killer = await asyncpg.connect(self.house.superuser_dsn())
            await killer.execute("SELECT pg_terminate_backend($1, 1000)", row["pid"])
            await killer.close()

        self.run(kill())
        with pytest.raises(DatabaseProblem) as refused:
            self.run(work.work.fetch(READ))
        self.finish(work, refused.value)

    @precondition(lambda self: len(self.open) < 2)
    @rule(which=st.integers(0, 2))
    def leave_a_value_in_the_session(self, which: int) -> None:
        async def poison() -> None:
            async with self.database.unbound() as work:
                await work.fetch(POISON, value=str(self.towns[which].tenancy.tenant_id))

        self.run(poison())

    @precondition(lambda self: len(self.open) < 2)
    @rule()
    def ask_without_a_municipality(self) -> None:
        async def ask() -> None:
            async with self.database.unbound() as work:
                await work.fetch(READ)

        with pytest.raises(DatabaseProblem):
            self.run(ask())


@pytest.fixture(scope="module")
def interleaved(house: House) -> Generator[House]:
    async def create() -> None:
        connection = await asyncpg.connect(house.dsn("registry_owner"))
        try:
            await connection.execute(
                "CREATE TABLE registry.interleaved (tenant_id integer NOT NULL, id uuid,"
                " text text NOT NULL CHECK (text <> ''), PRIMARY KEY (tenant_id, id))"
            )
            await connection.execute(
                "SELECT platform.tenantize('registry.interleaved', 'SELECT, INSERT')"
            )
        finally:
            await connection.close()

    async def drop() -> None:
        connection = await asyncpg.connect(house.dsn("registry_owner"))
        try:
            await connection.execute("DROP TABLE registry.interleaved")
        finally:
            await connection.close()

    asyncio.run(create())
    yield house
    asyncio.run(drop())


def interleave(house: House, examples: int, machine: type[Interleaving] = Interleaving) -> int:
    """Run the machine; return how many steps were taken."""
    bound = type("Bound", (machine,), {"house": house, "steps": 0})
    run_state_machine_as_test(
        bound,
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=(
                HealthCheck.too_slow,
                HealthCheck.data_too_large,
                HealthCheck.filter_too_much,
            ),
        ),
    )
    return bound.steps


class TestPooledConnections:
    def test_never_mix_two_municipalities(self, interleaved: House) -> None:
        assert interleave(interleaved, 60) > 500

    def test_would_be_caught_mixing_them(self, interleaved: House) -> None:
        """A pool that binds the session instead of the transaction is found out."""

        class Forgetful(Interleaving):
            @override
            def begin_for(self, town: Town) -> None:
                super().begin_for(town)
                other = self.towns[(self.towns.index(town) + 1) % 3].tenancy.tenant_id
                self.run(self.open[-1].work.fetch(POISON, value=str(other)))

        with pytest.raises((AssertionError, DatabaseProblem, BaseExceptionGroup)):
            interleave(interleaved, 20, Forgetful)

    @pytest.mark.slow
    def test_never_mix_two_municipalities_in_a_long_run(
        self, interleaved: House, capsys: pytest.CaptureFixture[str]
    ) -> None:
        steps = interleave(interleaved, 1_500)
        with capsys.disabled():
            print(f"\npooled connections: {steps} steps, 0 leaks")  # noqa: T201 - the figure
