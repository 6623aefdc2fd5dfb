"""Who may pass to a service: proven by a token, for the one municipality the token names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from foundation.identity import InvalidToken, Purpose
from foundation.problems import TenantMismatch, Unauthenticated
from foundation.telemetry import logger
from foundation.tenancy import Tenancy
from gateway.forwarding.headers import Intake
from gateway.forwarding.problems import AmbiguousRequest, UnknownPurpose

from .token_cache import InternalTokens, Pass, TokenCache

_log = logger(__name__)

_BEARER: Final = re.compile(rb"[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9\-._~+/]{1,8000}=*)")
_CODE_IN_HOST: Final = re.compile(rb"([0-9]{6})\.")
_CODE: Final = re.compile(r"[0-9]{6}")
_NAMING_A_TENANT: Final = frozenset({"municipality_code", "tenant", "tenant_id"})
_MOST_PARAMETERS: Final = 200
_PURPOSES: Final = {purpose.value.encode(): purpose for purpose in Purpose}


@dataclass(slots=True)
class Admitted:
    """A caller who may go on, with the token by which the service will know them."""

    holder: Pass
    internal_token: str

    @property
    def tenancy(self) -> Tenancy:
        """The municipality, as the access token proves it."""
        return self.holder.access.caller.tenancy


class Admission:
    """The check at the door: nothing behind a service's prefix is public."""

    def __init__(self, tokens: TokenCache, internal: InternalTokens) -> None:
        self._tokens = tokens
        self._internal = internal

    def prove(self, intake: Intake) -> Pass:
        """Return the pass of whoever asks.

        Raises:
            Unauthenticated: no token, or one that is not to be believed; which of the two shows
                in `WWW-Authenticate` (RFC 6750 §3), the reason never does.
        """
        given = intake.once.get(b"authorization")
        if given is None:
            raise Unauthenticated
        match = _BEARER.fullmatch(given)
        if match is None:
            raise Unauthenticated(headers=_challenge("invalid_request"))
        try:
            return self._tokens.prove(match[1].decode())
        except InvalidToken as error:
            raise Unauthenticated(headers=_challenge("invalid_token")) from error

    def admit(self, holder: Pass, intake: Intake, query: bytes, *, service: str) -> Admitted:
        """Let a proven caller go on to a service.

        Raises:
            TenantMismatch: host, header or query names another municipality than the token.
            UnknownPurpose: the purpose is not one of those that can be recorded.
        """
        self._agree(holder, intake, query)
        given = intake.once.get(b"tamaire-purpose")
        purpose = None if given is None else _PURPOSES.get(given)
        if given is not None and purpose is None:
            raise UnknownPurpose(purposes=[purpose.value for purpose in Purpose])
        return Admitted(holder, self._internal.token_for(holder, service, purpose))

    def _agree(self, holder: Pass, intake: Intake, query: bytes) -> None:
        tenancy = holder.access.caller.tenancy
        for place, name, value in _named_tenants(intake, query):
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


def _named_tenants(intake: Intake, query: bytes) -> Iterator[tuple[str, str, str]]:
    """Yield each place outside the token where a municipality is named: place, field, value."""
    by_host = _CODE_IN_HOST.match(intake.once.get(b"host", b""))
    if by_host is not None:
        yield "host", "host", by_host[1].decode()
    by_header = intake.once.get(b"tamaire-municipality")
    if by_header is not None:
        yield "header", "tamaire-municipality", by_header.decode("latin-1").strip()
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


def _names_nobody(query: bytes) -> bool:
    """Tell at a glance, for most queries, that no parameter can be a tenant's."""
    return (
        b"%" not in query
        and b"tenant" not in (plain := query.lower())
        and (b"municipality_code" not in plain)
    )


def _challenge(error: str) -> dict[str, str]:
    return {"WWW-Authenticate": f'Bearer error="{error}"'}
