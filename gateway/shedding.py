"""Refusing so that it costs little, and noticing when the door itself cannot keep up.

Whoever is refused and asks again at once would keep the door busy with refusing. After a few
refusals a municipality's next ones are therefore said more slowly: the connection waits, and asks
nothing meanwhile. How many may wait like that is bounded; beyond it connections are closed.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from .fairness import Gate

_WINDOW: Final = 1.0
_BEAT_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class TarpitLimits:
    """`freely` refusals a second are said at once; the next `held` wait for `seconds` each."""

    freely: int = 20
    seconds: float = 0.5
    held: int = 1_024
    held_together: int = 4_096


@dataclass(slots=True)
class _Tenant:
    began_at: float = 0.0
    refused: int = 0
    held: int = 0


@dataclass(slots=True)
class Tarpit:
    """How slowly to refuse. Every answer of `hold` above zero is followed by one `let_go`."""

    limits: TarpitLimits = field(default_factory=TarpitLimits)
    held: int = 0
    _tenants: dict[int, _Tenant] = field(default_factory=dict[int, _Tenant])

    def hold(self, tenant_id: int, now: float) -> float | None:
        """Return the seconds to wait before a refusal is said; None to say it and hang up."""
        tenant = self._tenants.get(tenant_id)
        if tenant is None:
            tenant = self._tenants[tenant_id] = _Tenant(now)
        if now - tenant.began_at >= _WINDOW:
            tenant.began_at, tenant.refused = now, 0
        tenant.refused += 1
        limits = self.limits
        if tenant.refused <= limits.freely and not tenant.held:
            return 0.0
        if tenant.held >= limits.held or self.held >= limits.held_together:
            return None
        tenant.held += 1
        self.held += 1
        return limits.seconds

    def let_go(self, tenant_id: int) -> None:
        """Note that a held refusal was said, or that nobody waited for it any more."""
        self._tenants[tenant_id].held -= 1
        self.held -= 1


@dataclass(slots=True)
class Pulse:
    """How late the event loop is: what it meant to do now, and when it got round to it.

    A door that is late for everybody must not let more people queue inside (`is_strained`); it
    becomes calm again only well below the point at which it was strained.
    """

    strained_above: float = 0.15
    calm_below: float = 0.05
    lateness: float = 0.0
    is_strained: bool = False

    def beat(self, late: float) -> None:
        """Note by how many seconds a beat came late."""
        self.lateness += 0.3 * (late - self.lateness)
        if self.lateness > self.strained_above:
            self.is_strained = True
        elif self.lateness < self.calm_below:
            self.is_strained = False


async def feel_the_pulse(gates: Sequence[Gate]) -> None:
    """Measure for ever how late the event loop is, and tell the gates when it is too late."""
    loop, pulse = asyncio.get_running_loop(), Pulse()
    while True:
        due = loop.time() + _BEAT_SECONDS
        await asyncio.sleep(_BEAT_SECONDS)
        pulse.beat(max(0.0, loop.time() - due))
        for gate in gates:
            gate.is_strained = pulse.is_strained
