"""Who asks: what a municipality is shown of a product, and of whose it is, before it answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from foundation.database import Row
from gateway.models import ClientRow
from gateway.vendors.models import ClientRegistrationRow, VendorRow
from gateway.vendors.shown import hosts_of

COLUMNS: Final = (
    ClientRow.name,
    ClientRow.kinds,
    ClientRow.redirect_uris,
    ClientRow.post_logout_redirect_uris,
    ClientRow.origins,
    ClientRow.backchannel_logout_uri,
    ClientRegistrationRow.about,
    VendorRow.organization_name,
    VendorRow.contacts,
)
"""What a statement reads of an asker; the registration and the vendor are joined outwardly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Whose client it is that asks.

    `leads_to` are the hosts people, or what it knows of them, are led to: of them a resident is
    shown, when asked for consent, the one they go to.
    """

    name: str
    kinds: tuple[str, ...]
    organization_name: str | None
    contacts: tuple[str, ...]
    leads_to: tuple[str, ...]
    about: Mapping[str, Any]


def asker_of(row: Row) -> Asker:
    """Return the asker of a row with `COLUMNS`."""
    return Asker(
        name=row["name"],
        kinds=tuple(sorted(row["kinds"])),
        organization_name=row["organization_name"],
        contacts=tuple(row["contacts"] or ()),
        leads_to=tuple(sorted(hosts_of(row))),
        about=row["about"] or {},
    )
