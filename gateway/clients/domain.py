"""What a client is: a front end or a machine, known before any municipality is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from .profiles import CLIENT_CREDENTIALS, FOR_PEOPLE, PROFILES, Profile, Rules

Environment = Literal["sandbox", "production"]
Kind = Literal["resident", "official", "business", "machine"]

_READ = frozenset({"openid", "platform:read"})
_OWN = frozenset({"platform:self"})
_EVENTS = frozenset(
    {
        "registry:events",
        "benefits:events",
        "window-dx:events",
        "consultation:events",
        "platform:events",
    }
)

KIND_SCOPES: Mapping[str, frozenset[str]] = {
    "resident": _READ
    | _OWN
    | {"registry:read", "benefits:read", "benefits:write", "window-dx:read", "window-dx:write"},
    "official": _READ
    | _OWN
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
    # No more than to be received; what a business may do is a service's own to open to it.
    "business": frozenset({"openid", "platform:read"}) | _OWN,
    "machine": _EVENTS
    | {
        "registry:changes",
        "registry:read",
        "registry:import",
        "benefits:read",
        "benefits:write",
        "window-dx:read",
        "window-dx:write",
        "platform:read",
        "platform:introspect",
    },
}
"""What each kind of principal can be given at all.

Nobody outside is given `registry:match`, which only the gateway's own machine uses, and a machine
is given neither consultation records nor `benefits:pay`.
"""

SCOPES: list[str] = sorted({scope for scopes in KIND_SCOPES.values() for scope in scopes})


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """What a municipality lets a client ask for at this moment, and what its tokens say of time.

    `until` is when the leave or the client ends, if either has an end: no token outlasts it.
    `issued_at` is this gateway's date, `given_at` the database's, both in whole seconds since the
    epoch. `given_at` lies after whatever was last taken back from this client, so what it is given
    now is believed at once.
    """

    scopes: frozenset[str]
    until: datetime | None
    issued_at: int
    given_at: int

    def ends(self, *others: datetime | None) -> int | None:
        """Return the earliest of the ends there are, in whole seconds since the epoch."""
        known = [one for one in (self.until, *others) if one is not None]
        return int(min(known).timestamp()) if known else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A registered client. Its profile says what it must prove; its registration may ask more.

    `owner` is the vendor it belongs to, None for the house's own. `has_keys` is true of a client
    that ever registered a key, also if all of them were withdrawn: it then gets nothing, where a
    public client would still be held by PKCE alone.
    """

    client_id: str
    name: str
    kinds: frozenset[str]
    scopes: frozenset[str]
    redirect_uris: frozenset[str]
    sector: str
    active: bool
    jwks: Mapping[str, Any] | None = field(default=None, repr=False)
    profile: Profile = "first_party"
    jwks_uri: str | None = None
    has_keys: bool = False
    post_logout_redirect_uris: frozenset[str] = frozenset()
    backchannel_logout_uri: str | None = None
    origins: frozenset[str] = frozenset()
    dpop_bound: bool = False
    par_required: bool = False
    owner: UUID | None = None
    environment: Environment = "production"
    expires_at: datetime | None = None

    @property
    def rules(self) -> Rules:
        return PROFILES[self.profile]

    @property
    def is_confidential(self) -> bool:
        """Whether it must prove itself by a key; only a front end of the house may not have to."""
        known = self.jwks is not None or self.jwks_uri is not None or self.has_keys
        return known or self.rules.key_required or "machine" in self.kinds

    @property
    def must_push(self) -> bool:
        """Whether its authorization requests come by themselves, not through the browser."""
        return self.par_required or self.rules.par_required

    @property
    def must_bind(self) -> bool:
        """Whether every token is bound to a key that must be shown with it."""
        return self.dpop_bound or self.rules.dpop_required

    @property
    def needs_consent(self) -> bool:
        return self.rules.consent_required

    @property
    def grants(self) -> frozenset[str]:
        """The grant types it may use: people by code, machines by their own credentials."""
        fit: frozenset[str] = FOR_PEOPLE if self.kinds - {"machine"} else frozenset()
        if "machine" in self.kinds:
            fit |= {CLIENT_CREDENTIALS}
        return fit & self.rules.grants

    def is_in_force(self, now: datetime) -> bool:
        """Whether it may ask for anything: neither suspended nor past its end."""
        return self.active and (self.expires_at is None or now < self.expires_at)

    def granted(
        self, requested: frozenset[str], *, kind: str, leave: frozenset[str]
    ) -> frozenset[str]:
        """Return the scopes to give: asked for, registered, allowed here, and fit for this kind."""
        return requested & self.scopes & leave & KIND_SCOPES[kind]
