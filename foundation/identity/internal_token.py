"""The one token that travels behind the gateway, so that a service never trusts a plain header."""

from collections import OrderedDict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from foundation import clock
from foundation.identifiers import MunicipalityCode, TenantId, new_id
from foundation.tenancy import Tenancy

from .keys import InvalidToken, KeySet, SigningKey
from .principal import Caller, Machine, Official, Principal, Purpose, Resident, Role

TYPE = "internal+jwt"
LIFETIME_SECONDS = 30
_LEEWAY_SECONDS = 2  # gateway and services share a machine or a rack; clocks differ by less
_CACHE_SIZE = 4_096


class InternalTokenIssuer:
    """The gateway's pen: it alone holds the private key."""

    def __init__(self, key: SigningKey, issuer: str = "gateway") -> None:
        self._key = key
        self._issuer = issuer

    def mint(self, caller: Caller, *, audience: str) -> str:
        """Return a token for one service, good for `LIFETIME_SECONDS`."""
        issued_at = int(clock.now().timestamp())
        claims = {
            "iss": self._issuer,
            "aud": audience,
            "iat": issued_at,
            "exp": issued_at + LIFETIME_SECONDS,
            "jti": str(new_id()),
            "tid": caller.tenancy.tenant_id,
            "tenant": str(caller.tenancy.code),
            "purpose": caller.purpose.value if caller.purpose else None,
            **_claims_of(caller.principal),
        }
        return self._key.sign(claims, typ=TYPE)


class InternalTokenVerifier:
    """A service's eye: it believes tokens made by the gateway, for this service, just now."""

    def __init__(self, keys: KeySet, audience: str, issuer: str = "gateway") -> None:
        self._keys = keys
        self._audience = audience
        self._issuer = issuer
        self._seen: OrderedDict[str, tuple[int, Caller]] = OrderedDict()

    def verify(self, token: str) -> Caller:
        """Return who acts.

        A token once verified is remembered until it expires: the signature costs 150 µs, the
        look-up one, and nothing about the token can change meanwhile.

        Raises:
            InvalidToken: forged, for another service, expired, or not one of ours at all.
        """
        now = int(clock.now().timestamp())
        remembered = self._seen.get(token)
        if remembered is not None:
            if now >= remembered[0]:
                del self._seen[token]
                raise InvalidToken("expired")
            return remembered[1]
        claims = self._keys.verify(token, typ=TYPE, algorithm="Ed25519")
        expires_at = self._judge(claims, now)
        caller = _caller_from(claims)
        self._seen[token] = (expires_at, caller)
        if len(self._seen) > _CACHE_SIZE:
            self._seen.popitem(last=False)
        return caller

    def _judge(self, claims: dict[str, Any], now: int) -> int:
        if claims.get("iss") != self._issuer or claims.get("aud") != self._audience:
            raise InvalidToken("for somebody else")
        issued_at, expires_at = claims.get("iat"), claims.get("exp")
        if type(issued_at) is not int or type(expires_at) is not int:
            raise InvalidToken("no lifetime")
        if expires_at - issued_at > LIFETIME_SECONDS or issued_at > now + _LEEWAY_SECONDS:
            raise InvalidToken("an impossible lifetime")
        if now >= expires_at:
            raise InvalidToken("expired")
        return expires_at


def _claims_of(principal: Principal) -> dict[str, Any]:
    common: dict[str, Any] = {
        "kind": principal.kind,
        "sub": principal.subject,
        "client_id": principal.client_id,
        "scope": " ".join(sorted(principal.scopes)),
    }
    match principal:
        case Machine():
            return common
        case Resident():
            common["resident_id"] = str(principal.resident_id) if principal.resident_id else None
        case Official():
            common["roles"] = sorted(principal.roles)
    return common | {
        "acr": principal.acr,
        "auth_time": int(principal.auth_time.timestamp()),
        "sid": principal.session_id,
    }


def _caller_from(claims: dict[str, Any]) -> Caller:
    try:
        purpose = claims.get("purpose")
        return Caller(
            principal=_principal_from(claims),
            tenancy=Tenancy(
                TenantId(_whole(claims["tid"])), MunicipalityCode.parse(claims["tenant"])
            ),
            purpose=None if purpose is None else Purpose(purpose),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidToken("claims that make no caller") from error


def _principal_from(claims: dict[str, Any]) -> Principal:
    client_id, scopes = str(claims["client_id"]), frozenset(str(claims["scope"]).split())
    if claims["kind"] == "machine":
        return Machine(client_id=client_id, scopes=scopes)
    common: dict[str, Any] = {
        "subject": str(claims["sub"]),
        "client_id": client_id,
        "scopes": scopes,
        "acr": str(claims["acr"]),
        "auth_time": datetime.fromtimestamp(_whole(claims["auth_time"]), UTC),
        "session_id": str(claims["sid"]),
    }
    if claims["kind"] == "official":
        return Official(roles=frozenset(Role(role) for role in claims["roles"]), **common)
    if claims["kind"] == "resident":
        bound = claims["resident_id"]
        return Resident(resident_id=UUID(bound) if bound else None, **common)
    raise InvalidToken("an unknown kind of principal")


def _whole(value: object) -> int:
    if type(value) is not int:
        raise TypeError("a whole number was expected")
    return value
