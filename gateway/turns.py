"""The arithmetic of taking turns: slots, lanes of tenants, and who is next. It knows no event loop.

Slots are given first to who holds fewer than its weight, in turn, then to who would like more, in
turn. Who has to go for want of room is always of the tenant with most waiting for its weight.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from .lanes import NOBODY, Lane, Share, Ticket

_CROWDING: Final = 1.5
_ROUNDS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class GateLimits:
    """How many slots, how many may wait for one, and how long (seconds).

    When the queue has not been empty for `calm_after`, waiting is no longer a passing matter:
    patience shrinks to `impatience`, and who came last is served first, since whoever came first
    has most likely gone (adaptive LIFO; AWS Builders' Library, "Using load shedding").
    """

    slots: int = 32
    share: Share = field(default_factory=lambda: Share(at_once=10))
    waiting: int = 512
    waiting_each: int = 64
    patience: float = 0.5
    impatience: float = 0.1
    calm_after: float = 1.0


class ShareExceeded(Exception):
    """The tenant itself has more waiting than its part (429)."""


class Overloaded(Exception):
    """Nothing became free in time, through no fault of this tenant's (503)."""


@dataclass(slots=True)
class Given:
    """What a freed slot led to: who has one now, and who had waited too long already."""

    granted: list[Ticket] = field(default_factory=list[Ticket])
    late: list[Ticket] = field(default_factory=list[Ticket])


class FairQueue:
    """Slots, and who waits for them."""

    def __init__(self, limits: GateLimits) -> None:
        self.limits = limits
        self.free = limits.slots
        self.waiting = 0
        self.shares: Mapping[int, Share] = {}
        self._clients: Mapping[int, Mapping[str, int]] = {}
        self._lanes: dict[int, Lane] = {}
        self._crowded: dict[int, Lane] = {}
        self._below: OrderedDict[int, Lane] = OrderedDict()
        self._above: OrderedDict[int, Lane] = OrderedDict()
        self._empty_at = 0.0

    def agree(
        self, shares: Mapping[int, Share], clients: Mapping[tuple[int, str], int] | None = None
    ) -> None:
        """Take up what was agreed with single tenants, and how many slots single clients may have.

        Slots already given are not taken back.
        """
        of_tenants: defaultdict[int, dict[str, int]] = defaultdict(dict)
        for (tenant, client), at_once in (clients or {}).items():
            of_tenants[tenant][client] = at_once
        self.shares, self._clients = shares, dict(of_tenants)
        for lane in self._lanes.values():
            lane.agree(*self._agreed(lane.tenant))
            self._place(lane)

    def running(self, tenant: int) -> int:
        """Return how many slots a tenant holds."""
        lane = self._lanes.get(tenant)
        return 0 if lane is None else lane.running

    def is_overloaded(self, now: float) -> bool:
        """Whether somebody has been waiting all the time for a while now."""
        return self.waiting > 0 and now - self._empty_at > self.limits.calm_after

    def is_full(self, tenant: int) -> bool:
        """Whether a tenant holds as many slots as it may."""
        lane = self._lanes.get(tenant)
        return lane is not None and lane.running >= lane.share.at_once

    def is_client_full(self, tenant: int, client: str) -> bool:
        """Whether a client of a tenant holds as many as it may."""
        lane = self._lanes.get(tenant)
        return lane is not None and not lane.may_hold(client)

    def try_enter(self, tenant: int, client: str = "") -> bool:
        """Take a slot if one is free for this tenant's client; nobody is overtaken by it.

        A slot lies free only while everybody who waits has as many as they may have.
        """
        if not self.free:
            return False
        lane = self._lanes.get(tenant)
        if lane is None:
            lane = self._lanes[tenant] = self._lane(tenant)
        elif lane.running >= lane.share.at_once or (lane.length and lane.waits(client)):
            return False
        held = lane.held.get(client, 0)
        if held >= (lane.agreed.get(client, lane.each) if lane.agreed else lane.each):
            return False
        lane.held[client] = held + 1
        lane.running += 1
        self.free -= 1
        return True

    def join(self, ticket: Ticket, now: float) -> Ticket | None:
        """Let a request wait; return the one that has to go for it, which may be itself.

        Who has to go is always of the tenant with most waiting for its weight, of its client with
        most waiting, and the one that came last; so neither a tenant below its part nor a client
        below its own is refused for want of room.
        """
        lane = self._lanes.get(ticket.tenant)
        if lane is None:
            lane = self._lanes[ticket.tenant] = self._lane(ticket.tenant)
        gone = self._gone_for(ticket, lane, now)
        if gone is ticket:
            return ticket
        if gone is not None:
            self.withdraw(gone, now)
        if not self.waiting:
            self._empty_at = now
        lane.add(ticket)
        self._crowded[lane.tenant] = lane
        self.waiting += 1
        self._place(lane)
        return gone

    def _gone_for(self, ticket: Ticket, lane: Lane, now: float) -> Ticket | None:
        """Return who has to go, so that a request can wait in a lane; None if there is room."""
        if lane.length >= self.limits.waiting_each:
            return lane.surplus(ticket.client) or ticket
        if self.waiting < self.room(now):
            return None
        longest = max(self._crowded.values(), key=_length)
        if _length(longest) <= _length(lane):
            return (lane.surplus(ticket.client) if lane.length else None) or ticket
        return longest.surplus() or ticket

    def room(self, now: float) -> int:
        """Return how many may wait: many in a rush, few when the rush does not end.

        What waits longer than its patience was let in for nothing.
        """
        limits = self.limits
        if self.is_overloaded(now):
            return min(limits.waiting, limits.slots * _ROUNDS)
        return limits.waiting

    def refuses(self, tenant: int, now: float) -> bool:
        """Whether a request of this tenant would have to go at once; asked before it waits."""
        lane = self._lanes.get(tenant)
        if lane is None or not lane.length:
            return False
        if lane.length >= self.limits.waiting_each:
            return True
        if self.waiting < self.room(now):
            return False
        return _length(lane) >= max(map(_length, self._crowded.values()))

    def is_crowding(self, tenant: int) -> bool:
        """Whether a tenant has more waiting than most: then it is its own doing (429, not 503)."""
        lane = self._lanes.get(tenant)
        if lane is None or not self._crowded:
            return False
        usual = sum(map(_length, self._crowded.values())) / len(self._crowded)
        is_at_its_limit = lane.length >= self.limits.waiting_each
        return is_at_its_limit or _length(lane) >= _CROWDING * usual

    def withdraw(self, ticket: Ticket, now: float) -> bool:
        """Take out a request that waits no longer; False if it was not waiting."""
        lane = self._lanes.get(ticket.tenant)
        if lane is None or not lane.remove(ticket):
            return False
        self._waits_no_more(lane, now)
        self._place(lane)
        return True

    def leave(self, tenant: int, now: float, client: str = "") -> Given:
        """Give a slot back, and on to who is next."""
        lane = self._lanes[tenant]
        lane.give_back(client)
        self.free += 1
        given = Given()
        self._place(lane)
        while self.free and (next_lane := self._next()) is not None:
            self._serve(next_lane, now, given)
        return given

    def leave_quietly(self, tenant: int, client: str = "") -> bool:
        """Give a slot back that nobody waits for; False if somebody does, and nothing is done."""
        if self.waiting:
            return False
        self._lanes[tenant].give_back(client)
        self.free += 1
        return True

    def _lane(self, tenant: int) -> Lane:
        return Lane(tenant, *self._agreed(tenant))

    def _agreed(self, tenant: int) -> tuple[Share, Mapping[str, int]]:
        share = self.shares.get(tenant, self.limits.share)
        return share, self._clients.get(tenant, NOBODY)

    def _place(self, lane: Lane) -> None:
        """Put a lane where it belongs: below its weight, above it, or nowhere for now."""
        tenant = lane.tenant
        if not lane.length or not lane.is_ready:
            self._below.pop(tenant, None)
            self._above.pop(tenant, None)
        elif lane.running < lane.share.weight:
            self._above.pop(tenant, None)
            _line_up(self._below, lane)
        else:
            self._below.pop(tenant, None)
            _line_up(self._above, lane)

    def _next(self) -> Lane | None:
        ring = self._below or self._above
        return next(iter(ring.values()), None)

    def _serve(self, lane: Lane, now: float, given: Given) -> None:
        """Give a lane one slot of its turn; the turn passes when its credit is used up."""
        newest_first = self.is_overloaded(now)
        ticket = lane.draw(newest_first=newest_first)
        self._waits_no_more(lane, now)
        if now >= ticket.gives_up_at:
            given.late.append(ticket)
        else:
            lane.take(ticket.client)
            self.free -= 1
            lane.credit = (lane.credit or lane.share.weight) - 1
            ticket.is_granted = True
            given.granted.append(ticket)
            if not lane.credit:
                self._below.pop(lane.tenant, None)
                self._above.pop(lane.tenant, None)
        self._place(lane)

    def _waits_no_more(self, lane: Lane, now: float) -> None:
        self.waiting -= 1
        if not self.waiting:
            self._empty_at = now
        if not lane.length:
            lane.credit = 0
            self._crowded.pop(lane.tenant, None)


def _line_up(ring: OrderedDict[int, Lane], lane: Lane) -> None:
    """Put a lane at the end, or back in front if it has not had the whole of its turn."""
    ring.setdefault(lane.tenant, lane)
    if lane.credit:
        ring.move_to_end(lane.tenant, last=False)


def _length(lane: Lane) -> float:
    return lane.length / lane.share.weight
