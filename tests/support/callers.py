"""People who call on a service, and the papers the gateway would give them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI

from foundation import clock
from foundation.identifiers import new_id
from foundation.identity import (
    Business,
    BusinessRole,
    Caller,
    InternalTokenIssuer,
    Machine,
    Official,
    Principal,
    Purpose,
    Representation,
    RepresentationKind,
    Resident,
    Role,
)
from foundation.tenancy import Tenancy

EVERY_SCOPE = frozenset(
    f"{service}:{act}"
    for service in ("registry", "benefits", "window-dx", "consultation", "platform")
    for act in ("read", "write", "import", "match", "pay", "events", "changes", "self")
)
SIGNED_IN_AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""When officials and businesses signed in, unless a test says otherwise; residents did just now."""


def a_resident(resident_id: UUID | None = None, **changes: Any) -> Resident:
    """Return a resident who has just shown their card, bound to `resident_id`."""
    given: dict[str, Any] = {
        "subject": f"resident-{resident_id or new_id()}",
        "client_id": "demo-portal",
        "scopes": EVERY_SCOPE,
        "acr": "aal3",
        "auth_time": clock.now().replace(microsecond=0),
        "session_id": str(new_id()),
        "resident_id": resident_id,
    }
    return Resident(**(given | changes))


def a_representative(
    represented_id: UUID, *, kind: RepresentationKind = "legal", **changes: Any
) -> Resident:
    """Return a resident who acts for another, by a right that was recorded."""
    right = Representation(representation_id=new_id(), represented_id=represented_id, kind=kind)
    return a_resident(
        represented_id,
        **({"subject": f"representative-{new_id()}", "representation": right} | changes),
    )


def a_business(role: BusinessRole = "prime", **changes: Any) -> Business:
    """Return somebody signed in for a business."""
    given: dict[str, Any] = {
        "subject": f"business-{new_id()}",
        "client_id": "demo-portal",
        "scopes": EVERY_SCOPE,
        "acr": "aal2",
        "auth_time": SIGNED_IN_AT,
        "session_id": str(new_id()),
        "business_id": f"corporation-{new_id()}",
        "role": role,
    }
    return Business(**(given | changes))


def an_official(*roles: Role, subject: str | None = None, **changes: Any) -> Official:
    """Return an official with these duties; `subject` tells one colleague from another."""
    given: dict[str, Any] = {
        "subject": subject or f"official-{new_id()}",
        "client_id": "demo-desk",
        "scopes": EVERY_SCOPE,
        "roles": frozenset(roles),
        "acr": "aal2",
        "auth_time": SIGNED_IN_AT,
        "session_id": str(new_id()),
    }
    return Official(**(given | changes))


def a_machine(client_id: str = "demo-vendor", scopes: Iterable[str] = EVERY_SCOPE) -> Machine:
    """Return a vendor's machine."""
    return Machine(client_id=client_id, scopes=frozenset(scopes))


class As:
    """One caller's way to a service: every request carries a fresh token and a fresh key."""

    def __init__(self, client: "ServiceClient", caller: Caller) -> None:
        self._client = client
        self.caller = caller

    async def get(self, path: str, **options: Any) -> httpx.Response:
        return await self.request("GET", path, **options)

    async def post(self, path: str, **options: Any) -> httpx.Response:
        return await self.request("POST", path, **options)

    async def put(self, path: str, **options: Any) -> httpx.Response:
        return await self.request("PUT", path, **options)

    async def patch(self, path: str, **options: Any) -> httpx.Response:
        return await self.request("PATCH", path, **options)

    async def delete(self, path: str, **options: Any) -> httpx.Response:
        return await self.request("DELETE", path, **options)

    async def request(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **options: Any
    ) -> httpx.Response:
        """Send it; a POST gets an Idempotency-Key unless the test brings its own."""
        token = self._client.issuer.mint(self.caller, audience=self._client.service)
        sent = {"Authorization": f"Internal {token}"}
        if method == "POST":
            sent["Idempotency-Key"] = str(new_id())
        return await self._client.http.request(
            method, path, headers=sent | (headers or {}), **options
        )


class ServiceClient:
    """A running service, spoken to over real HTTP semantics inside this process."""

    def __init__(self, application: FastAPI, *, service: str, issuer: InternalTokenIssuer) -> None:
        self.application = application
        self.service = service
        self.issuer = issuer
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=application, raise_app_exceptions=False),
            base_url=f"http://{service.replace('_', '-')}",
        )

    def as_(self, principal: Principal, *, tenancy: Tenancy, purpose: Purpose | None = None) -> As:
        return As(self, Caller(principal=principal, tenancy=tenancy, purpose=purpose))

    async def close(self) -> None:
        await self.http.aclose()
