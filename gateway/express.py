"""The short way for the common request: read at a glance, carried without waiting, answered whole.

A request that `gateway.forwarding.plain` is certain of, over a connection that rests, needs nobody
to wait for anything: it is written to the service in the call that brought it, and its answer to
the client in the call that brings that. Everything else takes the thorough way through
`gateway.app`, and so does whatever begins here and meets a difficulty.
"""

import time
from collections.abc import Mapping
from functools import partial
from typing import Final

from foundation.problems import DeadlineExceeded, Problem
from foundation.telemetry import Metrics, RequestContext, TraceContext, in_request
from gateway.forwarding.exchange import WITH_BODY, Deadlines
from gateway.forwarding.failures import ConnectionLost
from gateway.forwarding.numbers import Numbers
from gateway.forwarding.plain import PlainReader

from .access_logs.book import AccessBook, Noted
from .deadlines import line_of, stated_seconds
from .journey import CLIENT_CLOSED_REQUEST, Door, Journey
from .plans import Plan, Plans, around_token, can_be_planned
from .replies import refusal
from .routes import ROUTES, Route, route_of
from .screening import Passage, Screening
from .shedding import Tarpit
from .troubles import problem_for
from .ways import Way

_TOO_MUCH: Final = frozenset({429, 503})
_BEARER: Final = b"Bearer "
_WITH_BODY: Final = frozenset(method.encode() for method in WITH_BODY)


class Express:
    """Takes what it is certain of; one for all connections of a gateway."""

    def __init__(
        self,
        ways: Mapping[str, Way],
        screening: Screening,
        metrics: Metrics,
        *,
        deadlines: Deadlines,
        book: AccessBook | None = None,
    ) -> None:
        self._ways = ways
        self._book = book
        self._tarpit = Tarpit()
        self._screening = screening
        self._metrics = metrics
        self._deadlines = deadlines
        self._reader = PlainReader()
        self._plans = Plans()
        self._numbers = Numbers()
        self._openings = {
            route.service: _opening(route, (route.deadlines or deadlines).first_byte)
            for route in ROUTES
        }

    def take(self, door: Door, data: bytes) -> Journey | None:
        """Take a request on its way, or leave it untouched to the thorough way (None).

        A journey that is returned may be over already: refused, or handed over.
        """
        before, token, after = around_token(data)
        plan = self._plans.find((before, after)) if token else None
        if plan is not None:
            return self._begin(door, data, plan, token)
        request = self._reader.read(data)
        if request is None:
            return None
        route, given = route_of(request.path), request.token
        # Without a token it may be a browser's session, and with another scheme a bound token.
        if route is None or given is None or not given.startswith(_BEARER):
            return None
        plan = Plan(request, route, self._openings[route.service])
        journey = self._begin(door, data, plan, given[len(_BEARER) :])
        is_believed = journey is not None and journey.passage is not None
        if token and is_believed and can_be_planned(request):
            # Only what a caller who was believed asks for is worth remembering.
            self._plans.keep((before, after), plan)
        return journey

    def _begin(self, door: Door, data: bytes, plan: Plan, token: bytes) -> Journey | None:
        """Find out who asks and whether they may, and depart."""
        journey = Journey(self, door, data, plan)
        try:
            holder = self._screening.admission.prove_bearer(token)
            if holder.access.jkt is not None:
                return None
            journey.passage = passage = Passage.of(holder)
            self._metrics.begin()
            if plan.request.timeout is not None:
                journey.first_byte_at = journey.started_at + stated_seconds(plan.request.timeout)
            self._screen(journey, plan, passage)
            if plan.request.body:
                size = len(plan.request.body)
                self._screening.limits.require(plan.method, plan.target, plan.route, size=size)
        except Problem as problem:
            if journey.passage is None:
                self._metrics.begin()
            self._refuse(journey, problem)
        else:
            self._depart(journey, passage)
        return journey

    def _screen(self, journey: Journey, plan: Plan, passage: Passage) -> None:
        screening, service = self._screening, plan.service
        screening.count(passage, service, journey.started_at, is_reading=plan.is_reading)
        passage.internal_token = (
            screening.admission.let_in(passage.holder, service)
            if plan.is_silent
            else screening.admission.admit(passage.holder, plan.request, service=service)
        )

    def _depart(self, journey: Journey, passage: Passage) -> None:
        """Go at once if there is room, or wait for it; a service in doubt is for the other way."""
        way = self._ways.get(journey.plan.service)
        journey.promise(journey.plan.route.deadlines or self._deadlines)
        if way is not None and way.try_enter(passage.tenant_id, passage.holder.client_id):
            self._go(journey, passage, way, journey.started_at)
        elif way is None or not way.is_trusted:
            self._metrics.forget()
            self._hand_over(journey, passage)
        else:
            try:
                journey.ticket = way.queue_up(
                    passage.tenant_id,
                    partial(self._turn, journey, passage, way),
                    passage.holder.client_id,
                    until=journey.first_byte_at,
                )
            except Problem as problem:
                self._refuse(journey, problem)
            else:
                journey.waits_for = way

    def _turn(self, journey: Journey, passage: Passage, way: Way, problem: Problem | None) -> None:
        """Go, now that there is room; or be told that there will be none."""
        journey.ticket = None
        if problem is None and time.monotonic() >= journey.first_byte_at:
            # Nobody waits for it any more: it is not sent at all, and makes room.
            way.leave(passage.tenant_id, passage.holder.client_id)
            problem = DeadlineExceeded()
        if problem is None:
            self._go(journey, passage, way, time.monotonic())
        else:
            self._refuse(journey, problem)

    def called_off(self, journey: Journey) -> None:
        """Wait no longer: the client hung up before it was its turn."""
        ticket, journey.ticket = journey.ticket, None
        if ticket is not None and journey.waits_for is not None:
            journey.waits_for.call_off(ticket)
            self._account(journey, CLIENT_CLOSED_REQUEST)

    def _go(self, journey: Journey, passage: Passage, way: Way, now: float) -> None:
        """Write to the service, over a connection that rests at this very moment."""
        journey.way = way
        connection = way.pool.take_resting(now)
        if connection is None:
            self.released(journey)
            self._hand_over(journey, passage)
            return
        try:
            journey.depart(connection, self._rendered(journey, passage))
        except ConnectionLost:
            way.pool.release(connection)
            self.released(journey)
            self._hand_over(journey, passage)

    def _hand_over(self, journey: Journey, passage: Passage) -> None:
        """Let the thorough way go on, in what is left of the time."""
        passage.until = journey.first_byte_at
        journey.door.hand_over(journey.data, passage)

    def _rendered(self, journey: Journey, passage: Passage) -> bytes:
        """Return the request as the service is to hear it."""
        plan = journey.plan
        request = plan.request
        number, trace, span = self._numbers.next()
        journey.request_id = number
        # Our span of the caller's trace, or of one of our own, unsampled: nobody asked for it.
        traced = f"00-{trace}-{span}-00" if request.trace is None else _continued(request.trace)
        numbered = f"\r\nx-request-id: {number}\r\ntraceparent: {traced}\r\n".encode()
        opening = plan.opening
        if request.timeout is not None or journey.waits_for is not None:
            left = _opening(plan.route, journey.first_byte_at - time.monotonic())
            opening = b"".join((plan.method, b" ", plan.target, left))
        head = (opening, passage.internal_token, numbered)
        if plan.method not in _WITH_BODY:
            return b"".join((*head, plan.closing))
        body = request.body
        return b"".join((*head, *request.lines, b"content-length: %d\r\n\r\n" % len(body), body))

    # What a journey calls.

    def ended(self, journey: Journey, status: int) -> None:
        """Give the place back and count the answer."""
        way, passage = journey.way, journey.passage
        if way is not None and passage is not None:
            way.leave(passage.tenant_id, passage.holder.client_id)
            if status == CLIENT_CLOSED_REQUEST:
                way.told_nothing()
            elif journey.is_cut:
                way.failed()
            else:
                way.answered()
        self._account(journey, status, journey.refusal)

    def released(self, journey: Journey) -> None:
        """Give the place back; the thorough way will take one, and count the answer."""
        way, passage = journey.way, journey.passage
        if way is not None and passage is not None:
            way.leave(passage.tenant_id, passage.holder.client_id)
            way.told_nothing()
        self._metrics.forget()

    def refuse(self, journey: Journey, error: Exception) -> None:
        """Say what went wrong behind the door; the place is given back."""
        way, passage = journey.way, journey.passage
        if way is not None and passage is not None:
            way.leave(passage.tenant_id, passage.holder.client_id)
            way.failed()
        with in_request(self._context(journey)):
            problem = problem_for(error, journey.route)
        self._refuse(journey, problem)

    def _refuse(self, journey: Journey, problem: Problem) -> None:
        journey.request_id = journey.request_id or self._numbers.next()[0]
        self._account(journey, int(problem.status), problem.slug)
        head, body = refusal(problem, journey.request_id)
        if journey.plan.is_head:
            body = b""
        seconds = 0.0
        if problem.status in _TOO_MUCH and journey.passage is not None:
            seconds = self._tarpit.hold(journey.passage.tenant_id, time.monotonic())
        if seconds is None:
            journey.door.keeps_alive = False
        said = b"".join((head, journey.added(), body))
        if seconds:
            journey.door.conclude_after(seconds, said, partial(self._let_go, journey))
        else:
            journey.door.conclude(said)

    def _let_go(self, journey: Journey) -> None:
        if journey.passage is not None:
            self._tarpit.let_go(journey.passage.tenant_id)

    def _account(self, journey: Journey, status: int, refused: str = "") -> None:
        passage, plan = journey.passage, journey.plan
        seconds = time.monotonic() - journey.started_at
        code = None if passage is None else passage.code
        self._metrics.count(plan.service, code, status, seconds)
        if passage is not None and self._book is not None:
            self._book.note(
                Noted(
                    passage.holder.access.caller,
                    plan.service,
                    plan.method,
                    plan.target,
                    status,
                    seconds,
                    len(journey.data),
                    journey.size,
                    journey.request_id,
                    journey.door.peer,
                    refused,
                )
            )

    def _context(self, journey: Journey) -> RequestContext:
        passage = journey.passage
        return RequestContext(
            request_id=journey.request_id,
            trace=TraceContext.begin(),
            service=journey.route.service,
            tenant=None if passage is None else passage.code,
            client_id=None if passage is None else passage.holder.access.caller.principal.client_id,
        )


def _continued(given: bytes) -> str:
    return TraceContext.continuing(given.decode("latin-1")).traceparent


def _opening(route: Route, seconds: float) -> bytes:
    """Return what follows the target, up to the token by which the service knows the caller."""
    host = route.service.replace("_", "-").encode()
    left = line_of(seconds)
    return b" HTTP/1.1\r\nhost: %b\r\n%bauthorization: Internal " % (host, left)
