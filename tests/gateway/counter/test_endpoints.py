"""At the counter a sign-in becomes a record, by a document seen and an official's word."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from foundation import clock
from tests.gateway.people import Caller, laid_down, live_in, official, resident
from tests.support.front_door import CARD, FrontDoor

HANAKO = CARD | {"name": "北見　花子"}
STRANGER = CARD | {"name": "誰か"}


async def shown(person: Caller) -> dict[str, Any]:
    answer = await person.post("/counter-slips")
    assert answer.status_code == 201, answer.text
    return answer.json()


async def bound(clerk: Caller, code: str, record: UUID, **changes: Any) -> httpx.Response:
    body = {"code": code, "resident_id": str(record), "evidence": "drivers_licence"} | changes
    return await clerk.post("/bindings", **body)


def slug(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")


async def seen(door: FrontDoor, sql: str, *values: object) -> list[Any]:
    """Look into the database past every wall."""
    connection = await asyncpg.connect(door.house.superuser_dsn())
    try:
        return list(await connection.fetch(sql, *values))
    finally:
        await connection.close()


async def entries(door: FrontDoor, action: str) -> list[Any]:
    return await seen(
        door,
        "SELECT * FROM audit.entries WHERE tenant_id = $1 AND action = $2",
        door.tenancies.kitami.tenant_id,
        action,
    )


def _days(slip: dict[str, Any]) -> int:
    """Return how many days a slip is good for, from now."""
    left = datetime.fromisoformat(slip["expires_at"]) - clock.now()
    return round(left / timedelta(days=1))


class TestSlips:
    async def test_are_shown_to_their_own_person_only(self, door: FrontDoor) -> None:
        person = await resident(door, "x", says=STRANGER)
        slip = await shown(person)
        assert (await person.get("/me")).json()["resident"]["slip"]["code"] == slip["code"]
        other = await resident(door, "y", says=STRANGER)
        assert (await other.get("/me")).json()["resident"]["slip"] is None
        assert (await other.delete(f"/counter-slips/{slip['id']}")).status_code == 404
        assert (await person.delete(f"/counter-slips/{slip['id']}")).status_code == 204
        assert (await person.get("/me")).json()["resident"]["slip"] is None

    async def test_are_good_for_as_long_as_the_municipality_laid_down(
        self, door: FrontDoor
    ) -> None:
        person = await resident(door, "x", says=STRANGER)
        lasting = [_days(await shown(person))]
        await laid_down(door, "platform.slip_days", 14)
        lasting.append(_days(await shown(person)))
        assert lasting == [7, 14]

    async def test_are_good_in_one_municipality(self, door: FrontDoor) -> None:
        code = (await shown(await resident(door, "x", says=STRANGER)))["code"]
        here = await official(door, "registrar")
        assert (await here.post("/counter-slips/search", code=code)).status_code == 200
        there = await official(door, "registrar", tenancy=door.tenancies.chiyoda)
        refused = await there.post("/counter-slips/search", code=code)
        assert slug(refused) == (404, "platform/slip-not-found")

    async def test_are_replaced_by_a_new_one(self, door: FrontDoor) -> None:
        person = await resident(door, "x", says=STRANGER)
        first, second = await shown(person), await shown(person)
        assert (first["id"], first["code"] != second["code"]) == (second["id"], True)
        clerk = await official(door, "clerk")
        record = await live_in(door, door.tenancies.kitami)
        assert slug(await bound(clerk, first["code"], record))[0] == 404

    async def test_are_for_residents_and_the_counter_alone(self, door: FrontDoor) -> None:
        clerk = await official(door, "clerk")
        assert (await clerk.post("/counter-slips")).status_code == 403
        treasurer = await official(door, "treasurer")
        assert (await treasurer.post("/counter-slips/search", code="K7QM-3X0D")).status_code == 403

    async def test_keep_no_code_in_the_clear(self, door: FrontDoor) -> None:
        code = (await shown(await resident(door, "x", says=STRANGER)))["code"]
        rows = await seen(
            door,
            "SELECT s::text FROM platform.counter_slips s UNION ALL SELECT e::text FROM"
            " audit.entries e UNION ALL SELECT o::text FROM platform.outbox o",
        )
        assert not any(code in row[0] or code.encode().hex() in row[0] for row in rows)


class TestBind:
    async def test_binds_on_a_document_seen(self, door: FrontDoor) -> None:
        person, clerk = await resident(door, "x", says=STRANGER), await official(door, "clerk")
        record = await live_in(door, door.tenancies.kitami)
        code = (await shown(person))["code"]
        answer = await bound(clerk, code.lower().replace("-", " "), record)
        assert answer.status_code == 201, answer.text
        assert answer.json()["state"] == "settled"
        me = (await person.get("/me")).json()
        assert (me["binding"], me["resident"]["resident_id"]) == ("bound", str(record))
        (entry,) = await entries(door, "platform.binding.create")
        assert entry["subjects"] == [record]
        assert slug(await bound(clerk, code, record))[0] == 404

    async def test_names_a_present_resident_of_this_municipality(self, door: FrontDoor) -> None:
        code = (await shown(await resident(door, "x", says=STRANGER)))["code"]
        clerk = await official(door, "clerk")
        elsewhere = await live_in(door, door.tenancies.chiyoda)
        refused = await bound(clerk, code, elsewhere)
        assert slug(refused) == (404, "platform/record-not-found")

    async def test_gives_one_record_to_one_person(self, door: FrontDoor) -> None:
        clerk, record = await official(door, "clerk"), await live_in(door, door.tenancies.kitami)
        first = await resident(door, "x", says=STRANGER)
        await bound(clerk, (await shown(first))["code"], record)
        second = await resident(door, "y", says=STRANGER)
        code = (await shown(second))["code"]
        assert slug(await bound(clerk, code, record)) == (409, "platform/record-taken")
        assert (await first.get("/me")).json()["binding"] == "bound"
        answer = await bound(clerk, code, record, supersede=True)
        assert (answer.status_code, answer.json()["superseded"]) == (201, True)
        await door.state.revocations.refresh()
        assert (await first.get("/me")).status_code == 401
        assert (await second.get("/me")).json()["resident"]["resident_id"] == str(record)

    async def test_gives_one_person_one_record(self, door: FrontDoor) -> None:
        clerk, person = await official(door, "clerk"), await resident(door, "x", says=STRANGER)
        records = [await live_in(door, door.tenancies.kitami) for _ in range(2)]
        await bound(clerk, (await shown(person))["code"], records[0])
        refused = await bound(clerk, (await shown(person))["code"], records[1])
        assert slug(refused) == (409, "platform/already-bound")

    async def test_needs_two_officials_for_a_protected_person(self, door: FrontDoor) -> None:
        clerk = await official(door, "clerk", username="one")
        person = await resident(door, "x", says=STRANGER)
        record = await live_in(door, door.tenancies.kitami, is_protected=True)
        answer = await bound(clerk, (await shown(person))["code"], record)
        assert answer.json()["state"] == "awaiting_second"
        assert (await person.get("/me")).json()["binding"] == "unmatched"
        path = f"/counter-slips/{answer.json()['slip_id']}/confirmation"
        assert slug(await clerk.post(path)) == (403, "platform/second-official-needed")
        other = await official(door, "registrar", username="two")
        assert (await other.post(path)).json()["state"] == "settled"
        assert (await person.get("/me")).json()["binding"] == "bound"

    async def test_can_be_declined(self, door: FrontDoor) -> None:
        clerk, person = await official(door, "clerk"), await resident(door, "x", says=STRANGER)
        slip = await shown(person)
        closed = await clerk.post(f"/counter-slips/{slip['id']}/declination")
        assert closed.json()["state"] == "declined"
        assert slug(await clerk.post(f"/counter-slips/{slip['id']}/declination"))[0] == 404


class TestRelease:
    async def test_ends_every_session_that_rests_on_it(self, door: FrontDoor) -> None:
        record = await live_in(door, door.tenancies.kitami)
        door.register.residents[HANAKO["name"]] = record
        person = await resident(door, "hanako", says=HANAKO)
        registrar = await official(door, "registrar")
        answer = await registrar.post(f"/bindings/{record}/release", reason="別人のカード")
        assert answer.json() == {"resident_id": str(record), "sessions_ended": 1}
        await door.state.revocations.refresh()
        assert (await person.get("/me")).status_code == 401
        again = await registrar.post(f"/bindings/{record}/release", reason="もう一度")
        assert slug(again) == (404, "platform/record-not-found")


class TestRenewal:
    """A renewed card may come with another name from the provider; nobody is taken over by it."""

    @pytest.fixture
    async def record(self, door: FrontDoor) -> UUID:
        record = await live_in(door, door.tenancies.kitami)
        door.register.residents[HANAKO["name"]] = record
        return record

    async def test_holds_the_record_for_somebody_to_confirm(
        self, door: FrontDoor, record: UUID
    ) -> None:
        old = await resident(door, "old-card", says=HANAKO)
        new = await resident(door, "new-card", says=HANAKO)
        assert (await new.get("/me")).json()["binding"] == "unmatched"
        assert (await old.get("/me")).json()["resident"]["resident_id"] == str(record)
        clerk = await official(door, "clerk")
        found = await clerk.post("/counter-slips/search", code=(await shown(new))["code"])
        assert found.json()["candidate_id"] == str(record)

    async def test_can_be_confirmed_by_the_earlier_sign_in(
        self, door: FrontDoor, record: UUID
    ) -> None:
        old = await resident(door, "old-card", says=HANAKO)
        new = await resident(door, "new-card", says=HANAKO)
        code = (await shown(new))["code"]
        assert slug(await new.post("/bindings/succession", code=code))[0] == 404
        answer = await old.post("/bindings/succession", code=code)
        assert answer.json()["superseded"] is True
        await door.state.revocations.refresh()
        assert (await old.get("/me")).status_code == 401
        assert (await new.get("/me")).json()["resident"]["resident_id"] == str(record)

    async def test_cannot_be_confirmed_by_anybody_else(self, door: FrontDoor, record: UUID) -> None:
        await resident(door, "old-card", says=HANAKO)
        code = (await shown(await resident(door, "new-card", says=HANAKO)))["code"]
        door.register.residents["太郎"] = await live_in(door, door.tenancies.kitami)
        taro = await resident(door, "taro", says=CARD | {"name": "太郎"})
        assert slug(await taro.post("/bindings/succession", code=code))[0] == 404
        assert record != door.register.residents["太郎"]

    async def test_with_other_attributes_is_reported_and_not_held(
        self, door: FrontDoor, record: UUID
    ) -> None:
        old = await resident(door, "old-card", says=HANAKO)
        other = HANAKO | {"address": "北海道北見市栄町９丁目"}
        thief = await resident(door, "thief", says=other)
        assert (await thief.get("/me")).json()["binding"] == "unmatched"
        slip = await shown(thief)
        assert slug(await old.post("/bindings/succession", code=slip["code"]))[0] == 404
        (entry,) = await entries(door, "platform.binding.contest")
        assert (entry["decision"], entry["subjects"]) == ("denied", [record])
        told = await seen(
            door,
            "SELECT subject_id FROM platform.outbox WHERE type = 'platform.binding.contested.v1'",
        )
        assert record in {row["subject_id"] for row in told}
