"""The signs on the doors of every municipality, in memory: asked at every request to a service."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from math import ceil
from typing import Any, Final

from foundation import clock
from foundation.problems import Problem

from .domain import Closure, Notice, State, in_force
from .problems import ServiceClosed, ServicePaused, ServiceReadOnly

_AGAIN_SECONDS: Final = 3_600
_LONGEST_SECONDS: Final = 86_400
_PROBLEMS: Final[Mapping[State, type[Problem]]] = {
    State.READ_ONLY: ServiceReadOnly,
    State.PAUSED: ServicePaused,
    State.CLOSED: ServiceClosed,
}

Closures = tuple[Closure, ...]


class Switches:
    """What is not fully open, by municipality code; almost always there is nothing here.

    The times in a closure are kept to by this process's clock at each request, so a pause begins
    and ends on the second without anything being read again.
    """

    def __init__(self, *, now: Callable[[], datetime] = clock.now) -> None:
        self._now = now
        self._signs: Mapping[str, Closures] = {}

    def replace(self, signs: Mapping[str, Iterable[Closure]]) -> None:
        """Take over what hangs on the doors now; what is not named is open."""
        self._signs = {str(code): tuple(found) for code, found in signs.items()}

    def check(self, code: str, service: str, *, is_reading: bool) -> None:
        """Pass where the service is open; costs one look-up.

        Args:
            code: the municipality's code, as the token proves it.
            service: the schema's name, such as `window_dx`.
            is_reading: whether the request only reads (GET, HEAD, OPTIONS).

        Raises:
            ServicePaused, ServiceClosed, ServiceReadOnly: 503 with the sign and the paper route.
        """
        found = self._signs.get(code)
        if found is None:
            return
        now = self._now()
        closure = in_force(found, service, now)
        if closure is None or (is_reading and closure.state is State.READ_ONLY):
            return
        raise refusal(closure, service=service, now=now)

    def of(self, code: str) -> Closures:
        """Return what is closed, or will be, in a municipality; what is over is left out."""
        now = self._now()
        return tuple(one for one in self._signs.get(code, ()) if not one.is_over(now))


def refusal(closure: Closure, *, service: str, now: datetime) -> Problem:
    """Return what is said at the door: the sign itself, in both languages."""
    notice, ends_at = closure.notice, closure.ends_at
    seconds = _AGAIN_SECONDS if ends_at is None else ceil((ends_at - now).total_seconds())
    return _PROBLEMS[closure.state](
        notice.message_en,
        detail_ja=notice.message_ja,
        headers={"Retry-After": str(min(max(1, seconds), _LONGEST_SECONDS))},
        service=service.replace("_", "-"),
        state=closure.state.value,
        until=None if ends_at is None else ends_at.isoformat(),
        paper_route=paper_route_of(notice),
    )


def paper_route_of(notice: Notice) -> dict[str, Any]:
    """Return the paper route as JSON members."""
    route = notice.paper_route
    return {
        "office_ja": route.office_ja,
        "office_en": route.office_en,
        "address_ja": route.address_ja,
        "address_en": route.address_en,
        "telephone": route.telephone,
        "hours_ja": route.hours_ja,
        "hours_en": route.hours_en,
    }
