"""Who acts in the demonstration, and in whose name each of them calls the gateway."""

from collections.abc import Mapping
from typing import Any

from foundation.identity import Purpose

from .stage import IDEMPOTENCY_KEY, REPLAYED, Answer, Call, Stage


class Player:
    """Somebody who is signed in: an access token of one municipality, and a name for the lines."""

    def __init__(self, stage: Stage, who: str, *, municipality: str, token: str) -> None:
        self.who = who
        self.municipality = municipality
        self.subject = ""
        self._stage = stage
        self._token = token

    async def get(
        self,
        path: str,
        *,
        expect: int = 200,
        also: tuple[int, ...] = (),
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Read something."""
        return await self._stage.make(
            Call(
                who=self.who,
                method="GET",
                url=path,
                expect=expect,
                also=also,
                params=params,
                headers=self._headers() | dict(headers or {}),
            )
        )

    async def post(
        self,
        path: str,
        body: Any = None,
        *,
        expect: int = 200,
        also: tuple[int, ...] = (),
        purpose: Purpose | None = None,
    ) -> Answer:
        """Do something once, under a key of its own."""
        key = self._stage.new_key(f"{self.who} POST {path}")
        return await self._stage.make(
            Call(
                who=self.who,
                method="POST",
                url=path,
                expect=expect,
                also=also,
                body=body,
                headers=self._headers(purpose) | {IDEMPOTENCY_KEY: key},
            )
        )

    async def put(
        self, path: str, body: Any, *, headers: Mapping[str, str], expect: int = 200
    ) -> Answer:
        """Replace a version; `headers` name which."""
        return await self._stage.make(
            Call(
                who=self.who,
                method="PUT",
                url=path,
                expect=expect,
                body=body,
                headers=self._headers() | dict(headers),
            )
        )

    async def repeat(self, first: Answer) -> Answer:
        """Send a request again as it was, with its key, as after a lost answer or a double tap.

        Raises:
            Unexpected: the answer differs, or the effect was not recognised as done.
        """
        again = await self._stage.make(first.call)
        again.must("同じ応答か", be=True, found=again.response.content == first.response.content)
        again.must("再送の印", be="true", found=again.response.headers.get(REPLAYED))
        return again

    def _headers(self, purpose: Purpose | None = None) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self._token}"}
        return headers if purpose is None else headers | {"Tamaire-Purpose": purpose.value}
