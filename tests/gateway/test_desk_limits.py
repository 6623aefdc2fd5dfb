"""Who counts as one at the desk, how often they may come, and how little is remembered of them."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager

import httpx
import pytest
from hypothesis import given, strategies as st

from foundation.problems import TooManyRequests
from gateway.app import Gateway
from gateway.buckets import Buckets
from gateway.desk_limits import DeskLimits
from gateway.forwarding.pool import Address
from gateway.house import furnished
from gateway.limits import Rate
from gateway.routes import ROUTES
from gateway.traffic import TrafficSettings
from tests.support.front_door import FrontDoor, living

FEW = Rate(per_second=1, burst=3)
MANY = Rate(per_second=1_000, burst=100_000)
STRANGER = "203.0.113.7"
HANDLE = b"012084." + b"h" * 43


def limits(
    *, addresses: Rate = FEW, municipalities: Rate = MANY, proxies: Iterable[str] = ()
) -> DeskLimits:
    return DeskLimits(addresses, municipalities, proxies=proxies, clock=lambda: 100.0)


def passes(of: DeskLimits, peer: str | None, *forwarded: str, path: bytes = b"/oauth/token") -> int:
    """Ask ten times and return how often it passed."""
    headers = [(b"x-forwarded-for", one.encode()) for one in forwarded]
    passed = 0
    for _ in range(10):
        try:
            of.check(peer, path, b"", headers)
        except TooManyRequests:
            continue
        passed += 1
    return passed


class TestAddress:
    def test_may_come_so_often_and_is_told_when_to_come_again(self) -> None:
        strict = limits()
        assert passes(strict, STRANGER) == 3
        with pytest.raises(TooManyRequests) as refused:
            strict.check(STRANGER, b"/oauth/token", b"", [])
        assert refused.value.headers["Retry-After"] == "1"

    def test_does_not_spend_what_is_anothers(self) -> None:
        strict = limits()
        assert passes(strict, STRANGER) == 3
        assert passes(strict, "203.0.113.8") == 3

    def test_of_ipv6_is_a_household(self) -> None:
        strict = limits()
        assert passes(strict, "2001:db8:1:2::1") == 3
        assert passes(strict, "2001:db8:1:2:ffff::9") == 0
        assert passes(strict, "2001:db8:1:3::1") == 3

    def test_is_the_same_in_either_way_of_writing_it(self) -> None:
        strict = limits()
        assert passes(strict, STRANGER) == 3
        assert passes(strict, f"::ffff:{STRANGER}") == 0

    @pytest.mark.parametrize("peer", ["127.0.0.1", "::1", None, "", "a socket"])
    def test_of_this_machine_is_not_counted(self, peer: str | None) -> None:
        assert passes(limits(), peer) == 10

    @pytest.mark.parametrize("path", [b"/docs", b"/", b"/platform/v1/municipalities", b"/livez"])
    def test_is_not_counted_where_nobody_signs_in(self, path: bytes) -> None:
        assert passes(limits(), STRANGER, path=path) == 10

    @pytest.mark.parametrize("path", [b"/oauth/authorize", b"/session", b"/session/sign-in"])
    def test_is_counted_where_people_sign_in(self, path: bytes) -> None:
        assert passes(limits(), STRANGER, path=path) == 3


class TestProxies:
    def test_word_of_a_stranger_counts_for_nothing(self) -> None:
        strict = limits(proxies=["10.0.0.0/8"])
        assert passes(strict, STRANGER, "198.51.100.1") == 3
        assert passes(strict, STRANGER, "198.51.100.2") == 0

    def test_word_of_our_own_is_taken(self) -> None:
        strict = limits(proxies=["10.0.0.0/8"])
        assert passes(strict, "10.0.0.1", "198.51.100.1") == 3
        assert passes(strict, "10.0.0.1", "198.51.100.2") == 3

    def test_what_the_client_wrote_before_it_is_not(self) -> None:
        strict = limits(proxies=["10.0.0.0/8"])
        assert passes(strict, "10.0.0.1", "192.0.2.1, 198.51.100.1") == 3
        assert passes(strict, "10.0.0.1", "192.0.2.2, 198.51.100.1, 10.0.0.2") == 0
        assert passes(strict, "10.0.0.1", "192.0.2.3", "198.51.100.1") == 0

    @pytest.mark.parametrize(
        "told", ["", "unknown", "198.51.100.1:80", "1, nonsense", "127.0.0.1", "::1", "10.9.9.9"]
    )
    def test_nonsense_leaves_the_proxy_itself(self, told: str) -> None:
        strict = limits(proxies=["10.0.0.0/8"])
        assert passes(strict, "10.0.0.1", told) == 3
        assert passes(strict, "10.0.0.1", "more nonsense") == 0

    def test_on_this_machine_can_be_named(self) -> None:
        strict = limits(proxies=["127.0.0.0/8"])
        assert passes(strict, "127.0.0.1", "198.51.100.1") == 3
        assert passes(strict, "127.0.0.1", "198.51.100.2") == 3

    def test_must_be_networks(self) -> None:
        with pytest.raises(ValueError, match="network"):
            limits(proxies=["everybody"])


class TestMunicipality:
    @pytest.mark.parametrize(
        ("path", "query", "headers"),
        [
            (b"/oauth/authorize", b"", [(b"tamaire-municipality", b"012084")]),
            (b"/oauth/par", b"", [(b"host", b"012084.localhost:8200")]),
            (b"/session/sign-in", b"state=302082&municipality%5Fcode=012084", []),
            (b"/oauth/continue", b"state=" + HANDLE, [(b"tamaire-municipality", b"302082")]),
        ],
        ids=["header", "host", "query", "state"],
    )
    def test_is_counted_wherever_it_is_named(
        self, path: bytes, query: bytes, headers: list[tuple[bytes, bytes]]
    ) -> None:
        strict = limits(addresses=MANY, municipalities=FEW)
        # Each address has one, and one of the reserve; the municipality has three of either.
        for number in range(6):
            strict.check(f"203.0.113.{number}", path, query, headers)
        with pytest.raises(TooManyRequests):
            strict.check("203.0.113.9", path, query, headers)
        strict.check("203.0.113.9", b"/session/sign-in", b"municipality_code=302082", [])

    def test_is_not_spent_by_an_address_that_was_refused(self) -> None:
        strict = limits(municipalities=Rate(per_second=1, burst=4))
        for _ in range(10):
            try:
                strict.check(STRANGER, b"/session/sign-in", b"municipality_code=012084", [])
            except TooManyRequests:
                continue
        strict.check("203.0.113.9", b"/session/sign-in", b"municipality_code=012084", [])

    @pytest.mark.parametrize(
        "path", [b"/oauth/callback", b"/oauth/token", b"/oauth/consent", b"/session/callback"]
    )
    def test_is_not_counted_once_a_sign_in_has_begun(self, path: bytes) -> None:
        strict = limits(addresses=MANY, municipalities=FEW)
        for _ in range(20):
            strict.check(STRANGER, path, b"state=" + HANDLE, [])


class TestJudgedAddress:
    @pytest.mark.parametrize(
        ("peer", "told", "judged"),
        [
            ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
            ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "192.0.2.1, 198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "192.0.2.1, 198.51.100.1, 10.3.0.4", "198.51.100.1"),
            ("10.0.0.1", "198.51.100.1, nonsense, 10.3.0.4", "10.0.0.1"),
            ("10.0.0.1", "2001:db8::7", "2001:db8::7"),
            ("::ffff:203.0.113.7", "", "203.0.113.7"),
            ("::ffff:10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        ],
    )
    def test_is_what_the_desk_takes_for_the_peer(self, peer: str, told: str, judged: str) -> None:
        of = limits(proxies=["10.0.0.0/8"])
        headers = [(b"x-forwarded-for", told.encode())]
        assert of.check(peer, b"/oauth/register", b"", headers) == judged

    async def test_gives_each_vendor_behind_a_proxy_its_own_registrations(
        self, door: FrontDoor
    ) -> None:
        traffic = TrafficSettings(desk_proxies=("10.0.0.0/8",))
        async with _seen_from(door, traffic, "10.0.0.1") as http:

            async def registered(*, of: str) -> int:
                answer = await http.post(
                    "/oauth/register", json={}, headers={"X-Forwarded-For": f"192.0.2.1, {of}"}
                )
                return answer.status_code

            answers = [await registered(of="198.51.100.1") for _ in range(21)]
            assert answers == [400] * 20 + [429]
            assert await registered(of="198.51.100.2") == 400
        async with _seen_from(door, traffic, STRANGER) as http:
            forged = [await registered(of=f"198.51.100.{number}") for number in range(21)]
        assert forged == [400] * 20 + [429]


class TestMemory:
    @given(st.lists(st.integers(0, 200), max_size=300))
    def test_holds_no_more_than_it_may(self, keys: list[int]) -> None:
        buckets = Buckets(FEW, most=8)
        for now, key in enumerate(keys):
            buckets.take(str(key), now / 100)
            assert len(buckets) <= 8

    @given(st.lists(st.tuples(st.integers(0, 5), st.floats(0, 2)), max_size=100))
    def test_lets_nobody_have_more_than_the_rate(self, asked: list[tuple[int, float]]) -> None:
        buckets, now = Buckets(FEW), 0.0
        passed: dict[int, list[float]] = {}
        for key, wait in asked:
            now += wait
            if buckets.take(str(key), now) is None:
                passed.setdefault(key, []).append(now)
        for times in passed.values():
            for at, last in enumerate(times):
                recent = [one for one in times[: at + 1] if one > last - 1]
                assert len(recent) <= FEW.burst + 1


class TestAtTheDoor:
    async def test_answers_429_with_the_time_to_wait(self, door: FrontDoor) -> None:
        traffic = TrafficSettings(desk_address_per_second=0.5, desk_address_burst=3)
        async with _seen_from(door, traffic, STRANGER) as http:
            answers = [await http.get("/session") for _ in range(4)]
        assert [one.status_code for one in answers] == [401, 401, 401, 429]
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert answers[-1].json()["type"] == "/problems/platform/too-many-requests"


@asynccontextmanager
async def _seen_from(
    door: FrontDoor, traffic: TrafficSettings, peer: str
) -> AsyncGenerator[httpx.AsyncClient]:
    """Open the whole gateway as it is reached from an address."""
    away = {route.service: Address.parse("unix:/nowhere/service.sock") for route in ROUTES}
    gateway = Gateway(lambda: furnished(door.state, traffic, away))
    transport = httpx.ASGITransport(app=gateway, client=(peer, 4711))
    async with (
        living(gateway),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8200") as http,
    ):
        yield http
