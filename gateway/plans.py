"""What a request comes to that differs from an earlier one in nothing but its token.

A screen asks for the same list all morning, and a town hall's officials look at the same screens.
Such a request needs no reading: every byte of it but the token was judged when the first of its
kind was let through, and what a service is to hear of it stands ready.
"""

from typing import Final

from gateway.forwarding.exchange import may_be_said_twice
from gateway.forwarding.plain import LARGEST_HEAD_BYTES, PlainRequest

from .admission import names_somebody
from .routes import Route
from .screening import READING

_TOKEN: Final = b"\r\nAuthorization: Bearer "
_LONGEST: Final = 768
_MOST: Final = 2_048
Around = tuple[bytes, bytes]
"""All bytes of a request before and after its token: two requests with the same are the same."""


class Plan:
    """One kind of request: where it goes and how it is said there."""

    __slots__ = (
        "closing",
        "is_head",
        "is_reading",
        "is_repeatable",
        "is_silent",
        "method",
        "opening",
        "request",
        "route",
        "service",
        "target",
    )

    def __init__(self, request: PlainRequest, route: Route, opening: bytes) -> None:
        self.request = request
        self.route = route
        self.service = route.service
        self.method = request.method
        self.target = request.target
        self.is_head = request.method == b"HEAD"
        self.is_reading = request.method in READING
        self.is_repeatable = may_be_said_twice(request.method.decode(), has_key=request.has_key)
        # Who names neither a municipality nor a purpose has said nothing that could be refused.
        self.is_silent = request.purpose is None and not names_somebody(request)
        self.opening = b"".join((request.method, b" ", request.target, opening))
        self.closing = b"".join((*request.lines, b"\r\n"))


class Plans:
    """At most so many kinds of requests, all of callers who were believed."""

    def __init__(self) -> None:
        self._known: dict[Around, Plan] = {}

    def __len__(self) -> int:
        return len(self._known)

    def find(self, around: Around) -> Plan | None:
        """Return the plan for a request, if one of its kind was let through before."""
        return self._known.get(around)

    def keep(self, around: Around, plan: Plan) -> None:
        """Remember a plan without its token, unless it is too long to be one of many."""
        if len(around[0]) + len(around[1]) > _LONGEST:
            return
        if len(self._known) >= _MOST:
            self._known.clear()
        plan.request.token = None
        self._known[around] = plan


def around_token(data: bytes) -> tuple[bytes, bytes, bytes]:
    """Return what stands before the token, the token, and what stands after it.

    The token is empty where there is none, or where it is not spelt as nearly everybody does.
    """
    before, _, rest = data.partition(_TOKEN)
    token, end, after = rest.partition(b"\r\n")
    if not end or len(data) > LARGEST_HEAD_BYTES:
        return before, b"", after
    return before, token, after


def can_be_planned(request: PlainRequest) -> bool:
    """Whether a request is wholly described by its bytes: no body, no field that is new each time.

    `is_common` says that nothing in it is somebody's own but the token.
    """
    return request.is_common and not request.body and request.length is None
