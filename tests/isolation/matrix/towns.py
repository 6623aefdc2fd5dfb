"""A municipality of the matrix: who calls from it, what it owns, and the words only it knows."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import httpx

from foundation.identity import Caller, Principal, Purpose, Role
from foundation.tenancy import Tenancy
from tests.isolation.matrix.canaries import Canaries
from tests.support.callers import ServiceClient, a_machine, a_resident, an_official

ROLES: Mapping[str, Role] = {role.value: role for role in Role}
MACHINES = {"vendor": "demo-vendor", "operations": "operations", "gateway": "gateway"}
RESIDENT, STRANGER, ANONYMOUS = "resident", "stranger", "anonymous"
SIGNED_IN = (RESIDENT, STRANGER, *ROLES, *MACHINES)
"""Everybody the gateway could vouch for. The stranger's token names another town's resident."""


@dataclass(slots=True)
class Town:
    """One municipality. `things` are its own: identifiers, versions, cursors, search terms."""

    tenancy: Tenancy
    clients: Mapping[str, ServiceClient]
    run: Callable[..., Awaitable[object]]
    """Does something to the database behind the counter, as its superuser: SQL, then values."""
    things: dict[str, str] = field(default_factory=dict[str, str])
    canaries: Canaries = field(init=False)

    def __post_init__(self) -> None:
        self.canaries = Canaries(self.tenancy)

    def principal(self, who: str, *, elsewhere: "Town | None" = None) -> Principal:
        """Return who calls; every town's people have the same subjects, as if by malice."""
        if who in ROLES:
            return an_official(
                ROLES[who], subject=f"official-{who}", session_id=self._session_of(who)
            )
        if who in MACHINES:
            return a_machine(MACHINES[who])
        home = elsewhere if who == STRANGER and elsewhere is not None else self
        bound = home.things.get("resident")
        return a_resident(
            None if bound is None else UUID(bound),
            subject=f"{who}-1",
            session_id=self._session_of(who),
        )

    def _session_of(self, who: str) -> str:
        return str(uuid5(NAMESPACE_OID, f"{self.tenancy.code}:{who}"))

    def caller(
        self, who: str, purpose: Purpose | None = None, *, elsewhere: "Town | None" = None
    ) -> Caller:
        principal = self.principal(who, elsewhere=elsewhere)
        return Caller(principal=principal, tenancy=self.tenancy, purpose=purpose)

    async def ask(
        self,
        who: str,
        method: str,
        path: str,
        *,
        purpose: Purpose | None = None,
        **options: Any,
    ) -> httpx.Response:
        """Ask a service as one's own, to prepare the town; it must succeed."""
        service = path.split("/")[1].replace("-", "_")
        way = self.clients[service].as_(self.principal(who), tenancy=self.tenancy, purpose=purpose)
        answer = await way.request(method, path, **options)
        assert answer.is_success, (method, path, answer.status_code, answer.text)
        return answer

    async def made(self, who: str, method: str, path: str, **options: Any) -> dict[str, Any]:
        """Ask, and return the document of the answer."""
        return dict((await self.ask(who, method, path, **options)).json())

    async def remember_cursor(self, name: str, who: str, path: str, **query: str) -> None:
        """Keep the cursor after the first row of a list.

        A feed shows what is settled: while anybody's older transaction is open, nothing yet.
        """
        for _ in range(500):
            page = await self.made(who, "GET", path, params=query | {"limit": "1"})
            if page["next_cursor"] is not None:
                self.things[name] = page["next_cursor"]
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"{path} has no second page.")
