"""Codes and refresh tokens as a family: whatever is tried in whatever order, a theft ends it.

The rules drive a real token endpoint over a real database. The model knows only which token of the
family is the living one.
"""

import asyncio
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from foundation import clock
from foundation.identity import InvalidToken
from gateway.handles import digest
from tests.support.front_door import FrontDoor, query_of

_LIVING: Final = """
SELECT count(*) FROM platform.refresh_tokens r JOIN platform.sessions s
  ON s.tenant_id = r.tenant_id AND s.id = r.session_id
WHERE r.session_id = (SELECT session_id FROM platform.authorization_codes WHERE code_hash = $1)
  AND r.used_at IS NULL AND s.ended_at IS NULL
"""


class Family(RuleBasedStateMachine):
    """One sign-in; its owner, a thief with copies of everything, and the clock."""

    door: FrontDoor
    loop: asyncio.AbstractEventLoop

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Do something at the gateway, at the time of this family."""

        async def then() -> Any:
            with clock.frozen(self.now):
                return await work

        return asyncio.run_coroutine_threadsafe(then(), self.loop).result(timeout=30)

    @initialize()
    def begin(self) -> None:
        self.now: datetime = clock.now()
        self.code: str = self.run(self.door.code(subject=f"person-{self.now.timestamp()}"))
        self.code_until = self.now + timedelta(seconds=60)
        self.session_until = self.now + timedelta(minutes=60)
        self.redeemed = False
        self.ended = False
        self.living: str | None = None
        self.idle_until = self.now
        self.used: list[str] = []
        self.access: list[tuple[str, datetime]] = []

    def _given(self, answer: Any) -> None:
        tokens = answer.json()
        self.living = tokens["refresh_token"]
        self.idle_until = min(self.now + timedelta(minutes=30), self.session_until)
        life = timedelta(seconds=tokens["expires_in"])
        assert self.now + life <= self.session_until + timedelta(seconds=1)
        self.access.append((tokens["access_token"], self.now + life))

    @rule()
    def redeem(self) -> None:
        answer = self.run(self.door.redeem(self.code))
        may = not self.redeemed and self.now < self.code_until and not self.ended
        assert answer.status_code == (200 if may else 400)
        if may:
            self.redeemed = True
            self._given(answer)
        elif self.redeemed:
            self.ended = True

    @precondition(lambda self: self.living is not None)
    @rule()
    def refresh(self) -> None:
        shown = self.living
        answer = self.run(self.door.refresh(str(shown)))
        may = not self.ended and self.now < self.idle_until
        assert answer.status_code == (200 if may else 400)
        if may:
            self.used.append(str(shown))
            self._given(answer)

    @precondition(lambda self: self.living is not None)
    @rule()
    def refresh_twice_at_once(self) -> None:
        shown = str(self.living)

        async def both() -> list[Any]:
            return list(await asyncio.gather(self.door.refresh(shown), self.door.refresh(shown)))

        answers = self.run(both())
        may = not self.ended and self.now < self.idle_until
        assert sorted(one.status_code for one in answers) == ([200, 400] if may else [400, 400])
        if may:
            self.used.append(shown)
            self._given(next(one for one in answers if one.status_code == 200))
            self.ended = True

    @precondition(lambda self: self.used)
    @rule()
    def use_an_old_one(self) -> None:
        assert self.run(self.door.refresh(self.used[0])).status_code == 400
        self.ended = True

    @precondition(lambda self: self.living is not None)
    @rule()
    def try_as_another_client(self) -> None:
        answer = self.run(self.door.refresh(str(self.living), client_id="demo-desk"))
        assert answer.json()["error"] == "invalid_grant"
        answer = self.run(self.door.redeem(self.code, client_id="demo-desk"))
        assert answer.json()["error"] == "invalid_grant"

    @rule()
    def redeem_wrongly(self) -> None:
        answer = self.run(self.door.redeem(self.code, code_verifier="x" * 43))
        assert answer.status_code == 400
        if self.redeemed:
            self.ended = True

    @precondition(lambda self: self.living is not None)
    @rule()
    def ask_for_more(self) -> None:
        may = not self.ended and self.now < self.idle_until
        answer = self.run(self.door.refresh(str(self.living), scope="benefits:read window-dx:read"))
        assert answer.status_code == 400
        assert not may or answer.json()["error"] == "invalid_scope"

    @precondition(lambda self: self.living is not None)
    @rule()
    def revoke(self) -> None:
        form = {"token": str(self.living), "client_id": "demo-portal"}
        assert self.run(self.door.http.post("/oauth/revoke", data=form)).status_code == 200
        self.ended = True

    @rule()
    def wait_a_little(self) -> None:
        self.now += timedelta(seconds=45)

    @rule()
    def wait_long(self) -> None:
        self.now += timedelta(minutes=20)

    @invariant()
    def never_are_there_two_that_live(self) -> None:
        if hasattr(self, "code"):
            assert self.run(self._living()) == (1 if self.redeemed and not self.ended else 0)

    @invariant()
    def nothing_survives_the_end(self) -> None:
        if hasattr(self, "code"):
            self.run(self._judge_access())

    async def _living(self) -> int:
        return await self.door.value(_LIVING, digest(self.code))

    async def _judge_access(self) -> None:
        state = self.door.state
        await state.revocations.refresh()
        for token, until in self.access:
            try:
                access = state.access.verify(token)
            except InvalidToken:
                assert self.now >= until
                continue
            assert self.now < until
            assert state.revocations.is_revoked(access) is self.ended


class TestFamily:
    async def test_holds_whatever_is_tried(self, door: FrontDoor) -> None:
        """The machine runs in a thread of its own; the gateway stays in this loop."""

        class OfThisDoor(Family):
            pass

        OfThisDoor.door, OfThisDoor.loop = door, asyncio.get_running_loop()
        few = settings(
            max_examples=10,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        )
        await asyncio.to_thread(run_state_machine_as_test, OfThisDoor, settings=few)

    async def test_begins_with_a_code_that_only_the_client_has(self, door: FrontDoor) -> None:
        left = await door.authorize()
        answer = door.resident_provider().approve(left.headers["location"], subject="x", says={})
        back = await door.callback(**answer)
        code = query_of(back.headers["location"])["code"]
        stored = await door.value(
            "SELECT count(*) FROM platform.authorization_codes WHERE code_hash = $1", code.encode()
        )
        assert stored == 0

    @pytest.mark.slow
    async def test_holds_whatever_is_tried_for_long(self, door: FrontDoor) -> None:
        class OfThisDoor(Family):
            pass

        OfThisDoor.door, OfThisDoor.loop = door, asyncio.get_running_loop()
        many = settings(
            max_examples=60,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        )
        await asyncio.to_thread(run_state_machine_as_test, OfThisDoor, settings=many)
