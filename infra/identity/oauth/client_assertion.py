"""`private_key_jwt`, the only way a client may prove who it is (RFC 7523 §3, OIDC Core §9)."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Annotated, Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from infra.identity.clock import Clock
from infra.identity.register import ClientRecord
from infra.identity.stores import ExpiringStore

from .client_keys import ClientKeys
from .errors import ClientRefused
from .signing_key import ALGORITHM

_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LONGEST_LIFE = timedelta(minutes=5)
_SKEW = timedelta(seconds=10)
"""Allowed on `iat` and `nbf` only. `exp` has none: an assertion past it is past it."""


_NumericDate = Annotated[int | float, Field(allow_inf_nan=False)]
"""Seconds since 1970 (RFC 7519 §2); a string or a boolean is none."""


class _Claims(BaseModel):
    """RFC 7523 §3: all of these are required but `iat` and `nbf`; others are ignored."""

    model_config = ConfigDict(strict=True, frozen=True)

    iss: str
    sub: str
    aud: str | list[str]
    exp: _NumericDate
    jti: Annotated[str, Field(min_length=1, max_length=255)]
    iat: _NumericDate | None = None
    nbf: _NumericDate | None = None


class ClientAuthentication:
    """Authenticates the clients of one provider and remembers every `jti` it has accepted.

    The memory does not outlive the process. It need not: the only grant served is the
    authorization code, and no code survives a restart either.
    """

    def __init__(
        self,
        *,
        clients: Callable[[], Mapping[str, ClientRecord]],
        audiences: frozenset[str],
        keys: ClientKeys,
        clock: Clock,
    ) -> None:
        self._clients = clients
        self._audiences = audiences
        self._keys = keys
        self._clock = clock
        self._seen = ExpiringStore[str](clock, _LONGEST_LIFE + _SKEW)

    async def authenticate(
        self, form: Mapping[str, str], *, authorization: str | None
    ) -> ClientRecord:
        """The client that signed the assertion.

        Raises:
            ClientRefused: any other method, or any doubt about the assertion.
        """
        if authorization is not None or "client_secret" in form:
            raise ClientRefused("only private_key_jwt is accepted")
        if form.get("client_assertion_type") != _TYPE or "client_assertion" not in form:
            raise ClientRefused("client_assertion and its client_assertion_type are required")
        assertion = form["client_assertion"]
        header, claims = _unverified(assertion)
        client = self._claimed(claims, named=form.get("client_id"))
        key = await self._keys.find(client, _kid(header))
        try:
            jwt.decode(assertion, key, algorithms=[ALGORITHM])
        except (JoseError, ValueError):
            raise ClientRefused("the assertion's signature does not verify") from None
        self._check_times(claims)
        self._check_audience(claims)
        self._remember(claims)
        return client

    def _claimed(self, claims: _Claims, *, named: str | None) -> ClientRecord:
        """Whom the assertion *claims* to be from: only good for choosing a key to verify with."""
        client = self._clients().get(claims.sub)
        if client is None or claims.iss != claims.sub:
            raise ClientRefused("iss and sub must both be the client_id")
        if named is not None and named != claims.sub:
            raise ClientRefused("client_id differs from the assertion's sub")
        return client

    def _check_times(self, claims: _Claims) -> None:
        now = self._clock().timestamp()
        if claims.exp <= now:
            raise ClientRefused("the assertion has expired")
        if claims.exp > now + (_LONGEST_LIFE + _SKEW).total_seconds():
            raise ClientRefused("the assertion may live five minutes at most")
        if max(claims.iat or 0, claims.nbf or 0) > now + _SKEW.total_seconds():
            raise ClientRefused("the assertion's iat or nbf lies in the future")

    def _check_audience(self, claims: _Claims) -> None:
        """One audience and no other: one that fits several providers can be replayed at each."""
        audiences = [claims.aud] if isinstance(claims.aud, str) else claims.aud
        if len(audiences) != 1 or audiences[0] not in self._audiences:
            raise ClientRefused(f"aud must be {' or '.join(sorted(self._audiences))}")

    def _remember(self, claims: _Claims) -> None:
        seen = f"{claims.sub}\n{claims.jti}"
        if self._seen.get(seen) is not None:
            raise ClientRefused("the assertion's jti has been used")
        self._seen.put(claims.jti, key=seen)


def _unverified(assertion: str) -> tuple[Mapping[str, Any], _Claims]:
    try:
        parts = jws.extract_compact(assertion.encode())
        return parts.headers(), _Claims.model_validate_json(parts.payload)
    except ValidationError as fault:
        wrong = ", ".join(".".join(map(str, error["loc"])) for error in fault.errors())
        raise ClientRefused(f"missing or malformed in the assertion: {wrong}") from None
    except (JoseError, ValueError):
        raise ClientRefused("the assertion is not a signed JWT") from None


def _kid(header: Mapping[str, Any]) -> str:
    """The key to verify with; the header's alg is a filter here, never a choice."""
    if header.get("alg") != ALGORITHM:
        raise ClientRefused(f"the assertion must be signed with {ALGORITHM}")
    kid = header.get("kid")
    if not isinstance(kid, str):
        raise ClientRefused("the assertion's header must name its kid")
    return kid
