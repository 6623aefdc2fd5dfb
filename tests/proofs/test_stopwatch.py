"""How long every process of the gateway still believes what was taken back.

Four gateways, each asked over a connection that stays open; what is taken back is written by the
same hand as when an office or a desk does it, and the watch runs from its commit.

`.venv/bin/pytest tests/proofs/test_stopwatch.py -m slow -s`
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from foundation import clock
from foundation.database import Database, Transaction
from foundation.identifiers import new_id
from foundation.identity import Principal, Role
from foundation.tenancy import Tenancy
from gateway import withdrawals
from gateway.authorization import repository as sessions
from gateway.authorization.domain import Session
from gateway.authorization.service import end, withdraw
from gateway.bulletin import count_up
from gateway.withdrawals import EVERYWHERE
from tests.proofs.crowding import reading
from tests.proofs.doors import Door
from tests.proofs.doorway import Doorway, services, standing
from tests.proofs.figures import milliseconds, say
from tests.proofs.premises import open_municipality
from tests.support.callers import a_machine, a_representative, a_resident, an_official
from tests.support.forgery import claims_of
from tests.support.house import House

GATEWAYS = 4
REPETITIONS = 10
WITHIN_SECONDS = 1.0
REFUSED = {401, 503}
_SIGN = """
INSERT INTO platform.signs (municipality_code, id, place, state, starts_at, notice)
VALUES ($1, $2, 'window_dx', 'closed', now(), $3)
"""
_NOTICE = json.dumps(
    {
        "message_ja": "休止",
        "message_en": "Closed",
        "paper_route": dict.fromkeys(
            (
                "office_ja",
                "office_en",
                "address_ja",
                "address_en",
                "telephone",
                "hours_ja",
                "hours_en",
            ),
            "窓口",
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Somebody with a token, and the deed that is to end it."""

    principal: Principal
    deed: Callable[[Transaction, str], Awaitable[object]]


def of_token() -> Case:
    async def deed(work: Transaction, token: str) -> None:
        await withdraw(work, "token", claims_of(token)["jti"], client_id="demo-portal")

    return Case(principal=a_resident(new_id()), deed=deed)


def of_client(*, is_everywhere: bool) -> Case:
    machine = a_machine(f"vendor-{new_id()}")

    async def deed(work: Transaction, token: str) -> None:
        code = EVERYWHERE if is_everywhere else claims_of(token)["tenant"]
        await withdrawals.say_of_client(work, machine.client_id, code=code)

    return Case(principal=machine, deed=deed)


def of_representation() -> Case:
    acting = a_representative(new_id())
    held = acting.representation
    assert held is not None

    async def deed(work: Transaction, _: str) -> None:
        await withdraw(work, "representation", str(held.representation_id))

    return Case(principal=acting, deed=deed)


def of_session(*, is_official: bool) -> Case:
    """An official whose roles change loses the session, as the office does it."""
    person = an_official(Role.CLERK) if is_official else a_resident(new_id())

    async def deed(work: Transaction, _: str) -> None:
        assert await end(work, UUID(person.session_id), because="proof")

    return Case(principal=person, deed=deed)


CASES: dict[str, Callable[[], Case]] = {
    "token": of_token,
    "client": lambda: of_client(is_everywhere=True),
    "vendor's leave": lambda: of_client(is_everywhere=False),
    "representation": of_representation,
    "role of an official": lambda: of_session(is_official=True),
    "session": lambda: of_session(is_official=False),
}


async def opened(work: Transaction, person: Principal) -> None:
    """Write down the sign-in a person's token speaks of."""
    now = clock.now()
    session_id = getattr(person, "session_id", None)
    if session_id is None:
        return
    found = Session(
        id=UUID(session_id),
        kind="official" if person.kind == "official" else "resident",
        person=person.subject,
        subject=person.subject,
        client_id=person.client_id,
        groups=(),
        acr="aal2",
        auth_time=now,
        binding="none",
        created_at=now,
        expires_at=now + timedelta(hours=1),
    )
    await sessions.open_session(work, found)


class Watch:
    """The gateways, as somebody who asks each of them again and again."""

    def __init__(self, doorway: Doorway, tenancy: Tenancy, database: Database) -> None:
        self._doorway = doorway
        self._tenancy = tenancy
        self._database = database
        self._doors = [Door(address) for address in doorway.addresses]

    def close(self) -> None:
        for door in self._doors:
            door.close()

    async def ended(self, case: Case) -> float:
        """Return after how many seconds no gateway believed it any more."""
        async with self._database.transaction(self._tenancy) as work:
            await opened(work, case.principal)
        paper = self._doorway.papers.of(case.principal, self._tenancy)
        raw = reading(paper)
        for door in self._doors:
            assert (await door.ask(raw)).status not in REFUSED
        async with self._database.transaction(self._tenancy) as work:
            await case.deed(work, paper.removeprefix("Bearer "))
        return await self._until(raw, is_refused=True)

    async def shut(self, owner: "asyncpg.Connection[asyncpg.Record]") -> float:
        """Return after how many seconds every gateway said that the service is closed."""
        raw = reading(self._doorway.papers.of(an_official(Role.CLERK), self._tenancy))
        await self._until(raw, is_refused=False)
        await owner.execute(_SIGN, str(self._tenancy.code), new_id(), _NOTICE)
        async with self._database.unbound() as work:
            await count_up(work)
        seconds = await self._until(raw, is_refused=True)
        await owner.execute("DELETE FROM platform.signs")
        async with self._database.unbound() as work:
            await count_up(work)
        return seconds

    async def _until(self, raw: bytes, *, is_refused: bool) -> float:
        began = time.monotonic()
        await asyncio.gather(*(self._asked(door, raw, is_refused) for door in self._doors))
        return time.monotonic() - began

    async def _asked(self, door: Door, raw: bytes, until: object) -> None:
        for _ in range(500):
            if ((await door.ask(raw)).status in REFUSED) is until:
                return
            await asyncio.sleep(0.01)
        raise TimeoutError


class TestStopwatch:
    @pytest.mark.slow
    def test_whatever_is_taken_back_is_refused_by_every_process_within_a_second(
        self, durable_house: House, room: Path
    ) -> None:
        behind = services(durable_house, room, service="window_dx", count=1)
        doorway = Doorway(durable_house, room, service="window_dx", behind=behind * GATEWAYS)
        tenancy = asyncio.run(open_municipality(durable_house, number=701, listed=True))
        with standing([*behind, *doorway.gateways]):
            found = asyncio.run(measured(durable_house, doorway, tenancy))
        for name, seconds in found.items():
            say(**{name.replace(" ", "_"): f"{len(seconds)} times, {milliseconds(seconds)}"})
        assert {len(seconds) for seconds in found.values()} == {REPETITIONS}
        assert max(max(seconds) for seconds in found.values()) <= WITHIN_SECONDS


async def measured(house: House, doorway: Doorway, tenancy: Tenancy) -> dict[str, list[float]]:
    database = await Database.open(house.dsn("platform_app"), application_name="proof", size=2)
    owner = await asyncpg.connect(house.dsn("platform_owner"))
    watch = Watch(doorway, tenancy, database)
    try:
        found = {
            name: [await watch.ended(case()) for _ in range(REPETITIONS)]
            for name, case in CASES.items()
        }
        found["service switch"] = [await watch.shut(owner) for _ in range(REPETITIONS)]
    finally:
        watch.close()
        await owner.close()
        await database.close()
    return found
