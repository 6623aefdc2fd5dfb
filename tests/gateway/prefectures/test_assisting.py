"""Officials of a prefecture act for a town only as it consented, and try everything else."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from foundation import clock
from foundation.identifiers import new_id
from gateway.access import Revocations
from tests.gateway.people import Caller, live_in, official, resident
from tests.support.front_door import CARD

from .conftest import EVERYTHING, Country


def slug(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")


async def refused(country: Country, caller: Caller, consent_id: str, **changes: Any) -> None:
    """Every reason has one answer: that a consent exists is not everybody's to know."""
    answer = await country.exchange(caller, consent_id, **changes)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant"), answer.text
    assert answer.json()["error_description"] == "There is no such consent to assist."


class TestConsent:
    async def test_takes_two_administrators(self, country: Country) -> None:
        made = await country.first.post("/assistance-consents", **country.terms())
        address = f"/assistance-consents/{made.json()['id']}"

        alone = await country.first.post(f"{address}/confirmation")

        assert slug(alone) == (403, "platform/assistance-needs-second-person")
        assert (await country.first.get(address)).json()["state"] == "proposed"
        together = await country.second.post(f"{address}/confirmation")
        assert (together.json()["state"], together.json()["holds"]) == ("confirmed", True)
        again = await country.second.post(f"{address}/confirmation")
        assert slug(again) == (409, "platform/assistance-consent-state-conflict")

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"office_code": "300004"}, "/office_code"),
            ({"office_code": "000000"}, "/office_code"),
            ({"office_code": "012084"}, "/office_code"),
            ({"office_code": "012025"}, "/office_code"),
            ({"roles": ["administrator"]}, "/roles"),
            ({"roles": ["clerk", "treasurer"]}, "/roles"),
            ({"roles": ["auditor"]}, "/roles"),
            ({"ends_on": "2020-01-01"}, "/ends_on"),
            ({"ends_on": "2099-01-01"}, "/ends_on"),
            ({"starts_on": "9999-12-01", "ends_on": "9999-12-31"}, "/starts_on"),
        ],
        ids=str,
    )
    async def test_is_refused_with_what_is_wrong_with_it(
        self, country: Country, changes: dict[str, Any], pointer: str
    ) -> None:
        answer = await country.first.post("/assistance-consents", **country.terms(**changes))

        assert answer.status_code == 422, answer.text
        assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]

    async def test_is_an_administrators_only(self, country: Country) -> None:
        clerk = await official(country.door, "clerk", "auditor", scope=EVERYTHING)

        answer = await clerk.post("/assistance-consents", **country.terms())

        assert slug(answer)[0] == 403

    async def test_is_nobody_elses_to_see_or_to_end(self, country: Country) -> None:
        consent_id = await country.consented()
        elsewhere = await official(
            country.door,
            "administrator",
            tenancy=country.door.tenancies.chiyoda,
            scope=EVERYTHING,
        )
        address = f"/assistance-consents/{consent_id}"

        assert (await elsewhere.get("/assistance-consents")).json()["items"] == []
        for answer in (
            await elsewhere.get(address),
            await elsewhere.post(f"{address}/confirmation"),
            await elsewhere.post(f"{address}/withdrawal"),
        ):
            assert slug(answer) == (404, "platform/assistance-consent-not-found")
        assert (await country.first.get(address)).json()["state"] == "confirmed"

    async def test_can_be_taken_up_once_it_was_confirmed_and_seen_by_the_office_named(
        self, country: Country
    ) -> None:
        consent_id = await country.consented()
        helper = await country.helper("clerk")
        stranger = await country.helper("clerk", office="300004")

        shown = (await helper.get("/assistance-offers")).json()["items"]

        assert [(one["id"], one["assisted_code"]) for one in shown] == [(consent_id, "012084")]
        assert (await stranger.get("/assistance-offers")).json()["items"] == []
        await country.first.post(f"/assistance-consents/{consent_id}/withdrawal")
        assert (await helper.get("/assistance-offers")).json()["items"] == []


class TestTakingUp:
    async def test_gives_a_short_token_of_the_town_with_what_both_offices_leave(
        self, country: Country
    ) -> None:
        consent_id = await country.consented()
        helper = await country.helper("clerk", "counsellor", "administrator")

        answer = await country.exchange(helper, consent_id)

        given = answer.json()
        assert (answer.status_code, "refresh_token" in given) == (200, False)
        assert given["expires_in"] <= 600
        me = (await country.door.me(given["access_token"])).json()
        assert me["municipality"]["code"] == "012084"
        assert me["roles"] == ["clerk"]
        assert me["assistance"] == {"id": consent_id, "office_code": "010006"}
        assert {"platform:write", "platform:self", "registry:write", "registry:import"}.isdisjoint(
            me["scopes"]
        )

    async def test_is_recorded_in_both_offices(self, country: Country) -> None:
        consent_id = await country.consented()
        helper = await country.helper("clerk")
        await country.assisting(helper, consent_id)

        rows = await country.seen(
            "SELECT tenant_id, actor, detail::jsonb AS detail FROM audit.entries"
            " WHERE action = 'platform.assistance.take-up' AND decision = 'allowed'"
            " AND tenant_id = ANY($1)",
            [country.town.tenant_id, country.of("010006").tenant_id],
        )

        assert {row["tenant_id"] for row in rows} == {
            country.town.tenant_id,
            country.of("010006").tenant_id,
        }
        assert len({row["actor"] for row in rows}) == 1
        (at_town,) = (row for row in rows if row["tenant_id"] == country.town.tenant_id)
        assert '"office": "010006"' in at_town["detail"]
        assert consent_id in at_town["detail"]

    async def test_is_refused_within_a_second_of_being_withdrawn(self, country: Country) -> None:
        consent_id = await country.consented()
        helper = await country.helper("clerk")
        acting = await country.assisting(helper, consent_id)
        assert (await acting.get("/me")).status_code == 200

        gone = await country.second.post(f"/assistance-consents/{consent_id}/withdrawal")

        assert gone.json()["state"] == "withdrawn"
        await country.door.state.revocations.refresh()
        assert (await acting.get("/me")).status_code == 401
        await refused(country, helper, consent_id)
        assert (await helper.get("/me")).status_code == 200

    async def test_ends_with_the_sign_in_at_the_officials_own_office(
        self, country: Country
    ) -> None:
        consent_id = await country.consented()
        helper = await country.helper("clerk")
        acting = await country.assisting(helper, consent_id)
        chief = await country.helper("administrator", name="chief")
        subject = (await helper.get("/me")).json()["subject"]

        answer = await country.door.revoke(chief.token, subject=subject, reason="異動")
        assert answer.status_code == 201, answer.text

        await country.door.state.revocations.refresh()
        assert (await acting.get("/me")).status_code == 401

    @pytest.mark.parametrize("place", ["012084", "010006"])
    async def test_ends_with_the_client_whichever_office_stops_it(
        self, country: Country, place: str
    ) -> None:
        consent_id = await country.consented()
        acting = await country.assisting(await country.helper("clerk"), consent_id)
        chief = await country.helper("administrator", office=place, name="chief")

        answer = await country.door.revoke(chief.token, client_id="demo-desk", reason="点検")

        assert answer.status_code == 201, answer.text
        await country.door.state.revocations.refresh()
        assert (await acting.get("/me")).status_code == 401

    async def test_is_refused_at_every_other_gateway_within_a_second(
        self, country: Country
    ) -> None:
        consent_id = await country.consented()
        acting = await country.assisting(await country.helper("clerk"), consent_id)
        access = country.door.state.access.verify(acting.token)
        elsewhere = Revocations(country.door.state.database)
        await elsewhere.start()
        try:
            assert not elsewhere.is_revoked(access)
            await country.first.post(f"/assistance-consents/{consent_id}/withdrawal")
            await asyncio.sleep(1)
            assert elsewhere.is_revoked(access)
        finally:
            await elsewhere.stop()

    async def test_is_in_the_towns_access_log_with_the_office(self, country: Country) -> None:
        consent_id = await country.consented()
        helper = await country.helper("clerk")
        acting = await country.assisting(helper, consent_id)
        subject = (await helper.get("/me")).json()["subject"]
        await acting.get("/me")
        await country.door.state.book.write()

        found = await country.seen(
            "SELECT subject FROM platform.access_logs WHERE tenant_id = $1 AND kind = 'official'",
            country.town.tenant_id,
        )

        assert f"010006:{subject}" in {row["subject"] for row in found}


class TestAttacks:
    async def test_a_proposal_nobody_confirmed(self, country: Country) -> None:
        made = await country.first.post("/assistance-consents", **country.terms())

        await refused(country, await country.helper("clerk"), made.json()["id"])

    async def test_a_consent_that_has_ended_or_not_begun(self, country: Country) -> None:
        later = clock.today() + timedelta(days=40)
        coming = await country.consented(
            starts_on=later.isoformat(), ends_on=(later + timedelta(days=3)).isoformat()
        )
        ended = await country.consented()
        await country.seen(
            "UPDATE platform.assistance_consents SET starts_on = starts_on - 100,"
            " ends_on = ends_on - 100 WHERE id = $1",
            ended,
        )
        helper = await country.helper("clerk")

        await refused(country, helper, coming)
        await refused(country, helper, ended)

    async def test_another_prefecture_and_another_town(self, country: Country) -> None:
        consent_id = await country.consented()

        for office in ("300004", "131016"):
            await refused(country, await country.helper("clerk", office=office), consent_id)

    async def test_a_role_the_consent_does_not_lend(self, country: Country) -> None:
        consent_id = await country.consented(roles=["counsellor"])

        await refused(country, await country.helper("clerk", "administrator"), consent_id)

    async def test_a_consent_of_another_town(self, country: Country) -> None:
        consent_id = await country.consented()
        helper = await country.helper("clerk")

        await refused(country, helper, consent_id, audience="131016")
        await refused(country, helper, str(new_id()))

    async def test_an_assistant_of_an_assistant(self, country: Country) -> None:
        consent_id = await country.consented()
        acting = await country.assisting(await country.helper("clerk"), consent_id)

        answer = await country.exchange(acting, consent_id)

        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")

    async def test_the_own_offices_token_in_the_town(self, country: Country) -> None:
        await country.consented()
        helper = await country.helper("clerk")

        answer = await country.door.me(helper.token, **{"Tamaire-Municipality": "012084"})

        assert slug(answer) == (403, "platform/tenant-mismatch")

    async def test_a_towns_token_in_the_own_office(self, country: Country) -> None:
        consent_id = await country.consented()
        acting = await country.assisting(await country.helper("clerk"), consent_id)

        answer = await country.door.me(acting.token, **{"Tamaire-Municipality": "010006"})

        assert slug(answer) == (403, "platform/tenant-mismatch")

    async def test_after_the_officials_own_duty_has_ended(self, country: Country) -> None:
        consent_id = await country.consented()
        helper = await country.helper("clerk")
        await country.seen(
            "UPDATE platform.official_accounts SET groups = '{}' WHERE tenant_id = $1",
            country.of("010006").tenant_id,
        )

        await refused(country, helper, consent_id)

    async def test_a_sign_in_that_was_ended(self, country: Country) -> None:
        consent_id = await country.consented()
        helper = await country.helper("clerk")
        await country.seen(
            "UPDATE platform.sessions SET ended_at = now(), ended_because = 'x'"
            " WHERE tenant_id = $1",
            country.of("010006").tenant_id,
        )

        answer = await country.exchange(helper, consent_id)

        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")

    async def test_giving_roles_and_consents_or_seeing_them(self, country: Country) -> None:
        consent_id = await country.consented(
            roles=["registrar", "benefits_officer", "clerk", "counsellor"]
        )
        helper = await country.helper("registrar", "clerk", "counsellor", "administrator")
        acting = await country.assisting(helper, consent_id)
        grant = {
            "employee_id": "A1",
            "role": "clerk",
            "starts_on": clock.today().isoformat(),
            "reason": "x",
        }

        for answer in (
            await acting.post("/role-grants", **grant),
            await acting.post("/assistance-consents", **country.terms()),
            await acting.post(f"/assistance-consents/{consent_id}/withdrawal"),
            await acting.get("/assistance-consents"),
            await acting.get("/assistance-offers"),
            await acting.get("/access-logs"),
        ):
            assert slug(answer)[0] == 403

    async def test_a_refusal_is_recorded_where_it_was_tried_and_at_home(
        self, country: Country
    ) -> None:
        consent_id = await country.consented()
        stranger = await country.helper("clerk", office="300004")
        await refused(country, stranger, consent_id)

        rows = await country.seen(
            "SELECT tenant_id FROM audit.entries WHERE action = 'platform.assistance.take-up'"
            " AND decision = 'denied' AND object = $1",
            consent_id,
        )

        expected = {country.town.tenant_id, country.of("300004").tenant_id}
        assert {row["tenant_id"] for row in rows} == expected


class TestAccessLogOfAResident:
    async def test_names_the_office_an_official_came_from(self, country: Country) -> None:
        consent_id = await country.consented()
        acting = await country.assisting(await country.helper("clerk"), consent_id)
        resident_id = await live_in(country.door, country.town)
        country.door.register.residents[CARD["name"]] = resident_id
        looked = await acting.get(f"/representations/recorded/{resident_id}", why="registration")
        assert looked.status_code == 200, looked.text

        hanako = await resident(country.door, "hanako")
        shown = (await hanako.get("/access-log")).json()["items"]

        assert any("北海道" in one["summary_ja"] for one in shown), shown
