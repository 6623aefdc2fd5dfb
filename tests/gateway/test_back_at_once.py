"""What was given before is refused; what is given afterwards, on what still holds, is believed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from foundation import clock
from foundation.identity import Role
from foundation.tenancy import Tenancy
from gateway import withdrawals
from gateway.access import LIFETIME_SECONDS, VerifiedAccess
from gateway.authorization import issuing
from gateway.clients import repository as clients
from gateway.withdrawals import EVERYWHERE, Withdrawal
from tests.gateway.grants.test_leave import StartService, ask, decision
from tests.support.callers import As, an_official
from tests.support.forgery import claims_of
from tests.support.front_door import FrontDoor
from tests.support.vendors import Developer

SANDBOX = "990019"


def believed(door: FrontDoor, token: str) -> bool:
    return not door.state.revocations.is_revoked(door.state.access.verify(token))


async def take_back(door: FrontDoor, kind: withdrawals.Kind, value: str) -> None:
    code = str(door.tenancies.kitami.code)
    async with door.state.database.unbound() as work:
        await withdrawals.say(work, Withdrawal(kind=kind, value=value, code=code))
    await door.state.revocations.refresh()


class TestAClient:
    async def test_that_is_resumed_is_served_at_once_and_its_old_token_never(
        self, developer: Developer, sandbox: Tenancy, door: FrontDoor
    ) -> None:
        del sandbox
        await developer.register()
        before = (await developer.ask_token(SANDBOX)).json()["access_token"]
        await developer.care("POST", "/suspension")
        resumed = await developer.care("DELETE", "/suspension")
        assert resumed.json()["effective_within_seconds"] == 1
        after = (await developer.ask_token(SANDBOX)).json()["access_token"]
        await door.state.revocations.refresh()
        assert not believed(door, before)
        assert believed(door, after)

    async def test_is_refused_what_it_was_given_in_the_very_second(self, door: FrontDoor) -> None:
        access = door.state.access.verify((await door.machine()).json()["access_token"])
        await take_back(door, "client", "demo-vendor")
        refused_at = await door.value("SELECT revoked_at FROM platform.revocations")
        second = float(int(refused_at.timestamp()))
        assert self._is_refused(door, access, second - 1)
        assert self._is_refused(door, access, second)
        assert not self._is_refused(door, access, second + 1)

    def _is_refused(self, door: FrontDoor, access: VerifiedAccess, given_at: float) -> bool:
        return door.state.revocations.is_revoked(replace(access, given_at=given_at))

    async def test_is_given_tokens_dated_after_what_was_taken_back(self, door: FrontDoor) -> None:
        await take_back(door, "client", "demo-vendor")
        for _ in range(5):
            assert believed(door, (await door.machine()).json()["access_token"])

    async def test_stopped_everywhere_is_refused_in_every_town(self, door: FrontDoor) -> None:
        tokens = [
            (await door.resident_tokens(place))["access_token"]
            for place in (door.tenancies.kitami, door.tenancies.kinokawa)
        ]
        async with door.state.database.unbound() as work:
            await withdrawals.say_of_client(work, "demo-portal", code=EVERYWHERE)
        await door.state.revocations.refresh()
        assert [believed(door, token) for token in tokens] == [False, False]

    async def test_refreshes_a_session_that_goes_on(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens()
        await take_back(door, "client", "demo-portal")
        assert (await door.me(tokens["access_token"])).status_code == 401
        renewed = (await door.refresh(tokens["refresh_token"])).json()
        assert (await door.me(renewed["access_token"])).status_code == 200


class TestForGood:
    @pytest.mark.parametrize("kind", ["token", "session"])
    async def test_a_token_or_session_stays_ended_whatever_it_says_of_time(
        self, door: FrontDoor, kind: withdrawals.Kind
    ) -> None:
        token = (await door.resident_tokens())["access_token"]
        claims = claims_of(token)
        await take_back(door, kind, claims["jti" if kind == "token" else "sid"])
        later = replace(
            door.state.access.verify(token), given_at=clock.now().timestamp() + LIFETIME_SECONDS
        )
        assert door.state.revocations.is_revoked(later)

    async def test_a_person_who_signs_in_anew_is_believed(self, door: FrontDoor) -> None:
        access = door.state.access.verify((await door.resident_tokens())["access_token"])
        await take_back(door, "subject", access.caller.principal.subject)
        assert door.state.revocations.is_revoked(access)
        later = replace(access, given_at=clock.now().timestamp() + 1)
        assert not door.state.revocations.is_revoked(later)


class TestALeave:
    @pytest.fixture
    async def office(self, service_client: StartService, door: FrontDoor) -> As:
        client = await service_client("platform")
        return client.as_(an_official(Role.ADMINISTRATOR), tenancy=door.tenancies.kitami)

    @pytest.mark.parametrize(
        ("changes", "believed_after"),
        [
            pytest.param({"scopes": ["benefits:read"]}, {False}, id="fewer scopes"),
            pytest.param({"expires_on": clock.today().isoformat()}, {False}, id="an earlier end"),
            pytest.param({}, {True}, id="the same again"),
            pytest.param(
                {"expires_on": (clock.today() + timedelta(days=60)).isoformat()},
                {True},
                id="a later end",
            ),
        ],
    )
    async def test_that_is_narrowed_ends_what_was_given_on_it(
        self,
        developer: Developer,
        office: As,
        door: FrontDoor,
        changes: dict[str, Any],
        believed_after: set[bool],
    ) -> None:
        await developer.register(environment="production", scope="benefits:read window-dx:read")
        await self._granted(developer, office, door)
        kitami = door.tenancies.kitami.code
        before = (await developer.ask_token(kitami)).json()["access_token"]
        await self._granted(developer, office, door, **changes)
        await door.state.revocations.refresh()
        assert {believed(door, before)} == believed_after
        after = (await developer.ask_token(kitami)).json()
        assert believed(door, after["access_token"])
        assert set(after["scope"].split()) <= set(
            changes.get("scopes", ["benefits:read", "window-dx:read"])
        )

    async def _granted(
        self, developer: Developer, office: As, door: FrontDoor, **changes: Any
    ) -> None:
        scopes = ["benefits:read", "window-dx:read"]
        asked = await ask(developer, door.tenancies.kitami, scopes=scopes)
        assert asked.status_code == 201, asked.text
        decided = await office.post(
            f"/platform/v1/access-requests/{asked.json()['id']}/decision",
            json=decision(**changes),
        )
        assert decided.status_code == 200, decided.text


_ENDS = {
    "the leave": "UPDATE platform.client_grants SET expires_at = $2"
    " WHERE client_id = $1 AND tenant_id = $3",
    "the client": "UPDATE platform.clients SET expires_at = $2 WHERE client_id = $1 AND $3 > 0",
}


class TestTheDate:
    async def test_of_a_token_is_that_of_its_grounds_when_the_second_changes(
        self, door: FrontDoor
    ) -> None:
        with clock.frozen(clock.now() - timedelta(seconds=1)):
            async with door.state.database.transaction(door.tenancies.kitami) as work:
                leave = await clients.leave_to_give_on(work, "demo-vendor")
        token, life = issuing.for_machine(
            door.state,
            "demo-vendor",
            code=door.tenancies.kitami.code,
            scopes=leave.scopes,
            leave=leave,
        )
        assert claims_of(token)["iat"] == leave.issued_at
        assert life == LIFETIME_SECONDS


class TestTheEnd:
    @pytest.fixture(autouse=True)
    async def _restored(self, door: FrontDoor) -> Any:
        yield
        await door.as_owner(
            "UPDATE platform.clients SET expires_at = NULL WHERE client_id ~ $1", "^demo-"
        )

    @pytest.mark.parametrize("what", list(_ENDS))
    async def test_of_leave_or_client_is_outlived_by_no_token(
        self, door: FrontDoor, what: str
    ) -> None:
        renewing = await door.resident_tokens()
        ends = clock.now() + timedelta(seconds=90)
        for client_id in ("demo-vendor", "demo-portal"):
            tenant = int(door.tenancies.kitami.tenant_id)
            await door.as_owner(_ENDS[what], client_id, ends, tenant)
        given = [
            (await door.machine()).json(),
            await door.resident_tokens(),
            (await door.refresh(renewing["refresh_token"])).json(),
        ]
        for tokens in given:
            assert claims_of(tokens["access_token"])["exp"] == int(ends.timestamp())
            assert 0 < tokens["expires_in"] <= 90

    async def test_gives_nothing_in_its_last_second(self, door: FrontDoor) -> None:
        ends = clock.now().replace(microsecond=0) + timedelta(seconds=30)
        await door.as_owner(
            "UPDATE platform.client_grants SET expires_at = $1 WHERE client_id = 'demo-vendor'"
            " AND tenant_id = $2",
            ends + timedelta(microseconds=900_000),
            int(door.tenancies.kitami.tenant_id),
        )
        with clock.frozen(ends + timedelta(microseconds=500_000)):
            answer = await door.machine()
        assert answer.json()["error"] == "unauthorized_client"


class TestABetrayedKey:
    async def test_is_believed_no_more_though_its_tokens_were_remembered(
        self, door: FrontDoor
    ) -> None:
        tokens = await door.resident_tokens()
        assert (await door.me(tokens["access_token"])).status_code == 200
        door.state.keys.access_tokens.replace()
        door.state.look_at_keys()
        assert (await door.me(tokens["access_token"])).status_code == 401
        renewed = (await door.refresh(tokens["refresh_token"])).json()
        assert (await door.me(renewed["access_token"])).status_code == 200
