"""Asking a provider what it publishes, without being led anywhere by the answer."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, cast

import httpx

from foundation.identity import InvalidToken
from foundation.identity.jose import ForeignKeys
from foundation.identity.outbound import AddressRefused, GuardedTransport

from .examination import Examined, Finding, Plan, issuer_faults, judge, unreadable
from .problems import ExaminationsBusy

_SECONDS = 5.0
_LONGEST = 262_144
_AT_ONCE = 2
_TIMEOUT = httpx.Timeout(3.0)


class _Unreadable(Exception):
    """Why nothing could be read: a key of `examination.unreadable`."""


@dataclass(slots=True)
class Enquiries:
    """The office's way to ask providers; few at once, because each waits for others' machines."""

    transport: httpx.AsyncBaseTransport
    plain_allowed: bool = False
    _under_way: int = field(default=0, init=False)

    @classmethod
    def on_the_network(cls, *, plain_allowed: bool) -> "Enquiries":
        """Ask over the real network; `plain_allowed` lets a development machine ask itself."""
        inner = httpx.AsyncHTTPTransport(retries=0)
        guarded = GuardedTransport(inner, allows_loopback=plain_allowed)
        return cls(transport=guarded, plain_allowed=plain_allowed)

    async def examine(self, plan: Plan) -> Examined:
        """Return everything that is wrong with a provider.

        Raises:
            ExaminationsBusy: others are being examined; it takes seconds.
        """
        found = issuer_faults(plan.issuer, plan.claims, plain_allowed=self.plain_allowed)
        if any(one.pointer == "/issuer" for one in found):
            return _only(found)
        if self._under_way >= _AT_ONCE:
            raise ExaminationsBusy
        self._under_way += 1
        try:
            async with asyncio.timeout(_SECONDS):
                document = await self._document(
                    plan.issuer.rstrip("/") + "/.well-known/openid-configuration"
                )
                keys = await self._keys(document.get("jwks_uri"))
        except _Unreadable as error:
            return _only([*found, unreadable(str(error))])
        except TimeoutError:
            return _only([*found, unreadable("unreachable")])
        finally:
            self._under_way -= 1
        examined = judge(document, keys, plan)
        return Examined(
            faults=(*found, *examined.faults),
            notices=examined.notices,
            endpoints=examined.endpoints,
            algorithms=examined.algorithms,
        )

    async def _keys(self, url: object) -> int | None:
        if not isinstance(url, str):
            return None
        try:
            return len(ForeignKeys(await self._document(url)))
        except (_Unreadable, InvalidToken):
            return None

    async def _document(self, url: str) -> Mapping[str, Any]:
        """Fetch a JSON object of a sane size; redirects are not followed."""
        async with httpx.AsyncClient(
            transport=_Lent(self.transport), timeout=_TIMEOUT, trust_env=False
        ) as client:
            try:
                async with client.stream(
                    "GET", url, headers={"Accept": "application/json"}
                ) as answer:
                    return await _read(answer)
            except AddressRefused as error:
                raise _Unreadable("address-refused") from error
            except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
                raise _Unreadable("unreachable") from error


class _Lent(httpx.AsyncBaseTransport):
    """A transport that is not closed by the client that borrows it."""

    def __init__(self, lender: httpx.AsyncBaseTransport) -> None:
        self.handle_async_request = lender.handle_async_request


async def _read(answer: httpx.Response) -> Mapping[str, Any]:
    if answer.is_redirect:
        raise _Unreadable("redirects")
    if answer.status_code != HTTPStatus.OK:
        raise _Unreadable("unreachable")
    body = bytearray()
    async for piece in answer.aiter_bytes():
        body += piece
        if len(body) > _LONGEST:
            raise _Unreadable("not-json")
    try:
        found: object = json.loads(bytes(body))
    except (ValueError, RecursionError) as error:
        raise _Unreadable("not-json") from error
    if not isinstance(found, dict):
        raise _Unreadable("not-json")
    return cast("dict[str, Any]", found)


def _only(faults: list[Finding]) -> Examined:
    return Examined(faults=tuple(faults), notices=(), endpoints={}, algorithms=())
