"""Whether whoever shows a token holds its key: judged, and used up once for all gateways.

Using up is one row in PostgreSQL. Requests that arrive together share one transaction for it, so
that a busy gateway asks the database some hundred times a second and not once per request.
"""

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit

from foundation.database import Database, DatabaseProblem
from foundation.identity.dpop import InvalidProof, Possession, judge
from foundation.problems import ServiceUnavailable
from foundation.telemetry import logger
from gateway.tenants import code_of_host

from . import repository
from .problems import DpopProofInvalid, DpopProofRequired
from .repository import Name, name_of

_MOST_AT_ONCE = 200

_log = logger(__name__)
_Waiting = tuple[Possession, asyncio.Future[bool]]


class ProofsUnknown(ServiceUnavailable):
    """It cannot be told whether a proof was shown before, so none is believed for the moment."""

    slug = "platform/proofs-unknown"
    title = "It cannot be checked at the moment whether your proof was used before."
    title_ja = "鍵を持っている証明(DPoP)が使用済みでないかを、現在確認できません。"


class Proofs:
    """The judge of proofs of one gateway.

    Args of the constructor: the database; our own name, an origin; and the domain below which
    each municipality has an address of its own.
    """

    def __init__(self, database: Database, *, issuer: str, tenant_domain: str) -> None:
        self._database = database
        self._issuer = issuer
        self._origin = urlsplit(issuer)
        self._tenant_domain = tenant_domain
        self._waiting: list[_Waiting] = []
        self._writing: asyncio.Task[None] | None = None

    def url_of(self, host: str | None, path: str) -> str:
        """Return the address of a request as a proof must name it.

        The host counts only where it is one of ours, a municipality's own address among them: a
        proof made for somebody else's server is no good here, whatever host the request names.
        """
        named = (host or "").lower()
        _, _, port = named.partition(":")
        own_port = "" if self._origin.port is None else str(self._origin.port)
        if port == own_port and code_of_host(named, self._tenant_domain) is not None:
            return f"{self._origin.scheme}://{named}{path}"
        return f"{self._issuer}{path}"

    async def judge(self, proof: str, *, method: str, url: str, token: str, jkt: str) -> None:
        """Check the proof that comes with an access token bound to the key `jkt`.

        Raises:
            DpopProofInvalid: the proof does not hold, or was used before.
            ProofsUnknown: the database cannot say whether it was (fail closed).
        """
        try:
            await self.possession(proof, method=method, url=url, token=token, jkt=jkt)
        except InvalidProof as error:
            _log.info("dpop proof refused", reason=str(error))
            raise DpopProofInvalid from error
        except DatabaseProblem as error:
            raise ProofsUnknown from error

    async def possession(
        self,
        proof: str,
        *,
        method: str,
        url: str,
        token: str | None = None,
        jkt: str | None = None,
    ) -> Possession:
        """Return the key that a proof shows, once the proof is used up.

        Raises:
            InvalidProof: it does not hold, is of another key than `jkt`, or was used before.
            DatabaseProblem: the database cannot say whether it was.
        """
        found = judge(proof, method=method, url=url, token=token)
        if jkt is not None and found.jkt != jkt:
            raise InvalidProof("another key than the token's")
        if not await self._use(found):
            raise InvalidProof("shown before")
        return found

    async def _use(self, possession: Possession) -> bool:
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((possession, answer))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        return await answer

    async def _write(self) -> None:
        """Write all that wait, together; whoever comes meanwhile waits for the next round."""
        while self._waiting:
            batch, self._waiting = self._waiting[:_MOST_AT_ONCE], self._waiting[_MOST_AT_ONCE:]
            try:
                async with self._database.unbound() as work:
                    fresh = await repository.use(work, [proof for proof, _ in batch])
            except Exception as error:  # noqa: BLE001 - whatever it is, those who wait learn it
                for _, answer in batch:
                    if not answer.done():
                        answer.set_exception(error)
            except asyncio.CancelledError:
                for _, answer in (*batch, *self._waiting):
                    answer.cancel()
                raise
            else:
                _answer(batch, set(fresh))


def only(headers: Sequence[str]) -> str:
    """Return the one proof of a request (RFC 9449 §4.3, step 1).

    Raises:
        DpopProofRequired: there is none.
        DpopProofInvalid: there are several, and two readers could judge a different one each.
    """
    if not headers:
        raise DpopProofRequired
    if len(headers) > 1:
        raise DpopProofInvalid
    return headers[0]


def _answer(batch: Sequence[_Waiting], fresh: set[Name]) -> None:
    """Tell each whether its proof was new; of two alike in one batch the first is."""
    for proof, answer in batch:
        name = name_of(proof)
        if not answer.done():
            answer.set_result(name in fresh)
        fresh.discard(name)
