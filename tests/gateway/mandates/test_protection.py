"""Nobody acts for a person who is protected from them, nor learns that there is such a person."""

import asyncio
import itertools
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from foundation.database import Database
from foundation.identifiers import new_id
from gateway.mandates.jobs import keep_looking, look_round
from tests.gateway.mandates.conftest import TODAY, UNKNOWN, Family, slug
from tests.gateway.people import Caller, live_in, official, protect, resident
from tests.support.front_door import CARD

ENDED = (409, "platform/representation-state-conflict")


class TestProtection:
    """Whoever a person is protected from learns nothing, not even that there is such a person."""

    async def test_needs_two_officials(self, family: Family) -> None:
        elsewhere = await live_in(
            family.door, family.door.tenancies.kitami, birth_on=date(1950, 1, 1), is_protected=True
        )
        recorded = await family.record(
            represented_id=str(elsewhere),
            ground="adult_guardian",
            evidence={"kind": "court_decision", "seen_on": TODAY.isoformat()},
        )
        right = recorded.json()
        assert right["state"] == "awaiting_second"
        path = f"/representations/{right['id']}/confirmation"
        assert slug(await family.clerk.post(path)) == (403, "platform/not-by-oneself")
        assert (await family.take_up(right["id"])).status_code == 400
        second = await official(family.door, "registrar", username="two")
        assert (await second.post(path)).json()["state"] == "active"
        assert (await family.take_up(right["id"])).status_code == 200

    async def test_hides_a_child_from_the_household_it_is_protected_in(
        self, family: Family
    ) -> None:
        await protect(family.door, family.child_id)
        refused = await family.record()
        nobody = await family.record(represented_id=str(new_id()))
        assert slug(refused) == slug(nobody) == UNKNOWN
        said = [
            {name: value for name, value in answer.json().items() if name != "instance"}
            for answer in (refused, nobody)
        ]
        assert said[0] == said[1]
        told = await family.seen(
            "SELECT subject_id FROM platform.outbox"
            " WHERE type = 'platform.representation.barred.v1'"
        )
        assert family.child_id in {row["subject_id"] for row in told}

    async def test_voids_a_right_that_was_there_before(self, family: Family) -> None:
        right = await family.recorded()
        await protect(family.door, family.child_id)
        assert (await family.mother.get("/representations")).json()["items"] == []
        refused = await family.take_up(right["id"])
        unknown = await family.take_up(str(new_id()))
        assert refused.json() == unknown.json()

    async def test_ends_the_right_of_whoever_is_recorded_as_barred(self, family: Family) -> None:
        right = await family.recorded()
        acting = await family.acting(right["id"])
        registrar = await official(family.door, "registrar", username="two")
        pair = {"represented_id": str(family.child_id), "barred_id": str(family.mother_id)}
        barred = await registrar.post("/representations/bars", **pair)
        said = barred.json()
        assert barred.status_code == 201
        assert (said["representations_ended"], said["of_unknown_holders"]) == (1, 0)
        await family.door.state.revocations.refresh()
        assert (await acting.get("/me")).status_code == 401
        assert slug(await family.record()) == UNKNOWN
        path = f"/representations/bars/{family.child_id}/{family.mother_id}"
        assert (await registrar.delete(path)).status_code == 204
        assert slug(await registrar.delete(path)) == UNKNOWN
        assert (await family.record()).status_code == 201


class TestHolder:
    """A bar meets whoever holds the right, by whatever the house knows them."""

    says = CARD | {"name": "別居　父"}

    async def given_to_a_sign_in(self, family: Family) -> tuple[Caller, dict[str, Any]]:
        """Record a right on the sign-in of somebody who is bound to no record yet."""
        father = await resident(family.door, "father", says=self.says)
        code = (await father.post("/counter-slips")).json()["code"]
        right = await family.recorded(holder={"code": code}, relationship="父")
        assert right["holder_id"] is None
        return father, right

    async def bar(self, family: Family, barred_id: UUID) -> dict[str, Any]:
        registrar = await official(family.door, "registrar", username="two")
        answer = await registrar.post(
            "/representations/bars",
            represented_id=str(family.child_id),
            barred_id=str(barred_id),
        )
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def test_is_met_who_was_bound_after_the_right_was_recorded(self, family: Family) -> None:
        _, right = await self.given_to_a_sign_in(family)
        father_id = await live_in(family.door, family.door.tenancies.kitami)
        family.door.register.residents[self.says["name"]] = father_id
        father = await resident(family.door, "father", says=self.says)
        taken = await family.take_up(right["id"], token=father.token)
        acting = Caller(family.door, taken.json()["access_token"])
        said = await self.bar(family, father_id)
        assert (said["representations_ended"], said["of_unknown_holders"]) == (1, 0)
        await family.door.state.revocations.refresh()
        assert (await acting.get("/me")).status_code == 401

    async def test_is_met_whose_sign_in_is_bound_to_nothing_yet(self, family: Family) -> None:
        father, right = await self.given_to_a_sign_in(family)
        taken = await family.take_up(right["id"], token=father.token)
        acting = Caller(family.door, taken.json()["access_token"])
        father_id = await live_in(family.door, family.door.tenancies.kitami)
        said = await self.bar(family, father_id)
        assert (said["representations_ended"], said["of_unknown_holders"]) == (1, 1)
        await family.door.state.revocations.refresh()
        assert (await acting.get("/me")).status_code == 401
        refused = await family.take_up(right["id"], token=father.token)
        assert refused.json() == (await family.take_up(str(new_id()), token=father.token)).json()

    @pytest.mark.parametrize(
        "trace",
        [
            (
                "past_bindings (tenant_id, subject, resident_id, grade, bound_at, ended_at,"
                " ended_because, ended_by) SELECT r.tenant_id, r.holder_person, $2, 'exact',"
                " now(), now(), 'superseded', 'x'"
            ),
            (
                "counter_slips (tenant_id, person, state, candidate_id, created_at, expires_at,"
                " changed_at) SELECT r.tenant_id, r.holder_person, 'held', $2, now(), now(), now()"
            ),
        ],
        ids=["bound-once", "waits-to-be-bound"],
    )
    async def test_is_met_by_what_they_left_behind(self, family: Family, trace: str) -> None:
        _, right = await self.given_to_a_sign_in(family)
        father_id = await live_in(family.door, family.door.tenancies.kitami)
        await family.seen(
            f"INSERT INTO platform.{trace} FROM platform.representations r WHERE r.id = $1",
            UUID(right["id"]),
            father_id,
        )
        said = await self.bar(family, father_id)
        assert (said["representations_ended"], said["of_unknown_holders"]) == (1, 0)

    async def test_is_not_met_who_is_known_to_be_somebody_else(self, family: Family) -> None:
        right = await family.recorded()
        father_id = await live_in(family.door, family.door.tenancies.kitami)
        assert (await self.bar(family, father_id))["representations_ended"] == 0
        assert (await family.take_up(right["id"])).status_code == 200

    async def test_is_met_before_anybody_has_confirmed(self, family: Family) -> None:
        waiting = (await family.record()).json()
        assert (await self.bar(family, family.mother_id))["representations_ended"] == 1
        answer = await family.colleague.post(f"/representations/{waiting['id']}/confirmation")
        assert slug(answer) == ENDED


async def shut_out(acting: Caller) -> None:
    """Return when somebody's token is refused."""
    for pause in itertools.repeat(0.05):
        if (await acting.get("/me")).status_code == 401:
            return
        await asyncio.sleep(pause)


class TestWhileActing:
    """A protection that begins is felt by who is acting already."""

    @asynccontextmanager
    async def databases(self, family: Family) -> AsyncGenerator[tuple[Database, Database]]:
        """Open the house as the office and as its worker."""
        house = family.door.house
        database = await Database.open(house.dsn("platform_app"), application_name="t", size=2)
        worker = await Database.open(house.dsn("platform_worker"), application_name="w", size=1)
        try:
            yield database, worker
        finally:
            await database.close()
            await worker.close()

    async def look_round(self, family: Family) -> int:
        async with self.databases(family) as (database, worker):
            return await look_round(database, worker, family.door.state.tenants)

    async def test_is_felt_within_three_seconds(self, family: Family) -> None:
        acting = await family.acting((await family.recorded())["id"])
        async with self.databases(family) as (database, worker):
            looking = asyncio.create_task(keep_looking(database, worker, family.door.state.tenants))
            try:
                assert (await acting.get("/me")).status_code == 200
                await protect(family.door, family.child_id)
                await asyncio.wait_for(shut_out(acting), 3)
            finally:
                looking.cancel()

    async def test_ends_with_the_next_look(self, family: Family) -> None:
        right = await family.recorded()
        acting = await family.acting(right["id"])
        await self.look_round(family)
        await family.door.state.revocations.refresh()
        assert (await acting.get("/me")).status_code == 200
        await protect(family.door, family.child_id)
        await self.look_round(family)
        await family.door.state.revocations.refresh()
        assert (await acting.get("/me")).status_code == 401

    async def test_leaves_alone_who_is_not_barred_from_the_protected(self, family: Family) -> None:
        elsewhere = await live_in(
            family.door, family.door.tenancies.kitami, birth_on=date(2015, 4, 1)
        )
        right = await family.recorded(represented_id=str(elsewhere), ground="minors_guardian")
        acting = await family.acting(right["id"])
        await protect(family.door, elsewhere)
        await self.look_round(family)
        await family.door.state.revocations.refresh()
        assert (await acting.get("/me")).status_code == 200

    @pytest.mark.parametrize("is_acting", [True, False], ids=["acting", "nobody-acts"])
    async def test_is_not_told_apart_from_any_other_end(
        self, family: Family, *, is_acting: bool
    ) -> None:
        right = await self.revocable(family, family.child_id)
        other = await self.revocable(
            family, await live_in(family.door, family.door.tenancies.kitami)
        )
        if is_acting:
            await family.acting(right["id"])
        await protect(family.door, family.child_id)
        await self.look_round(family)
        assert (
            await family.clerk.post(f"/representations/{other['id']}/withdrawal", reason="mistake")
        ).status_code == 200
        assert await self.said_of(family, right) == await self.said_of(family, other)
        assert (await family.mother.get("/representations")).json()["items"] == []
        await self.is_told_once_and_without_the_reason(family, right)

    async def is_told_once_and_without_the_reason(
        self, family: Family, right: dict[str, Any]
    ) -> None:
        told = await family.seen(
            "SELECT data::text FROM platform.outbox WHERE type ="
            " 'platform.representation.ended.v1' AND subject_id = $1",
            family.child_id,
        )
        assert len(told) == 1
        assert "protected" not in told[0][0]
        (noted,) = await family.seen(
            "SELECT subjects FROM audit.entries WHERE object = $1"
            " AND action = 'platform.representation.end'",
            right["id"],
        )
        assert noted["subjects"] == [family.child_id]

    async def revocable(self, family: Family, represented_id: UUID) -> dict[str, Any]:
        """Record a right that whoever holds it can give up."""
        return await family.recorded(
            represented_id=str(represented_id),
            ground="facility",
            acts=["benefits.see"],
            evidence={"kind": "staff_certificate", "seen_on": TODAY.isoformat()},
            ends_on=TODAY.isoformat(),
        )

    async def said_of(self, family: Family, right: dict[str, Any]) -> list[Any]:
        """Return all that the holder of a right is told when they try what they can, twice."""
        said = list[Any]()
        for _ in range(2):
            taken = await family.take_up(right["id"])
            said += [taken.status_code, taken.json()]
            revoked = await family.mother.post(f"/representations/{right['id']}/revocation")
            told = {name: value for name, value in revoked.json().items() if name != "instance"}
            said += [revoked.status_code, told]
        entries = await family.seen(
            "SELECT action, detail FROM audit.entries WHERE object = $1 AND $2 = ANY (subjects)"
            " ORDER BY id",
            right["id"],
            family.mother_id,
        )
        return [*said, [tuple(entry) for entry in entries]]

    async def test_stays_an_end_when_the_protection_is_over(self, family: Family) -> None:
        right = await self.revocable(family, family.child_id)
        await protect(family.door, family.child_id)
        path = f"/representations/{right['id']}/revocation"
        assert slug(await family.mother.post(path)) == ENDED
        await protect(family.door, family.child_id, measure="")
        assert (await family.mother.get("/representations")).json()["items"] == []
        assert slug(await family.mother.post(path)) == ENDED

    async def test_lets_who_is_not_barred_give_up_what_they_hold(self, family: Family) -> None:
        elsewhere = await live_in(family.door, family.door.tenancies.kitami)
        right = await self.revocable(family, elsewhere)
        await protect(family.door, elsewhere)
        revoked = await family.mother.post(f"/representations/{right['id']}/revocation")
        assert (revoked.status_code, revoked.json()["state"]) == (200, "withdrawn")
