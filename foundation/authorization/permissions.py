"""One permission: an act of the office, who may do it, and for which purposes."""

from collections.abc import Iterable
from dataclasses import dataclass

from foundation.identity import Purpose, Role

from .assurance import Assurance


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """An act, such as `benefits.application.confirm`.

    `scope` is what a token must carry; an empty one means that any token of ours will do.
    `without_role` opens it to every official, also to one who has no role yet.
    `purposes` lists what the act may be done for; with one entry the purpose goes without saying.
    `personal` means that personal data is read or written, so the work must leave an audit entry.
    `own_officials` means that nobody does it who assists from another office.
    `clients`, when not empty, names the only machines that may do it. `in_person` means that
    nobody may do it for another. `assurance` is how surely and lately a person must have proven
    themselves.
    """

    action: str
    scope: str
    description_ja: str
    purposes: tuple[Purpose, ...]
    residents: bool = False
    in_person: bool = False
    roles: frozenset[Role] = frozenset()
    without_role: bool = False
    own_officials: bool = False
    businesses: bool = False
    machines: bool = False
    clients: frozenset[str] = frozenset()
    personal: bool = False
    assurance: Assurance | None = None

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of principal that could ever do it."""
        return frozenset(
            kind
            for kind, allowed in (
                ("resident", self.residents),
                ("official", self.roles or self.without_role),
                ("business", self.businesses),
                ("machine", self.machines),
            )
            if allowed
        )


def permission(  # noqa: PLR0913 - one row of the policy table, every cell named
    action: str,
    *,
    scope: str,
    description_ja: str,
    purposes: Iterable[Purpose],
    residents: bool = False,
    in_person: bool = False,
    officials: Iterable[Role] = (),
    without_role: bool = False,
    own_officials: bool = False,
    businesses: bool = False,
    machines: bool = False,
    clients: Iterable[str] = (),
    personal: bool = False,
    assurance: Assurance | None = None,
) -> Permission:
    """Write one row of a policy table.

    Raises:
        ValueError: nobody could do it, it states no purpose, or it asks a machine, which never
            signs in, how it signed in.
    """
    row = Permission(
        action=action,
        scope=scope,
        description_ja=description_ja,
        purposes=tuple(purposes),
        residents=residents,
        in_person=in_person,
        roles=frozenset(officials),
        without_role=without_role,
        own_officials=own_officials,
        businesses=businesses,
        machines=machines,
        clients=frozenset(clients),
        personal=personal,
        assurance=assurance,
    )
    if not row.kinds or not row.purposes:
        raise ValueError(f"{action} is open to nobody or serves no purpose.")
    if assurance is not None and machines:
        raise ValueError(f"{action} asks for a sign-in, and machines have none.")
    return row
