"""What waits for an official is found at the counter, by whoever may confirm it."""

from typing import Any

from tests.gateway.mandates.conftest import TODAY, Family, slug
from tests.gateway.people import Caller, official, resident
from tests.support.front_door import CARD

REQUESTS = "/representations/requests"


async def asked_for(family: Family) -> dict[str, Any]:
    """Let the mother ask that a friend, who lives elsewhere, may see her benefits."""
    friend = await resident(family.door, "friend", says=CARD | {"name": "友人"})
    code = (await friend.post("/counter-slips")).json()["code"]
    answer = await family.mother.post(
        REQUESTS,
        holder_code=code,
        relationship="友人",
        acts=["benefits.see"],
        starts_on=TODAY.isoformat(),
        ends_on=TODAY.isoformat(),
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


async def listed(caller: Caller, query: str = "") -> list[str]:
    answer = await caller.get(f"{REQUESTS}{query}")
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


class TestWaiting:
    async def test_is_found_confirmed_and_gone(self, family: Family) -> None:
        recorded, asked = (await family.record()).json(), await asked_for(family)
        answer = await family.colleague.get(REQUESTS)
        first, second = answer.json()["items"]
        assert (first["id"], first["state"]) == (asked["id"], "requested")
        assert (first["represented_id"], first["holder_id"]) == (str(family.mother_id), None)
        assert (first["relationship"], first["acts"]) == ("友人", ["benefits.see"])
        assert (second["id"], second["state"]) == (recorded["id"], "awaiting_second")
        assert second["holder_id"] == str(family.mother_id)
        assert set(second) == {
            "id",
            "represented_id",
            "holder_id",
            "kind",
            "ground",
            "relationship",
            "acts",
            "state",
            "starts_on",
            "ends_on",
            "requested_at",
            "recorded_by",
        }
        for one in (first, second):
            confirmed = await family.colleague.post(f"/representations/{one['id']}/confirmation")
            assert confirmed.status_code == 200
        assert await listed(family.clerk) == []

    async def test_goes_on_where_a_page_ends(self, family: Family) -> None:
        rights = [(await family.record()).json()["id"] for _ in range(3)]
        page = (await family.clerk.get(f"{REQUESTS}?limit=2")).json()
        assert [item["id"] for item in page["items"]] == rights[:0:-1]
        assert page["has_more"]
        assert await listed(family.clerk, f"?cursor={page['next_cursor']}") == rights[:1]

    async def test_is_hidden_from_another_municipality(self, family: Family) -> None:
        await family.record()
        here = family.door.tenancies.kitami.code
        there = await official(family.door, "clerk", tenancy=family.door.tenancies.chiyoda)
        assert await listed(there) == []
        named = await there.get(f"{REQUESTS}?municipality_code={here}")
        assert slug(named) == (403, "platform/tenant-mismatch")

    async def test_is_for_the_counter_and_for_registration_only(self, family: Family) -> None:
        for role in ("treasurer", "auditor", "benefits_officer"):
            other = await official(family.door, role)
            assert (await other.get(REQUESTS)).status_code == 403
        assert (await family.mother.get(REQUESTS)).status_code == 403
        other_purpose = await family.clerk.get(REQUESTS, why="payment")
        assert slug(other_purpose) == (403, "platform/purpose-not-allowed")
        refused = await family.clerk.get(f"{REQUESTS}?cursor=made-up")
        assert slug(refused) == (400, "platform/malformed-request")

    async def test_is_told_to_everybody_it_is_about(self, family: Family) -> None:
        await family.record()
        await family.clerk.get(REQUESTS)
        (entry,) = await family.seen(
            "SELECT subjects, purpose FROM audit.entries WHERE tenant_id = $1"
            " AND action = 'platform.representation.requests'",
            family.door.tenancies.kitami.tenant_id,
        )
        assert set(entry["subjects"]) == {family.child_id, family.mother_id}
        assert entry["purpose"] == "registration"
