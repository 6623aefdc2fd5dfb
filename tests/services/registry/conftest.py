"""A registry in which a file has been imported."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import pytest

from foundation.identity import Purpose, Role
from services.registry.imports.domain import parts
from services.registry.imports.service import arriving, deciding
from tests.services.registry.files import a_file
from tests.support.callers import As, ServiceClient, an_official
from tests.support.house import Tenancies

OpenService = Callable[[str], Awaitable[ServiceClient]]
PATH = "/registry/v1"


@pytest.fixture
async def service(service_client: OpenService) -> ServiceClient:
    return await service_client("registry")


@pytest.fixture
def registrar(service: ServiceClient, tenancies: Tenancies) -> As:
    return service.as_(
        an_official(Role.REGISTRAR), tenancy=tenancies.kitami, purpose=Purpose.REGISTRATION
    )


@pytest.fixture
def foreign_registrar(service: ServiceClient, tenancies: Tenancies) -> As:
    return service.as_(
        an_official(Role.REGISTRAR), tenancy=tenancies.chiyoda, purpose=Purpose.REGISTRATION
    )


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let forty lines be many, so that they are cut, judged and let in behind the counter."""
    make_parts_small(monkeypatch)


def make_parts_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut a file into parts of a few lines, and judge none of it while the sender waits."""
    monkeypatch.setattr("foundation.web.spool._READ_BYTES", 500)
    monkeypatch.setattr(parts.parts_of, "__kwdefaults__", {"size": 1_000})
    monkeypatch.setattr(arriving, "AT_ONCE_LINES", 10)
    monkeypatch.setattr(deciding, "AT_ONCE_ROWS", 10)


async def until(caller: As, import_id: str, state: str) -> dict[str, Any]:
    """Read an import until it is so far."""
    found: dict[str, Any] = {}
    for _ in range(300):
        found = (await caller.get(f"{PATH}/imports/{import_id}")).json()
        if found["state"] == state:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(found)


async def check(
    caller: As, lines: Iterable[Mapping[str, str]], *, load: str = "delta"
) -> dict[str, Any]:
    """Send a file and return its report."""
    answer = await caller.post(
        f"{PATH}/imports",
        params={"load": load},
        content=a_file(lines).encode(),
        headers={"Content-Type": "text/csv; charset=utf-8"},
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


async def bring_in(caller: As, lines: Iterable[Mapping[str, str]]) -> dict[str, Any]:
    """Import a file that has no faults."""
    report = await check(caller, lines)
    assert report["faults"] == []
    answer = await caller.post(
        f"{PATH}/imports/{report['id']}/confirmation", json={"accept_faulty_rows": "none"}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def find(caller: As, **term: str) -> list[dict[str, Any]]:
    """Search and return all found."""
    answer = await caller.get(f"{PATH}/residents", params=term)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]
