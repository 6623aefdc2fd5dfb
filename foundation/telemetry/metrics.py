"""How much, how fast, how often in vain: figures by service, operation and municipality."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from typing_extensions import override

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

_BUCKETS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_LABELS: Final = (*(repr(bound) for bound in _BUCKETS), "+Inf")
NOBODY = "none"
"""The tenant label of a request whose municipality was never proven."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One answered request; `status` is the HTTP status, `seconds` the time until its last byte."""

    operation: str
    tenant: str | None
    status: int
    seconds: float


@dataclass(slots=True)
class _Spread:
    """How long one operation took: how many in each bucket, and all seconds together."""

    buckets: list[int] = field(default_factory=lambda: [0] * len(_LABELS))
    seconds: float = 0.0


@dataclass(slots=True)
class _Tally:
    """What is added to for one operation, municipality and class of status."""

    spread: _Spread
    answered: int = 0
    seconds: float = 0.0


class Metrics:
    """One process's figures.

    Every label has a bounded set of values: operations come from our own routes, tenants from
    verified tokens. The histogram has no tenant label, because 1,741 municipalities times every
    bucket of every operation would outweigh what is measured; `seconds_by_tenant_total` divided
    by the request count gives a municipality's mean.

    Counting is plain addition by the one thread that serves; the library, whose counters are made
    for many threads, only writes down what was counted when somebody reads it.
    """

    def __init__(self, service: str) -> None:
        self._service = service
        self._in_flight = 0
        self._tallies: dict[tuple[str, str | None, int], _Tally] = {}
        self._spreads: dict[str, _Spread] = {}
        self.registry = CollectorRegistry()
        self.registry.register(_Reading(self))

    def begin(self) -> None:
        """Count a request in; each is counted out by exactly one `end` or `forget`."""
        self._in_flight += 1

    def forget(self) -> None:
        """Count a request out without an answer: somebody else counts it in again."""
        self._in_flight -= 1

    def end(self, seen: Observation) -> None:
        """Count a request out, by its class of status (`2xx`)."""
        self.count(seen.operation, seen.tenant, seen.status, seen.seconds)

    def count(self, operation: str, tenant: str | None, status: int, seconds: float) -> None:
        """Do the same without an object for it."""
        key = (operation, tenant, status // 100)
        tally = self._tallies.get(key)
        if tally is None:
            spread = self._spreads.setdefault(operation, _Spread())
            tally = self._tallies[key] = _Tally(spread)
        self._in_flight -= 1
        tally.answered += 1
        tally.seconds += seconds
        spread = tally.spread
        spread.seconds += seconds
        spread.buckets[bisect_left(_BUCKETS, seconds)] += 1

    def exposition(self) -> bytes:
        """Return the figures in the Prometheus text format."""
        return generate_latest(self.registry)

    def families(self) -> Iterator[Metric]:
        """Yield the figures as the library writes them down."""
        service = self._service
        requests = CounterMetricFamily(
            "tamaire_requests",
            "Answered requests.",
            labels=("service", "operation", "tenant", "status"),
        )
        seconds = CounterMetricFamily(
            "tamaire_seconds_by_tenant",
            "Time spent answering, by municipality.",
            labels=("service", "tenant"),
        )
        by_tenant: dict[str, float] = {}
        for (operation, tenant, hundreds), tally in self._tallies.items():
            name = tenant or NOBODY
            requests.add_metric((service, operation, name, f"{hundreds}xx"), tally.answered)
            by_tenant[name] = by_tenant.get(name, 0.0) + tally.seconds
        for name, spent in by_tenant.items():
            seconds.add_metric((service, name), spent)
        flying = GaugeMetricFamily(
            "tamaire_requests_in_flight", "Requests being answered now.", labels=("service",)
        )
        flying.add_metric((service,), self._in_flight)
        yield from (requests, self._histogram(), seconds, flying)

    def _histogram(self) -> Metric:
        family = HistogramMetricFamily(
            "tamaire_request_seconds",
            "Time from the first byte in to the last byte out.",
            labels=("service", "operation"),
        )
        for operation, spread in self._spreads.items():
            total, cumulative = 0, list[tuple[str, float]]()
            for label, count in zip(_LABELS, spread.buckets, strict=True):
                total += count
                cumulative.append((label, total))
            family.add_metric((self._service, operation), cumulative, spread.seconds)
        return family


class _Reading(Collector):
    """What the library asks when somebody reads the figures."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    @override
    def collect(self) -> Iterator[Metric]:
        yield from self._metrics.families()
