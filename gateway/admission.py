"""Who may pass to a service: proven by a token, for the one municipality the token names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol
from urllib.parse import parse_qsl

from foundation.identity import InvalidToken, Purpose
from foundation.problems import TenantMismatch, Unauthenticated
from foundation.telemetry import logger
from gateway.forwarding.headers import Intake
from gateway.forwarding.problems import AmbiguousRequest, UnknownPurpose

from .access import MunicipalityClosed
from .tenants import MunicipalityNotFound
from .token_cache import InternalTokens, Pass, TokenCache

_log = logger(__name__)

_CREDENTIALS: Final = re.compile(rb"(?i:(bearer|dpop)) +([A-Za-z0-9\-._~+/]{1,8000}=*)")
_TOKEN: Final = re.compile(rb"[A-Za-z0-9\-._~+/]{1,8000}=*")
_CODE_IN_HOST: Final = re.compile(rb"([0-9]{6})\.")
_CODE: Final = re.compile(r"[0-9]{6}")
_NAMING_A_TENANT: Final = frozenset({"municipality_code", "tenant", "tenant_id"})
_MOST_PARAMETERS: Final = 200
_PURPOSES: Final = {purpose.value.encode(): purpose for purpose in Purpose}


class Stated(Protocol):
    """What a request says of itself besides its token; absent fields are None."""

    @property
    def host(self) -> bytes | None: ...
    @property
    def tenant(self) -> bytes | None:
        """The field Tamaire-Municipality."""
        ...

    @property
    def purpose(self) -> bytes | None:
        """The field Tamaire-Purpose."""
        ...

    @property
    def query(self) -> bytes: ...


@dataclass(slots=True, kw_only=True)
class StatedInHeaders:
    """The same, as the thorough reader found it."""

    host: bytes | None
    tenant: bytes | None
    purpose: bytes | None
    query: bytes

    @classmethod
    def of(cls, intake: Intake, query: bytes) -> "StatedInHeaders":
        once = intake.once
        return cls(
            host=once.get(b"host"),
            tenant=once.get(b"tamaire-municipality"),
            purpose=once.get(b"tamaire-purpose"),
            query=query,
        )


class Admission:
    """The check at the door: nothing behind a service's prefix is public."""

    def __init__(self, tokens: TokenCache, internal: InternalTokens) -> None:
        self._tokens = tokens
        self._internal = internal

    def prove(self, given: bytes | None) -> Pass:
        """Return the pass of whoever asks, by the field `Authorization`.

        A token bound to a key is not judged here but by its proof: the caller looks at `jkt`.

        Raises:
            Unauthenticated: no token, or one that is not to be believed; which of the two shows
                in `WWW-Authenticate` (RFC 6750 §3), the reason never does.
            MunicipalityNotFound: the token's municipality has left for good.
        """
        if given is None:
            raise Unauthenticated
        try:
            # A token known by its digest has been read before, and need not be read again.
            is_usual = given.startswith(b"Bearer ")
            known = self._tokens.recall(given[7:]) if is_usual else None
            if known is not None:
                return known
            match = _CREDENTIALS.fullmatch(given)
            if match is None:
                raise Unauthenticated(headers=_challenge("invalid_request"))
            token = match[2].decode()
            return self._tokens.judge(token) if is_usual else self._tokens.prove(token)
        except MunicipalityClosed as error:
            raise MunicipalityNotFound from error
        except InvalidToken as error:
            raise Unauthenticated(headers=_challenge("invalid_token")) from error

    def prove_bearer(self, token: bytes) -> Pass:
        """Do the same for what follows `Bearer `.

        Raises:
            Unauthenticated, MunicipalityNotFound: as `prove`.
        """
        try:
            known = self._tokens.recall(token)
            if known is not None:
                return known
            # Leading blanks are the thorough spelling's business.
            if _TOKEN.fullmatch(token) is None:
                return self.prove(b"Bearer " + token)
            return self._tokens.judge(token.decode())
        except MunicipalityClosed as error:
            raise MunicipalityNotFound from error
        except InvalidToken as error:
            raise Unauthenticated(headers=_challenge("invalid_token")) from error

    def admit(self, holder: Pass, stated: Stated, *, service: str) -> bytes:
        """Let a proven caller go on to a service, with the token by which it will know them.

        Raises:
            TenantMismatch: host, header or query names another municipality than the token.
            UnknownPurpose: the purpose is not one of those that can be recorded.
        """
        if names_somebody(stated):
            self._agree(holder, stated)
        given = stated.purpose
        purpose = None if given is None else _PURPOSES.get(given)
        if given is not None and purpose is None:
            raise UnknownPurpose(purposes=[purpose.value for purpose in Purpose])
        return self._internal.token_for(holder, service, purpose)

    def let_in(self, holder: Pass, service: str) -> bytes:
        """Let a proven caller go on who names no municipality and no purpose: nothing to judge."""
        return self._internal.token_for(holder, service, None)

    def _agree(self, holder: Pass, stated: Stated) -> None:
        tenancy = holder.access.caller.tenancy
        for place, name, value in _named_tenants(stated):
            accepted = {str(tenancy.code)}
            if name == "tenant_id":
                accepted.add(str(int(tenancy.tenant_id)))
            if value not in accepted:
                _log.warning(
                    "tenant mismatch refused",
                    place=place,
                    proven=str(tenancy.code),
                    named=value if _CODE.fullmatch(value) else "unreadable",
                    client_id=holder.access.caller.principal.client_id,
                )
                raise TenantMismatch


def names_somebody(stated: Stated) -> bool:
    """Whether a municipality is, or might be, named anywhere outside the token."""
    host, query = stated.host, stated.query
    return (
        stated.tenant is not None
        or (host is not None and host[6:7] == b"." and _CODE_IN_HOST.match(host) is not None)
        or (bool(query) and not _names_nobody(query))
    )


def _named_tenants(stated: Stated) -> Iterator[tuple[str, str, str]]:
    """Yield each place outside the token where a municipality is named: place, field, value."""
    by_host = _CODE_IN_HOST.match(stated.host or b"")
    if by_host is not None:
        yield "host", "host", by_host[1].decode()
    by_header = stated.tenant
    if by_header is not None:
        yield "header", "tamaire-municipality", by_header.decode("latin-1").strip()
    query = stated.query
    if not query or _names_nobody(query):
        return
    try:
        pairs = parse_qsl(
            query.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_PARAMETERS
        )
    except ValueError as error:
        raise AmbiguousRequest("The query has too many parameters.") from error
    for name, value in pairs:
        if name.strip().lower() in _NAMING_A_TENANT:
            yield "query", name.strip().lower(), value


@lru_cache(maxsize=4_096)
def _names_nobody(query: bytes) -> bool:
    """Tell at a glance, for most queries, that no parameter can be a tenant's."""
    return (
        b"%" not in query
        and b"tenant" not in (plain := query.lower())
        and (b"municipality_code" not in plain)
    )


def _challenge(error: str) -> dict[str, str]:
    return {"WWW-Authenticate": f'Bearer error="{error}"'}
