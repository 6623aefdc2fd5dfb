"""Papers by which a service must not believe anybody: forged, stale, for others, or none at all."""

from collections.abc import Callable, Mapping
from typing import Protocol

from foundation import clock
from foundation.identity import Caller, InternalTokenIssuer, SigningKey
from tests.support.forgery import claims_of, forged

_STALE_SECONDS = 120
_KEPT_SECONDS = 15


class Papers(Protocol):
    """What a caller can show; the false ones by their names."""

    false: Mapping[str, Callable[[Caller], dict[str, str]]]

    def true(self, caller: Caller) -> dict[str, str]: ...


class InternalPapers:
    """Makes the `Authorization` of a caller, honestly or otherwise, for one service."""

    def __init__(self, pen: SigningKey, service: str) -> None:
        self._pen = pen
        self._minted: dict[Caller, tuple[float, dict[str, str]]] = {}
        self._service = service
        self._stranger = SigningKey.generate("Ed25519")
        self._front_door = SigningKey.generate("ES256")
        self.false: Mapping[str, Callable[[Caller], dict[str, str]]] = {
            "no token": lambda _: {},
            "identity in plain headers": self._plain_headers,
            "an access token": self._access_token,
            "an access token as the internal one": self._access_token_as_internal,
            "another's signature": self._wrong_key,
            "for another service": self._wrong_audience,
            "expired": self._expired,
            "unsigned": self._unsigned,
            "the public key as a secret": self._public_secret,
            "twice": self._twice,
        }

    def true(self, caller: Caller) -> dict[str, str]:
        """Return what the gateway would send, the same for a while, as the gateway does."""
        now = clock.now().timestamp()
        minted_at, shown = self._minted.get(caller, (0.0, {}))
        if now - minted_at > _KEPT_SECONDS:
            shown = {"Authorization": f"Internal {self._token(caller)}"}
            self._minted[caller] = now, shown
        return shown

    def _token(self, caller: Caller, *, audience: str | None = None) -> str:
        issuer = InternalTokenIssuer(self._pen)
        return issuer.mint(caller, audience=audience or self._service)

    def _plain_headers(self, caller: Caller) -> dict[str, str]:
        return {
            "X-Tenant": str(caller.tenancy.tenant_id),
            "X-User": caller.principal.subject,
            "X-Forwarded-User": caller.principal.subject,
            "Tamaire-Municipality": str(caller.tenancy.code),
        }

    def _access_token(self, caller: Caller) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._outer(caller)}"}

    def _access_token_as_internal(self, caller: Caller) -> dict[str, str]:
        return {"Authorization": f"Internal {self._outer(caller)}"}

    def _outer(self, caller: Caller) -> str:
        return self._front_door.sign(claims_of(self._token(caller)), typ="at+jwt")

    def _wrong_key(self, caller: Caller) -> dict[str, str]:
        issuer = InternalTokenIssuer(self._stranger)
        return {"Authorization": f"Internal {issuer.mint(caller, audience=self._service)}"}

    def _wrong_audience(self, caller: Caller) -> dict[str, str]:
        return {"Authorization": f"Internal {self._token(caller, audience='elsewhere')}"}

    def _expired(self, caller: Caller) -> dict[str, str]:
        now = int(clock.now().timestamp())
        claims = claims_of(self._token(caller))
        claims |= {"iat": now - _STALE_SECONDS, "exp": now - _STALE_SECONDS + 30}
        return {"Authorization": f"Internal {self._pen.sign(claims, typ='internal+jwt')}"}

    def _unsigned(self, caller: Caller) -> dict[str, str]:
        return self._forged(caller, "none")

    def _public_secret(self, caller: Caller) -> dict[str, str]:
        return self._forged(caller, "HS256")

    def _forged(self, caller: Caller, algorithm: str) -> dict[str, str]:
        claims = claims_of(self._token(caller))
        token = forged(claims, algorithm=algorithm, key=self._pen, header={"typ": "internal+jwt"})
        return {"Authorization": f"Internal {token}"}

    def _twice(self, caller: Caller) -> dict[str, str]:
        token = self._token(caller)
        return {"Authorization": f"Internal {token}, Internal {token}"}
