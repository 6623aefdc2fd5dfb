"""Another system learns of every change once, in order, and nothing else about anybody."""

from typing import Any

import pytest

from foundation.identity import Machine, Role
from tests.services.registry.conftest import PATH, bring_in
from tests.services.registry.files import a_line
from tests.support.callers import As, ServiceClient, an_official
from tests.support.house import Tenancies

READER = Machine(client_id="a-vendor", scopes=frozenset({"registry:changes"}))


@pytest.fixture
def reader(service: ServiceClient, tenancies: Tenancies) -> As:
    return service.as_(READER, tenancy=tenancies.kitami)


async def read_on(caller: As, cursor: str | None = None, *, limit: int = 100) -> dict[str, Any]:
    answer = await caller.get(
        f"{PATH}/changes", params={"limit": limit} | ({"cursor": cursor} if cursor else {})
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


class TestListChanges:
    async def test_tells_of_every_state_once_and_in_order(self, registrar: As, reader: As) -> None:
        one, other = a_line(0), a_line(1)
        await bring_in(registrar, [one, other])
        first = await read_on(reader)
        assert [(c["resident_number"], c["kind"]) for c in first["items"]] == [
            (one["resident_number"], "added"),
            (other["resident_number"], "added"),
        ]
        await bring_in(registrar, [{**one, "alias": "別名"}])
        await bring_in(registrar, [{**one, "resident_until": "2026-04-01"}])
        then = await read_on(reader, first["next_cursor"])
        assert [(c["history_number"], c["kind"]) for c in then["items"]] == [
            (2, "changed"),
            (3, "ended"),
        ]
        assert all(change["changed_at"] for change in then["items"])
        assert await read_on(reader, then["next_cursor"]) == {
            "items": [],
            "next_cursor": then["next_cursor"],
            "has_more": False,
        }

    async def test_who_comes_late_is_told_the_same(self, registrar: As, reader: As) -> None:
        one = a_line(0)
        for alias in ("", "い", "ろ", "は"):
            await bring_in(registrar, [{**one, "alias": alias}])
        told, cursor, more = list[int](), None, True
        while more:
            page = await read_on(reader, cursor, limit=1)
            told += [change["history_number"] for change in page["items"]]
            cursor, more = page["next_cursor"], page["has_more"]
        assert told == [1, 2, 3, 4]

    async def test_says_nothing_about_a_person(self, registrar: As, reader: As) -> None:
        await bring_in(registrar, [a_line(0)])
        [change] = (await read_on(reader))["items"]
        assert set(change) == {
            "resident_id",
            "resident_number",
            "history_number",
            "kind",
            "changed_at",
        }

    async def test_is_hidden_from_another_municipality(
        self, service: ServiceClient, registrar: As, reader: As, tenancies: Tenancies
    ) -> None:
        await bring_in(registrar, [a_line(0)])
        here = await read_on(reader)
        foreign = service.as_(READER, tenancy=tenancies.chiyoda)
        assert (await read_on(foreign))["items"] == []
        assert len(here["items"]) == 1

    async def test_is_for_machines_that_were_given_it(
        self, service: ServiceClient, tenancies: Tenancies
    ) -> None:
        without = Machine(client_id="a-vendor", scopes=frozenset({"registry:read"}))
        for principal in (without, an_official(Role.ADMINISTRATOR)):
            caller = service.as_(principal, tenancy=tenancies.kitami)
            assert (await caller.get(f"{PATH}/changes")).status_code in {403, 404}

    @pytest.mark.parametrize(
        "cursor",
        ["AAAA", "WzEsMl0", "Wy0xLCAiMDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDAwIiwgMF0"],
    )
    async def test_refuses_a_cursor_it_did_not_give(self, reader: As, cursor: str) -> None:
        answer = await reader.get(f"{PATH}/changes", params={"cursor": cursor})
        assert answer.status_code == 400
