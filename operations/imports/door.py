"""The way to the house: who we are, what we ask, and what to do when the line breaks."""

import asyncio
import csv
import io
import ipaddress
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final, Self
from urllib.parse import urlsplit

import httpx

from foundation import clock
from foundation.identifiers import MunicipalityCode, new_id
from foundation.identity import Purpose, SigningKey

from .file import RegisterFile
from .refusals import InTheOpen, Refused, Unreachable

SCOPE: Final = "registry:import"
_PATH: Final = "/registry/v1"
_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_LIFETIME: Final = timedelta(seconds=60)
_RENEWED_AFTER_S: Final = 300.0
"""A token lives ten minutes; one that is renewed halfway never ends under a request."""
_PATIENCE_S: Final = 300.0
_CONNECT_S: Final = 10.0
_TRIES: Final = 8
_BUSY: Final = frozenset({HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A client of the municipality, which proves itself by its key (RFC 7523)."""

    client_id: str
    key: SigningKey
    code: MunicipalityCode


Identity = Machine | str
"""A machine, or the access token of an official who has signed in."""


class Door:
    """One session at the gateway."""

    def __init__(
        self,
        base_url: str,
        identity: Identity,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        pause_s: float = 1.0,
    ) -> None:
        """Open nothing yet.

        Raises:
            InTheOpen: the way leads over a network, unencrypted.
        """
        self._base_url, self._identity = base_url.rstrip("/"), identity
        stays_here = _stays_here(self._base_url)
        if not stays_here and urlsplit(self._base_url).scheme != "https":
            raise InTheOpen(self._base_url)
        self._pause_s = pause_s
        self._token, self._minted_at = "", float("-inf")
        self._http = httpx.AsyncClient(
            base_url=self._base_url,
            timeout=httpx.Timeout(_PATIENCE_S, connect=_CONNECT_S),
            transport=transport,
            trust_env=not stays_here,  # the office's proxy leads out of the house, not to it
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *of: object) -> None:
        await self._http.aclose()

    async def preview(self, file: RegisterFile, *, layout: str) -> dict[str, Any]:
        """Return how the beginning of a file would be read.

        Raises:
            Refused: it cannot be read, or this identity may not ask.
        """
        headers = {"Content-Type": file.headers["Content-Type"]}
        parameters = {"layout": layout} if layout else {}
        return await self._ask(
            "POST", "/import-previews", headers, content=file.beginning, params=parameters
        )

    async def hand_in(
        self, file: RegisterFile, parameters: Mapping[str, str], sent: Callable[[int], None]
    ) -> dict[str, Any]:
        """Send a file whole; where the line breaks, once more under the same key.

        Raises:
            Refused: the house does not take it.
            Unreachable: the line broke again and again.
        """
        headers = {**file.headers, "Idempotency-Key": str(new_id())}

        async def attempt() -> httpx.Response:
            return await self._http.post(
                f"{_PATH}/imports",
                params=dict(parameters),
                headers=headers | await self._proof(),
                content=file.pieces(sent),
            )

        return _accepted(await self._persistently(attempt))

    async def read(self, import_id: str) -> dict[str, Any]:
        """Return an import with its report.

        Raises:
            Refused: there is none, or it is another municipality's.
        """
        return await self._ask("GET", f"/imports/{import_id}", {})

    async def decide(
        self, import_id: str, decision: str, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Confirm an import, or have it forgotten.

        Raises:
            Refused: it was decided already, or has faults that nobody agreed to leave out.
        """
        headers = {"Idempotency-Key": str(new_id())}
        return await self._ask("POST", f"/imports/{import_id}/{decision}", headers, json=body)

    async def follow(self, import_id: str) -> AsyncGenerator[dict[str, Any]]:
        """Yield how far an import is whenever that changes, until it rests.

        Raises:
            Refused: there is none, or this identity may not ask.
            Unreachable: the line broke again and again.
        """
        heard, failures = "", 0
        while failures < _TRIES:
            try:
                async for event in self._listen(import_id, heard):
                    heard, failures = event["id"], 0
                    yield json.loads(event["data"])
                    if event["event"] == "settled":
                        return
            except (httpx.TransportError, _Busy):
                failures += 1
            await asyncio.sleep(self._pause_s)
        raise Unreachable(self._base_url)

    async def faulty_rows(self, import_id: str) -> AsyncGenerator[bytes]:
        """Yield the lines to mend as the file was written, the header once.

        Raises:
            Refused: the import does not wait any more.
        """
        after, is_first = 0, True
        while True:
            answer = await self._http.get(
                f"{_PATH}/imports/{import_id}/faulty-rows",
                params={"after_line": after},
                headers=await self._proof(),
            )
            await _required(answer)
            header, _, lines = answer.content.partition(b"\r\n")
            if is_first:
                yield header + b"\r\n"
            if not lines:
                return
            yield lines
            after, is_first = _last_number(answer), False

    async def _listen(self, import_id: str, heard: str) -> AsyncGenerator[dict[str, str]]:
        """Yield the events of one answer.

        Raises:
            _Busy: there is no room at the moment.
        """
        headers = await self._proof() | ({"Last-Event-ID": heard} if heard else {})
        path = f"{_PATH}/imports/{import_id}/events"
        async with self._http.stream("GET", path, headers=headers) as answer:
            if answer.status_code in _BUSY:
                raise _Busy
            await _required(answer)
            async for event in _events(answer.aiter_lines()):
                yield event

    async def _ask(
        self, method: str, path: str, headers: Mapping[str, str], **options: Any
    ) -> dict[str, Any]:
        async def attempt() -> httpx.Response:
            return await self._http.request(
                method, f"{_PATH}{path}", headers={**headers, **await self._proof()}, **options
            )

        return _accepted(await self._persistently(attempt))

    async def _persistently(
        self, attempt: Callable[[], Awaitable[httpx.Response]]
    ) -> httpx.Response:
        """Try again while the line breaks or there is no room; what has effect carries its key.

        Raises:
            Unreachable: it did not work in several tries.
        """
        for failures in range(1, _TRIES + 1):
            try:
                answer = await attempt()
            except httpx.TransportError:
                await asyncio.sleep(self._pause_s * failures)
                continue
            if answer.status_code not in _BUSY:
                return answer
            await asyncio.sleep(self._pause_s * failures)
        raise Unreachable(self._base_url)

    async def _proof(self) -> dict[str, str]:
        """Return what says who asks, and why."""
        identity = self._identity
        token = identity if isinstance(identity, str) else await self._machine_token(identity)
        return {"Authorization": f"Bearer {token}", "Tamaire-Purpose": Purpose.REGISTRATION.value}

    async def _machine_token(self, machine: Machine) -> str:
        if time.monotonic() - self._minted_at > _RENEWED_AFTER_S:
            answer = await self._persistently(lambda: self._request_token(machine))
            self._token = str(_accepted(answer)["access_token"])
            self._minted_at = time.monotonic()
        return self._token

    async def _request_token(self, machine: Machine) -> httpx.Response:
        endpoint, now = f"{self._base_url}/oauth/token", clock.now()
        assertion = machine.key.sign(
            {
                "iss": machine.client_id,
                "sub": machine.client_id,
                "aud": endpoint,
                "jti": str(new_id()),
                "iat": int(now.timestamp()),
                "exp": int((now + _ASSERTION_LIFETIME).timestamp()),
            },
            typ="client-authentication+jwt",
        )
        return await self._http.post(
            "/oauth/token",
            headers={"Tamaire-Municipality": machine.code},
            data={
                "grant_type": "client_credentials",
                "scope": SCOPE,
                "client_assertion_type": _ASSERTION_TYPE,
                "client_assertion": assertion,
            },
        )


class _Busy(Exception):
    """There is no room at the moment."""


def _accepted(answer: httpx.Response) -> dict[str, Any]:
    if not answer.is_success:
        raise Refused(answer)
    return answer.json()


async def _required(answer: httpx.Response) -> None:
    if not answer.is_success:
        await answer.aread()
        raise Refused(answer)


async def _events(lines: AsyncIterator[str]) -> AsyncGenerator[dict[str, str]]:
    """Yield events with their id, name and data; comments and pauses are not events."""
    fields: dict[str, str] = {}
    async for line in lines:
        if not line:
            if "data" in fields:
                yield fields
            fields = {}
            continue
        name, _, value = line.partition(": ")
        fields[name] = value


def _last_number(answer: httpx.Response) -> int:
    """Return the number of the last line; a cell may hold an end of line itself."""
    encoding = "cp932" if answer.charset_encoding == "shift_jis" else "utf-8"
    rows = csv.reader(io.StringIO(answer.content.decode(encoding), newline=""))
    return int([row for row in rows if row][-1][0])


def _stays_here(base_url: str) -> bool:
    """Whether the way does not leave this machine."""
    host = urlsplit(base_url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
