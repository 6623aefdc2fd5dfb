"""A request sent eight times at once, by people who also hang up, takes effect once.

The long form: `.venv/bin/pytest tests/proofs/test_repetition.py -m slow -s`.
"""

import asyncio
import json
import random
import time
from collections import Counter, defaultdict
from pathlib import Path

import asyncpg
import pytest

from foundation.identifiers import new_id
from foundation.identity import Role
from foundation.tenancy import Tenancy
from tests.proofs.doors import Doors, Wish
from tests.proofs.doorway import services, standing
from tests.proofs.figures import say
from tests.proofs.office import RECEPTIONS, WINDOWS
from tests.proofs.papers import InternalPapers
from tests.proofs.premises import open_municipality
from tests.proofs.processes import Replica, meanwhile
from tests.support.callers import a_machine, an_official
from tests.support.house import House

KEYS = 1_000
DUPLICATES = 8
HANGING_UP = 0.1
_AT_ONCE = 8
_CHECKED_KEYS = 25


class Crowd:
    """People who each want one ticket and say so eight times at the same moment."""

    def __init__(self, doors: Doors, here: Tenancy, elsewhere: Tenancy, *, keys: int) -> None:
        self._doors = doors
        self._here = here
        self._elsewhere = elsewhere
        self._keys = keys
        self._random = random.Random(8)  # noqa: S311 - a spread, no secret
        self._room = asyncio.Semaphore(_AT_ONCE)
        self.answers: dict[str, Counter[tuple[int, bytes]]] = defaultdict(Counter)
        self.first_hand: Counter[str] = Counter()
        """How often a key's answer was given as the effect's own, and not as a repetition."""
        self.hung_up = 0
        self.seconds = 0.0

    @property
    def answered(self) -> int:
        """How many keys have an answer so far."""
        return len(self.answers)

    async def run(self) -> None:
        """Ask under every key; then see what else a key is good for."""
        window = await self._window(self._here)
        began = time.monotonic()
        wishes = [self._ticket(window, self._here) for _ in range(self._keys)]
        async with asyncio.TaskGroup() as crowd:
            for wish in wishes:
                crowd.create_task(self._insist(wish))
        self.seconds = time.monotonic() - began
        await self._try_other_uses(wishes[:_CHECKED_KEYS])
        self._doors.close()

    async def _insist(self, wish: Wish) -> None:
        """Send one wish eight times at once; the first of the eight never hangs up."""
        async with self._room:
            patient = [self._wait_for_answer(wish)]
            others = [
                self._hang_up(wish)
                if self._random.random() < HANGING_UP * DUPLICATES / (DUPLICATES - 1)
                else self._wait_for_answer(wish)
                for _ in range(DUPLICATES - 1)
            ]
            await asyncio.gather(*patient, *others)

    async def _wait_for_answer(self, wish: Wish) -> None:
        given = await self._doors.ask(wish)
        self.answers[wish.key][given.status, given.reply.body] += 1
        self.first_hand[wish.key] += "idempotency-replayed" not in given.reply.headers

    async def _hang_up(self, wish: Wish) -> None:
        """Leave after some milliseconds, wherever the request is by then."""
        try:
            async with asyncio.timeout(self._random.uniform(0.0, 0.03)):
                await self._doors.once(wish)
        except (OSError, asyncio.IncompleteReadError):
            self.hung_up += 1

    async def _try_other_uses(self, wishes: list[Wish]) -> None:
        """The same key with another wish is refused; in another municipality it is another key."""
        window = await self._window(self._elsewhere)
        for wish in wishes:
            changed = self._ticket(str((wish.body or {})["window_id"]), self._here, key=wish.key)
            (changed.body or {})["matter"] = "転出届"
            refused = await self._doors.ask(changed)
            assert (refused.status, refused.slug) == (422, "platform/idempotency-key-reused")
            foreign = await self._doors.ask(self._ticket(window, self._elsewhere, key=wish.key))
            assert foreign.status == 201
            assert (foreign.status, foreign.reply.body) not in self.answers[wish.key]

    async def _window(self, tenancy: Tenancy) -> str:
        made = await self._doors.ask(
            Wish(
                method="POST",
                path=WINDOWS,
                principal=an_official(Role.ADMINISTRATOR),
                tenancy=tenancy,
                body={"code": "JUMIN-1", "name": "市民課 1番窓口"},
            )
        )
        return str(made.document["id"])

    def _ticket(self, window: str, tenancy: Tenancy, *, key: str | None = None) -> Wish:
        return Wish(
            method="POST",
            path=RECEPTIONS,
            principal=a_machine("kiosk-1"),
            tenancy=tenancy,
            body={"window_id": window, "matter": "転入届"},
            key=key or str(new_id()),
        )


async def tickets_of(house: House, tenancy: Tenancy) -> tuple[list[int], int]:
    """Return the numbers given out, in order, and the entries in the trail that are no repeats."""
    tenant = int(tenancy.tenant_id)
    books = await asyncpg.connect(house.dsn("window_dx_owner"))
    trail = await asyncpg.connect(house.dsn("audit_owner"))
    try:
        numbers = await books.fetch(
            "SELECT number FROM window_dx.receptions WHERE tenant_id = $1 ORDER BY number", tenant
        )
        entries = await trail.fetch(
            "SELECT detail FROM audit.entries WHERE tenant_id = $1"
            " AND action = 'window_dx.reception.take' AND decision = 'allowed'",
            tenant,
        )
    finally:
        await books.close()
        await trail.close()
    deeds = sum("replayed" not in json.loads(row["detail"]) for row in entries)
    return [row["number"] for row in numbers], deeds


def a_crowd(house: House, replicas: list[Replica], *, keys: int) -> tuple[Crowd, Tenancy]:
    papers = InternalPapers(house.pen, service="window_dx")
    doors = Doors([replica.address for replica in replicas], papers)
    here = asyncio.run(open_municipality(house, number=401))
    elsewhere = asyncio.run(open_municipality(house, number=402))
    return Crowd(doors, here, elsewhere, keys=keys), here


def require_one_effect(house: House, crowd: Crowd, here: Tenancy, *, keys: int) -> None:
    """Insist on one ticket and one answer for each key."""
    numbers, entries = asyncio.run(tickets_of(house, here))
    assert numbers == list(range(1, keys + 1))
    assert entries == keys
    assert len(crowd.answers) == keys
    assert {len(answers) for answers in crowd.answers.values()} == {1}
    assert {status for answers in crowd.answers.values() for status, _ in answers} == {201}
    assert len({body for answers in crowd.answers.values() for _, body in answers}) == keys
    assert max(crowd.first_hand.values()) <= 1


class TestRepetition:
    def test_takes_effect_once(self, house: House, room: Path) -> None:
        replicas = services(house, room, service="window_dx", count=2)
        with standing(replicas):
            crowd, here = a_crowd(house, replicas, keys=40)
            with meanwhile(crowd.run()) as work:
                pass
            work.result()
            require_one_effect(house, crowd, here, keys=40)

    @pytest.mark.slow
    def test_takes_effect_once_for_a_thousand_keys_and_two_deaths(
        self, durable_house: House, room: Path
    ) -> None:
        replicas = services(durable_house, room, service="window_dx", count=4)
        with standing(replicas):
            crowd, here = a_crowd(durable_house, replicas, keys=KEYS)
            with meanwhile(crowd.run()) as work:
                for n, replica in enumerate(replicas[:2], start=1):
                    while crowd.answered < n * KEYS // 3 and not work.done():
                        time.sleep(0.01)
                    replica.kill()
                    replica.start()
            work.result()
            require_one_effect(durable_house, crowd, here, keys=KEYS)
            assert crowd.hung_up > 0
            assert [error for replica in replicas for error in replica.errors()] == []
            say(
                keys=f"{KEYS:,} x {DUPLICATES}",
                effects=f"{KEYS:,}",
                keys_answered_in_two_ways=0,
                hung_up=crowd.hung_up,
                killed=2,
                seconds=f"{crowd.seconds:.1f}",
            )
