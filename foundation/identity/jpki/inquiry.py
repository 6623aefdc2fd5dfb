"""Asking an authority what it withdrew: its list, kept for a while, and an answer for each case.

An authority that does not answer decides nothing: the signature is neither believed nor refused,
and is judged when the authority can be asked again.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

import httpx
from cryptography import x509

from foundation import clock

from .evidence import Revocations, SignedDocument
from .leaf import check_certificate, read_certificate
from .lent import Lent
from .ocsp import NONCE_BYTES, question
from .refusal import RevocationUnavailable
from .trust import Root, Trust

_TIMEOUT = httpx.Timeout(5.0)
_LIST_LIMIT = 32 * 1024 * 1024
"""A list of everything an authority withdrew may be large, yet not of any size."""
_ANSWER_LIMIT = 65_536


@dataclass(frozen=True, slots=True)
class _Kept:
    content: bytes
    until: datetime


class Authorities:
    """The way to the authorities we believe."""

    def __init__(self, trust: Trust, transport: httpx.AsyncBaseTransport) -> None:
        self.trust = trust
        self._transport = transport
        self._lists: dict[str, _Kept] = {}

    async def ask(self, document: SignedDocument) -> Revocations:
        """Ask the authority of a document's certificate about it.

        The certificate is judged first: nobody is asked about one that no authority issued.

        Raises:
            SignatureRefused: the certificate itself is not believed.
            RevocationUnavailable: the authority does not answer.
        """
        certificate = read_certificate(document.certificate)
        root = check_certificate(certificate, self.trust, at=document.signed_at)
        nonce = secrets.token_bytes(NONCE_BYTES)
        async with httpx.AsyncClient(
            transport=Lent(self._transport),
            timeout=_TIMEOUT,
            follow_redirects=False,
            trust_env=False,
        ) as http:
            listed = await self._list(http, root)
            answer = await _fetched(
                http,
                httpx.Request(
                    "POST",
                    root.ocsp,
                    content=question(certificate, root, nonce),
                    headers={"Content-Type": "application/ocsp-request"},
                ),
                limit=_ANSWER_LIMIT,
            )
        return Revocations(crl=listed, ocsp=answer, nonce=nonce, at=clock.now())

    async def _list(self, http: httpx.AsyncClient, root: Root) -> bytes:
        """Return the list, fetched again when half of its time has passed."""
        kept = self._lists.get(root.crl)
        if kept is not None and clock.now() < kept.until:
            return kept.content
        content = await _fetched(http, httpx.Request("GET", root.crl), limit=_LIST_LIMIT)
        if (until := _half_way(content)) is not None:
            self._lists[root.crl] = _Kept(content, until)
        return content


async def _fetched(http: httpx.AsyncClient, request: httpx.Request, *, limit: int) -> bytes:
    content = b""
    try:
        answer = await http.send(request, stream=True)
        try:
            answer.raise_for_status()
            async for part in answer.aiter_bytes():
                content += part
                if len(content) > limit:
                    raise RevocationUnavailable("an answer without end")
        finally:
            await answer.aclose()
    except httpx.HTTPError as error:
        raise RevocationUnavailable(str(request.url)) from error
    return content


def _half_way(content: bytes) -> datetime | None:
    """Until when a list is kept; what cannot be read is not kept, and is judged with the rest."""
    try:
        revocations = x509.load_der_x509_crl(content)
        until = revocations.next_update_utc
    except ValueError:
        return None
    if until is None:
        return None
    return revocations.last_update_utc + (until - revocations.last_update_utc) / 2
