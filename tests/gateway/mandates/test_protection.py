"""Nobody acts for a person who is protected from them, nor learns that there is such a person."""

from datetime import date

from foundation.identifiers import new_id
from tests.gateway.mandates.conftest import TODAY, UNKNOWN, Family, slug
from tests.gateway.people import live_in, official, protect


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
        assert (barred.status_code, barred.json()["representations_ended"]) == (201, 1)
        await family.door.state.revocations.refresh()
        assert (await acting.get("/me")).status_code == 401
        assert slug(await family.record()) == UNKNOWN
        path = f"/representations/bars/{family.child_id}/{family.mother_id}"
        assert (await registrar.delete(path)).status_code == 204
        assert slug(await registrar.delete(path)) == UNKNOWN
        assert (await family.record()).status_code == 201
