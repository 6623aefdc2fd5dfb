"""What is not done in time is undone, in the database too; what was committed is never denied."""

import asyncio
import time
from collections.abc import AsyncGenerator
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Float, bindparam, func, select

from foundation.database import Statement
from foundation.identifiers import new_id
from foundation.identity import InternalTokenIssuer
from foundation.settings import ServiceSettings
from foundation.web import CurrentWork, OfficeRouter, create_application
from foundation.web.deadlines import LEFT, Deadline
from tests.foundation.web.conftest import Office
from tests.foundation.web.example import POLICY, SERVICE, TAKE, NoteRead, NoteTake, NoteTaken
from tests.support.callers import As, ServiceClient
from tests.support.house import House, Tenancies

PATH = "/benefits/v1/slow"
NOTE = {"text": "控え", "amount": 1}

_SLEEP = Statement(
    "test.deadlines.sleep",
    select(func.pg_sleep(bindparam("seconds", type_=Float)).label("slept")),
)
_LIMIT = Statement(
    "test.deadlines.limit", select(func.current_setting("statement_timeout").label("limit"))
)

router = OfficeRouter(prefix="/slow", tags=("slow",))


@router.post("", permission=TAKE, summary="ゆっくりメモを取る", status_code=201)
async def take_slowly(work: CurrentWork, body: NoteTake) -> NoteRead:
    """Take a note, which takes as many tenths of a second as its amount says."""
    note_id = new_id()
    await work.emit(NoteTaken(subject_id=note_id, amount=body.amount))
    await work.record("benefits.note.take", subject=note_id)
    await work.tx.fetch_one(_SLEEP, seconds=body.amount / 10)
    return NoteRead(id=note_id, text=body.text, version=1)


@router.post("/thinking", permission=TAKE, summary="ゆっくり考える", status_code=201)
async def think(work: CurrentWork, body: NoteTake) -> NoteRead:
    """Take a note and think about it, without asking the database."""
    note_id = new_id()
    await work.emit(NoteTaken(subject_id=note_id, amount=body.amount))
    await work.record("benefits.note.take", subject=note_id)
    await asyncio.sleep(body.amount / 10)
    return NoteRead(id=note_id, text=body.text, version=1)


@router.post("/session", permission=TAKE, summary="別の扉から", status_code=201)
async def take_through_the_other_door(work: CurrentWork, body: NoteTake) -> NoteRead:
    """The same, by way of SQLAlchemy's session."""
    note_id = new_id()
    await work.record("benefits.note.take", subject=note_id)
    await (await work.tx.session()).execute(select(func.pg_sleep(body.amount / 10)))
    return NoteRead(id=note_id, text=body.text, version=1)


@router.post("/quick", permission=TAKE, summary="急ぐ", status_code=201, seconds=0.4)
async def take_quickly(work: CurrentWork, body: NoteTake) -> NoteRead:
    """Take a note in less than half a second, or not at all."""
    return await take_slowly(work, body)


@router.post("/limit", permission=TAKE, summary="期限を見る", status_code=201)
async def read_limit(work: CurrentWork, body: NoteTake) -> NoteRead:
    """Tell how long a statement of this work may take."""
    await work.record("benefits.note.take")
    found = await work.tx.fetch_one(_LIMIT)
    return NoteRead(id=new_id(), text=str(found and found["limit"]), version=body.amount)


@pytest.fixture
async def slow(
    house: House, tenancies: Tenancies, settings: ServiceSettings
) -> AsyncGenerator[Office]:
    application = create_application(
        service=SERVICE,
        title="ゆっくり",
        routers=[router],
        policy=POLICY,
        settings=settings.model_copy(update={"pool_size": 1}),
    )
    client = ServiceClient(application, service=SERVICE, issuer=InternalTokenIssuer(house.pen))
    witness = await asyncpg.connect(house.superuser_dsn())
    try:
        async with application.router.lifespan_context(application):
            yield Office(client, witness, tenancies)
    finally:
        await client.close()
        await witness.close()


def _without_hurry(_: object) -> None:
    """Tell the server of no deadline."""


def left(milliseconds: int | str) -> dict[str, str]:
    return {LEFT.decode(): str(milliseconds)}


async def ask(clerk: As, path: str, amount: int, headers: dict[str, str]) -> Any:
    return await clerk.post(f"{PATH}{path}", json=NOTE | {"amount": amount}, headers=headers)


class TestSlowWork:
    @pytest.mark.parametrize("path", ["", "/thinking", "/session"])
    async def test_ends_at_its_deadline_and_leaves_nothing(self, slow: Office, path: str) -> None:
        clerk, key = slow.clerk(), {"Idempotency-Key": str(new_id())}
        began = time.monotonic()
        late = await ask(clerk, path, 30, left(300) | key)
        assert 0.25 < time.monotonic() - began < 2.5
        assert late.status_code == 504
        assert late.json()["type"] == "/problems/platform/deadline-exceeded"
        assert late.headers["retry-after"] == "2"
        assert (await slow.effects(), await slow.kept_answers()) == (0, 0)
        assert await slow.entries() == []
        # The key is free, and the one connection there is serves the next request.
        again = await clerk.post(f"{PATH}{path}", json=NOTE | {"amount": 0}, headers=key)
        assert again.status_code == 201
        assert "idempotency-replayed" not in again.headers

    async def test_is_given_up_by_the_database_as_well(self, slow: Office) -> None:
        assert (await ask(slow.clerk(), "", 50, left(200))).status_code == 504
        still = await slow.witness.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%'"
            " AND state = 'active' AND pid <> pg_backend_pid()"
        )
        assert still == 0

    async def test_ends_when_its_operation_says(self, slow: Office) -> None:
        began = time.monotonic()
        assert (await ask(slow.clerk(), "/quick", 30, left(9_000))).status_code == 504
        assert time.monotonic() - began < 2

    async def test_waits_for_a_connection_no_longer_than_that(self, slow: Office) -> None:
        holding = asyncio.create_task(ask(slow.clerk(), "", 15, left(9_000)))
        await asyncio.sleep(0.2)
        began = time.monotonic()
        late = await ask(slow.clerk(), "", 0, left(200))
        assert time.monotonic() - began < 1.2
        assert late.status_code == 504
        assert (await holding).status_code == 201

    async def test_in_time_is_done(self, slow: Office) -> None:
        assert (await ask(slow.clerk(), "", 1, left(2_000))).status_code == 201
        assert await slow.effects() == 1


class TestStatements:
    async def test_have_what_is_left(self, slow: Office) -> None:
        said = (await ask(slow.clerk(), "/limit", 1, left(900))).json()["text"]
        assert 0 < int(said.removesuffix("ms")) <= 900

    async def test_have_no_more_than_their_role(self, slow: Office) -> None:
        assert (await ask(slow.clerk(), "/limit", 1, left(60_000))).json()["text"] == "5s"

    @pytest.mark.parametrize("given", ["", "-5", "soon", "1.5", "99999999"])
    async def test_of_an_unreadable_deadline_have_the_usual_time(
        self, slow: Office, given: str
    ) -> None:
        answer = await ask(slow.clerk(), "/limit", 1, left(given))
        assert answer.json()["text"] == "5s"


class TestCommit:
    async def test_is_never_cut_through(
        self, slow: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A commit that takes longer than the deadline is answered as what it was: done."""
        await slow.witness.execute(
            "CREATE FUNCTION public.dawdle() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END $$"
        )
        await slow.witness.execute(
            "CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT ON benefits.outbox DEFERRABLE"
            " INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.dawdle()"
        )
        # The server's own limit would end the trigger before the commit, and truthfully so.
        monkeypatch.setattr("foundation.database.pool._Lending._hurry", _without_hurry)
        try:
            answer = await ask(slow.clerk(), "", 0, left(250))
        finally:
            await slow.witness.execute("DROP TRIGGER dawdle ON benefits.outbox")
            await slow.witness.execute("DROP FUNCTION public.dawdle()")
        assert answer.status_code == 201
        assert await slow.effects() == 1


class TestDeadline:
    async def test_knows_its_own_passing_from_another(self) -> None:
        deadline = Deadline({"headers": []}, most=5)
        with pytest.raises(TimeoutError):
            async with deadline, asyncio.timeout(0.01):
                await asyncio.sleep(1)
