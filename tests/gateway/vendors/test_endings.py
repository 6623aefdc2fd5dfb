"""What nobody comes back for is forgotten; what somebody uses stays."""

from datetime import timedelta

from foundation import clock
from foundation.identifiers import SANDBOX
from gateway.vendors import endings
from gateway.vendors.frequency import Frequency
from tests.support.vendors import Developer


class TestForgetSilent:
    async def test_deletes_a_sandbox_client_after_90_days_of_silence(
        self, developer: Developer
    ) -> None:
        await developer.register()
        database = developer.door.state.database
        soon, late = (clock.now() + timedelta(days=days) for days in (89, 91))
        async with database.unbound() as work:
            assert await endings.forget_silent(work, now=soon) == 0
        async with database.unbound() as work:
            assert await endings.forget_silent(work, now=late) >= 1
        assert (await developer.ask_token(SANDBOX)).json()["error"] == "invalid_client"
        assert (await developer.manage("GET")).status_code == 401

    async def test_counts_a_key_that_is_used_as_a_sign_of_life(self, developer: Developer) -> None:
        await developer.register()
        await developer.door.as_owner(
            "UPDATE platform.client_registrations SET last_seen_at = $2 WHERE client_id = $1",
            developer.client_id,
            clock.now() - timedelta(days=100),
        )
        assert (await developer.ask_token(SANDBOX)).status_code == 200
        async with developer.door.state.database.unbound() as work:
            await endings.forget_silent(work, now=clock.now())
        assert (await developer.manage("GET")).status_code == 200

    async def test_leaves_a_production_client_to_its_municipality(
        self, developer: Developer
    ) -> None:
        await developer.register(environment="production")
        async with developer.door.state.database.unbound() as work:
            await endings.forget_silent(work, now=clock.now() + timedelta(days=400))
        assert (await developer.manage("GET")).status_code == 200


class TestFrequency:
    def test_counts_an_ipv6_subscriber_as_one(self) -> None:
        frequency = Frequency()
        waits = [frequency.take(f"2001:db8::{number:x}", 0.0) for number in range(1, 22)]
        assert waits[:20] == [None] * 20
        assert waits[20] is not None
        assert frequency.take("2001:db8:0:1::1", 0.0) is None

    def test_takes_one_again_after_two_minutes(self) -> None:
        frequency = Frequency()
        for _ in range(21):
            frequency.take("192.0.2.1", 0.0)
        assert frequency.take("192.0.2.1", 121.0) is None

    def test_forgets_the_longest_unused_address(self) -> None:
        frequency = Frequency()
        for number in range(10_050):
            frequency.take(f"10.{number >> 8 & 255}.{number & 255}.1", 0.0)
        assert len(frequency) == 10_000
