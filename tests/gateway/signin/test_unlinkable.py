"""One person may live with several municipalities, and no two of them can find it out."""

import re
from typing import Any

import asyncpg

from foundation.tenancy import Tenancy
from tests.gateway.people import Caller, live_in, official, resident
from tests.support.forgery import claims_of
from tests.support.front_door import CARD, FrontDoor

LINKING = re.compile(r"[A-Za-z0-9_=-]{20,}|(?:[0-9a-f]{2}){16,}|[0-9a-f-]{36}")
SHARED = {"code_challenge", "redirect_uri", "scopes", "issuer", "issuer_client_id"}
"""Columns of what a front end or a provider sends alike for everybody."""

SAID_TO_ALL = {"iss", "aud", "client_id", "scope", "kind", "acr", "auth_time", "iat", "exp"} | {
    "given_at"
}


async def kept(door: FrontDoor, tenancy: Tenancy) -> dict[str, str]:
    """Return every value that could name somebody in a town's rows, and where it stands."""
    connection = await asyncpg.connect(door.house.superuser_dsn())
    found: dict[str, str] = {}
    try:
        tables = await connection.fetch(
            "SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_attribute a"
            " ON a.attrelid = c.oid AND a.attname = 'tenant_id' WHERE c.relkind = 'r'"
            " AND c.relnamespace::regnamespace::text IN ('platform', 'audit')"
        )
        for table in tables:
            rows = await connection.fetch(
                f"SELECT to_jsonb(t) AS row FROM {table['name']} t WHERE tenant_id = $1",
                tenancy.tenant_id,
            )
            for row in rows:
                for column, value in (await _read(connection, row["row"])).items():
                    if column not in SHARED:
                        place = f"{table['name']}.{column}"
                        found |= dict.fromkeys(LINKING.findall(str(value)), place)
    finally:
        await connection.close()
    return found


async def _read(connection: Any, row: str) -> dict[str, Any]:
    pairs = await connection.fetch("SELECT key, value::text FROM jsonb_each_text($1::jsonb)", row)
    return {pair["key"]: pair["value"] for pair in pairs}


async def lived_with(door: FrontDoor, tenancy: Tenancy) -> Caller:
    """Do in one town everything that a person can do about themselves there."""
    door.register.residents[CARD["name"]] = await live_in(door, tenancy)
    person = await resident(door, "one-and-the-same", tenancy=tenancy)
    assert (await person.get("/me")).json()["binding"] == "bound"
    renewed = await resident(door, "one-and-the-same-renewed", tenancy=tenancy)
    code = (await renewed.post("/counter-slips")).json()["code"]
    clerk = await official(door, "clerk", tenancy=tenancy)
    assert (await clerk.post("/counter-slips/search", code=code)).status_code == 200
    await person.get("/access-log")
    return person


class TestOnePersonInThreeTowns:
    async def test_leaves_nothing_that_two_towns_have_in_common(self, door: FrontDoor) -> None:
        people = [await lived_with(door, town) for town in door.tenancies]
        towns = [await kept(door, town) for town in door.tenancies]
        assert all(len(town) > 20 for town in towns)
        for one, other in ((0, 1), (0, 2), (1, 2)):
            both = towns[one].keys() & towns[other].keys()
            links = {towns[one][value] for value in both if value not in _public(door)}
            assert links == set()
        told = [claims_of(person.token) for person in people]
        said = [
            {str(value) for name, value in claims.items() if name not in SAID_TO_ALL}
            for claims in told
        ]
        assert not said[0] & said[1]
        assert not said[0] & said[2]
        assert not said[1] & said[2]

    async def test_tells_each_town_of_itself_alone(self, door: FrontDoor) -> None:
        people = [await lived_with(door, town) for town in door.tenancies]
        answers = [await person.get("/me") for person in people]
        for at, answer in enumerate(answers):
            other = {str(town.code) for town in door.tenancies} - {list(door.tenancies)[at].code}
            assert answer.json()["municipality"]["code"] == list(door.tenancies)[at].code
            assert not any(code in answer.text for code in other)
            resident_ids = {one.json()["resident"]["resident_id"] for one in answers}
            assert sum(one in answer.text for one in resident_ids) == 1


def _public(door: FrontDoor) -> set[str]:
    """Return what is the same for everybody: names of applications, kinds of things."""
    del door
    return {"demo-portal", "demo-desk", "one-and-the-same"}
