"""Keys are changed while everybody works, and nobody notices."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from itertools import count

import pytest

from foundation import clock
from foundation.identity.key_ring import KINDS
from gateway.state import GatewayState, assemble
from operations.keys import change
from tests.support.forgery import header_of
from tests.support.front_door import ISSUER, FrontDoor, municipalities, settings_in

_EVERY = 2.0
_LEAD = timedelta(seconds=1)
_WORKERS = 4


@asynccontextmanager
async def watching(state: GatewayState) -> AsyncGenerator[None]:
    """Let a gateway look at its keys as a running one does."""
    task = asyncio.create_task(state.watch_keys())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class Work:
    """Clients that fetch tokens and use them, and a second gateway that must believe them all."""

    def __init__(self, door: FrontDoor, second: GatewayState) -> None:
        self.door = door
        self.second = second
        self.found: Counter[str] = Counter()
        self.kids: set[str] = set()
        self.stopped = False
        self._first: str | None = None

    async def go_on(self) -> None:
        for number in count():
            if self.stopped:
                return
            token = await self._token()
            if token is None:
                continue
            self._first = self._first or token
            self.kids.add(str(header_of(token)["kid"]))
            for state in (self.door.state, self.second):
                state.access.verify(token)
                state.access.verify(self._first)
            # Every service is asked with a token it has not seen, and now and then with an old one.
            for one in (token, self._first) if number % 5 == 0 else (token,):
                answer = await self.door.me(one)
                self.found[f"me {answer.status_code}"] += 1
            published = (await self.door.http.get("/oauth/jwks.json")).json()["keys"]
            named = header_of(token)["kid"] in {key["kid"] for key in published}
            self.found["published" if named else "signed by an unpublished key"] += 1

    async def _token(self) -> str | None:
        client_id = "operations"
        assertion = self.door.assertion(client_id, aud=ISSUER)
        answer = await self.door.machine(assertion, client_id=client_id)
        self.found[f"token {answer.status_code}"] += 1
        return answer.json().get("access_token")


async def rotate_for(seconds: float, door: FrontDoor) -> tuple[Counter[str], int, int]:
    """Rotate every two seconds under load; return what was answered, rotations and keys used."""
    second = await assemble(settings_in(door.house, door.keys), matcher=door.register)
    second.tenants.replace(municipalities(door.tenancies))
    work, rotations = Work(door, second), 0
    try:
        async with watching(door.state), watching(second), asyncio.TaskGroup() as group:
            for _ in range(_WORKERS):
                group.create_task(work.go_on())
            until = clock.now() + timedelta(seconds=seconds)
            while clock.now() < until:
                for kind in KINDS:
                    await asyncio.to_thread(change, door.keys / "gateway", kind, lead=_LEAD)
                rotations += 1
                await asyncio.sleep(_EVERY)
            work.stopped = True
    finally:
        await second.close()
    return work.found, rotations, len(work.kids)


def assert_nobody_noticed(found: Counter[str]) -> None:
    good = {"token 200", "me 200", "published"}
    assert not {what: times for what, times in found.items() if what not in good}
    assert all(found[what] for what in good)


class TestRotationUnderLoad:
    async def test_refuses_nobody(self, door: FrontDoor) -> None:
        found, rotations, kids = await rotate_for(4.5, door)
        assert_nobody_noticed(found)
        assert rotations >= 2
        assert kids >= 2

    @pytest.mark.slow
    async def test_refuses_nobody_for_a_minute(
        self, door: FrontDoor, capsys: pytest.CaptureFixture[str]
    ) -> None:
        found, rotations, kids = await rotate_for(60, door)
        with capsys.disabled():
            sys.stdout.write(f"\n{dict(found)}, {rotations} rotations, {kids} keys signed\n")
        assert_nobody_noticed(found)
        assert rotations >= 20
        assert kids >= 15
