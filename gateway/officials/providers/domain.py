"""What a provider of officials goes through, from its first draft to its retirement."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal, cast
from uuid import UUID

from foundation.identity import Role

EXAMINED_WITHIN = timedelta(hours=24)
MOST_GROUPS = 200
LONGEST_GROUP = 255

ClientAuthentication = Literal["private_key_jwt", "client_secret_basic", "client_secret_post"]


class ProviderState(StrEnum):
    """Where a provider stands."""

    DRAFT = "draft"
    TESTED = "tested"
    ACTIVE = "active"
    RETIRING = "retiring"
    RETIRED = "retired"


class ProviderAct(StrEnum):
    """What moves it on."""

    TESTED = "tested"
    CHANGED = "changed"
    ACTIVATED = "activated"
    RETIREMENT_BEGUN = "retirement_begun"
    KEPT = "kept"
    RETIRED = "retired"
    DISCARDED = "discarded"


TRANSITIONS: Mapping[tuple[ProviderState, ProviderAct], ProviderState] = {
    (ProviderState.DRAFT, ProviderAct.TESTED): ProviderState.TESTED,
    (ProviderState.DRAFT, ProviderAct.CHANGED): ProviderState.DRAFT,
    (ProviderState.DRAFT, ProviderAct.DISCARDED): ProviderState.RETIRED,
    (ProviderState.TESTED, ProviderAct.TESTED): ProviderState.TESTED,
    (ProviderState.TESTED, ProviderAct.CHANGED): ProviderState.DRAFT,
    (ProviderState.TESTED, ProviderAct.ACTIVATED): ProviderState.ACTIVE,
    (ProviderState.TESTED, ProviderAct.DISCARDED): ProviderState.RETIRED,
    (ProviderState.ACTIVE, ProviderAct.RETIREMENT_BEGUN): ProviderState.RETIRING,
    (ProviderState.RETIRING, ProviderAct.KEPT): ProviderState.ACTIVE,
    (ProviderState.RETIRING, ProviderAct.RETIRED): ProviderState.RETIRED,
}
"""The only ways on. What was changed is tried again before it is used; what is retired stays so."""

IN_PREPARATION = frozenset({ProviderState.DRAFT, ProviderState.TESTED})


class ActNotPossible(Exception):
    """The act does not begin where the provider stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """Under which names a directory says what, and what it must say for its word to count.

    `required_claim` must equal `required_value`: an issuer that a whole country shares, such as
    Google's, vouches for everybody, and only this tells the town's own people from the rest.
    """

    groups: str | None = "groups"
    employee_id: str | None = None
    email: str | None = None
    name: str | None = "name"
    required_claim: str | None = None
    required_value: str | None = None

    def named(self) -> dict[str, str]:
        """Return each claim that is used, by what it is used for."""
        given = {
            "groups": self.groups,
            "employee_id": self.employee_id,
            "email": self.email,
            "name": self.name,
            "required_claim": self.required_claim,
        }
        return {use: name for use, name in given.items() if name is not None}


@dataclass(frozen=True, slots=True)
class MappedRole:
    """A group, exactly as the directory spells it, and the duty it carries."""

    group: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a directory said of a person, read by the names agreed with it."""

    groups: tuple[str, ...]
    employee_id: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)
    is_admitted: bool = True
    missing: tuple[str, ...] = ()
    has_too_many_groups: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Which duties follow from which groups, and which groups carry none."""

    roles: tuple[MappedRole, ...]
    unmapped: tuple[str, ...]
    never_matched: tuple[str, ...]

    @property
    def duties(self) -> frozenset[Role]:
        return frozenset(one.role for one in self.roles)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityProvider:
    """A provider a municipality runs for its officials."""

    id: UUID
    name: str
    issuer: str
    client_id: str
    client_authentication: ClientAuthentication
    client_secret: str | None = field(default=None, repr=False)
    scope: str
    acr_values: str
    claims: Claims
    endpoints: Mapping[str, Any] | None = None
    algorithms: tuple[str, ...] = ("ES256",)
    own_callback: bool = True
    state: ProviderState
    discovered_at: datetime | None = None
    tested_at: datetime | None = None
    activated_at: datetime | None = None
    retire_at: datetime | None = None
    retired_at: datetime | None = None
    drawn_by: str
    """Who last said which directory this is; a colleague's look at it changes nothing."""
    written_by: frozenset[str] = frozenset()
    """Everyone who said which directory this is, or gave its groups a sensitive duty."""
    changed_by: str
    changed_at: datetime
    version: int = 1

    def after(self, act: ProviderAct, *, by: str, at: datetime) -> "IdentityProvider":
        """Return the provider after an act.

        Raises:
            ActNotPossible: it does not begin where the provider stands.
        """
        state = TRANSITIONS.get((self.state, act))
        if state is None:
            raise ActNotPossible
        marks: dict[str, Any] = _MARKS.get(act, dict)()
        times = dict.fromkeys(_TIMES.get(act, ()), at)
        return replace(
            self,
            state=state,
            changed_by=by,
            changed_at=at,
            version=self.version + 1,
            **marks,
            **times,
        )

    @property
    def is_in_preparation(self) -> bool:
        return self.state in IN_PREPARATION

    def was_examined_by(self, now: datetime) -> bool:
        """Tell whether it was examined recently enough to be put to use."""
        return self.discovered_at is not None and now - self.discovered_at <= EXAMINED_WITHIN


_TIMES: Mapping[ProviderAct, tuple[str, ...]] = {
    ProviderAct.TESTED: ("tested_at",),
    ProviderAct.ACTIVATED: ("activated_at",),
    ProviderAct.RETIRED: ("retired_at",),
    ProviderAct.DISCARDED: ("retired_at",),
}
_MARKS: Mapping[ProviderAct, Any] = {
    ProviderAct.CHANGED: lambda: {"tested_at": None},
    ProviderAct.KEPT: lambda: {"retire_at": None},
}


def read_statement(claims: Mapping[str, Any], agreed: Claims) -> Statement:
    """Read what a directory said; what is not of the agreed form was not said.

    An e-mail address the directory itself calls unverified is none.
    """
    email = _text(claims, agreed.email)
    if claims.get("email_verified") is False:
        email = None
    groups = _groups(claims, agreed.groups)
    said = {
        "groups": groups,
        "employee_id": _text(claims, agreed.employee_id),
        "email": email,
        "name": _text(claims, agreed.name),
    }
    missing = [name for use, name in agreed.named().items() if not said.get(use, True)]
    admitted = agreed.required_claim is None or (
        _text(claims, agreed.required_claim) == agreed.required_value
    )
    return Statement(
        groups=groups,
        employee_id=_text(claims, agreed.employee_id),
        email=email,
        name=_text(claims, agreed.name),
        is_admitted=admitted,
        missing=tuple(missing),
        has_too_many_groups=_is_elsewhere(claims, agreed.groups),
    )


def explain(groups: Iterable[str], mapping: Sequence[MappedRole]) -> Explanation:
    """Say which duties follow from groups, group by group."""
    held = tuple(dict.fromkeys(groups))
    mapped = {one.group for one in mapping}
    return Explanation(
        roles=tuple(one for one in mapping if one.group in held),
        unmapped=tuple(group for group in held if group not in mapped),
        never_matched=tuple(sorted(mapped - set(held))),
    )


def _groups(claims: Mapping[str, Any], name: str | None) -> tuple[str, ...]:
    """Return the groups, also where a directory gives one as a plain text."""
    value: object = _at(claims, name)
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list):
        return ()
    texts = {one for one in cast("list[object]", listed) if isinstance(one, str)}
    return tuple(sorted(one for one in texts if 0 < len(one) <= LONGEST_GROUP)[:MOST_GROUPS])


def _text(claims: Mapping[str, Any], name: str | None) -> str | None:
    value: object = _at(claims, name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)  # some directories send an employee's number as a number
    if not isinstance(value, str) or not 0 < len(value.strip()) <= LONGEST_GROUP:
        return None
    return value.strip()


def _at(claims: Mapping[str, Any], name: str | None) -> object:
    """Return a claim; `realm_access.roles` leads into an object unless a claim is called so."""
    if name is None:
        return None
    if name in claims:
        return claims[name]
    found: object = claims
    for part in name.split("."):
        if not isinstance(found, Mapping):
            return None
        found = cast("Mapping[str, object]", found).get(part)
    return found


def _is_elsewhere(claims: Mapping[str, Any], name: str | None) -> bool:
    """Tell whether the directory left the groups out for their number (OIDC Core §5.6.2)."""
    named: object = claims.get("_claim_names")
    return isinstance(named, Mapping) and name in cast("Mapping[str, object]", named)
