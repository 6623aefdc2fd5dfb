"""What came through the door is found in its municipality's log, and nowhere else."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest
from prometheus_client import CollectorRegistry

from foundation.database import Database
from foundation.identifiers import new_id
from foundation.identity import Caller, Role
from foundation.problems import ServiceUnavailable
from foundation.tenancy import Tenancy
from gateway.access_logs.book import AccessBook, Noted
from gateway.access_logs.service import forget_old
from tests.support.callers import As, ServiceClient, a_machine, an_official
from tests.support.house import House, Tenancies

OpenService = Callable[[str], Awaitable[ServiceClient]]
OpenDatabase = Callable[[str], Awaitable[Database]]
BASE = "/platform/v1/access-logs"
NAME = "北見花子"


@dataclass(frozen=True)
class Interface:
    document: dict[str, Any]


PUBLISHED = Interface(
    {"paths": {"/benefits/v1/programmes/{id}": {"get": {"operationId": "read_programme"}}}}
)


async def interface() -> Interface:
    return PUBLISHED


async def unknown_interface() -> Interface:
    raise ServiceUnavailable


def opened(database: Database, **options: Any) -> AccessBook:
    book = AccessBook(database, **options)
    book.follow(interface)
    return book


def noted(tenancy: Tenancy, **changes: Any) -> Noted:
    given: dict[str, Any] = {
        "caller": Caller(principal=a_machine(), tenancy=tenancy, purpose=None),
        "service": "benefits",
        "method": b"GET",
        "target": f"/benefits/v1/programmes/{NAME}?name={NAME}".encode(),
        "status": 200,
        "seconds": 0.0042,
        "received_bytes": 0,
        "sent_bytes": 1830,
        "request_id": str(new_id()),
        "peer": "203.0.113.77",
    }
    return Noted(**(given | changes))


@pytest.fixture
async def database(database_of: OpenDatabase) -> Database:
    return await database_of("platform")


@pytest.fixture
async def auditor(service_client: OpenService, tenancies: Tenancies) -> As:
    client = await service_client("platform")
    return client.as_(an_official(Role.AUDITOR), tenancy=tenancies.kitami)


async def lines(auditor: As, **wanted: Any) -> list[dict[str, Any]]:
    """Return every line, page by page."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await auditor.get(BASE, params=wanted | cursor)
        assert answer.status_code == 200, answer.text
        said = answer.json()
        found += said["items"]
        if not said["has_more"]:
            return found
        cursor = {"cursor": said["next_cursor"]}


class TestAccessBook:
    async def test_writes_what_was_asked_by_whom_and_not_the_address(
        self, database: Database, auditor: As, tenancies: Tenancies
    ) -> None:
        book = opened(database)
        one = noted(tenancies.kitami)
        book.note(one)
        await book.write()
        (line,) = await lines(auditor)
        assert line == line | {
            "request_id": one.request_id,
            "kind": "machine",
            "client_id": "demo-vendor",
            "service": "benefits",
            "operation": "read_programme",
            "status": 200,
            "duration_ms": 4.2,
            "sent_bytes": 1830,
            "network": "203.0.113.0/24",
            "refusal": None,
        }
        assert NAME not in str(line)

    async def test_keeps_each_municipalitys_lines_to_itself(
        self, database: Database, auditor: As, tenancies: Tenancies
    ) -> None:
        book = opened(database)
        for tenancy in (tenancies.kitami, tenancies.kinokawa, tenancies.kitami):
            book.note(noted(tenancy))
        await book.write()
        assert len(await lines(auditor)) == 2

    async def test_writes_on_when_the_interface_is_not_known(
        self, database: Database, auditor: As, tenancies: Tenancies
    ) -> None:
        book = AccessBook(database)
        book.follow(unknown_interface)
        book.note(noted(tenancies.kitami))
        await book.write()
        assert [line["operation"] for line in await lines(auditor)] == ["unknown"]

    async def test_counts_what_it_could_not_take(
        self, database: Database, auditor: As, tenancies: Tenancies
    ) -> None:
        figures = CollectorRegistry()
        book = opened(database, most_lines=3)
        book.count_in(figures)
        for _ in range(5):
            book.note(noted(tenancies.kitami))
        await book.write()
        assert len(await lines(auditor)) == 3
        assert (await auditor.get(BASE)).json()["lost"] == 2
        assert figures.get_sample_value("tamaire_access_log_lost_total") == 2

    async def test_keeps_what_a_database_did_not_take(
        self, house: House, database: Database, auditor: As, tenancies: Tenancies
    ) -> None:
        book = opened(database)
        book.note(noted(tenancies.kitami))
        owner = await asyncpg.connect(house.dsn("platform_owner"))
        try:
            await owner.execute("REVOKE INSERT ON platform.access_logs FROM platform_app")
            await book.write()
            assert await lines(auditor) == []
        finally:
            await owner.execute("GRANT INSERT ON platform.access_logs TO platform_app")
            await owner.close()
        await book.write()
        await book.write()
        assert len(await lines(auditor)) == 1

    async def test_writes_a_line_once(
        self, database: Database, auditor: As, tenancies: Tenancies
    ) -> None:
        book, one = opened(database), noted(tenancies.kitami)
        for _ in range(2):
            book.note(one)
            await book.write()
        assert len(await lines(auditor)) == 1

    async def test_writes_what_is_left_when_it_is_closed(
        self, database: Database, auditor: As, tenancies: Tenancies
    ) -> None:
        book = opened(database)
        await book.start()
        book.note(noted(tenancies.kitami))
        await book.stop()
        assert len(await lines(auditor)) == 1


class TestAskingTheLog:
    async def test_finds_lines_by_who_what_and_outcome(
        self, database: Database, auditor: As, tenancies: Tenancies
    ) -> None:
        book = opened(database)
        chief = an_official(Role.ADMINISTRATOR, subject="chief")
        kitami = tenancies.kitami
        book.note(noted(kitami))
        book.note(noted(kitami, status=403, refusal="platform/forbidden"))
        book.note(noted(kitami, caller=Caller(principal=chief, tenancy=kitami, purpose=None)))
        book.note(noted(kitami, service="window_dx", target=b"/nowhere", status=503))
        await book.write()
        assert len(await lines(auditor)) == 4
        assert len(await lines(auditor, outcome="succeeded")) == 2
        assert [one["refusal"] for one in await lines(auditor, outcome="refused")] == [
            "platform/forbidden"
        ]
        assert [one["service"] for one in await lines(auditor, outcome="failed")] == ["window_dx"]
        assert [one["subject"] for one in await lines(auditor, subject="chief")] == ["chief"]
        assert len(await lines(auditor, client_id="demo-vendor")) == 3
        assert len(await lines(auditor, service="window-dx")) == 1
        assert len(await lines(auditor, operation="read_programme")) == 3
        assert await lines(auditor, client_id="demo-vendor", subject="chief") == []

    async def test_reads_page_by_page_newest_first(
        self, database: Database, auditor: As, tenancies: Tenancies
    ) -> None:
        book = opened(database)
        numbers = [str(new_id()) for _ in range(7)]
        for number in numbers:
            book.note(noted(tenancies.kitami, request_id=number))
        await book.write()
        found = await lines(auditor, limit="3")
        assert [line["request_id"] for line in found] == numbers[::-1]

    async def test_bounds_a_period(
        self, database: Database, auditor: As, tenancies: Tenancies
    ) -> None:
        book = opened(database)
        book.note(noted(tenancies.kitami))
        await book.write()
        assert len(await lines(auditor, since="2026-01-01T00:00:00Z")) == 1
        assert await lines(auditor, until="2026-01-01T00:00:00Z") == []
        backwards = {"since": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"}
        assert (await auditor.get(BASE, params=backwards)).status_code == 422

    async def test_finds_a_request_by_its_number(
        self, database: Database, auditor: As, tenancies: Tenancies
    ) -> None:
        book = opened(database)
        own, foreign = noted(tenancies.kitami), noted(tenancies.kinokawa)
        book.note(own)
        book.note(foreign)
        await book.write()
        found = await auditor.get(f"{BASE}/{own.request_id}")
        assert found.json()["request_id"] == own.request_id
        assert (await auditor.get(f"{BASE}/{foreign.request_id}")).status_code == 404

    async def test_is_not_for_clerks(
        self, service_client: OpenService, tenancies: Tenancies
    ) -> None:
        client = await service_client("platform")
        clerk = client.as_(an_official(Role.CLERK), tenancy=tenancies.kitami)
        assert (await clerk.get(BASE)).status_code == 403

    async def test_forgets_what_is_too_old(
        self, house: House, database: Database, auditor: As, tenancies: Tenancies
    ) -> None:
        book = opened(database)
        book.note(noted(tenancies.kitami))
        book.note(noted(tenancies.kitami, request_id="01000000-0000-7000-8000-000000000001"))
        await book.write()
        owner = await asyncpg.connect(house.dsn("platform_owner"))
        try:
            await owner.execute(
                "INSERT INTO platform.tenant_codes (municipality_code, valid_from, tenant_id)"
                " VALUES ($1, '1900-01-01', $2) ON CONFLICT (municipality_code, valid_from)"
                " DO UPDATE SET tenant_id = excluded.tenant_id",
                str(tenancies.kitami.code),
                int(tenancies.kitami.tenant_id),
            )
            assert await forget_old(database, days=366) >= 1
        finally:
            await owner.execute("DELETE FROM platform.tenant_codes WHERE valid_from = '1900-01-01'")
            await owner.close()
        assert len(await lines(auditor)) == 1
