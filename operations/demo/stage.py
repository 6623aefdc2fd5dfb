"""Where the demonstration acts: it calls the gateway, insists on the answer, and counts."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from foundation.identifiers import new_id
from foundation.problems import MEDIA_TYPE

from .board import Board, Line
from .expectation import Unexpected, Unreachable, words_of

PATIENCE_S = 30.0
IDEMPOTENCY_KEY = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request. `url` is a path of the gateway, or a whole address elsewhere."""

    who: str
    method: str
    url: str
    expect: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    params: Mapping[str, str] | None = None
    body: Any = None
    form: Mapping[str, str] | None = None
    also: tuple[int, ...] = ()
    """Further statuses that are as good."""

    def place(self, base_url: str) -> str:
        """Return where it goes, without its query: a line shows nothing that could be replayed."""
        parts = urlsplit(self.url.removeprefix(base_url))
        return f"{parts.netloc}{parts.path}"


class Answer:
    """What came back of one call that had the expected status; it is told once it is understood."""

    def __init__(self, stage: "Stage", call: Call, response: httpx.Response, line: Line) -> None:
        self._stage = stage
        self._line = line
        self.call = call
        self.response = response

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def document(self) -> Any:
        """The JSON that came.

        Raises:
            Unexpected: it is none.
        """
        try:
            return self.response.json()
        except ValueError as error:
            raise self.unexpected("JSON", "JSON ではない応答") from error

    def __getitem__(self, name: str) -> Any:
        """Return a field of the document.

        Raises:
            Unexpected: it is not there.
        """
        try:
            return self.document[name]
        except (KeyError, TypeError) as error:
            raise self.unexpected(f"項目 {name}", "その項目がない応答") from error

    def must(self, what: str, *, be: Any, found: Any) -> None:
        """Insist on a fact of the answer.

        Raises:
            Unexpected: it is otherwise.
        """
        if found != be:
            raise self.unexpected(f"{what} は {be}", f"{what} は {found}")

    def must_hold(self, what: str, *, holds: bool, found: Any) -> None:
        """Insist on a fact that is more than an equality.

        Raises:
            Unexpected: it does not hold.
        """
        if not holds:
            raise self.unexpected(what, str(found))

    def must_be_problem(self, slug: str) -> str:
        """Insist that this is the refusal of that name, explained in Japanese; return its sentence.

        Raises:
            Unexpected: it is something else.
        """
        kind = self.response.headers.get("content-type", "").partition(";")[0]
        self.must("応答の種類", be=MEDIA_TYPE, found=kind)
        self.must("理由の型", be=f"/problems/{slug}", found=self["type"])
        self.must_hold("直し方が日本語で付く", holds=bool(self["remedy_ja"]), found="直し方なし")
        return str(self["title_ja"])

    def unexpected(self, expected: str, found: str) -> Unexpected:
        """Return the failure that this answer is, to be raised."""
        called = f"{self.call.who} {self.call.method} {self._line.short_path}"
        return Unexpected(self._line.step, called, expected=expected, found=found)

    def tell(self, sentence: str, *, is_aside: bool = False) -> None:
        """Show the step, with one sentence of what happened."""
        self._stage.show(self._line, sentence=sentence, is_aside=is_aside)


class Stage:
    """The gateway as every player reaches it, the numbers of the steps, and the used keys."""

    def __init__(self, base_url: str, data: Path, http: httpx.AsyncClient, board: Board) -> None:
        self.base_url = base_url.rstrip("/")
        self.data = data
        self.journey = ""
        self.calls = 0
        self.refusals = 0
        self.spent_ms = 0.0
        self.keys: dict[str, str] = {}
        """The ledger of Idempotency-Keys: each key, and the one act it stands for."""
        self.records: dict[str, str] = {}
        """The ids a journey left behind, by the name a path gives them, for later journeys."""
        self._http = http
        self._board = board

    def begin(self, journey: str, title: str) -> None:
        """Announce a journey; the steps that follow belong to it."""
        self.journey = journey
        self._board.heading(journey, title)

    async def make(self, call: Call) -> Answer:
        """Make a call and insist on its status.

        Raises:
            Unexpected: another status.
            Unreachable: nobody answers.
        """
        self.calls += 1
        step, began = self.calls, time.perf_counter()
        response = await self._sent(call)
        took = (time.perf_counter() - began) * 1000
        self.spent_ms += took
        self.refusals += response.status_code >= HTTPStatus.BAD_REQUEST
        line = Line(
            step=step,
            journey=self.journey,
            who=call.who,
            method=call.method,
            path=call.place(self.base_url),
            status=response.status_code,
            milliseconds=round(took),
            sentence="",
        )
        answer = Answer(self, call, response, line)
        if response.status_code not in {call.expect, *call.also}:
            raise answer.unexpected(str(call.expect), words_of(response))
        return answer

    def new_key(self, act: str) -> str:
        """Return a key for one act and enter it into the ledger."""
        key = str(new_id())
        self.keys[key] = act
        return key

    def show(self, line: Line, *, sentence: str, is_aside: bool) -> None:
        """Show a line with its sentence."""
        self._board.show(replace(line, sentence=sentence, is_aside=is_aside))

    async def _sent(self, call: Call) -> httpx.Response:
        url = call.url if urlsplit(call.url).netloc else f"{self.base_url}{call.url}"
        try:
            return await self._http.request(
                call.method,
                url,
                headers=dict(call.headers),
                params=call.params,
                json=call.body,
                data=call.form,
            )
        except httpx.TransportError as error:
            raise Unreachable(
                f"{call.method} {url.partition('?')[0]}", type(error).__name__
            ) from error
