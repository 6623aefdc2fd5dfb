"""How large a body each operation takes, learnt from what its service publishes about itself.

Whoever sends more is refused before a byte of it goes on to the service, which keeps the same limit
itself. Until a service was asked for the first time, the limit of its whole prefix holds.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Final, Protocol

from foundation.problems import PayloadTooLarge, Problem
from foundation.web.documents import DEFAULT_BODY_BYTES

from .access_logs.templates import Templates
from .routes import Route

_LOOKS_EVERY_SECONDS: Final = 5.0
_ASKS_AGAIN_SECONDS: Final = 1.0


class Publication(Protocol):
    """The published interface, as far as it is read here."""

    @property
    def document(self) -> Mapping[str, Any]:
        """The OpenAPI document."""
        ...


class BodyLimits:
    """What is known of the operations; one for both ways through a gateway."""

    def __init__(self) -> None:
        self._published: Publication | None = None
        self._templates = Templates({})
        self._limits: dict[str, int] = {}
        self.smallest = DEFAULT_BODY_BYTES
        """No operation takes less than this: a smaller body need not be looked up."""

    def of(self, method: bytes, target: bytes, route: Route) -> int:
        """Return how many bytes a request may bring along.

        An address that leads nowhere takes what is usual, and its service says that it is none.
        """
        if self._published is None:
            return route.body_limit
        operation = self._templates.operation_of(method, target)
        return min(route.body_limit, self._limits.get(operation, DEFAULT_BODY_BYTES))

    def require(self, method: bytes, target: bytes, route: Route, *, size: int) -> None:
        """Refuse a body that is too large, before anything of it is sent on.

        Raises:
            PayloadTooLarge: as said.
        """
        if size > self.smallest and size > (most := self.of(method, target, route)):
            raise PayloadTooLarge(limit_bytes=most)

    def learn(self, published: Publication) -> None:
        """Take up what is published now."""
        paths: Mapping[str, Mapping[str, Any]] = published.document["paths"]
        self._templates = Templates(paths)
        self._limits = {
            described["operationId"]: described["x-max-body-bytes"]
            for methods in paths.values()
            for described in methods.values()
            if isinstance(described, dict) and "x-max-body-bytes" in described
        }
        self.smallest = min((DEFAULT_BODY_BYTES, *self._limits.values()))
        self._published = published

    async def follow(self, interface: Callable[[], Awaitable[Publication]]) -> None:
        """Look for ever whether something else is published; what was known holds meanwhile."""
        while True:
            with suppress(Problem):
                published = await interface()
                if published is not self._published:
                    self.learn(published)
            is_new = self._published is None
            await asyncio.sleep(_ASKS_AGAIN_SECONDS if is_new else _LOOKS_EVERY_SECONDS)
