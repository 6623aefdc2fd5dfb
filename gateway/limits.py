"""A fair share for each municipality: how fast, how many at once, how large.

Pure arithmetic over a clock that is passed in. The bucket is kept as one number, the instant at
which it will be full again (the generic cell rate algorithm, ITU-T I.371), so that there is nothing
to refill and nothing to drift.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Final

_SWEEP_ABOVE: Final = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How much one tenant may ask: `burst` at once, then `per_second` on and on."""

    per_second: float
    burst: int
    window_seconds: int = field(init=False, compare=False)
    """After how many seconds of silence a whole burst is available again."""
    interval: float = field(init=False, compare=False)
    capacity: float = field(init=False, compare=False)
    """Seconds between two requests, and the seconds a whole burst is worth."""
    policy: str = field(init=False, compare=False)
    """What `RateLimit-Policy` says of it, without whose it is."""

    def __post_init__(self) -> None:
        if self.per_second <= 0 or self.burst < 1:
            raise ValueError("A rate lets something through, or it is no rate.")
        window = max(1, ceil(self.burst / self.per_second))
        for name, value in (
            ("window_seconds", window),
            ("interval", 1.0 / self.per_second),
            ("capacity", self.burst / self.per_second),
            ("policy", f"q={self.burst};w={window}"),
        ):
            object.__setattr__(self, name, value)


@dataclass(slots=True)
class Verdict:
    """Whether a request may pass; what is left; seconds until something or everything is back."""

    allowed: bool
    remaining: int
    retry_after: float
    reset_after: float
    of_client: "tuple[Rate, Verdict] | None" = None
    """The same for the one client, where something was agreed for it."""

    @property
    def violated(self) -> list[str]:
        """Return which policies are used up, by the names they have in the header fields."""
        by_client = self.of_client is not None and not self.of_client[1].allowed
        return ["client"] if by_client else [] if self.allowed else ["tenant"]


def judge(rate: Rate, full_at: float, now: float) -> tuple[float, Verdict]:
    """Take one from a bucket that will be full at `full_at`; return its new `full_at`.

    A refused request takes nothing: hammering does not prolong the wait.
    """
    interval, capacity = rate.interval, rate.capacity
    before = full_at - now if full_at > now else 0.0
    owed = before + interval
    if owed > capacity * (1 + 1e-9):
        return full_at, Verdict(
            allowed=False, remaining=0, retry_after=owed - capacity, reset_after=before
        )
    remaining = int((capacity - owed) * rate.per_second + 1e-6)
    return now + owed, Verdict(True, remaining, 0.0, owed)  # noqa: FBT003 - once for each request


@dataclass(slots=True)
class RateLimits:
    """One bucket per tenant, and one for each client with which something was agreed."""

    default: Rate
    overrides: Mapping[int, Rate] = field(default_factory=dict[int, Rate])
    """What was agreed with single tenants."""
    clients: Mapping[tuple[int, str], Rate] = field(default_factory=dict[tuple[int, str], Rate])
    """What a single client of a tenant may take of the tenant's rate."""
    _full_at: dict[int, float] = field(default_factory=dict[int, float])
    _clients_full_at: dict[tuple[int, str], float] = field(
        default_factory=dict[tuple[int, str], float]
    )

    def __len__(self) -> int:
        return len(self._full_at)

    def rate_of(self, tenant_id: int) -> Rate:
        """Return the rate that holds for this tenant."""
        return self.overrides.get(tenant_id, self.default)

    def take(self, tenant_id: int, now: float, client_id: str = "") -> Verdict:
        """Count one request of a tenant's client at a monotonic instant in seconds.

        What the client's own bucket refuses is not taken from the tenant's.
        """
        if len(self._full_at) > _SWEEP_ABOVE:
            self._full_at = {key: at for key, at in self._full_at.items() if at > now}
        rate, known = self.rate_of(tenant_id), self._full_at.get(tenant_id, now)
        full_at, verdict = judge(rate, known, now)
        if self.clients and (agreed := self.clients.get((tenant_id, client_id))) is not None:
            own = self._take_of_client((tenant_id, client_id), agreed, now, verdict)
            if not own.allowed and verdict.allowed:
                full_at, retry_after = known, own.retry_after
                verdict = replace(verdict, allowed=False, retry_after=retry_after)
            verdict.of_client = (agreed, own)
        self._full_at[tenant_id] = full_at
        return verdict

    def _take_of_client(
        self, key: tuple[int, str], rate: Rate, now: float, of_tenant: Verdict
    ) -> Verdict:
        known = self._clients_full_at.get(key, now)
        full_at, verdict = judge(rate, known, now)
        self._clients_full_at[key] = full_at if of_tenant.allowed else known
        return verdict

    def agree(self, tenants: Mapping[int, Rate], clients: Mapping[tuple[int, str], Rate]) -> None:
        """Take up what was agreed; buckets keep what has been drawn from them."""
        self.overrides, self.clients = tenants, clients
        self._clients_full_at = {
            key: at for key, at in self._clients_full_at.items() if key in clients
        }


@dataclass(slots=True)
class ConcurrencyLimits:
    """How many requests of one tenant may be under way at once; idle tenants are forgotten."""

    most: int
    _under_way: dict[int, int] = field(default_factory=dict[int, int])

    def enter(self, tenant_id: int) -> bool:
        """Count a request in, or say no. Each yes is followed by exactly one `leave`."""
        present = self._under_way.get(tenant_id, 0)
        if present >= self.most:
            return False
        self._under_way[tenant_id] = present + 1
        return True

    def leave(self, tenant_id: int) -> None:
        """Count a request out."""
        left = self._under_way[tenant_id] - 1
        if left:
            self._under_way[tenant_id] = left
        else:
            del self._under_way[tenant_id]

    def under_way(self, tenant_id: int) -> int:
        """Return how many requests of a tenant are being carried now."""
        return self._under_way.get(tenant_id, 0)


def rate_headers(rate: Rate, verdict: Verdict) -> list[tuple[bytes, bytes]]:
    """Return `RateLimit-Policy` and `RateLimit`, as draft-ietf-httpapi-ratelimit-headers has them.

    `q` requests in a window of `w` seconds; `r` of them are left, all of them again in `t` seconds.
    """
    policy, state = _policy("tenant", rate), _state("tenant", verdict)
    if verdict.of_client is not None:
        agreed, own = verdict.of_client
        policy = f"{policy}, {_policy('client', agreed)}"
        state = f"{state}, {_state('client', own)}"
    return [(b"ratelimit-policy", policy.encode()), (b"ratelimit", state.encode())]


def retry_after(verdict: Verdict) -> str:
    """Return the whole seconds after which the next request will be let through."""
    return str(max(1, ceil(verdict.retry_after)))


def _policy(name: str, rate: Rate) -> str:
    return f'"{name}";{rate.policy}'


def _state(name: str, verdict: Verdict) -> str:
    return f'"{name}";r={verdict.remaining};t={ceil(verdict.reset_after)}'
