"""What a client is: a front end or a machine, known before any municipality is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["resident", "official", "machine"]

_READ = frozenset({"openid", "platform:read"})
_EVENTS = frozenset(
    {"registry:events", "benefits:events", "window-dx:events", "consultation:events"}
)

KIND_SCOPES: Mapping[str, frozenset[str]] = {
    "resident": _READ
    | {"registry:read", "benefits:read", "benefits:write", "window-dx:read", "window-dx:write"},
    "official": _READ
    | _EVENTS
    | {
        "registry:read",
        "registry:write",
        "registry:import",
        "benefits:read",
        "benefits:write",
        "benefits:pay",
        "window-dx:read",
        "window-dx:write",
        "consultation:read",
        "consultation:write",
        "platform:write",
    },
    "machine": _EVENTS
    | {
        "registry:read",
        "registry:import",
        "benefits:read",
        "benefits:write",
        "window-dx:read",
        "window-dx:write",
        "platform:read",
    },
}
"""What each kind of principal can be given at all.

Nobody outside is given `registry:match`, which only the gateway's own machine uses, and a machine
is given neither consultation records nor `benefits:pay`.
"""

SCOPES: list[str] = sorted({scope for scopes in KIND_SCOPES.values() for scope in scopes})


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A registered client; one without keys is public and is held to PKCE alone."""

    client_id: str
    name: str
    kinds: frozenset[str]
    scopes: frozenset[str]
    redirect_uris: frozenset[str]
    sector: str
    active: bool
    jwks: Mapping[str, Any] | None = field(default=None, repr=False)

    @property
    def is_confidential(self) -> bool:
        return self.jwks is not None

    @property
    def grants(self) -> frozenset[str]:
        """The grant types it may use: people by code, machines by their own credentials."""
        if self.kinds == frozenset({"machine"}):
            return frozenset({"client_credentials"})
        people = frozenset({"authorization_code", "refresh_token"})
        return people | {"client_credentials"} if "machine" in self.kinds else people

    def granted(
        self, requested: frozenset[str], *, kind: str, leave: frozenset[str]
    ) -> frozenset[str]:
        """Return the scopes to give: asked for, registered, allowed here, and fit for this kind."""
        return requested & self.scopes & leave & KIND_SCOPES[kind]
