"""Work between requests is kept going while the service serves, and ended with it."""

import asyncio

import pytest

from foundation.web import background
from foundation.web.background import running
from foundation.web.state import AppState
from tests.foundation.web.conftest import Office


def _state(office: Office) -> AppState:
    state: AppState = office.client.application.state.office
    return state


class TestRunning:
    async def test_ends_the_work_with_the_service(self, office: Office) -> None:
        ended = asyncio.Event()

        async def work(_: AppState) -> None:
            try:
                await asyncio.sleep(60)
            finally:
                ended.set()

        async with running([work], _state(office)):
            await asyncio.sleep(0)
        assert ended.is_set()

    async def test_begins_failed_work_again(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(background, "_FIRST_REST_SECONDS", 0.0)
        attempts = 0
        done = asyncio.Event()

        async def work(_: AppState) -> None:
            nonlocal attempts
            attempts += 1
            if attempts == 1:
                raise RuntimeError("CANARY")
            done.set()

        async with running([work], _state(office)), asyncio.timeout(5):
            await done.wait()
        assert attempts == 2
