"""The tokens themselves: what they say, how long they hold, and whose pen signs them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from foundation import clock
from foundation.identifiers import MunicipalityCode, new_id
from foundation.identity import Official, Resident, Role, claims_of
from gateway.access import GIVEN_AT, LIFETIME_SECONDS, TYPE
from gateway.businesses.repository import Known
from gateway.clients.domain import Leave
from gateway.state import GatewayState

from .domain import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """A successful answer of the token endpoint (RFC 6749 §5.1).

    With a `jkt` the access token is good only with a proof of that key (RFC 9449 §5).
    """

    access_token: str
    expires_in: int
    scopes: frozenset[str]
    jkt: str | None = None
    refresh_token: str | None = None
    id_token: str | None = None
    issued_token_type: str | None = None
    """What kind of token an exchange gave (RFC 8693 §2.2.1)."""

    def document(self) -> dict[str, str | int]:
        found: dict[str, str | int] = {
            "access_token": self.access_token,
            "token_type": "Bearer" if self.jkt is None else "DPoP",
            "expires_in": self.expires_in,
            "scope": " ".join(sorted(self.scopes)),
        }
        if self.refresh_token is not None:
            found["refresh_token"] = self.refresh_token
        if self.id_token is not None:
            found["id_token"] = self.id_token
        if self.issued_token_type is not None:
            found["issued_token_type"] = self.issued_token_type
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A signed-in person as a token names them: their session, and what is true of them now."""

    session: Session
    code: MunicipalityCode
    roles: frozenset[Role]
    resident_id: UUID | None
    until: datetime | None = None
    """When their duties change by themselves; a token that names them ends then."""
    business: Known | None = None


def for_person(
    door: GatewayState,
    holder: Holder,
    *,
    scopes: frozenset[str],
    leave: Leave,
    jkt: str | None = None,
) -> tuple[str, int]:
    """Return an access token (RFC 9068 §2.2) and its life in seconds.

    It ends with its session, with the leave it is given on, and when the holder's duties change.

    With a `jkt` it is bound to that key (RFC 9449 §6.1).
    """
    session = holder.session
    claims: dict[str, Any] = {
        "sub": session.subject,
        "kind": session.kind,
        "acr": session.acr,
        "auth_time": int(session.auth_time.timestamp()),
        "sid": str(session.id),
        **_given(session.client_id, scopes, code=holder.code),
        **_bound_to(jkt),
    }
    if session.kind == "official":
        claims["roles"] = sorted(holder.roles)
    elif holder.business is not None:
        claims["business_id"] = holder.business.business_id
        claims["business_role"] = holder.business.role
    elif holder.resident_id is not None:
        claims["resident_id"] = str(holder.resident_id)
    ends = leave.ends(session.expires_at, holder.until)
    return _signed(door, claims, leave=leave, ends=ends)


def for_representative(
    door: GatewayState,
    acting: Resident,
    *,
    code: MunicipalityCode,
    until: datetime | None,
    leave: Leave,
    jkt: str | None = None,
) -> tuple[str, int]:
    """Return an access token of somebody who acts for another, and its life in seconds.

    It names both (RFC 8693 §4.1) and ends with the right and the leave it rests on.
    """
    given = _given(acting.client_id, acting.scopes, code=code)
    claims = claims_of(acting) | given | _bound_to(jkt)
    return _signed(door, claims, leave=leave, ends=leave.ends(until))


def for_assistant(
    door: GatewayState,
    acting: Official,
    *,
    code: MunicipalityCode,
    until: datetime,
    leave: Leave,
    jkt: str | None = None,
) -> tuple[str, int]:
    """Return an access token of an official who assists elsewhere, and its life in seconds.

    It names their own office beside the municipality, and ends with consent, sign-in and duties.
    """
    given = _given(acting.client_id, acting.scopes, code=code)
    claims = claims_of(acting) | given | _bound_to(jkt)
    return _signed(door, claims, leave=leave, ends=leave.ends(until))


def for_machine(
    door: GatewayState,
    client_id: str,
    *,
    code: MunicipalityCode,
    scopes: frozenset[str],
    leave: Leave,
    jkt: str | None = None,
) -> tuple[str, int]:
    """Return an access token for a client that acts for itself (RFC 9068 §2.2: `sub` is it)."""
    claims: dict[str, Any] = {
        "sub": client_id,
        "kind": "machine",
        **_given(client_id, scopes, code=code),
        **_bound_to(jkt),
    }
    return _signed(door, claims, leave=leave, ends=leave.ends())


def id_token(door: GatewayState, holder: Holder, *, nonce: str | None) -> str:
    """Return an ID token (OpenID Connect Core §2): who, when, how and where; no attributes."""
    session = holder.session
    issued_at = int(clock.now().timestamp())
    claims: dict[str, Any] = {
        "iss": door.settings.issuer,
        "sub": session.subject,
        "aud": session.client_id,
        "iat": issued_at,
        "exp": issued_at + LIFETIME_SECONDS,
        "auth_time": int(session.auth_time.timestamp()),
        "acr": session.acr,
        "sid": str(session.id),
        "tenant": str(holder.code),
    }
    if nonce is not None:
        claims["nonce"] = nonce
    return door.keys.access_tokens.signing.sign(claims, typ="JWT")


def _bound_to(jkt: str | None) -> dict[str, Any]:
    return {} if jkt is None else {"cnf": {"jkt": jkt}}


def _given(client_id: str, scopes: frozenset[str], *, code: MunicipalityCode) -> dict[str, str]:
    return {"client_id": client_id, "scope": " ".join(sorted(scopes)), "tenant": str(code)}


def _signed(
    door: GatewayState, claims: dict[str, Any], *, leave: Leave, ends: int | None
) -> tuple[str, int]:
    """Sign a token that ends ten minutes after its date, or before; return its life in seconds.

    The date was fixed while its grounds were read, and the second may have changed since.
    """
    longest = leave.issued_at + LIFETIME_SECONDS
    expires_at = longest if ends is None else min(longest, ends)
    token = door.keys.access_tokens.signing.sign(
        {
            **claims,
            "iss": door.settings.issuer,
            "aud": door.settings.issuer,
            "iat": leave.issued_at,
            "exp": expires_at,
            GIVEN_AT: leave.given_at,
            "jti": str(new_id()),
        },
        typ=TYPE,
    )
    return token, expires_at - leave.issued_at
