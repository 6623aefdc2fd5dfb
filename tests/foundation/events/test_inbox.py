"""A consumer that is handed an event twice acts on it once."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from foundation.database import Database
from foundation.events import Inbox
from foundation.identifiers import new_id
from foundation.tenancy import Tenancy
from tests.support.house import Tenancies

OpenDatabase = Callable[..., Awaitable[Database]]

INBOX = Inbox("benefits")


class TestIsNew:
    async def test_says_so_once(self, database_of: OpenDatabase, tenancies: Tenancies) -> None:
        database = await database_of("benefits")
        event_id = new_id()
        async with database.transaction(tenancies.kitami) as tx:
            assert await INBOX.is_new(tx, consumer="ledger", event_id=event_id)
            assert not await INBOX.is_new(tx, consumer="ledger", event_id=event_id)
            assert await INBOX.is_new(tx, consumer="letters", event_id=event_id)
        async with database.transaction(tenancies.kinokawa) as tx:
            assert await INBOX.is_new(tx, consumer="ledger", event_id=event_id)

    async def test_forgets_with_the_effect_that_was_undone(
        self, database_of: OpenDatabase, tenancies: Tenancies
    ) -> None:
        database = await database_of("benefits")
        event_id = new_id()
        with pytest.raises(ZeroDivisionError):
            async with database.transaction(tenancies.kitami) as tx:
                await INBOX.is_new(tx, consumer="ledger", event_id=event_id)
                raise ZeroDivisionError
        async with database.transaction(tenancies.kitami) as tx:
            assert await INBOX.is_new(tx, consumer="ledger", event_id=event_id)

    async def test_says_so_to_one_of_four_who_ask_at_once(
        self, database_of: OpenDatabase, tenancies: Tenancies
    ) -> None:
        database = await database_of("benefits")
        event_id = new_id()

        async def act(tenancy: Tenancy) -> bool:
            async with database.transaction(tenancy) as tx:
                is_new = await INBOX.is_new(tx, consumer="ledger", event_id=event_id)
                await asyncio.sleep(0.005)
                return is_new

        answers = await asyncio.gather(*(act(tenancies.kitami) for _ in range(4)))
        assert sorted(answers) == [False, False, False, True]
