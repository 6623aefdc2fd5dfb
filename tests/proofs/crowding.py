"""Clients that ask and ask again: one that never rests, and many that ask now and then.

The restless one runs in a process of its own, so that what it does to the others is done at the
gateway and not in the client that measures.
"""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field

from tests.proofs.doors import Door
from tests.support.wire import request

PATH = "/window-dx/v1/windows"


def reading(authorization: str) -> bytes:
    """Return a request for the list of windows."""
    return request("GET", PATH, token=None, headers=(f"Authorization: {authorization}",))


def make_noise(address: str, authorization: str, connections: int, seconds: float) -> Counter[int]:
    """Ask over so many connections without a pause; return how often each status came."""
    return asyncio.run(_noise(address, authorization, connections, seconds))


async def _noise(
    address: str, authorization: str, connections: int, seconds: float
) -> Counter[int]:
    seen: Counter[int] = Counter()
    until = time.monotonic() + seconds

    async def hammer() -> None:
        door = Door(address)
        while time.monotonic() < until:
            reply = await door.ask(reading(authorization))
            seen[reply.status] += 1
        door.close()

    await asyncio.gather(*(hammer() for _ in range(connections)))
    return seen


@dataclass(slots=True, kw_only=True)
class Neighbours:
    """Municipalities that ask a few times a second, each over a connection of its own."""

    address: str
    authorizations: list[str]
    per_second: float
    statuses: Counter[int] = field(default_factory=Counter[int])

    async def live(self, seconds: float) -> list[float]:
        """Ask for a while; return how long each answer took, from when it was due."""
        taken: list[float] = []
        began = time.monotonic()
        interval = 1 / self.per_second

        async def one(position: float, authorization: str) -> None:
            door, due = Door(self.address), began + position * interval
            while due < began + seconds:
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                asked_at = max(due, began)
                reply = await door.ask(reading(authorization))
                taken.append(time.monotonic() - asked_at)
                self.statuses[reply.status] += 1
                due += interval
            door.close()

        count = len(self.authorizations)
        await asyncio.gather(
            *(one(n / count, paper) for n, paper in enumerate(self.authorizations))
        )
        return taken
