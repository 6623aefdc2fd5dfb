"""That a municipality's data was moved is written into its own trail, with both names."""

import unicodedata
from collections.abc import Callable, Mapping

from foundation import audit
from foundation.database import Database
from foundation.identifiers import MunicipalityCode, TenantId, new_id
from foundation.tenancy import Tenancy

from .catalogue import Place
from .refusals import SamePerson

Dsn = Callable[[str], str]


def two_people(by: str, confirmed_by: str) -> None:
    """Refuse what takes two people and was asked for by one.

    Raises:
        SamePerson: both names are the same to whoever reads them, or nobody is named.
    """
    if _as_read(by) == _as_read(confirmed_by) or not _as_read(confirmed_by):
        raise SamePerson


def _as_read(name: str) -> str:
    """Return a name by which its spellings are equal: width, case, and what nobody sees.

    Unicode Standard Annex 15 (NFKC); general category Cf is the invisible, as U+200B is. Whether a
    space is between the parts of a name makes nobody another person either.
    """
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    seen = (sign for sign in plain if unicodedata.category(sign) != "Cf" and not sign.isspace())
    return "".join(seen)


async def note(
    dsn: Dsn, place: Place, action: str, *, by: str, detail: Mapping[str, str | int | bool]
) -> None:
    """Add an entry to the municipality's trail, as the platform."""
    database = await Database.open(dsn("platform_app"), application_name="portability", size=1)
    tenancy = Tenancy(TenantId(place.tenant_id), MunicipalityCode.parse(place.code))
    try:
        async with database.transaction(tenancy) as work:
            entry = audit.Entry(
                service="platform",
                action=action,
                actor_kind="machine",
                actor=by,
                client_id="operations",
                request_id=str(new_id()),
                object=place.code,
                detail=detail,
            )
            await audit.record(work, entry)
    finally:
        await database.close()
