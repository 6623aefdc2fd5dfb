"""Acting for another, from the document at the counter to the deed, and to its end."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from foundation import clock
from tests.gateway.mandates.conftest import (
    ACCESS_TOKEN,
    MOTHER,
    TODAY,
    UNKNOWN,
    Family,
    slug,
)
from tests.gateway.people import Caller, official, resident
from tests.support.forgery import claims_of
from tests.support.front_door import CARD
from tests.support.third_party import registered


class TestRecord:
    async def test_ends_a_parents_right_when_the_child_comes_of_age(self, family: Family) -> None:
        right = await family.recorded()
        assert (right["state"], right["is_in_force"]) == ("active", True)
        assert right["ends_on"] == date(TODAY.year + 8, 3, 31).isoformat()
        (listed,) = (await family.mother.get("/representations")).json()["items"]
        assert (listed["id"], listed["represented_id"]) == (right["id"], str(family.child_id))

    async def test_is_hidden_from_another_municipality(self, family: Family) -> None:
        right, door = await family.recorded(), family.door
        there = await official(door, "clerk", tenancy=door.tenancies.chiyoda)
        refused = await there.post("/representations", **family.right())
        assert slug(refused) == UNKNOWN
        listed = await there.get(f"/representations/recorded/{family.child_id}", why="registration")
        assert slug(listed) == UNKNOWN
        here = f"/representations/recorded/{family.child_id}"
        (seen,) = (await family.clerk.get(here, why="registration")).json()["items"]
        assert seen["id"] == right["id"]
        gone = await there.post(f"/representations/{right['id']}/withdrawal", reason="mistake")
        assert slug(gone) == (404, "platform/representation-not-found")

    async def test_lists_every_fault(self, family: Family) -> None:
        refused = await family.record(
            ground="facility", may_receive=True, acts=["access_log.see"], ends_on=None
        )
        assert slug(refused) == (422, "platform/representation-invalid")
        pointers = {fault["pointer"] for fault in refused.json()["errors"]}
        assert pointers == {"/acts", "/evidence/kind", "/may_receive", "/ends_on"}

    async def test_is_nobodys_own_doing(self, family: Family) -> None:
        refused = await family.record(recorder_is_holder=True)
        assert slug(refused) == (403, "platform/not-by-oneself")
        for role in ("treasurer", "counsellor"):
            other = await official(family.door, role)
            assert (await other.post("/representations", **family.right())).status_code == 403

    async def test_takes_somebody_who_lives_elsewhere_by_their_code(self, family: Family) -> None:
        aunt = await resident(family.door, "aunt", says=CARD | {"name": "よその人"})
        code = (await aunt.post("/counter-slips")).json()["code"]
        right = await family.recorded(holder={"code": code}, ground="minors_guardian")
        assert right["holder_id"] is None
        token = (await family.take_up(right["id"], token=aunt.token)).json()["access_token"]
        assert claims_of(token)["resident_id"] == str(family.child_id)
        again = await family.record(holder={"code": code})
        assert slug(again) == (404, "platform/slip-not-found")

    async def test_keeps_the_number_of_the_document_sealed(self, family: Family) -> None:
        await family.recorded()
        rows = await family.seen(
            "SELECT r::text FROM platform.representations r UNION ALL SELECT e::text FROM"
            " audit.entries e UNION ALL SELECT o::text FROM platform.outbox o"
        )
        assert not any("CANARY" in row[0] or b"CANARY".hex() in row[0] for row in rows)


class TestTakeUp:
    async def test_gives_a_token_that_names_both(self, family: Family) -> None:
        right = await family.recorded()
        answer = await family.take_up(right["id"])
        claims, own = claims_of(answer.json()["access_token"]), claims_of(family.mother.token)
        assert answer.json()["issued_token_type"] == ACCESS_TOKEN
        assert "refresh_token" not in answer.json()
        assert answer.json()["expires_in"] <= 600
        assert claims["sub"] == claims["resident_id"] == str(family.child_id)
        assert claims["act"] == {"sub": own["sub"]}
        assert claims["representation"] == {"id": right["id"], "kind": "legal"}
        assert set(claims["scope"].split()) == {"benefits:read", "benefits:write", "registry:read"}
        assert (claims["acr"], claims["auth_time"]) == (own["acr"], own["auth_time"])

    async def test_is_seen_by_the_represented_person_with_the_relationship(
        self, family: Family
    ) -> None:
        right = await family.recorded(acts=["benefits.see", "access_log.see"])
        acting = await family.acting(right["id"])
        entries = (await acting.get("/access-log")).json()["items"]
        taken = [one for one in entries if one["action"] == "platform.representation.take-up"]
        assert "代理人(母)" in taken[0]["summary_ja"]
        assert not taken[0]["by_yourself"]
        (entry,) = await family.seen(
            "SELECT actor, subjects, detail FROM audit.entries WHERE tenant_id = $1"
            " AND action = 'platform.representation.take-up'",
            family.door.tenancies.kitami.tenant_id,
        )
        assert entry["actor"] == claims_of(family.mother.token)["sub"]
        assert entry["subjects"] == [family.child_id]
        assert right["id"] in entry["detail"]

    async def test_says_who_acts_for_whom(self, family: Family) -> None:
        acting = await family.acting((await family.recorded())["id"])
        me = (await acting.get("/me")).json()
        assert me["resident"]["resident_id"] == str(family.child_id)
        assert me["representation"]["kind"] == "legal"
        assert me["subject"] == claims_of(family.mother.token)["sub"]

    async def test_is_told_to_who_may_ask_about_tokens(self, family: Family) -> None:
        acting = await family.acting((await family.recorded())["id"])
        machine = await registered(
            family.door, profile="machine", kinds=["machine"], scopes=["platform:introspect"]
        )
        said = (await machine.post("/oauth/introspect", {"token": acting.token})).json()
        assert (said["active"], said["sub"]) == (True, str(family.child_id))
        assert said["act"] == {"sub": claims_of(family.mother.token)["sub"]}

    async def test_reaches_no_further_than_the_right(self, family: Family) -> None:
        right = await family.recorded(acts=["benefits.see"])
        wide = await family.take_up(right["id"], scope="benefits:write registry:read")
        assert wide.json()["error"] == "invalid_scope"
        acting = await family.acting(right["id"])
        for path in ("/representations", "/representations/over-me"):
            assert (await acting.get(path)).status_code == 403
        assert (await acting.post("/counter-slips")).status_code == 403
        chain = await family.take_up(right["id"], token=acting.token)
        assert chain.json()["error"] == "invalid_request"

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"subject_token_type": None}, "invalid_request"),
            ({"subject_token_type": "urn:ietf:params:oauth:token-type:jwt"}, "invalid_request"),
            ({"subject_token": "nonsense"}, "invalid_request"),
            ({"actor_token": "x", "actor_token_type": ACCESS_TOKEN}, "invalid_request"),
            ({"representation_id": None}, "invalid_request"),
            ({"representation_id": "1"}, "invalid_request"),
            ({"representation_id": str(UUID(int=7))}, "invalid_grant"),
            ({"client_id": "demo-desk"}, "invalid_request"),
        ],
        ids=str,
    )
    async def test_refuses_what_is_no_exchange(
        self, family: Family, changes: dict[str, Any], error: str
    ) -> None:
        right = await family.recorded()
        answer = await family.take_up(right["id"], **changes)
        assert (answer.status_code, answer.json()["error"]) == (400, error)

    async def test_is_for_the_holder_alone(self, family: Family) -> None:
        right = await family.recorded()
        stranger = await resident(family.door, "stranger", says=CARD | {"name": "誰か"})
        answer = await family.take_up(right["id"], token=stranger.token)
        assert answer.json()["error"] == "invalid_grant"
        assert (await stranger.get("/representations")).json()["items"] == []
        clerk = await family.take_up(right["id"], token=family.clerk.token, client_id="demo-desk")
        assert clerk.json()["error"] == "invalid_request"

    async def test_ends_at_midnight_after_the_last_day(self, family: Family) -> None:
        right = await family.recorded(ends_on=TODAY.isoformat())
        claims = claims_of((await family.take_up(right["id"])).json()["access_token"])
        midnight = datetime.combine(TODAY + timedelta(days=1), time(), clock.JST)
        assert claims["exp"] <= midnight.timestamp()
        with clock.frozen(midnight):
            late = await family.take_up(right["id"])
        assert late.status_code == 400


class TestConfirm:
    async def bound(self, family: Family, caller: Caller, resident_id: UUID) -> None:
        """Let an official be known by a record of the register, as a resident."""
        await family.seen(
            "INSERT INTO platform.past_bindings (tenant_id, subject, resident_id, grade, bound_at,"
            " ended_at, ended_because, ended_by) SELECT tenant_id, person, $2, 'exact', now(),"
            " now(), 'superseded', 'x' FROM platform.sessions WHERE id = $1::text::uuid",
            claims_of(caller.token)["sid"],
            resident_id,
        )

    async def test_is_not_for_who_would_hold_it_or_be_represented(self, family: Family) -> None:
        for party in (family.mother_id, family.child_id):
            waiting = (await family.record()).json()
            address = f"/representations/{waiting['id']}/confirmation"
            other = await official(family.door, "clerk", username=f"is-{party}")
            await self.bound(family, other, party)
            assert slug(await other.post(address)) == (403, "platform/not-by-oneself")
            assert (await family.colleague.post(address)).status_code == 200

    async def test_is_not_helped_by_recording_it_for_oneself(self, family: Family) -> None:
        await self.bound(family, family.clerk, family.mother_id)
        assert slug(await family.record()) == (403, "platform/not-by-oneself")


class TestEnd:
    async def test_is_refused_everywhere_within_a_second(self, family: Family) -> None:
        right = await family.recorded()
        acting = await family.acting(right["id"])
        ended = await family.clerk.post(
            f"/representations/{right['id']}/withdrawal", reason="court_decision"
        )
        assert ended.json()["state"] == "withdrawn"
        await family.door.state.revocations.refresh()
        assert (await acting.get("/me")).status_code == 401
        assert (await family.mother.get("/me")).status_code == 200
        assert (await family.take_up(right["id"])).json()["error"] == "invalid_grant"
        again = await family.clerk.post(f"/representations/{right['id']}/withdrawal", reason="x")
        assert slug(again) == (409, "platform/representation-state-conflict")

    async def test_of_what_the_law_gives_is_not_the_persons_own(self, family: Family) -> None:
        right = await family.recorded()
        refused = await family.mother.post(f"/representations/{right['id']}/revocation")
        assert slug(refused) == (403, "platform/not-revocable")

    async def test_ends_with_the_holders_session(self, family: Family) -> None:
        acting = await family.acting((await family.recorded())["id"])
        assert (await family.mother.delete("/sessions")).status_code == 200
        await family.door.state.revocations.refresh()
        assert (await acting.get("/me")).status_code == 401


class TestMandate:
    """A resident asks somebody to act for them, and may end it at any time."""

    async def asked(self, family: Family) -> tuple[dict[str, Any], Caller]:
        friend = await resident(family.door, "friend", says=CARD | {"name": "友人"})
        code = (await friend.post("/counter-slips")).json()["code"]
        answer = await family.mother.post(
            "/representations/requests",
            holder_code=code,
            relationship="友人",
            acts=["benefits.see"],
            starts_on=TODAY.isoformat(),
            ends_on=(TODAY + timedelta(days=30)).isoformat(),
        )
        assert answer.status_code == 201, answer.text
        return answer.json(), friend

    async def test_is_confirmed_by_an_official_and_revoked_by_oneself(self, family: Family) -> None:
        right, friend = await self.asked(family)
        assert (right["state"], right["may_receive"]) == ("requested", False)
        assert (await family.take_up(right["id"], token=friend.token)).status_code == 400
        await family.clerk.post(f"/representations/{right['id']}/confirmation")
        taken = await family.take_up(right["id"], token=friend.token)
        acting = Caller(family.door, taken.json()["access_token"])
        assert (await acting.get("/me")).json()["resident"]["resident_id"] == str(family.mother_id)
        (seen,) = (await family.mother.get("/representations/over-me")).json()["items"]
        assert (seen["id"], seen["relationship"]) == (right["id"], "友人")
        ended = await family.mother.post(f"/representations/{right['id']}/revocation")
        assert ended.json()["state"] == "withdrawn"
        await family.door.state.revocations.refresh()
        assert (await acting.get("/me")).status_code == 401

    async def test_needs_the_card_just_now(self, family: Family) -> None:
        before = int(clock.now().timestamp()) - 360
        family.door.resident_provider().id_token = {"auth_time": before}
        mother = await resident(family.door, "mother", says=MOTHER)
        answer = await mother.post(
            "/representations/requests",
            holder_code="K7QM-3X0D",
            relationship="友人",
            acts=["benefits.see"],
            starts_on=TODAY.isoformat(),
            ends_on=TODAY.isoformat(),
        )
        assert slug(answer) == (401, "platform/step-up-required")
        assert 'max_age="300"' in answer.headers["www-authenticate"]

    async def test_is_nobody_elses_to_end(self, family: Family) -> None:
        right, _ = await self.asked(family)
        stranger = await resident(family.door, "stranger", says=CARD | {"name": "誰か"})
        refused = await stranger.post(f"/representations/{right['id']}/revocation")
        assert slug(refused) == (404, "platform/representation-not-found")
