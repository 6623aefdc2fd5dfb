"""Nobody waits behind another's crowd, no slot lies idle while it is wanted, nobody starves."""

import asyncio
import time
from collections import Counter
from typing import ClassVar

import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.fairness import (
    FairQueue,
    Gate,
    GateLimits,
    Overloaded,
    Share,
    ShareExceeded,
    Ticket,
)

NEVER = 1e9
TENANTS = st.integers(1, 5)


def limits(**changes: object) -> GateLimits:
    given: dict[str, object] = {
        "slots": 4,
        "share": Share(at_once=3),
        "waiting": 12,
        "waiting_each": 8,
    }
    return GateLimits(**(given | changes))  # pyright: ignore[reportArgumentType]  # fields by name


class Crowd(RuleBasedStateMachine):
    """Tenants come, wait, lose patience and leave, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = FairQueue(limits())
        self.queue.agree({5: Share(at_once=4, weight=2)})
        self.now = 0.0
        self.running: Counter[int] = Counter()
        self.waiting: list[Ticket] = []

    @rule(tenant=TENANTS, patience=st.floats(0.1, 50))
    def come(self, tenant: int, patience: float) -> None:
        if self.queue.try_enter(tenant):
            self.running[tenant] += 1
            return
        ticket = Ticket(tenant, self.now, self.now + patience)
        queued = Counter(one.tenant for one in self.waiting)
        gone = self.queue.join(ticket, self.now)
        self.waiting.append(ticket)
        if gone is not None:
            self.waiting.remove(gone)
            weight = {5: 2}
            most = max(count / weight.get(one, 1) for one, count in queued.items())
            refused = queued[gone.tenant] / weight.get(gone.tenant, 1)
            assert queued[gone.tenant] >= self.queue.limits.waiting_each or refused == most

    @precondition(lambda self: +self.running)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        tenant = data.draw(st.sampled_from(sorted(+self.running)))
        self.running[tenant] -= 1
        given = self.queue.leave(tenant, self.now)
        for ticket in given.granted:
            assert self.now < ticket.gives_up_at
            self.running[ticket.tenant] += 1
            self.waiting.remove(ticket)
        for ticket in given.late:
            assert self.now >= ticket.gives_up_at
            self.waiting.remove(ticket)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        ticket = data.draw(st.sampled_from(range(len(self.waiting))))
        assert self.queue.withdraw(self.waiting.pop(ticket), self.now)

    @rule(seconds=st.floats(0.01, 5))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def counts_agree(self) -> None:
        assert self.queue.free == 4 - self.running.total()
        assert self.queue.waiting == len(self.waiting)
        for tenant in range(1, 6):
            assert self.queue.running(tenant) == self.running[tenant]

    @invariant()
    def nobody_has_more_than_agreed(self) -> None:
        assert self.running.total() <= 4
        assert all(self.running[tenant] <= (4 if tenant == 5 else 3) for tenant in range(1, 6))

    @invariant()
    def no_slot_lies_idle_while_somebody_may_have_it(self) -> None:
        for ticket in self.waiting:
            most = 4 if ticket.tenant == 5 else 3
            assert not self.queue.free or self.running[ticket.tenant] >= most


TestCrowd = Crowd.TestCase
TestCrowd.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)


CLIENTS = st.sampled_from(["counter", "vendor", "agreed"])


class Clients(RuleBasedStateMachine):
    """Three clients of each municipality come, wait, give up and leave, in any order."""

    most: ClassVar = {"counter": 2, "vendor": 2, "agreed": 1}

    def __init__(self) -> None:
        super().__init__()
        self.queue = FairQueue(limits(share=Share(at_once=3, each=2)))
        self.queue.agree({}, {(tenant, "agreed"): 1 for tenant in (1, 2)})
        self.running: Counter[tuple[int, str]] = Counter()
        self.waiting: list[Ticket] = []

    @rule(tenant=st.integers(1, 2), client=CLIENTS)
    def come(self, tenant: int, client: str) -> None:
        if self.queue.try_enter(tenant, client):
            self.running[tenant, client] += 1
            return
        ticket = Ticket(tenant, 0.0, NEVER, client=client)
        before = Counter(one.client for one in self.waiting if one.tenant == tenant)
        gone = self.queue.join(ticket, 0.0)
        self.waiting.append(ticket)
        if gone is not None:
            self.waiting.remove(gone)
            if gone.tenant == tenant:  # who has to go is of the client with most waiting
                assert before[gone.client] == max(before.values())

    @precondition(lambda self: +self.running)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        tenant, client = data.draw(st.sampled_from(sorted(+self.running)))
        self.running[tenant, client] -= 1
        for ticket in self.queue.leave(tenant, 0.0, client).granted:
            self.running[ticket.tenant, ticket.client] += 1
            self.waiting.remove(ticket)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        ticket = data.draw(st.sampled_from(range(len(self.waiting))))
        assert self.queue.withdraw(self.waiting.pop(ticket), 0.0)

    @invariant()
    def no_client_has_more_than_its_share(self) -> None:
        assert all(count <= self.most[client] for (_, client), count in self.running.items())
        assert all(self.of(tenant) <= 3 for tenant in (1, 2))
        assert self.queue.free == 4 - self.running.total()

    @invariant()
    def no_slot_lies_idle_while_somebody_may_have_it(self) -> None:
        for one in self.waiting:
            is_full = self.running[one.tenant, one.client] >= self.most[one.client]
            assert not self.queue.free or self.of(one.tenant) >= 3 or is_full

    def of(self, tenant: int) -> int:
        return sum(count for (one, _), count in self.running.items() if one == tenant)


TestClients = Clients.TestCase
TestClients.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)


def filled(queue: FairQueue, tenant: int, waiting: int) -> None:
    """Let one tenant take what it can get, and let so many of its requests wait."""
    while queue.try_enter(tenant):
        pass
    for _ in range(waiting):
        queue.join(Ticket(tenant, 0.0, NEVER), 0.0)


class TestAQuietTenant:
    def test_finds_a_slot_that_no_single_tenant_can_take(self) -> None:
        queue = FairQueue(limits())
        filled(queue, 1, waiting=8)
        assert queue.running(1) == 3
        assert queue.try_enter(2)

    @given(noisy=st.integers(2, 4), crowd=st.integers(3, 40))
    def test_is_served_before_anybody_gets_a_second_turn(self, noisy: int, crowd: int) -> None:
        queue = FairQueue(limits(waiting=1_000, waiting_each=100))
        for tenant in range(1, noisy + 1):
            filled(queue, tenant, waiting=crowd)
        quiet = Ticket(99, 0.0, NEVER)
        queue.join(quiet, 0.0)
        holders = [tenant for tenant in range(1, noisy + 1) for _ in range(queue.running(tenant))]
        served: list[int] = []
        while 99 not in served:
            for ticket in queue.leave(holders.pop(0), 0.0).granted:
                served.append(ticket.tenant)
                holders.append(ticket.tenant)
        assert len(served) <= noisy + 1

    @given(st.lists(st.integers(1, 3), max_size=60))
    def test_is_never_refused_for_want_of_room(self, noise: list[int]) -> None:
        queue = FairQueue(limits())
        filled(queue, 1, waiting=0)
        filled(queue, 2, waiting=0)
        for tenant in noise:
            queue.join(Ticket(tenant, 0.0, NEVER), 0.0)
        filled(queue, 1, waiting=20)
        quiet = Ticket(99, 0.0, NEVER)
        gone = queue.join(quiet, 0.0)
        assert gone is not quiet
        assert queue.waiting <= 12

    def test_is_counted_by_its_weight(self) -> None:
        queue = FairQueue(limits(slots=1, waiting=100, waiting_each=100))
        queue.agree({1: Share(at_once=1, weight=3), 2: Share(at_once=1, weight=1)})
        assert queue.try_enter(3)
        for tenant in (1, 2):
            filled(queue, tenant, waiting=40)
        served: list[int] = []
        holder = 3
        for _ in range(40):
            (ticket,) = queue.leave(holder, 0.0).granted
            holder = ticket.tenant
            served.append(holder)
        assert Counter(served) == {1: 30, 2: 10}


class TestAQuietClient:
    def test_finds_a_slot_that_its_busy_neighbour_cannot_take(self) -> None:
        queue = FairQueue(limits(share=Share(at_once=3, each=2)))
        while queue.try_enter(1, "vendor"):
            pass
        for _ in range(5):
            queue.join(Ticket(1, 0.0, NEVER, client="vendor"), 0.0)
        assert queue.running(1) == 2
        assert queue.try_enter(1, "counter")

    @given(crowd=st.integers(1, 30))
    def test_waits_for_one_turn_of_each_other_client_at_most(self, crowd: int) -> None:
        queue = FairQueue(limits(slots=1, waiting=100, waiting_each=100))
        assert queue.try_enter(1, "vendor")
        for _ in range(crowd):
            queue.join(Ticket(1, 0.0, NEVER, client="vendor"), 0.0)
        queue.join(Ticket(1, 0.0, NEVER, client="counter"), 0.0)
        served: list[str] = []
        holder = "vendor"
        while "counter" not in served:
            (ticket,) = queue.leave(1, 0.0, holder).granted
            holder = ticket.client
            served.append(holder)
        assert len(served) <= 2

    def test_finds_room_to_wait_at_the_expense_of_the_crowd(self) -> None:
        queue = FairQueue(limits(slots=1, waiting_each=4))
        assert queue.try_enter(1, "vendor")
        crowd = [Ticket(1, 0.0, NEVER, client="vendor") for _ in range(4)]
        assert [queue.join(one, 0.0) for one in crowd] == [None] * 4
        assert queue.join(Ticket(1, 0.0, NEVER, client="counter"), 0.0) is crowd[-1]
        beyond = Ticket(1, 0.0, NEVER, client="vendor")
        assert queue.join(beyond, 0.0) is beyond


class TestOverload:
    def test_serves_the_newest_first_once_waiting_does_not_end(self) -> None:
        queue = FairQueue(limits(slots=1, share=Share(at_once=1), calm_after=1.0))
        assert queue.try_enter(1)
        first, second, third = (Ticket(1, at, NEVER) for at in (0.0, 0.5, 0.9))
        for ticket in (first, second, third):
            queue.join(ticket, ticket.came_at)
        assert queue.leave(1, 0.95).granted == [first]
        assert queue.leave(1, 1.5).granted == [third]

    def test_passes_over_who_could_not_be_answered_in_time(self) -> None:
        queue = FairQueue(limits(slots=1, share=Share(at_once=1)))
        assert queue.try_enter(1)
        late, good = Ticket(1, 0.0, 0.2), Ticket(1, 0.0, NEVER)
        for ticket in (late, good):
            queue.join(ticket, 0.0)
        given = queue.leave(1, 0.3)
        assert (given.late, given.granted) == ([late], [good])


class TestGate:
    async def test_hands_a_slot_on(self) -> None:
        gate = Gate(limits(slots=1, share=Share(at_once=1)))
        await gate.enter(1)
        waiting = asyncio.create_task(gate.enter(2))
        await asyncio.sleep(0)
        assert not waiting.done()
        gate.leave(1)
        await waiting
        gate.leave(2)
        assert gate.queue.free == 1

    async def test_refuses_with_503_who_waited_in_vain(self) -> None:
        gate = Gate(limits(slots=1, share=Share(at_once=1), patience=0.01))
        await gate.enter(1)
        with pytest.raises(Overloaded):
            await gate.enter(2)
        gate.leave(1)
        assert (gate.queue.free, gate.queue.waiting) == (1, 0)

    async def test_refuses_with_429_who_has_too_many_waiting(self) -> None:
        gate = Gate(limits(slots=1, share=Share(at_once=1), waiting_each=1))
        await gate.enter(1)
        waiting = asyncio.create_task(gate.enter(1))
        await asyncio.sleep(0)
        with pytest.raises(ShareExceeded):
            await gate.enter(1)
        gate.leave(1)
        await waiting

    async def test_refuses_with_503_who_is_one_of_an_even_crowd(self) -> None:
        gate = Gate(limits(slots=1, share=Share(at_once=1), waiting=3, waiting_each=3))
        await gate.enter(9)
        waiting = [asyncio.create_task(gate.enter(tenant)) for tenant in (1, 2, 3)]
        await asyncio.sleep(0)
        assert gate.refuses(1)
        with pytest.raises(Overloaded):
            await gate.enter(1)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        gate.leave(9)
        assert (gate.queue.free, gate.queue.waiting) == (1, 0)

    async def test_lets_a_newcomer_in_for_one_of_the_crowd(self) -> None:
        gate = Gate(limits(slots=1, share=Share(at_once=1), waiting=4, waiting_each=8))
        await gate.enter(9)
        crowd = [asyncio.create_task(gate.enter(1)) for _ in range(4)]
        await asyncio.sleep(0)
        assert not gate.refuses(2)
        quiet = asyncio.create_task(gate.enter(2))
        for _ in range(3):
            await asyncio.sleep(0)
        done = [task for task in crowd if task.done()]
        assert len(done) == 1
        with pytest.raises(ShareExceeded):
            await done[0]
        for task in (*crowd, quiet):
            task.cancel()
        await asyncio.gather(*crowd, quiet, return_exceptions=True)
        gate.leave(9)
        assert (gate.queue.free, gate.queue.waiting) == (1, 0)

    async def test_waits_no_longer_than_the_answer_is_of_use(self) -> None:
        gate = Gate(limits(slots=1, share=Share(at_once=1), patience=5))
        await gate.enter(1)
        began = time.monotonic()
        with pytest.raises(Overloaded):
            await gate.enter(2, deadline=asyncio.get_running_loop().time() + 0.01)
        assert time.monotonic() - began < 1

    @pytest.mark.parametrize("granted_first", [False, True])
    async def test_loses_no_slot_to_a_cancellation(self, *, granted_first: bool) -> None:
        gate = Gate(limits(slots=1, share=Share(at_once=1)))
        await gate.enter(1)
        waiting = asyncio.create_task(gate.enter(2))
        await asyncio.sleep(0)
        if granted_first:
            gate.leave(1)
            waiting.cancel()
        else:
            waiting.cancel()
            gate.leave(1)
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert (gate.queue.free, gate.queue.waiting) == (1, 0)

    async def test_costs_next_to_nothing_when_nobody_waits(self) -> None:
        gate = Gate(limits(slots=8, share=Share(at_once=8)))
        rounds, best = 2_000, 1.0
        for _ in range(5):
            began = time.perf_counter()
            for _ in range(rounds):
                assert gate.try_enter(1)
                gate.leave(1)
            best = min(best, (time.perf_counter() - began) / rounds)
        assert best < 20e-6
