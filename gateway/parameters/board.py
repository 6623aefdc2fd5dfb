"""What is laid down in public, in a gateway's memory: asked with every page of a browser."""

from collections.abc import Mapping
from datetime import timedelta

from foundation import clock
from foundation.database import Transaction
from foundation.identifiers import MunicipalityCode
from foundation.parameters import BROWSER_IDLE, Declaration, Step, chain_of, resolve

from .repository import Laid, public_steps

_KEPT = (BROWSER_IDLE,)


class Board:
    """Parameters the gateway itself keeps to; all of them are public, at most half a second old."""

    def __init__(self) -> None:
        self._laid: Mapping[str, Laid] = {}

    async def read(self, tx: Transaction) -> None:
        """Read what everybody laid down of them."""
        self._laid = await public_steps(tx, _KEPT)

    def lasting(self, code: MunicipalityCode, declaration: Declaration) -> timedelta:
        """Return how long something lasts today in a municipality."""
        steps: list[Step] = []
        if (laid := self._laid.get(declaration.key)) is not None:
            for one in (*chain_of(code), code):
                steps += laid.get(one, ())
        return declaration.lasting(resolve(declaration, steps, day=clock.today()).value)
