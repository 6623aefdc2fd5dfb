"""A request for a service, from the proof of who asks to the last byte of the answer."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from foundation.problems import PayloadTooLarge, Problem, ServiceUnavailable, TooManyRequests
from foundation.telemetry import RequestContext, logger
from gateway.forwarding.exchange import Deadlines, Exchange, Order, Receive, Send
from gateway.forwarding.failures import (
    AnswerCut,
    BodyMisdeclared,
    BodyTooLarge,
    ClientGone,
    ConnectionLost,
    ForwardingFailure,
    MalformedAnswer,
    TooSlow,
)
from gateway.forwarding.headers import Intake
from gateway.forwarding.pool import Pool
from gateway.forwarding.problems import (
    AmbiguousRequest,
    RequestTimeout,
    TenantBusy,
    UpstreamFailed,
    UpstreamTimeout,
)
from gateway.forwarding.wire import Headers

from .admission import Admission, Admitted
from .limits import ConcurrencyLimits, RateLimits, rate_headers, retry_after
from .replies import ALWAYS, refuse
from .routes import Route

_log = logger(__name__)

CLIENT_CLOSED_REQUEST: Final = 499
"""What is counted when nobody is left to be answered; it is never sent."""


@dataclass(slots=True, kw_only=True)
class Arrival:
    """One request as the gateway read it, before anybody is believed."""

    method: str
    path: bytes
    target: bytes
    query: bytes
    scope: Mapping[str, Any]
    intake: Intake
    context: RequestContext
    receive: Receive
    send: Send

    def numbered(self) -> Headers:
        """Return the field by which this request can be found in the logs."""
        return [(b"x-request-id", self.context.request_id.encode())]

    def field(self, name: bytes) -> bytes | None:
        """Return the first header field of a name."""
        return next((value for key, value in self.scope["headers"] if key == name), None)


class Proxy:
    """The way to the services: proof, agreement, fair share, and then the exchange."""

    def __init__(
        self,
        pools: Mapping[str, Pool],
        admission: Admission,
        rates: RateLimits,
        concurrency: ConcurrencyLimits,
        *,
        deadlines: Deadlines,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pools = pools
        self._admission = admission
        self._rates = rates
        self._concurrency = concurrency
        self._deadlines = deadlines
        self._clock = clock

    async def carry(self, arrival: Arrival, route: Route) -> int:
        """Carry a request to the service of a route; return the status that was answered."""
        added: Headers = [*arrival.numbered(), *ALWAYS]
        try:
            admitted = self._admit(arrival, route, added)
            return await self._share(arrival, route, admitted, added)
        except Problem as problem:
            await refuse(
                arrival.send,
                problem,
                request_id=arrival.context.request_id,
                headers=[pair for pair in added if pair not in ALWAYS],
            )
            return int(problem.status)
        except ClientGone:
            return CLIENT_CLOSED_REQUEST

    def _admit(self, arrival: Arrival, route: Route, added: Headers) -> Admitted:
        """Prove, agree, and count against the tenant's rate; the state of it goes into `added`."""
        holder = self._admission.prove(arrival.intake)
        caller = holder.access.caller
        arrival.context.tenant = str(caller.tenancy.code)
        arrival.context.client_id = caller.principal.client_id
        tenant_id = int(caller.tenancy.tenant_id)
        verdict = self._rates.take(tenant_id, self._clock())
        added += rate_headers(self._rates.rate_of(tenant_id), verdict)
        if not verdict.allowed:
            raise TooManyRequests(headers={"Retry-After": retry_after(verdict)})
        return self._admission.admit(holder, arrival.intake, arrival.query, service=route.service)

    async def _share(
        self, arrival: Arrival, route: Route, admitted: Admitted, added: Headers
    ) -> int:
        """Carry within the tenant's share of what can be under way at once."""
        tenant_id = int(admitted.tenancy.tenant_id)
        if not self._concurrency.enter(tenant_id):
            raise TenantBusy
        try:
            return await self._exchange(arrival, route, admitted, added)
        finally:
            self._concurrency.leave(tenant_id)

    async def _exchange(
        self, arrival: Arrival, route: Route, admitted: Admitted, added: Headers
    ) -> int:
        pool = self._pools.get(route.service)
        if pool is None:
            raise ServiceUnavailable
        intake = arrival.intake
        exchange = Exchange(
            pool,
            Order(
                method=arrival.method,
                head=_head(arrival, route, admitted),
                content_length=intake.content_length,
                is_chunked=intake.is_chunked,
                body_limit=route.body_limit,
                deadlines=route.deadlines or self._deadlines,
                added_headers=added,
                knows_chunks=arrival.scope["http_version"] != "1.0",
            ),
            arrival.receive,
            arrival.send,
        )
        try:
            await exchange.run()
        except AnswerCut as error:
            # Returning without the end makes the server close the connection: the client sees it.
            _log.warning("answer cut short", upstream=route.service, reason=str(error))
            return UpstreamFailed.status
        except (ForwardingFailure, TooSlow, BodyTooLarge, BodyMisdeclared) as error:
            raise _problem_for(error, route) from error
        return exchange.status


def _head(arrival: Arrival, route: Route, admitted: Admitted) -> bytes:
    """Return everything of the request's head but the framing of its body."""
    return b"".join(
        (
            arrival.method.encode(),
            b" ",
            arrival.target,
            b" HTTP/1.1\r\nhost: ",
            route.service.replace("_", "-").encode(),
            b"\r\nauthorization: Internal ",
            admitted.internal_token.encode(),
            b"\r\nx-request-id: ",
            arrival.context.request_id.encode(),
            b"\r\ntraceparent: ",
            arrival.context.trace.traceparent.encode(),
            b"\r\n",
            *arrival.intake.lines,
        )
    )


def _problem_for(error: Exception, route: Route) -> Problem:
    """Return what the client is told; the particulars go to the log only."""
    match error:
        case BodyTooLarge():
            return PayloadTooLarge(limit_bytes=error.limit)
        case BodyMisdeclared():
            return AmbiguousRequest("The body is not as long as it was said to be.")
        case TooSlow(culprit="client"):
            return RequestTimeout(headers={"Connection": "close"})
        case TooSlow():
            problem = UpstreamTimeout()
        case ConnectionLost() | MalformedAnswer():
            problem = UpstreamFailed()
        case _:
            problem = ServiceUnavailable()
    _log.warning(
        "service did not answer",
        upstream=route.service,
        failure=type(error).__name__,
        reason=str(error),
    )
    return problem
