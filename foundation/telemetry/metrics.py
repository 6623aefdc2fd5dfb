"""How much, how fast, how often in vain: figures by service, operation and municipality."""

from dataclasses import dataclass
from typing import TypeAlias

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_Found: TypeAlias = tuple[Counter, Histogram, Counter]
NOBODY = "none"
"""The tenant label of a request whose municipality was never proven."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One answered request; `status` is the HTTP status, `seconds` the time until its last byte."""

    operation: str
    tenant: str | None
    status: int
    seconds: float


class Metrics:
    """One process's figures.

    Every label has a bounded set of values: operations come from our own routes, tenants from
    verified tokens. The histogram has no tenant label, because 1,741 municipalities times every
    bucket of every operation would outweigh what is measured; `seconds_by_tenant_total` divided
    by the request count gives a municipality's mean.
    """

    def __init__(self, service: str) -> None:
        self._service = service
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "tamaire_requests",
            "Answered requests.",
            ("service", "operation", "tenant", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "tamaire_request_seconds",
            "Time from the first byte in to the last byte out.",
            ("service", "operation"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._tenant_seconds = Counter(
            "tamaire_seconds_by_tenant",
            "Time spent answering, by municipality.",
            ("service", "tenant"),
            registry=self.registry,
        )
        self._in_flight = Gauge(
            "tamaire_requests_in_flight",
            "Requests being answered now.",
            ("service",),
            registry=self.registry,
        ).labels(service)
        self._found: dict[tuple[str, str, int], _Found] = {}

    def begin(self) -> None:
        """Count a request in; each is counted out by exactly one `end`."""
        self._in_flight.inc()

    def end(self, seen: Observation) -> None:
        """Count a request out, by its class of status (`2xx`)."""
        key = (seen.operation, seen.tenant or NOBODY, seen.status // 100)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._find(*key)
        requests, seconds, tenant_seconds = found
        self._in_flight.dec()
        requests.inc()
        seconds.observe(seen.seconds)
        tenant_seconds.inc(seen.seconds)

    def _find(
        self, operation: str, tenant: str, hundreds: int
    ) -> tuple[Counter, Histogram, Counter]:
        """Return the three figures a request adds to; the library's own look-up is slow."""
        return (
            self._requests.labels(self._service, operation, tenant, f"{hundreds}xx"),
            self._seconds.labels(self._service, operation),
            self._tenant_seconds.labels(self._service, tenant),
        )

    def exposition(self) -> bytes:
        """Return the figures in the Prometheus text format."""
        return generate_latest(self.registry)
