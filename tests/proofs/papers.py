"""The papers a proof's people carry: the gateway's internal token, or its access token."""

import time
from dataclasses import dataclass, field
from typing import Protocol

from foundation.identifiers import new_id
from foundation.identity import (
    Caller,
    InternalTokenIssuer,
    Principal,
    SigningKey,
    claims_of,
)
from foundation.tenancy import Tenancy

_RENEWED_AFTER_SECONDS = 15.0
_ACCESS_SECONDS = 300


class Papers(Protocol):
    """Whoever gives a person the value of their Authorization header."""

    def of(self, principal: Principal, tenancy: Tenancy) -> str:
        """Return a value that will be accepted for some seconds yet."""
        ...


@dataclass(slots=True)
class _Drawer:
    """Papers made a moment ago, for they are used by the thousand."""

    made: dict[tuple[str, int], tuple[float, str]] = field(
        default_factory=dict[tuple[str, int], tuple[float, str]]
    )

    def fresh(self, principal: Principal, tenancy: Tenancy) -> str | None:
        found = self.made.get((principal.subject, tenancy.tenant_id))
        if found is None or time.monotonic() - found[0] > _RENEWED_AFTER_SECONDS:
            return None
        return found[1]

    def keep(self, principal: Principal, tenancy: Tenancy, paper: str) -> str:
        self.made[principal.subject, tenancy.tenant_id] = (time.monotonic(), paper)
        return paper


class InternalPapers:
    """What the gateway would give a service; for proofs that stand behind the gateway."""

    def __init__(self, pen: SigningKey, *, service: str) -> None:
        self._issuer = InternalTokenIssuer(pen)
        self._service = service
        self._drawer = _Drawer()

    def of(self, principal: Principal, tenancy: Tenancy) -> str:
        """Return an internal token; the purpose is the operation's first."""
        if (paper := self._drawer.fresh(principal, tenancy)) is not None:
            return paper
        caller = Caller(principal=principal, tenancy=tenancy, purpose=None)
        token = self._issuer.mint(caller, audience=self._service)
        return self._drawer.keep(principal, tenancy, f"Internal {token}")


class AccessPapers:
    """Access tokens (RFC 9068) signed with the gateway's own key, as after a sign-in."""

    def __init__(self, pen: SigningKey, *, issuer: str) -> None:
        self._pen = pen
        self._issuer = issuer
        self._drawer = _Drawer()

    def of(self, principal: Principal, tenancy: Tenancy) -> str:
        """Return an access token of five minutes."""
        if (paper := self._drawer.fresh(principal, tenancy)) is not None:
            return paper
        issued_at = int(time.time())
        token = self._pen.sign(
            {
                "sub": principal.subject,
                **claims_of(principal),
                "iss": self._issuer,
                "aud": self._issuer,
                "iat": issued_at,
                "exp": issued_at + _ACCESS_SECONDS,
                "jti": str(new_id()),
                "client_id": principal.client_id,
                "scope": " ".join(sorted(principal.scopes)),
                "tenant": str(tenancy.code),
            },
            typ="at+jwt",
        )
        return self._drawer.keep(principal, tenancy, f"Bearer {token}")
