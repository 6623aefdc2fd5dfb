"""No transfer is lost, doubled or changed, whatever dies while the money is on its way.

The long form, 200 times SIGKILL: `.venv/bin/pytest tests/proofs/test_transfers.py -m slow -s`.
"""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.proofs.doors import Doors
from tests.proofs.doorway import Doorway, services, standing
from tests.proofs.figures import percentile, say
from tests.proofs.journeys import Lane, Log
from tests.proofs.killer import Killer
from tests.proofs.ledger import Ledger, require_truth
from tests.proofs.papers import InternalPapers, Papers
from tests.proofs.premises import open_municipality, settle_households
from tests.proofs.processes import Replica, meanwhile
from tests.services.benefits.town import load_banks
from tests.support.house import House

KILLS = 200
DATABASE_KILLS = 30
LANES = 6
HOUSEHOLDS = 16


class Treasury:
    """Several municipalities that pay, and those who remember what they did."""

    def __init__(self, house: House, addresses: Sequence[str], papers: Papers) -> None:
        self._house = house
        self._doors = Doors(addresses, papers)
        self._tenants: list[int] = []
        self._lanes: list[Lane] = []
        self._is_closing = False
        self.log = Log()
        self.began = time.monotonic()

    async def open(self, *, lanes: int, households: int, listed: bool) -> None:
        """Enter the municipalities with their banks and households."""
        await load_banks(self._house)
        for n in range(lanes):
            tenancy = await open_municipality(self._house, number=301 + n, listed=listed)
            people = await settle_households(self._house, tenancy, count=households)
            self._tenants.append(int(tenancy.tenant_id))
            self._lanes.append(Lane(self._doors, tenancy, people, self.log))

    async def pay(self) -> None:
        """Let every municipality pay one programme after the other until `close`."""
        for lane in self._lanes:
            await lane.name_payer()
        self.began = time.monotonic()
        try:
            async with asyncio.TaskGroup() as lanes:
                for lane in self._lanes:
                    lanes.create_task(self._keep_paying(lane))
        finally:
            self._doors.close()

    async def _keep_paying(self, lane: Lane) -> None:
        own = [await lane.walk()]
        while not self._is_closing:
            own.append(await lane.walk())
        for journey in own:
            await lane.look_again(journey)

    def close(self) -> None:
        """Begin nothing new; what was begun is finished, and every file is fetched again."""
        self._is_closing = True

    async def require_truth(self) -> Ledger:
        """Hold the books against everybody's memory."""
        ledger = await Ledger.read(self._house, self._tenants)
        require_truth(ledger, self.log.journeys, keys=self.log.keys)
        assert ledger.downloads >= self.log.downloads
        assert self._doors.refusals["500"] == 0
        return ledger

    def tell(self, killer: Killer, ledger: Ledger, *, seconds: float) -> None:
        recoveries = killer.recoveries or [0.0]
        say(
            killed=f"{killer.kills.total()} {dict(killer.kills)}",
            seconds=f"{seconds:.0f}",
            transfers=f"{len(ledger.transfers):,} in {len(ledger.files):,} files",
            lost=0,
            doubled=0,
            changed=0,
            yen=f"{sum(row['amount_yen'] for row in ledger.transfers):,} = files = proposals",
        )
        say(
            kills_that_met_a_step=dict(killer.hit),
            database_back_after=f"p50 {percentile(recoveries, 0.5):.2f} s"
            f", worst {max(recoveries):.2f} s",
        )
        say(
            requests_repeated=dict(self._doors.refusals),
            keys=f"{self.log.keys:,}, each asked again, answered in two ways 0",
            second_hands_refused=f"{self.log.rivals_refused:,}",
            own_approvals_refused=f"{self.log.own_approvals_refused:,}",
            downloads=f"{self.log.downloads:,}",
        )


def no_unforeseen_failure(replicas: Sequence[Replica]) -> None:
    assert [error for replica in replicas for error in replica.errors()] == []


class TestTransfers:
    def test_survive_the_death_of_a_service_in_the_middle(self, house: House, room: Path) -> None:
        replicas = services(house, room, service="benefits", count=2)
        papers = InternalPapers(house.pen, service="benefits")
        treasury = Treasury(house, [replica.address for replica in replicas], papers)
        asyncio.run(treasury.open(lanes=2, households=5, listed=False))
        killer = Killer(replicas, cluster=None, steps_in_flight=treasury.log.steps_in_flight)
        with standing(replicas):
            with meanwhile(treasury.pay()) as work:
                killer.go(kills=2, pause=(0.2, 0.4), while_=lambda: not work.done())
                treasury.close()
                while not work.done():
                    killer.revive()
                    time.sleep(0.05)
            work.result()
            asyncio.run(treasury.require_truth())
            no_unforeseen_failure(replicas)

    @pytest.mark.slow
    def test_survive_two_hundred_deaths_of_any_process(
        self, durable_house: House, room: Path
    ) -> None:
        house = durable_house
        behind = services(house, room, service="benefits", count=2)
        doorway = Doorway(house, room, service="benefits", behind=behind)
        treasury = Treasury(house, doorway.addresses, doorway.papers)
        asyncio.run(treasury.open(lanes=LANES, households=HOUSEHOLDS, listed=True))
        replicas = [*behind, *doorway.gateways]
        killer = Killer(
            replicas, cluster=house.cluster, steps_in_flight=treasury.log.steps_in_flight
        )
        with standing(replicas):
            with meanwhile(treasury.pay()) as work:
                killer.go(
                    kills=KILLS,
                    of_database=DATABASE_KILLS,
                    pause=(0.8, 2.0),
                    while_=lambda: not work.done(),
                )
                treasury.close()
                while not work.done():
                    killer.revive()
                    time.sleep(0.05)
            work.result()
            seconds = time.monotonic() - treasury.began
            ledger = asyncio.run(treasury.require_truth())
            no_unforeseen_failure(replicas)
            assert killer.kills.total() == KILLS
            assert killer.kills["PostgreSQL"] == DATABASE_KILLS
            treasury.tell(killer, ledger, seconds=seconds)
