"""Jobs are done once, fairly, by whoever lives; what cannot be done is laid aside, not lost."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from foundation.database import Database, Row, Transaction
from foundation.events import Handler, Job, JobQueue, Patience, Worker
from foundation.identifiers import new_id
from foundation.tenancy import Tenancy
from tests.support.house import House, Tenancies

OpenDatabase = Callable[..., Awaitable[Database]]

QUEUE = JobQueue("benefits")
AT_ONCE = Patience(attempts=3, first=timedelta(0), longest=timedelta(0))
ROOT = Path(__file__).parents[3]


@pytest.fixture
def kind() -> str:
    """A kind of job that no other test does."""
    return f"test.{new_id()}"


@pytest.fixture
async def database(database_of: OpenDatabase) -> Database:
    return await database_of("benefits", size=8)


@pytest.fixture
async def hire(database: Database, database_of: OpenDatabase) -> Callable[..., Worker]:
    lookout = await database_of("benefits", "worker")

    def hired(handlers: Mapping[str, Handler], *, at_once: int = 4) -> Worker:
        return Worker("benefits", database, lookout, handlers, patience=AT_ONCE, at_once=at_once)

    return hired


async def leave(database: Database, tenancy: Tenancy, kind: str, *numbers: int) -> None:
    async with database.transaction(tenancy) as tx:
        for number in numbers:
            await QUEUE.enqueue(tx, kind, {"number": number})


async def dead(database: Database, tenancy: Tenancy) -> list[Row]:
    async with database.transaction(tenancy) as tx:
        return await QUEUE.dead(tx)


class Clerk:
    """Writes down what it was handed."""

    def __init__(self) -> None:
        self.done: list[tuple[int, int]] = []

    async def __call__(self, tx: Transaction, job: Job) -> None:
        assert tx.tenancy is not None
        self.done.append((tx.tenancy.tenant_id, job.payload["number"]))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - it turns true in a transaction of another
            await asyncio.sleep(0.005)


class TestRunOnce:
    async def test_does_each_job_once_in_its_own_tenants_transaction(
        self, database: Database, hire: Callable[..., Worker], tenancies: Tenancies, kind: str
    ) -> None:
        clerk = Clerk()
        for tenancy in tenancies:
            await leave(database, tenancy, kind, 1)
        worker = hire({kind: clerk})
        assert await worker.run_once() == 3
        assert await worker.run_once() == 0
        assert sorted(clerk.done) == sorted((each.tenant_id, 1) for each in tenancies)

    async def test_leaves_alone_what_it_has_no_handler_for(
        self, database: Database, hire: Callable[..., Worker], tenancies: Tenancies, kind: str
    ) -> None:
        await leave(database, tenancies.kitami, kind, 1)
        assert await hire({f"{kind}.other": Clerk()}).run_once() == 0
        assert await hire({kind: Clerk()}).run_once() == 1

    async def test_commits_the_effect_and_the_end_of_the_job_together(
        self, database: Database, hire: Callable[..., Worker], tenancies: Tenancies, kind: str
    ) -> None:
        async def leave_another(tx: Transaction, job: Job) -> None:
            await QUEUE.enqueue(tx, f"{kind}.next", job.payload)
            raise ZeroDivisionError

        clerk = Clerk()
        await leave(database, tenancies.kitami, kind, 1)
        worker = hire({kind: leave_another, f"{kind}.next": clerk})
        assert await worker.run_once() == 1
        assert await hire({f"{kind}.next": clerk}).run_once() == 0


class TestFairness:
    async def test_serves_a_village_before_the_citys_second_job(
        self, database: Database, hire: Callable[..., Worker], tenancies: Tenancies, kind: str
    ) -> None:
        clerk = Clerk()
        await leave(database, tenancies.kitami, kind, *range(40))
        await leave(database, tenancies.kinokawa, kind, 0)
        await leave(database, tenancies.chiyoda, kind, 0)
        worker = hire({kind: clerk}, at_once=1)
        for _ in range(3):
            await worker.run_once()
        assert {tenant_id for tenant_id, _ in clerk.done} == {each.tenant_id for each in tenancies}

    async def test_does_a_tenants_jobs_in_the_order_they_were_left(
        self, database: Database, hire: Callable[..., Worker], tenancies: Tenancies, kind: str
    ) -> None:
        clerk = Clerk()
        await leave(database, tenancies.kitami, kind, *range(5))
        worker = hire({kind: clerk}, at_once=1)
        while await worker.run_once():
            pass
        assert [number for _, number in clerk.done] == list(range(5))

    async def test_keeps_one_pair_of_hands_free_of_a_city_with_slow_jobs(
        self, database: Database, hire: Callable[..., Worker], tenancies: Tenancies, kind: str
    ) -> None:
        release = asyncio.Event()
        village = asyncio.Event()

        begun: list[Job] = []

        async def slow(_tx: Transaction, job: Job) -> None:
            begun.append(job)
            await release.wait()

        async def quick(_tx: Transaction, _job: Job) -> None:
            village.set()

        await leave(database, tenancies.kitami, kind, *range(20))
        worker = hire({kind: slow, f"{kind}.quick": quick})
        running = asyncio.create_task(worker.run())
        try:
            await until(lambda: len(begun) == 3)
            await leave(database, tenancies.kinokawa, f"{kind}.quick", 1)
            async with asyncio.timeout(2):
                await village.wait()
        finally:
            release.set()
            worker.stop()
            await running


class TestFailure:
    async def test_gives_up_a_poisonous_job_after_its_attempts(
        self, database: Database, hire: Callable[..., Worker], tenancies: Tenancies, kind: str
    ) -> None:
        attempts: list[int] = []

        async def poisonous(_tx: Transaction, job: Job) -> None:
            attempts.append(job.attempts)
            raise ValueError("北見 花子 is not a number")

        await leave(database, tenancies.kitami, kind, 1)
        worker = hire({kind: poisonous})
        while await worker.run_once():
            pass
        assert attempts == [0, 1, 2]
        [job] = await dead(database, tenancies.kitami)
        assert (job["kind"], job["attempts"], job["last_error"]) == (kind, 3, "ValueError")

    async def test_can_be_revived_when_its_cause_is_gone(
        self, database: Database, hire: Callable[..., Worker], tenancies: Tenancies, kind: str
    ) -> None:
        async def poisonous(_tx: Transaction, _job: Job) -> None:
            raise ValueError

        await leave(database, tenancies.kitami, kind, 1)
        worker = hire({kind: poisonous})
        while await worker.run_once():
            pass
        [job] = await dead(database, tenancies.kitami)
        async with database.transaction(tenancies.kinokawa) as tx:
            assert not await QUEUE.revive(tx, job["id"])
        async with database.transaction(tenancies.kitami) as tx:
            assert await QUEUE.revive(tx, job["id"])
        clerk = Clerk()
        assert await hire({kind: clerk}).run_once() == 1
        assert await dead(database, tenancies.kitami) == []

    async def test_stops_no_other_job(
        self, database: Database, hire: Callable[..., Worker], tenancies: Tenancies, kind: str
    ) -> None:
        async def poisonous(_tx: Transaction, _job: Job) -> None:
            raise ValueError

        clerk = Clerk()
        await leave(database, tenancies.kitami, kind, 1)
        await leave(database, tenancies.kitami, f"{kind}.good", 2)
        await hire({kind: poisonous, f"{kind}.good": clerk}).run_once()
        assert clerk.done == [(tenancies.kitami.tenant_id, 2)]

    async def test_rests_longer_each_time(self) -> None:
        patience = Patience(attempts=6, first=timedelta(seconds=1), longest=timedelta(seconds=5))
        rests = [patience.rest_after(failures) for failures in range(1, 7)]
        assert [rest and rest.total_seconds() for rest in rests] == [1, 2, 4, 5, 5, None]


class TestRun:
    async def test_hears_of_a_job_of_its_own_process_and_does_it(
        self, database: Database, hire: Callable[..., Worker], tenancies: Tenancies, kind: str
    ) -> None:
        clerk = Clerk()
        worker = hire({kind: clerk})
        running = asyncio.create_task(worker.run())
        await leave(database, tenancies.kitami, kind, *range(20))
        await until(lambda: len(clerk.done) == 20)
        worker.stop()
        await running
        assert sorted(number for _, number in clerk.done) == list(range(20))

    async def test_shares_the_work_with_another_worker_without_doing_any_twice(
        self, database: Database, hire: Callable[..., Worker], tenancies: Tenancies, kind: str
    ) -> None:
        clerk = Clerk()
        workers = [hire({kind: clerk}), hire({kind: clerk})]
        for tenancy in tenancies:
            await leave(database, tenancy, kind, *range(10))
        running = [asyncio.create_task(worker.run()) for worker in workers]
        await until(lambda: len(clerk.done) >= 30)
        for worker in workers:
            worker.stop()
        await asyncio.gather(*running)
        assert sorted(clerk.done) == sorted(
            (tenancy.tenant_id, number) for tenancy in tenancies for number in range(10)
        )

    async def test_finishes_what_it_began_when_told_to_stop(
        self, database: Database, hire: Callable[..., Worker], tenancies: Tenancies, kind: str
    ) -> None:
        begun, told, finished = asyncio.Event(), asyncio.Event(), asyncio.Event()

        async def slow(_tx: Transaction, _job: Job) -> None:
            begun.set()
            await told.wait()
            finished.set()

        await leave(database, tenancies.kitami, kind, 1)
        worker = hire({kind: slow}, at_once=1)
        running = asyncio.create_task(worker.run())
        await begun.wait()
        await leave(database, tenancies.kitami, kind, 2)
        worker.stop()
        told.set()
        await running
        assert finished.is_set()
        assert await hire({kind: Clerk()}).run_once() == 1

    async def test_gives_a_job_back_when_it_is_torn_away(
        self, database: Database, hire: Callable[..., Worker], tenancies: Tenancies, kind: str
    ) -> None:
        begun = asyncio.Event()

        async def endless(_tx: Transaction, _job: Job) -> None:
            begun.set()
            await asyncio.sleep(60)

        await leave(database, tenancies.kitami, kind, 1)
        running = asyncio.create_task(hire({kind: endless}).run())
        await begun.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        clerk = Clerk()
        assert await hire({kind: clerk}).run_once() == 1
        assert len(clerk.done) == 1

    async def test_asks_again_when_the_database_was_away(
        self, database: Database, database_of: OpenDatabase, kind: str
    ) -> None:
        clerk = Clerk()
        away = await database_of("benefits", "worker")
        await away.close()
        worker = Worker("benefits", database, away, {kind: clerk})
        assert await worker.run_once() == 0


WORKER_THAT_HANGS = """
import asyncio, sys
from foundation.database import Database
from foundation.events import Worker

async def hang(tx, job):
    print("begun", flush=True)
    await asyncio.sleep(60)

async def main(app, lookout, kind):
    app = await Database.open(app, application_name="doomed")
    lookout = await Database.open(lookout, application_name="doomed")
    await Worker("benefits", app, lookout, {kind: hang}).run()

asyncio.run(main(*sys.argv[1:]))
"""


class TestAKilledWorker:
    async def test_leaves_its_job_available_at_once(
        self,
        house: House,
        database: Database,
        hire: Callable[..., Worker],
        tenancies: Tenancies,
        kind: str,
    ) -> None:
        await leave(database, tenancies.kitami, kind, 1)
        command = [sys.executable, "-c", WORKER_THAT_HANGS]
        command += [house.dsn("benefits_app"), house.dsn("benefits_worker"), kind]
        doomed = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE)
        assert doomed.stdout is not None
        assert await doomed.stdout.readline() == b"begun\n"
        clerk = Clerk()
        worker = hire({kind: clerk})
        assert await worker.run_once() == 0
        doomed.kill()
        await doomed.wait()
        running = asyncio.create_task(worker.run())
        await until(lambda: len(clerk.done) == 1)
        worker.stop()
        await running
