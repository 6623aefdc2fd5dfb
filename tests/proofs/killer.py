"""Who kills: a random process at a random moment, again and again, and starts it anew."""

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence

from operations.postgres import Cluster
from tests.proofs.figures import say
from tests.proofs.processes import Replica, kill_database

_DATABASE = "PostgreSQL"
_ROUND_SECONDS = 0.1
_TOLD_EVERY = 20


class Killer:
    """Kills and revives from the main thread, whose children all of them are."""

    def __init__(
        self,
        replicas: Sequence[Replica],
        *,
        cluster: Cluster | None,
        steps_in_flight: Callable[[], Sequence[str]],
        seed: int = 20261123,
    ) -> None:
        self._replicas = replicas
        self._cluster = cluster
        self._steps_in_flight = steps_in_flight
        self._random = random.Random(seed)  # noqa: S311 - a spread, no secret
        self.kills: Counter[str] = Counter()
        self.hit: Counter[str] = Counter()
        """How many kills met somebody in the middle of a step."""
        self.recoveries: list[float] = []
        """Seconds from the database's death until it answered again."""

    def go(
        self,
        *,
        kills: int,
        of_database: int = 0,
        pause: tuple[float, float],
        while_: Callable[[], bool],
    ) -> None:
        """Kill so many processes, of them so many times the database, as long as `while_` holds."""
        blows = [True] * of_database + [False] * (kills - of_database)
        self._random.shuffle(blows)
        for is_database in blows:
            self._wait(self._random.uniform(*pause), while_)
            victim = None if is_database else self._victim(while_)
            if not while_():
                return
            for step in self._steps_in_flight():
                self.hit[step] += 1
            self._strike(victim)
            if self.kills.total() % _TOLD_EVERY == 0:
                say(killed_so_far=self.kills.total())

    def revive(self) -> None:
        """Start whoever has fallen, by our hand or because the database was away."""
        for replica in self._replicas:
            if not replica.is_running:
                replica.start()

    def _strike(self, victim: Replica | None) -> None:
        if victim is not None:
            self.kills[victim.name] += 1
            victim.kill()
            victim.start()
            return
        assert self._cluster is not None
        self.kills[_DATABASE] += 1
        began = time.monotonic()
        kill_database(self._cluster)
        self._cluster.start()
        self.recoveries.append(time.monotonic() - began)

    def _victim(self, while_: Callable[[], bool]) -> Replica | None:
        """Choose among those that have come up again: the dead cannot be killed."""
        while while_():
            self.revive()
            if up := [replica for replica in self._replicas if replica.is_ready()]:
                return self._random.choice(up)
            time.sleep(_ROUND_SECONDS)
        return None

    def _wait(self, seconds: float, while_: Callable[[], bool]) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and while_():
            self.revive()
            time.sleep(_ROUND_SECONDS)
