"""Agreements as the gateway keeps them: handed to whoever counts, whenever they change."""

from collections.abc import Callable, Iterable
from typing import Final

from sqlalchemy import select

from foundation.database import Statement, Transaction
from gateway.fairness import Gate, Share
from gateway.limits import Rate, RateLimits
from gateway.tenants import Municipality

from .models import TrafficLimitRow

_ALL: Final = Statement("platform.traffic_limits.all", select(*TrafficLimitRow.__table__.c))
_SECONDS: Final = 60.0

Find = Callable[[str], Municipality | None]


class Agreements:
    """Reads every agreement, and tells the buckets and the gates.

    The rates and gates may come later than the first reading: a gateway reads what is agreed
    before it opens the ways to the services.
    """

    def __init__(self, find: Find) -> None:
        self._find = find
        self._rates: RateLimits | None = None
        self._gates: tuple[Gate, ...] = ()
        self._tenants: dict[int, Rate] = {}
        self._clients: dict[tuple[int, str], Rate] = {}
        self._shares: dict[int, Share] = {}
        self._at_once: dict[tuple[int, str], int] = {}

    def govern(self, rates: RateLimits, gates: Iterable[Gate]) -> None:
        """Tell these what is agreed, now and whenever it changes."""
        self._rates, self._gates = rates, tuple(gates)
        self._tell()

    async def read(self, tx: Transaction) -> None:
        """Read all agreements; one with a municipality that is not here is of no consequence."""
        tenants: dict[int, Rate] = {}
        clients: dict[tuple[int, str], Rate] = {}
        shares: dict[int, Share] = {}
        at_once: dict[tuple[int, str], int] = {}
        for row in await tx.fetch(_ALL):
            found = self._find(row["municipality_code"])
            if found is None:
                continue
            tenant_id = int(found.tenancy.tenant_id)
            rate = Rate(per_second=row["per_minute"] / _SECONDS, burst=row["burst"])
            if row["client_id"]:
                clients[tenant_id, row["client_id"]] = rate
                at_once[tenant_id, row["client_id"]] = row["at_once"]
            else:
                tenants[tenant_id] = rate
                shares[tenant_id] = Share.divided(row["at_once"], weight=row["weight"])
        self._tenants, self._clients = tenants, clients
        self._shares, self._at_once = shares, at_once
        self._tell()

    def _tell(self) -> None:
        if self._rates is not None:
            self._rates.agree(self._tenants, self._clients)
        for gate in self._gates:
            gate.queue.agree(self._shares, self._at_once)
