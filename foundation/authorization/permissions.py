"""One permission: an act of the office, who may do it, and for which purposes."""

from collections.abc import Iterable
from dataclasses import dataclass

from foundation.identity import Purpose, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """An act, such as `benefits.application.confirm`.

    `purposes` lists what the act may be done for; with one entry the purpose goes without saying.
    `personal` means that personal data is read or written, so the work must leave an audit entry.
    `clients`, when not empty, names the only machines that may do it.
    """

    action: str
    scope: str
    description_ja: str
    purposes: tuple[Purpose, ...]
    residents: bool = False
    roles: frozenset[Role] = frozenset()
    machines: bool = False
    clients: frozenset[str] = frozenset()
    personal: bool = False

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of principal that could ever do it."""
        return frozenset(
            kind
            for kind, allowed in (
                ("resident", self.residents),
                ("official", self.roles),
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
    officials: Iterable[Role] = (),
    machines: bool = False,
    clients: Iterable[str] = (),
    personal: bool = False,
) -> Permission:
    """Write one row of a policy table.

    Raises:
        ValueError: nobody could do it, or it states no purpose.
    """
    row = Permission(
        action=action,
        scope=scope,
        description_ja=description_ja,
        purposes=tuple(purposes),
        residents=residents,
        roles=frozenset(officials),
        machines=machines,
        clients=frozenset(clients),
        personal=personal,
    )
    if not row.kinds or not row.purposes:
        raise ValueError(f"{action} is open to nobody or serves no purpose.")
    return row
