"""A token once proven is remembered, and never for a moment too long."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from foundation.identity import InvalidToken, Purpose
from foundation.problems import ServiceUnavailable
from gateway.token_cache import InternalTokens, TokenCache
from tests.support.forwarding import PlayedPen, PlayedRevocations, PlayedTokens
from tests.support.wire import CHIYODA, KITAMI

NOON = 1_800_000_000.0


@dataclass(slots=True)
class Clock:
    now: float = NOON

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True)
class Bench:
    """A cache, and the hands that move what it depends on."""

    tokens: PlayedTokens = field(default_factory=lambda: PlayedTokens(expires_at=NOON + 600))
    revocations: PlayedRevocations = field(default_factory=PlayedRevocations)
    clock: Clock = field(default_factory=Clock)

    def cache(self, capacity: int = 100) -> TokenCache:
        return TokenCache(self.tokens, self.revocations, capacity=capacity, clock=self.clock)


class TestProve:
    def test_verifies_a_signature_once(self) -> None:
        bench = Bench()
        cache = bench.cache()
        assert cache.prove(KITAMI) is cache.prove(KITAMI)
        assert bench.tokens.asked == 1

    def test_keeps_two_tokens_apart(self) -> None:
        cache = Bench().cache()
        codes = [cache.prove(code).access.caller.tenancy.code for code in (KITAMI, CHIYODA, KITAMI)]
        assert codes == [KITAMI, CHIYODA, KITAMI]

    def test_never_serves_an_expired_token(self) -> None:
        bench = Bench()
        cache = bench.cache()
        for age in range(0, 600, 7):
            bench.clock.now = NOON + age
            cache.prove(KITAMI)
        bench.clock.now = NOON + 600
        with pytest.raises(InvalidToken):
            cache.prove(KITAMI)
        assert len(cache) == 0

    def test_refuses_a_revoked_token_at_the_next_request(self) -> None:
        bench = Bench()
        cache = bench.cache()
        cache.prove(KITAMI)
        bench.revocations.subjects.add("clerk")
        with pytest.raises(InvalidToken):
            cache.prove(KITAMI)
        assert len(cache) == 0

    def test_refuses_a_token_that_was_revoked_before_it_came(self) -> None:
        bench = Bench()
        bench.revocations.subjects.add("clerk")
        with pytest.raises(InvalidToken):
            bench.cache().prove(KITAMI)

    def test_stops_everybody_when_revocations_cannot_be_told(self) -> None:
        bench = Bench()
        cache = bench.cache()
        cache.prove(KITAMI)
        bench.revocations.is_unknown = True
        with pytest.raises(ServiceUnavailable):
            cache.prove(KITAMI)

    def test_does_not_remember_what_is_not_valid(self) -> None:
        bench = Bench()
        cache = bench.cache()
        for _ in range(3):
            with pytest.raises(InvalidToken):
                cache.prove("forged")
        assert (len(cache), bench.tokens.asked) == (0, 3)

    def test_proves_a_token_anew_after_a_quarter_of_a_minute(self) -> None:
        bench = Bench()
        cache = bench.cache()
        first = cache.prove(KITAMI)
        bench.clock.now += 15
        assert cache.prove(KITAMI) is not first
        assert bench.tokens.asked == 2

    def test_forgets_a_token_whose_key_was_withdrawn(self) -> None:
        bench = Bench()
        cache = bench.cache()
        cache.prove(KITAMI)
        bench.tokens.known = ()
        bench.clock.now += 15
        with pytest.raises(InvalidToken):
            cache.prove(KITAMI)
        assert len(cache) == 0

    def test_forgets_all_of_them_when_a_key_changes(self) -> None:
        bench = Bench()
        cache = bench.cache()
        cache.prove(KITAMI)
        bench.tokens.known = ()
        cache.forget()
        with pytest.raises(InvalidToken):
            cache.prove(KITAMI)

    def test_is_bounded(self) -> None:
        cache = Bench().cache(capacity=10)
        for number in range(100):
            cache.prove(f"{KITAMI}.{number}")
        assert len(cache) == 10

    def test_is_not_fooled_by_a_clock_that_goes_back(self) -> None:
        bench = Bench()
        cache = bench.cache()
        cache.prove(KITAMI)
        bench.clock.now -= 1_000
        cache.prove(KITAMI)
        assert bench.tokens.asked == 2


class TestTokenFor:
    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture
    def minted(self, clock: Clock) -> Callable[[str, Purpose | None], str]:
        bench = Bench(clock=clock)
        cache, internal = bench.cache(), InternalTokens(PlayedPen(), clock=clock)

        def mint(service: str, purpose: Purpose | None = None) -> str:
            return internal.token_for(cache.prove(KITAMI), service, purpose).decode()

        return mint

    def test_is_minted_once_for_one_service_and_purpose(
        self, minted: Callable[..., str], clock: Clock
    ) -> None:
        first = minted("benefits")
        clock.now += 19
        assert minted("benefits") == first == "benefits.012084.clerk.none.1"

    def test_is_another_for_another_service_or_purpose(self, minted: Callable[..., str]) -> None:
        tokens = {
            minted("benefits"),
            minted("registry"),
            minted("benefits", Purpose.PAYMENT),
            minted("benefits", Purpose.APPLICATION),
        }
        assert len(tokens) == 4

    def test_is_replaced_ten_seconds_before_it_ends(
        self, minted: Callable[..., str], clock: Clock
    ) -> None:
        first = minted("benefits")
        clock.now += 20
        assert minted("benefits") != first

    def test_is_never_shared_between_two_access_tokens(self) -> None:
        bench = Bench()
        cache, internal = bench.cache(), InternalTokens(PlayedPen(), clock=bench.clock)
        passes = [cache.prove(f"{KITAMI}.{name}") for name in ("hanako", "jiro")]
        tokens = [internal.token_for(holder, "benefits", None).decode() for holder in passes]
        assert [token.split(".")[2] for token in tokens] == ["hanako", "jiro"]
