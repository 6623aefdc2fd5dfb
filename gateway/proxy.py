"""A request for a service, from the proof of who asks to the last byte of the answer."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from foundation.problems import (
    DeadlineExceeded,
    Problem,
    ServiceUnavailable,
    TooManyRequests,
    Unauthenticated,
)
from foundation.telemetry import RequestContext, logger
from gateway.dpop.problems import DpopProofRequired
from gateway.dpop.proofs import Proofs, only
from gateway.forwarding.exchange import Deadlines, Exchange, Order, Receive, Send
from gateway.forwarding.failures import (
    AnswerCut,
    BodyMisdeclared,
    BodyTooLarge,
    ClientGone,
    ForwardingFailure,
    PoolExhausted,
    TooSlow,
)
from gateway.forwarding.headers import Intake
from gateway.forwarding.problems import UpstreamFailed, UpstreamTimeout
from gateway.forwarding.wire import Headers
from gateway.frontends.passes import SessionPasses

from .access_logs.book import AccessBook, Noted
from .admission import StatedInHeaders
from .deadlines import HEADER, line_of, stated_seconds, until
from .journey import CLIENT_CLOSED_REQUEST
from .rehearsals import HEADER as REHEARSED, rehearse
from .replies import ALWAYS, refuse
from .routes import Route
from .screening import PASSAGE, Passage, Screening
from .shedding import Tarpit
from .token_cache import Pass
from .troubles import problem_for
from .ways import Way

_log = logger(__name__)


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
    holder: Pass | None = None
    sent_bytes: int = 0
    refusal: str = ""
    """Which refusal a service answered, if it was one of ours."""

    def numbered(self) -> Headers:
        """Return the field by which this request can be found in the logs."""
        return [(b"x-request-id", self.context.request_id.encode())]

    def fields(self, name: bytes) -> list[bytes]:
        """Return all header fields of a name."""
        return [value for key, value in self.scope["headers"] if key == name]

    def field(self, name: bytes) -> bytes | None:
        """Return the first header field of a name."""
        return next((value for key, value in self.scope["headers"] if key == name), None)


class Proxy:
    """The thorough way to the services: proof, screening, fair share, and then the exchange."""

    def __init__(
        self,
        ways: Mapping[str, Way],
        screening: Screening,
        *,
        deadlines: Deadlines,
        proofs: Proofs | None = None,
        book: AccessBook | None = None,
        passes: SessionPasses | None = None,
    ) -> None:
        self._ways = ways
        self._passes = passes
        self._screening = screening
        self._deadlines = deadlines
        self._proofs = proofs
        self._book = book
        self._tarpit = Tarpit()

    async def carry(self, arrival: Arrival, route: Route) -> int:
        """Carry a request to the service of a route; return the status that was answered."""
        added: Headers = [*arrival.numbered(), *ALWAYS]
        began, status, refused = time.monotonic(), CLIENT_CLOSED_REQUEST, ""
        try:
            passage = await self._admit(arrival, route, added)
            if not passage.until:
                passage.until = began + self._seconds(arrival, route)
            method, announced = arrival.method.encode(), arrival.intake.content_length or 0
            self._screening.limits.require(method, arrival.target, route, size=announced)
            status = await self._share(arrival, route, passage, added)
        except Problem as problem:
            status, refused = int(problem.status), problem.slug
            await self._take_time(arrival, problem)
            await refuse(
                arrival.send,
                problem,
                request_id=arrival.context.request_id,
                headers=[pair for pair in added if pair not in ALWAYS],
            )
        except ClientGone:
            status = CLIENT_CLOSED_REQUEST
        finally:
            self._note(arrival, route, status, time.monotonic() - began, refused or arrival.refusal)
        return status

    def _seconds(self, arrival: Arrival, route: Route) -> float:
        """Return how long the caller waits for the answer to begin."""
        given = arrival.intake.once.get(HEADER)
        if given is not None:
            return stated_seconds(given)
        return (route.deadlines or self._deadlines).first_byte

    async def _take_time(self, arrival: Arrival, problem: Problem) -> None:
        """Say to a crowd slowly that it is one."""
        holder = arrival.holder
        if not isinstance(problem, TooManyRequests | ServiceUnavailable) or holder is None:
            return
        tenant_id = int(holder.access.caller.tenancy.tenant_id)
        seconds = self._tarpit.hold(tenant_id, time.monotonic())
        if seconds:
            try:
                await asyncio.sleep(seconds)
            finally:
                self._tarpit.let_go(tenant_id)

    def _note(
        self, arrival: Arrival, route: Route, status: int, seconds: float, refused: str
    ) -> None:
        """Leave a line in the access log of the municipality, if one was proven."""
        holder, book = arrival.holder, self._book
        if holder is None or book is None:
            return
        client = arrival.scope.get("client")
        book.note(
            Noted(
                holder.access.caller,
                route.service,
                arrival.method.encode(),
                arrival.target,
                status,
                seconds,
                arrival.intake.content_length or 0,
                arrival.sent_bytes,
                arrival.context.request_id,
                client[0] if client else "",
                refused,
            )
        )

    async def _admit(self, arrival: Arrival, route: Route, added: Headers) -> Passage:
        """Prove and screen, unless the short way has; the state of the rate goes into `added`."""
        passage: Passage | None = arrival.scope.get(PASSAGE)
        if passage is None:
            passage = Passage.of(await self._prove(arrival))
        arrival.holder = passage.holder
        arrival.context.tenant = passage.code
        arrival.context.client_id = passage.holder.access.caller.principal.client_id
        try:
            if not passage.is_counted:
                stated = StatedInHeaders.of(arrival.intake, arrival.query)
                self._screening.screen(passage, stated, route, arrival.method.encode())
            rehearse(passage.code, arrival.field(REHEARSED))
        finally:
            added += passage.headers()
        return passage

    async def _prove(self, arrival: Arrival) -> Pass:
        """Return the pass of whoever asks, by their token and, if it is bound, their proof.

        Who shows a token is judged by it alone; without one, a browser may show its session.
        """
        given = arrival.intake.once.get(b"authorization")
        if given is None and self._passes is not None:
            shown = self._passes.presented(arrival.method, arrival.scope["headers"])
            if shown is not None:
                return await self._passes.admit(shown)
        holder = self._screening.admission.prove(given)
        await self._possession(arrival, holder, given or b"")
        return holder

    async def _possession(self, arrival: Arrival, holder: Pass, given: bytes) -> None:
        """Require the proof of a bound token (RFC 9449 §7), and none of one that is not bound.

        Raises:
            DpopProofRequired, DpopProofInvalid: the token is bound and not shown as it must be.
            Unauthenticated: the token is not bound, though the scheme says so.
        """
        scheme, _, token = given.partition(b" ")
        jkt = holder.access.jkt
        if jkt is None:
            if scheme.lower() != b"bearer":
                raise Unauthenticated(headers={"WWW-Authenticate": 'DPoP error="invalid_token"'})
            return
        if scheme.lower() != b"dpop":
            raise DpopProofRequired
        if self._proofs is None:
            raise ServiceUnavailable
        await self._proofs.judge(
            only([value.decode("latin-1") for value in arrival.fields(b"dpop")]),
            method=arrival.method,
            url=self._proofs.url_of(
                arrival.intake.once.get(b"host", b"").decode("latin-1"), arrival.path.decode()
            ),
            token=token.strip().decode(),
            jkt=jkt,
        )

    async def _share(self, arrival: Arrival, route: Route, passage: Passage, added: Headers) -> int:
        """Carry when it is this municipality's turn.

        What was said once before may be done by now; no refusal of ours says that it is not.
        """
        try:
            return await self._in_turn(arrival, route, passage, added)
        except (DeadlineExceeded, ServiceUnavailable, TooManyRequests) as problem:
            if not passage.was_said:
                raise
            is_late = isinstance(problem, DeadlineExceeded)
            raise (UpstreamTimeout() if is_late else UpstreamFailed()) from problem

    async def _in_turn(
        self, arrival: Arrival, route: Route, passage: Passage, added: Headers
    ) -> int:
        way = self._ways.get(route.service)
        if way is None:
            raise ServiceUnavailable
        await way.enter(passage.tenant_id, passage.holder.client_id, until=passage.until)
        try:
            if time.monotonic() >= passage.until:
                way.told_nothing()
                raise DeadlineExceeded
            return await self._exchange(arrival, route, passage, added)
        finally:
            way.leave(passage.tenant_id, passage.holder.client_id)

    async def _exchange(
        self, arrival: Arrival, route: Route, passage: Passage, added: Headers
    ) -> int:
        way = self._ways[route.service]
        order = self._order(arrival, route, passage, added)
        exchange = Exchange(way.pool, order, arrival.receive, arrival.send)
        try:
            await exchange.run()
        except AnswerCut as error:
            # Returning without the end makes the server close the connection: the client sees it.
            way.failed()
            _log.warning("answer cut short", upstream=route.service, reason=str(error))
            return UpstreamFailed.status
        except (ForwardingFailure, TooSlow) as error:
            _report(way, error)
            raise problem_for(error, route) from error
        except (BodyTooLarge, BodyMisdeclared) as error:
            way.told_nothing()
            raise problem_for(error, route) from error
        except BaseException:
            way.told_nothing()
            raise
        finally:
            arrival.sent_bytes, arrival.refusal = exchange.sent_bytes, exchange.refusal
        way.answered()
        return exchange.status

    def _order(self, arrival: Arrival, route: Route, passage: Passage, added: Headers) -> Order:
        """Say what a service is to hear, and within which bounds."""
        intake, limits = arrival.intake, self._screening.limits
        left = passage.until - time.monotonic()
        body_limit = route.body_limit
        if intake.is_chunked:  # a length that was stated has been judged by now
            body_limit = limits.of(arrival.method.encode(), arrival.target, route)
        return Order(
            method=arrival.method,
            head=_head(arrival, route, passage, line_of(left)),
            content_length=intake.content_length,
            is_chunked=intake.is_chunked,
            has_key=b"idempotency-key" in intake.once,
            body_limit=body_limit,
            deadlines=until(left, route.deadlines or self._deadlines),
            added_headers=added,
            knows_chunks=arrival.scope["http_version"] != "1.0",
            until=passage.until,
            was_said=passage.was_said,
        )


def _report(way: Way, error: Exception) -> None:
    """Tell the breaker what a failure says about the service: a full pool says nothing."""
    if isinstance(error, PoolExhausted) or (
        isinstance(error, TooSlow) and error.culprit == "client"
    ):
        way.told_nothing()
    else:
        way.failed()


def _head(arrival: Arrival, route: Route, passage: Passage, left: bytes) -> bytes:
    """Return everything of the request's head but the framing of its body."""
    return b"".join(
        (
            arrival.method.encode(),
            b" ",
            arrival.target,
            b" HTTP/1.1\r\nhost: ",
            route.service.replace("_", "-").encode(),
            b"\r\n",
            left,
            b"authorization: Internal ",
            passage.internal_token,
            b"\r\nx-request-id: ",
            arrival.context.request_id.encode(),
            b"\r\ntraceparent: ",
            arrival.context.trace.traceparent.encode(),
            b"\r\n",
            *arrival.intake.lines,
        )
    )
