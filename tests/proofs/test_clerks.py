"""Ten clerks in several processes: no ticket twice, none skipped, everybody in their turn.

The long form: `.venv/bin/pytest tests/proofs/test_clerks.py -m slow -s`.
"""

import asyncio
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.proofs.doors import Doors
from tests.proofs.doorway import services, standing
from tests.proofs.figures import milliseconds, say
from tests.proofs.office import Books, Day, overtaken
from tests.proofs.papers import InternalPapers
from tests.proofs.premises import open_municipality
from tests.proofs.processes import Replica, meanwhile
from tests.support.house import House

TICKETS = 10_000


def a_day(house: House, replicas: list[Replica], *, tickets: int) -> Day:
    """Return a day that has not begun yet, of a municipality of its own."""
    papers = InternalPapers(house.pen, service="window_dx")
    doors = Doors([replica.address for replica in replicas], papers)
    tenancy = asyncio.run(open_municipality(house))
    return Day(doors=doors, tenancy=tenancy, tickets=tickets)


def require_order(day: Day, books: Books) -> None:
    """Insist on everything the hall was promised, from outside and from the books."""
    assert len(day.called) == day.tickets
    assert Counter(t.reception_id for t in day.called) == Counter(t.reception_id for t in day.taken)
    assert max(Counter(t.reception_id for t in day.called).values()) == 1
    assert overtaken(day.taken) == 0
    assert overtaken(day.called) == 0

    assert books.states == {"serving": day.tickets}
    for window_id in day.windows:
        called = [number for window, _, number in books.called_events if window == window_id]
        assert called == list(range(1, len(called) + 1))
        assert books.queue[window_id] == called
    ids = {ticket.reception_id for ticket in day.called}
    assert Counter(subject for _, subject, _ in books.called_events) == Counter(ids)
    assert books.called_entries == Counter(ids)
    assert books.empty_entries == day.empty_calls


def tell(day: Day, *, killed: int) -> None:
    say(
        tickets=f"{day.tickets:,}",
        called=f"{len(day.called):,} twice 0 skipped 0 out of turn 0",
        empty_calls=f"{day.empty_calls:,}",
        seconds=f"{day.seconds:.1f}",
        calls_per_second=f"{(len(day.called) + day.empty_calls) / day.seconds:.0f}",
        call=milliseconds([ticket.given.seconds for ticket in day.called]),
        take=milliseconds([ticket.given.seconds for ticket in day.taken]),
        killed=killed,
        repeated=dict(day.doors.refusals),
    )


def no_unforeseen_failure(day: Day, replicas: list[Replica]) -> None:
    assert day.doors.refusals["500"] == 0
    assert [error for replica in replicas for error in replica.errors()] == []


class TestTenClerks:
    def test_in_two_processes_call_everybody_once_and_in_turn(
        self, house: House, room: Path
    ) -> None:
        replicas = services(house, room, service="window_dx", count=2)
        with standing(replicas):
            day = a_day(house, replicas, tickets=120)
            with meanwhile(day.run(windows=2)) as work:
                pass
            work.result()
            require_order(day, asyncio.run(Books.read(house, day.tenancy)))
            no_unforeseen_failure(day, replicas)

    @pytest.mark.slow
    def test_in_four_processes_call_ten_thousand_once_and_in_turn(
        self, durable_house: House, room: Path
    ) -> None:
        replicas = services(durable_house, room, service="window_dx", count=4)
        with standing(replicas):
            day = a_day(durable_house, replicas, tickets=TICKETS)
            with meanwhile(day.run()) as work:
                pass
            work.result()
            require_order(day, asyncio.run(Books.read(durable_house, day.tenancy)))
            no_unforeseen_failure(day, replicas)
            tell(day, killed=0)

    @pytest.mark.slow
    def test_do_so_while_every_process_is_killed_once(
        self, durable_house: House, room: Path
    ) -> None:
        replicas = services(durable_house, room, service="window_dx", count=4)
        with standing(replicas):
            day = a_day(durable_house, replicas, tickets=TICKETS)
            with meanwhile(day.run()) as work:
                for n, replica in enumerate(replicas, start=1):
                    while len(day.called) < n * TICKETS // 5 and not work.done():
                        time.sleep(0.01)
                    replica.kill()
                    replica.start()
            work.result()
            require_order(day, asyncio.run(Books.read(durable_house, day.tenancy)))
            no_unforeseen_failure(day, replicas)
            assert day.doors.refusals["no answer"] > 0
            tell(day, killed=len(replicas))
