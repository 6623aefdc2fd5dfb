"""Whether there is anything behind a door, asked at every request: from memory, as of just now.

A municipality that has not gone through the list, a service it does not take part in, and one that
pauses are three different things. Which hours a service is open that it does take part in is the
switches' business, and only theirs.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import or_, select

from foundation.database import Statement, Transaction
from foundation.problems import ServiceUnavailable
from gateway.models import TenantCodeRow, TenantRow
from gateway.tenants import Municipality, MunicipalityNotFound, TenantDirectory

from .models import PaperRouteRow
from .problems import MunicipalityLeaving, MunicipalityPaused, ServiceNotTakenPartIn

_OPEN: Final = frozenset({"live", "trial"})
_OFFICE: Final = "platform"
_AGAIN: Final = {"Retry-After": "3600"}
_ROUTES: Final = Statement(
    "platform.paper_routes.of_the_shut",
    select(PaperRouteRow.municipality_code, PaperRouteRow.service, PaperRouteRow.route)
    .join(TenantCodeRow, TenantCodeRow.municipality_code == PaperRouteRow.municipality_code)
    .join(TenantRow, TenantRow.tenant_id == TenantCodeRow.tenant_id)
    .where(or_(TenantRow.status == "paused", TenantRow.status == "leaving")),
)

Route = Mapping[str, Any]


class Doors:
    """The doors of every municipality. Almost always the answer is the first comparison."""

    def __init__(self, directory: TenantDirectory) -> None:
        self._find = directory.find
        self._routes: Mapping[tuple[str, str], Route] = {}

    async def read(self, work: Transaction) -> None:
        """Read where to go instead, of those that are shut."""
        self.replace(
            {
                (row["municipality_code"], row["service"]): row["route"]
                for row in await work.fetch(_ROUTES)
            }
        )

    def replace(self, routes: Mapping[tuple[str, str], Route]) -> None:
        """Take over paper routes, by municipality and service."""
        self._routes = routes

    def check(self, code: str, service: str, *, is_reading: bool) -> None:
        """Pass where the municipality takes part in the service and does not pause.

        Args:
            code: the municipality's code, as the token proves it.
            service: the schema's name; the platform's own office stays within reach.
            is_reading: whether the request only reads.

        Raises:
            MunicipalityNotFound: it has left, or never came (404).
            ServiceNotTakenPartIn: 404.
            MunicipalityPaused, MunicipalityLeaving: 503 with its words and the paper route.
        """
        found = self._find(code)
        if found is None or not found.takes_part:
            raise MunicipalityNotFound
        if service == _OFFICE:
            return
        if service not in found.services:
            raise ServiceNotTakenPartIn
        if found.status in _OPEN or (is_reading and found.status == "leaving"):
            return
        raise self._refusal(found, service)

    def _refusal(self, found: Municipality, service: str) -> ServiceUnavailable:
        kind = MunicipalityPaused if found.status == "paused" else MunicipalityLeaving
        words = found.notice or {}
        return kind(
            words.get("message_en", ""),
            detail_ja=words.get("message_ja", ""),
            headers=_AGAIN,
            service=service.replace("_", "-"),
            state=found.status,
            paper_route=self._routes.get((str(found.code), service)),
        )
