"""From the application on nobody sees the address, but by two, once, and never unnoticed."""

from datetime import timedelta

import pytest

from foundation import clock
from foundation.identity import Role
from tests.services.registry.conftest import PATH, check, find
from tests.services.registry.files import a_line
from tests.services.registry.protection.conftest import (
    MOTHER,
    SECRET,
    SECRET_POSTAL,
    Office,
)
from tests.support.callers import As, a_machine

MASK = {"masked": True, "notice": "非開示"}


class TestApply:
    async def test_hides_the_address_at_once_wherever_it_was(self, office: Office) -> None:
        assert (await office.record("秘匿 花子"))["address"]["address"] == SECRET
        measure = await office.apply("秘匿 花子", "秘匿 一郎")
        assert measure["state"] == "applied"
        for name in ("秘匿 花子", "秘匿 一郎"):
            assert (await office.record(name))["address"] == MASK
        tables = await office.run(
            "SELECT (SELECT count(*) FROM registry.residents r WHERE r::text ~ $1)"
            " + (SELECT count(*) FROM registry.resident_history h WHERE h::text ~ $1)"
            " + (SELECT count(*) FROM registry.staging_rows s WHERE s::text ~ $1) AS readable",
            "秘密町|" + SECRET_POSTAL,
        )
        assert tables[0]["readable"] == 0

    async def test_hides_where_somebody_lived_before_and_what_waits_in_a_file(
        self, office: Office
    ) -> None:
        moved = MOTHER | {"address": SECRET + "二階"}
        report = await check(office.registrar, [moved])
        await office.registrar.post(
            f"{PATH}/imports/{report['id']}/confirmation", json={"accept_faulty_rows": "none"}
        )
        waiting = await check(office.registrar, [MOTHER | {"address": SECRET + "三階"}])
        await office.apply("秘匿 花子", "秘匿 一郎")
        for table in ("residents", "resident_history", "staging_rows"):
            rows = await office.run(f"SELECT t::text AS row FROM registry.{table} t")
            assert [row for row in rows if "秘密町" in row["row"]] == []
        answer = await office.registrar.post(
            f"{PATH}/imports/{waiting['id']}/confirmation",
            json={"accept_faulty_rows": "leave_out"},
        )
        assert answer.status_code == 200
        assert (await office.record("秘匿 花子"))["address"] == MASK

    async def test_hides_whoever_lives_with_them_but_not_the_one_they_flee(
        self, office: Office
    ) -> None:
        measure = await office.apply("秘匿 花子", "北見 春子")
        assert (await office.record("秘匿 一郎"))["address"] == MASK
        answer = await office.registrar.get(f"{PATH}/protection-measures/{measure['id']}")
        named = {one["resident_id"] for one in answer.json()["persons"]}
        assert named == {office.ids[name] for name in ("秘匿 花子", "秘匿 一郎", "北見 春子")}
        father = await office.resident("北見 太郎").get(f"{PATH}/me")
        assert father.json()["resident"]["address"]["masked"] is False

    async def test_hides_the_address_in_faulty_lines_that_were_judged_before(
        self, office: Office
    ) -> None:
        faulty = MOTHER | {"address": SECRET, "gender": "7"}
        waiting = await check(office.registrar, [faulty])
        path = f"{PATH}/imports/{waiting['id']}/faulty-rows"
        assert "秘密町" in (await office.registrar.get(path)).text
        await office.apply("秘匿 花子")
        returned = await office.registrar.get(path)
        assert returned.status_code == 200
        assert "秘密町" not in returned.text
        assert SECRET_POSTAL not in returned.text

    async def test_takes_nobody_the_register_does_not_know(
        self, office: Office, foreign_registrar: As
    ) -> None:
        unknown = office.application("秘匿 花子")
        unknown["persons"][0]["resident_id"] = "01890a5d-ac96-774b-bcce-b302099a8057"
        answer = await office.registrar.post(f"{PATH}/protection-measures", json=unknown)
        assert answer.status_code == 422
        elsewhere = await foreign_registrar.post(
            f"{PATH}/protection-measures", json=office.application("秘匿 花子")
        )
        assert elsewhere.status_code == 422
        assert (await office.record("秘匿 花子"))["address"] != MASK

    async def test_keeps_every_text_sealed(self, office: Office) -> None:
        await office.apply("秘匿 花子", notes="避難先は知人宅", excluded_officials=["cousin"])
        for table in ("protection_measures", "protection_perpetrators", "protected_persons"):
            rows = await office.run(f"SELECT t::text AS row FROM registry.{table} t")
            assert rows
            assert [row for row in rows if "知人" in row["row"] or "太郎" in row["row"]] == []


class TestMeasure:
    async def test_is_granted_and_released_by_two(self, office: Office) -> None:
        measure = await office.apply("秘匿 花子", "秘匿 一郎")
        assert (await office.step(office.registrar, measure, "provision")).status_code == 200
        await office.step(office.registrar, measure, "proposal", act="grant", reason="意見書")
        alone = await office.step(office.registrar, measure, "decision", decision="agreed")
        assert (alone.status_code, alone.json()["type"]) == (
            403,
            "/problems/registry/second-official-needed",
        )
        granted = await office.step(office.administrator, measure, "decision", decision="agreed")
        assert granted.json()["state"] == "granted"
        early = await office.step(office.registrar, measure, "extension")
        assert early.json()["type"] == "/problems/registry/protection-extension-too-early"
        await office.step(office.registrar, measure, "proposal", act="release", reason="申出")
        assert (await office.record("秘匿 花子"))["address"] == MASK
        declined = await office.step(office.administrator, measure, "decision", decision="declined")
        assert declined.json()["state"] == "granted"
        await office.step(office.registrar, measure, "proposal", act="release", reason="申出")
        released = await office.step(office.administrator, measure, "decision", decision="agreed")
        assert released.json()["state"] == "released"
        assert (await office.record("秘匿 花子"))["address"]["address"] == SECRET

    async def test_goes_on_protecting_whom_another_measure_names(self, office: Office) -> None:
        first = await office.apply("秘匿 花子")
        await office.apply("秘匿 一郎", "秘匿 花子")
        await office.step(office.registrar, first, "proposal", act="release", reason="重複")
        await office.step(office.administrator, first, "decision", decision="agreed")
        assert (await office.record("秘匿 花子"))["address"] == MASK

    async def test_takes_in_somebody_more(self, office: Office) -> None:
        measure = await office.apply("秘匿 花子")
        joined = await office.step(
            office.registrar, measure, "persons", resident_id=office.ids["北見 次郎"]
        )
        assert joined.status_code == 201
        assert (await office.record("北見 次郎"))["address"] == MASK
        again = await office.step(
            office.registrar, measure, "persons", resident_id=office.ids["北見 次郎"]
        )
        assert again.status_code == 409

    async def test_does_not_exist_for_another_municipality_or_an_excluded_official(
        self, office: Office, foreign_registrar: As
    ) -> None:
        cousin = office.official(Role.REGISTRAR, subject="cousin")
        measure = await office.apply("秘匿 花子", excluded_officials=["cousin"])
        path = f"{PATH}/protection-measures/{measure['id']}"
        said = [(await who.get(path)).json() for who in (foreign_registrar, cousin)]
        assert {one["type"] for one in said} == {"/problems/registry/protection-measure-not-found"}
        assert (await cousin.get(f"{PATH}/protection-measures")).json()["items"] == []
        assert (await office.registrar.get(path)).json()["persons"][0]["part"] == "applicant"
        (alert,) = await office.alerts()
        assert (alert["kind"], alert["actor"]) == ("attempt_refused", "cousin")
        assert alert["measure_id"] == measure["id"]

    async def test_cannot_be_ended_by_a_file(self, office: Office) -> None:
        await office.apply("秘匿 花子", "秘匿 一郎")
        report = await check(office.registrar, [MOTHER | {"address": "北見市別町1"}])
        assert [fault["cause"] for fault in report["faults"]] == ["protection_would_end"]
        assert (await office.record("秘匿 花子"))["address"] == MASK

    async def test_is_opened_by_a_file_that_has_somebody_under_protection(
        self, office: Office
    ) -> None:
        hidden = a_line(5, 5, protection="dv", name_display="記載 桜", name_kana="キサイ サクラ")
        report = await check(office.registrar, [hidden])
        await office.registrar.post(
            f"{PATH}/imports/{report['id']}/confirmation", json={"accept_faulty_rows": "none"}
        )
        (measure,) = (await office.registrar.get(f"{PATH}/protection-measures")).json()["items"]
        assert (measure["origin"], measure["state"]) == ("register", "provisional")
        (one,) = await find(office.registrar, name="記載")
        assert one["address"] == MASK


class TestOpening:
    @pytest.fixture
    async def hidden(self, office: Office) -> Office:
        await office.apply("秘匿 花子", "秘匿 一郎")
        return office

    async def test_shows_the_address_once_to_who_asked(self, hidden: Office) -> None:
        opening = (await hidden.opening()).json()
        assert opening["state"] == "requested"
        early = await hidden.opening_step(hidden.clerk, opening, "viewing")
        assert early.status_code == 409
        allowed = await hidden.opening_step(
            hidden.administrator, opening, "decision", decision="agreed"
        )
        assert allowed.json()["state"] == "approved"
        seen = await hidden.opening_step(hidden.clerk, opening, "viewing")
        assert (seen.json()["address"], seen.json()["postal_code"]) == (SECRET, SECRET_POSTAL)
        assert seen.headers["cache-control"] == "no-store"
        again = await hidden.opening_step(hidden.clerk, opening, "viewing")
        assert again.status_code == 409
        assert [alert["kind"] for alert in await hidden.alerts()] == [
            "opening_requested",
            "opening_approved",
            "address_opened",
        ]

    async def test_is_not_allowed_by_who_asked(self, hidden: Office) -> None:
        both = hidden.official(Role.CLERK, Role.ADMINISTRATOR, subject="both")
        asked = await both.post(
            f"{PATH}/address-openings",
            json={
                "resident_id": hidden.ids["秘匿 花子"],
                "ground": "court_order",
                "reason": "自分で",
            },
        )
        refused = await hidden.opening_step(both, asked.json(), "decision", decision="agreed")
        assert refused.status_code == 403
        assert "attempt_refused" in {alert["kind"] for alert in await hidden.alerts()}

    async def test_is_used_by_nobody_else(self, hidden: Office, foreign_registrar: As) -> None:
        opening = (await hidden.opening()).json()
        await hidden.opening_step(hidden.administrator, opening, "decision", decision="agreed")
        for who in (hidden.registrar, foreign_registrar):
            refused = await hidden.opening_step(who, opening, "viewing")
            assert refused.status_code == 404
            assert SECRET not in refused.text

    async def test_lapses(self, hidden: Office) -> None:
        opening = (await hidden.opening()).json()
        await hidden.opening_step(hidden.administrator, opening, "decision", decision="agreed")
        with clock.frozen(clock.now() + timedelta(minutes=10, seconds=5)):
            late = await hidden.opening_step(hidden.clerk, opening, "viewing")
        assert late.status_code == 409

    async def test_is_announced_when_it_is_refused_and_more_loudly_when_repeated(
        self, hidden: Office
    ) -> None:
        body = {
            "resident_id": hidden.ids["秘匿 花子"],
            "ground": "court_order",
            "reason": "見たい",
        }
        father = hidden.resident("北見 太郎")
        machine = hidden.service.as_(a_machine(), tenancy=hidden.tenancies.kitami)
        for _ in range(3):
            refused = await father.post(f"{PATH}/address-openings", json=body)
            assert refused.status_code == 403
        await machine.post(f"{PATH}/address-openings", json=body)
        found = [(alert["kind"], alert["times"]) for alert in await hidden.alerts()]
        assert found == [("attempt_refused", 3), ("attempts_repeated", 1), ("attempt_refused", 1)]
        events = await hidden.run(
            "SELECT type FROM registry.outbox WHERE type LIKE '%protection_alert%'"
        )
        assert len(events) == 5

    async def test_is_for_the_protected_only(self, hidden: Office) -> None:
        assert (await hidden.opening("北見 次郎")).status_code == 404


class TestAlerts:
    async def test_are_seen_once_and_by_name(self, office: Office, foreign_registrar: As) -> None:
        await office.apply("秘匿 花子")
        await office.opening()
        (alert,) = await office.alerts()
        assert alert["caretaker"] == office.registrar.caller.principal.subject
        path = f"{PATH}/protection-alerts/{alert['id']}/acknowledgement"
        assert (await foreign_registrar.post(path)).status_code == 404
        seen = await office.administrator.post(path)
        assert seen.json()["seen_by"] == "head"
        assert (await office.registrar.post(path)).json()["seen_by"] == "head"
        assert await office.alerts() == []
