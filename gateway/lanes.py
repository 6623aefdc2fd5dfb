"""One municipality's part of a service: which clients hold a slot, which wait, and who is next.

No client of a municipality may hold all of its slots, and those that wait take turns, so that a
vendor's nightly run does not shut the counter's own software out.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

NOBODY: Final[Mapping[str, int]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One tenant's part: at most `at_once` slots; `weight` slots before anybody's surplus.

    `each` is the most of them that one client may hold; all of them, unless it is said.
    """

    at_once: int
    weight: int = 1
    each: int | None = None

    @classmethod
    def divided(cls, at_once: int, *, weight: int = 1) -> "Share":
        """Return a share of which one client leaves at least a fifth to the others."""
        return cls(at_once=at_once, weight=weight, each=max(1, at_once * 4 // 5))


@dataclass(slots=True, eq=False)
class Ticket:
    """One request that waits. `gives_up_at`: when it is of no use any more, on the same clock."""

    tenant: int
    came_at: float
    gives_up_at: float
    future: "asyncio.Future[None] | None" = None
    told: "Callable[[Exception | None], None] | None" = None
    timer: asyncio.TimerHandle | None = None
    is_granted: bool = False
    is_called_off: bool = False
    client: str = ""


@dataclass(slots=True, eq=False)
class Lane:
    """One tenant's requests. Kept for good: there are no more of them than municipalities.

    `credit` is what is left of the tenant's turn, `agreed` what was agreed with single clients.
    """

    tenant: int
    share: Share
    agreed: Mapping[str, int]
    running: int = 0
    credit: int = 0
    length: int = 0
    held: dict[str, int] = field(default_factory=dict[str, int])
    each: int = 0
    _lines: OrderedDict[str, deque[Ticket]] = field(default_factory=OrderedDict[str, deque[Ticket]])

    def __post_init__(self) -> None:
        self.agree(self.share, self.agreed)

    def agree(self, share: Share, agreed: Mapping[str, int]) -> None:
        """Take up what was agreed; slots already given are not taken back."""
        self.share, self.agreed = share, agreed
        self.each = share.at_once if share.each is None else share.each

    def may_hold(self, client: str) -> bool:
        """Whether a client has fewer slots than it may have."""
        return self.held.get(client, 0) < self.agreed.get(client, self.each)

    def waits(self, client: str) -> bool:
        """Whether a request of this client waits."""
        return client in self._lines

    @property
    def is_ready(self) -> bool:
        """Whether somebody waits who may have a slot of this tenant's."""
        return self.running < self.share.at_once and any(map(self.may_hold, self._lines))

    def take(self, client: str) -> None:
        """Count a slot in."""
        self.running += 1
        self.held[client] = self.held.get(client, 0) + 1

    def give_back(self, client: str) -> None:
        """Count a slot out."""
        self.running -= 1
        left = self.held[client] - 1
        if left:
            self.held[client] = left
        else:
            del self.held[client]

    def add(self, ticket: Ticket) -> None:
        """Let a request wait behind those of the same client."""
        self._lines.setdefault(ticket.client, deque()).append(ticket)
        self.length += 1

    def remove(self, ticket: Ticket) -> bool:
        """Take a request out; False if it was not waiting."""
        line = self._lines.get(ticket.client)
        if line is None or ticket not in line:
            return False
        line.remove(ticket)
        self._shorten(ticket.client, line)
        return True

    def draw(self, *, newest_first: bool) -> Ticket:
        """Take out the request that is next: of the clients that may have a slot, in turn.

        Raises:
            StopIteration: nobody is ready; see `is_ready`.
        """
        client = next(filter(self.may_hold, self._lines))
        line = self._lines[client]
        ticket = line.pop() if newest_first else line.popleft()
        self._lines.move_to_end(client)
        self._shorten(client, line)
        return ticket

    def surplus(self, client: str | None = None) -> Ticket | None:
        """Return who has to go for want of room, unless it is a newcomer of `client` itself.

        It is the last of the client with most waiting; None if that is the newcomer's own.
        """
        longest = max(self._lines.values(), key=len)
        own = () if client is None else self._lines.get(client, ())
        return None if len(longest) <= len(own) else longest[-1]

    def _shorten(self, client: str, line: deque[Ticket]) -> None:
        self.length -= 1
        if not line:
            del self._lines[client]
