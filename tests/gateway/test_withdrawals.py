"""The list of what was taken back: nobody lengthens it, nothing on it is missed, it forgets."""

import asyncio
from datetime import timedelta

import pytest

from foundation import clock
from foundation.identifiers import new_id
from foundation.tenancy import Tenancy
from gateway import withdrawals
from gateway.access import Revocations, VerifiedAccess
from gateway.authorization.service import MOST_TOKENS, revoke
from gateway.clients import repository as clients
from gateway.withdrawals import EVERYWHERE, Withdrawal
from tests.support.front_door import FrontDoor
from tests.support.vendors import Developer

SANDBOX = "990019"
TIMES = 1_000
_ROWS = "SELECT count(*) FROM platform.revocations WHERE value = $1"
_KINDS = "SELECT array_agg(DISTINCT kind) FROM platform.revocations"


async def take_back(door: FrontDoor, *values: str, kind: withdrawals.Kind = "session") -> None:
    code = str(door.tenancies.kitami.code)
    async with door.state.database.unbound() as work:
        for value in values:
            await withdrawals.say(work, Withdrawal(kind=kind, value=value, code=code))


@pytest.fixture
def reading(door: FrontDoor) -> Revocations:
    """A gateway's eye on the list that looks only when it is told to."""
    return Revocations(door.state.database)


class TestSay:
    async def test_twice_is_one_entry_that_holds_longer(self, door: FrontDoor) -> None:
        with clock.frozen(clock.now() - timedelta(minutes=5)):
            await take_back(door, "one")
        first = await door.value("SELECT expires_at FROM platform.revocations")
        await take_back(door, "one")
        assert await door.value(_ROWS, "one") == 1
        assert await door.value("SELECT expires_at FROM platform.revocations") > first
        assert await door.value("SELECT revoked_at FROM platform.revocations") > first - (
            timedelta(seconds=withdrawals.TOKEN_SECONDS)
        )

    async def test_the_earlier_word_never_undoes_the_later(self, door: FrontDoor) -> None:
        await take_back(door, "one")
        later = await door.value("SELECT revoked_at FROM platform.revocations")
        with clock.frozen(clock.now() - timedelta(minutes=5)):
            await take_back(door, "one")
        assert await door.value("SELECT revoked_at FROM platform.revocations") == later

    async def test_a_thousand_times_is_one_entry(
        self, door: FrontDoor, reading: Revocations
    ) -> None:
        for _ in range(10):
            async with door.state.database.unbound() as work:
                for _ in range(TIMES // 10):
                    await withdrawals.say_of_client(work, "vendor", code=EVERYWHERE)
            await reading.refresh()
        assert await door.value(_ROWS, "vendor") == 1
        assert len(reading) == 1

    async def test_a_client_stopped_and_resumed_in_turn_is_one_entry_for_all_towns(
        self, developer: Developer, sandbox: Tenancy, door: FrontDoor
    ) -> None:
        del sandbox
        await developer.register()
        for _ in range(10):
            assert (await developer.care("POST", "/suspension")).status_code == 200
            assert (await developer.care("DELETE", "/suspension")).status_code == 200
        assert await door.value(_ROWS, developer.client_id) == 1


class TestReading:
    async def test_misses_nothing_that_commits_late(
        self, door: FrontDoor, reading: Revocations
    ) -> None:
        tokens = await door.resident_tokens()
        access = door.state.access.verify(tokens["access_token"])
        await reading.refresh()
        async with door.state.database.unbound() as slow:
            code = str(door.tenancies.kitami.code)
            late = Withdrawal(kind="token", value=access.token_id, code=code)
            await withdrawals.say(slow, late)
            for number in range(3):
                await take_back(door, f"meanwhile-{number}")
                await reading.refresh()
            assert len(reading) == 3
            assert not reading.is_revoked(access)
        await take_back(door, "afterwards")
        await reading.refresh()
        assert reading.is_revoked(access)

    async def test_reads_only_what_is_new(self, door: FrontDoor, reading: Revocations) -> None:
        await take_back(door, "one")
        await reading.refresh()
        await door.as_owner("DELETE FROM platform.revocations")
        await take_back(door, "two")
        await reading.refresh()
        assert len(reading) == 2

    async def test_reads_all_of_it_every_half_minute(self, door: FrontDoor) -> None:
        seconds = iter((0.0, 1.0, 30.0, 31.0))
        reading = Revocations(door.state.database, monotonic=lambda: next(seconds))
        await take_back(door, "one")
        await reading.refresh()
        await door.as_owner("DELETE FROM platform.revocations")
        await reading.refresh()
        assert len(reading) == 1
        await reading.refresh()
        assert len(reading) == 0

    async def test_grows_no_older_when_there_is_no_news(
        self, door: FrontDoor, reading: Revocations
    ) -> None:
        await take_back(door, "one")
        await reading.refresh()
        before = reading.epoch
        async with door.state.database.unbound() as slow:
            await withdrawals.say(slow, Withdrawal(kind="session", value="late", code="012084"))
            for _ in range(3):
                await reading.refresh()
        assert reading.epoch == before
        await reading.refresh()
        assert reading.epoch == before + 1

    async def test_forgets_what_no_token_alive_can_be_concerned_by(
        self, door: FrontDoor, reading: Revocations
    ) -> None:
        began = clock.now()
        with clock.frozen(began):
            await take_back(door, "one", "two")
        await reading.refresh()
        with clock.frozen(began + timedelta(seconds=300)):
            await take_back(door, "two", "three")
            await reading.refresh()
            assert len(reading) == 3
        with clock.frozen(began + timedelta(seconds=662)):
            await reading.refresh()
            assert len(reading) == 2
        with clock.frozen(began + timedelta(seconds=962)):
            await reading.refresh()
            assert len(reading) == 0


class TestClocksApart:
    """Two gateways may differ by a minute, and what is taken back stays taken back."""

    async def machine_of_a_gateway_ahead(
        self, door: FrontDoor, *, seconds: float
    ) -> VerifiedAccess:
        with clock.frozen(clock.now() + timedelta(seconds=seconds)):
            token = (await door.machine()).json()["access_token"]
            return door.state.access.verify(token)

    async def stop(self, door: FrontDoor) -> None:
        async with door.state.database.unbound() as work:
            await withdrawals.say_of_client(work, "demo-vendor", code=EVERYWHERE)

    @pytest.mark.parametrize("ahead", [50, -50])
    async def test_a_stopped_client_is_believed_by_none(
        self, door: FrontDoor, reading: Revocations, ahead: int
    ) -> None:
        access = await self.machine_of_a_gateway_ahead(door, seconds=ahead)
        await self.stop(door)
        await reading.refresh()
        assert reading.is_revoked(access)

    @pytest.mark.parametrize("ahead", [50, -50])
    async def test_a_client_that_goes_on_is_believed_at_once(
        self, door: FrontDoor, reading: Revocations, ahead: int
    ) -> None:
        with clock.frozen(clock.now() - timedelta(seconds=ahead)):
            await self.stop(door)
        await reading.refresh()
        assert not reading.is_revoked(await self.machine_of_a_gateway_ahead(door, seconds=ahead))

    async def test_a_token_taken_back_is_on_the_list_as_long_as_it_would_live(
        self, door: FrontDoor, reading: Revocations
    ) -> None:
        began = clock.now()
        ahead = withdrawals.SKEW_SECONDS - 1
        access = await self.machine_of_a_gateway_ahead(door, seconds=ahead)
        await take_back(door, access.token_id, kind="token")
        with clock.frozen(began + timedelta(seconds=withdrawals.TOKEN_SECONDS + ahead - 1)):
            assert access.expires_at > clock.now().timestamp()
            await reading.refresh()
            assert reading.is_revoked(access)


class TestTokensOneByOne:
    async def test_of_a_machine_are_bounded_by_ending_all_it_was_given(
        self, door: FrontDoor
    ) -> None:
        first = door.state.access.verify((await door.machine()).json()["access_token"])
        await self._fill(door, "demo-vendor")
        tokens = (await door.machine()).json()
        client = await self._client(door, "demo-vendor")
        await revoke(door.state, client, tokens["access_token"])
        await door.state.revocations.refresh()
        assert await door.value(_ROWS, "demo-vendor") == 1
        assert door.state.revocations.is_revoked(first)
        again = door.state.access.verify((await door.machine()).json()["access_token"])
        assert not door.state.revocations.is_revoked(again)

    async def test_of_a_person_are_bounded_by_ending_the_session(self, door: FrontDoor) -> None:
        other = await door.resident_tokens(subject="jiro")
        await self._fill(door, "demo-portal")
        tokens = await door.resident_tokens()
        client = await self._client(door, "demo-portal")
        for _ in range(3):
            await revoke(door.state, client, tokens["access_token"])
        await door.state.revocations.refresh()
        assert (await door.me(tokens["access_token"])).status_code == 401
        assert (await door.me(other["access_token"])).status_code == 200
        assert (await door.refresh(tokens["refresh_token"])).status_code == 400
        assert sorted(await door.value(_KINDS)) == ["session", "token"]

    async def _fill(self, door: FrontDoor, client_id: str) -> None:
        code = str(door.tenancies.kitami.code)
        async with door.state.database.unbound() as work:
            for _ in range(MOST_TOKENS):
                found = Withdrawal(
                    kind="token", value=str(new_id()), code=code, client_id=client_id
                )
                await withdrawals.say(work, found)

    async def _client(self, door: FrontDoor, client_id: str) -> clients.Client:
        async with door.state.database.unbound() as work:
            found = await clients.find(work, client_id)
        assert found is not None
        return found


class TestGiving:
    async def test_is_waited_for_by_whoever_takes_back(self, door: FrontDoor) -> None:
        """A token on grounds read before the end would otherwise be dated after it, and live."""
        database, kitami = door.state.database, door.tenancies.kitami

        async def stop() -> None:
            async with database.transaction(kitami) as work:
                await withdrawals.say_of_client(work, "demo-portal", code=str(kitami.code))

        async with database.transaction(kitami) as giving:
            await withdrawals.giving_to(giving, "demo-portal")
            stopping = asyncio.create_task(stop())
            await asyncio.sleep(0.2)
            assert not stopping.done()
            leave = await clients.leave_to_give_on(giving, "demo-portal")
        await stopping
        refused_at = await door.value("SELECT revoked_at FROM platform.revocations")
        assert leave.given_at <= refused_at.timestamp()

    async def test_to_one_client_waits_for_no_other_giving(self, door: FrontDoor) -> None:
        database, kitami = door.state.database, door.tenancies.kitami
        async with database.transaction(kitami) as one, database.transaction(kitami) as other:
            await withdrawals.giving_to(one, "demo-portal")
            await withdrawals.giving_to(other, "demo-portal")
