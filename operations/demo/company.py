"""Who plays together, and what a journey is to them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from .players import Player
from .signin import Identity, sign_in
from .stage import Stage


class Company:
    """Everybody who takes part in one play; each signs in once, when first needed."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._players: dict[tuple[str, str], Player] = {}

    async def player(self, identity: Identity) -> Player:
        """Return somebody, signed in.

        Raises:
            Unexpected: the sign-in went otherwise than it must.
        """
        name = (identity.municipality, identity.who)
        if name not in self._players:
            self._players[name] = await sign_in(self.stage, identity)
        return self._players[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """A person's whole path: how it is called, how it is announced, and how it goes."""

    name: str
    title: str
    play: Callable[[Company], Awaitable[None]]

    async def begin(self, company: Company) -> None:
        """Announce it and play it."""
        company.stage.begin(self.name, self.title)
        await self.play(company)
