"""To whoever it protects from, a measure changes nothing: not a byte, not a gap.

Everything that can be asked is asked in their name before and after, of both services that know
their household, and the answers are compared as they went over the wire.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

import httpx
import pytest

from foundation.identifiers import new_id
from foundation.identity import Role
from services.registry.protection.domain import MeasureState
from tests.isolation.matrix.operations import Operation, operations_of
from tests.services.benefits.town import terms
from tests.services.registry.protection.conftest import Office
from tests.support.callers import As, ServiceClient, a_representative, a_resident, an_official

OpenService = Callable[[str], Awaitable[ServiceClient]]
OF_ONE_REQUEST = ("x-request-id", "traceparent", "date", "ratelimit", "server-timing")


@pytest.fixture
async def benefits(office: Office, service_client: OpenService) -> ServiceClient:
    """A programme whose roster was made while nobody was protected."""
    client = await service_client("benefits")
    section = client.as_(an_official(Role.BENEFITS_OFFICER), tenancy=office.tenancies.kitami)
    made = (await section.post("/benefits/v1/programmes", json=terms())).json()
    path = f"/benefits/v1/programmes/{made['id']}"
    assert (await section.post(f"{path}/publication")).status_code == 200
    roster = await section.post(f"{path}/roster")
    assert roster.is_success, roster.text
    return client


class TestPerpetrator:
    async def test_is_answered_to_the_byte_as_before(
        self, office: Office, benefits: ServiceClient
    ) -> None:
        clients = (office.service, benefits)
        ids = await everything_they_may_know(office, benefits)
        before = await everything_asked(office, clients, ids)
        offers = [one for one in before.values() if b"application_id" in one[2]]
        assert len(before) > 100
        assert offers, "There is an offer that counts whoever is going to be protected."
        measure = await office.apply("北見 春子", "北見 次郎")
        for act in ("provision", "grant", "release"):
            assert differences(before, await everything_asked(office, clients, ids)) == []
            if act == "provision":
                await office.step(office.registrar, measure, act)
                continue
            await office.step(office.registrar, measure, "proposal", act=act, reason="決裁")
            moved = await office.step(office.administrator, measure, "decision", decision="agreed")
            assert moved.json()["state"] in set(MeasureState)
        assert differences(before, await everything_asked(office, clients, ids)) == []

    async def test_is_told_the_platform_as_somebody_who_may_not_represent(
        self, office: Office
    ) -> None:
        question = "SELECT represented_id, barred_id FROM registry.platform_protections"
        measure = await office.apply("北見 春子", "北見 次郎")
        assert {
            (str(row["represented_id"]), str(row["barred_id"]))
            for row in await office.run(question, role="platform_app")
        } == {(office.ids[name], office.ids["北見 太郎"]) for name in ("北見 春子", "北見 次郎")}
        await office.step(office.registrar, measure, "proposal", act="release", reason="解除")
        await office.step(office.administrator, measure, "decision", decision="agreed")
        assert await office.run(question, role="platform_app") == []


Asked = tuple[str, str, str]
Answered = tuple[int, list[tuple[str, str]], bytes]


async def everything_they_may_know(
    office: Office, benefits: ServiceClient
) -> Mapping[str, list[str]]:
    """Return the identifiers somebody of the household has seen, by the place they go into."""
    father = benefits.as_(
        a_resident(UUID(office.ids["北見 太郎"])), tenancy=office.tenancies.kitami
    )
    offers = (await father.get("/benefits/v1/offers")).json()["items"]
    household = (await office.record("北見 太郎"))["household_id"]
    return {
        "resident_id": [*office.ids.values(), str(new_id())],
        "household_id": [household],
        "application_id": [one["application_id"] for one in offers],
        "programme_id": [one["programme_id"] for one in offers],
    }


async def everything_asked(
    office: Office, clients: tuple[ServiceClient, ...], ids: Mapping[str, list[str]]
) -> dict[Asked, Answered]:
    """Ask every operation that changes nothing for them, in the name of each account they have."""
    accounts = {
        "his own": a_resident(UUID(office.ids["北見 太郎"]), subject="father"),
        "for nobody": a_resident(None, subject="father"),
        "for a stranger": a_representative(new_id(), subject="father"),
    }
    found: dict[Asked, Answered] = {}
    for client in clients:
        operations = list(operations_of(client.service, client.application))
        for account, principal in accounts.items():
            way = client.as_(principal, tenancy=office.tenancies.kitami)
            for operation in operations:
                if operation.method != "GET" and operation.is_open_to(way.caller):
                    continue  # what he does himself changes what he sees
                for path in addresses(operation, ids):
                    found[account, operation.method, path] = answered(
                        await asked(way, operation, path)
                    )
    return found


def addresses(operation: Operation, ids: Mapping[str, list[str]]) -> list[str]:
    name = operation.path.partition("{")[2].partition("}")[0]
    if not name:
        return [operation.path]
    return [operation.address({name: one}) for one in ids.get(name, [str(UUID(int=7))])]


async def asked(way: As, operation: Operation, path: str) -> httpx.Response:
    body: dict[str, Any] = {"json": {}} if operation.reads_json else {}
    return await way.request(operation.method, path, **body)


def answered(answer: httpx.Response) -> Answered:
    """Return an answer without what tells one request from the next: its number and the clock."""
    content = answer.content
    if "json" in answer.headers.get("content-type", "") and content:
        document: dict[str, Any] = json.loads(content)
        document.pop("instance", None)
        content = json.dumps(document, ensure_ascii=False).encode()
    headers = [
        (name, value)
        for name, value in answer.headers.items()
        if name not in OF_ONE_REQUEST and name != "content-length"
    ]
    return answer.status_code, sorted(headers), content


def differences(before: dict[Asked, Answered], after: dict[Asked, Answered]) -> list[Asked]:
    return [asked for asked in before if before[asked] != after[asked]]
