"""How a household answers, over HTTP, on a real database."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from foundation import clock
from foundation.identifiers import new_id
from foundation.identity import Representation, Role
from tests.services.benefits.town import ACCOUNT, Person, Town, householder, ok, refusal
from tests.support.callers import a_machine, a_representative, a_resident

NOT_FOUND = (404, "benefits/application-not-found")


def path(application: str, tail: str = "") -> str:
    return f"/benefits/v1/applications/{application}{tail}"


def account(**changes: Any) -> dict[str, Any]:
    return {"bank_account": ACCOUNT | changes}


class TestOffers:
    async def test_is_hidden_from_another_municipality(self, town: Town, other_town: Town) -> None:
        head = householder()
        await town.offered(head)
        assert ok(await other_town.resident(head).get("/benefits/v1/offers"))["items"] == []

    async def test_are_shown_to_the_householder_alone(self, town: Town) -> None:
        head, member, stranger = householder(), Person(), householder()
        await town.offered(head, member)
        await town.household(stranger)
        for person, count in ((head, 1), (member, 0), (stranger, 0)):
            items = ok(await town.resident(person).get("/benefits/v1/offers"))["items"]
            assert len(items) == count

    async def test_need_a_person_of_the_register(self, town: Town) -> None:
        refused = await town.resident(None).get("/benefits/v1/offers")
        assert refusal(refused) == (403, "benefits/resident-not-bound")

    async def test_are_not_for_officials_or_machines(self, town: Town) -> None:
        machine = town.client.as_(a_machine(), tenancy=town.tenancy)
        for caller in (town.section, machine):
            assert refusal(await caller.get("/benefits/v1/offers"))[0] == 403


class TestConfirm:
    async def test_is_hidden_from_another_municipality(self, town: Town, other_town: Town) -> None:
        head = householder()
        _, application = await town.offered(head)
        refused = await other_town.resident(head).post(
            path(application, "/confirmation"), json=account()
        )
        assert refusal(refused) == NOT_FOUND

    async def test_keeps_the_account_and_shows_three_digits(self, town: Town) -> None:
        head = householder()
        _, application = await town.offered(head)
        confirmed = await town.resident(head).post(
            path(application, "/confirmation"), json=account()
        )
        assert ok(confirmed)["state"] == "confirmed"
        assert confirmed.json()["bank_account"] == {
            "bank_code": "0001",
            "bank_name": "みずほ",
            "branch_code": "001",
            "branch_name": "東京営業部",
            "account_type": "ordinary",
            "account_number_masked": "****345",
            "holder_kana": "キタミ ハナコ",
        }
        assert confirmed.json()["assessment_aid"] is None
        for reader in (town.resident(head), town.section):
            assert "0012345" not in (await reader.get(path(application))).text

    async def test_needs_a_card_shown_within_five_minutes(self, town: Town) -> None:
        head = householder()
        _, application = await town.offered(head)
        before = clock.now() - timedelta(minutes=6)
        for changes in ({"auth_time": before}, {"acr": "aal2"}):
            resident = town.client.as_(a_resident(head.id, **changes), tenancy=town.tenancy)
            for call in (
                resident.post(path(application, "/confirmation"), json=account()),
                resident.put(
                    path(application, "/bank-account"),
                    json=account(),
                    headers={"If-Match": '"1"'},
                ),
            ):
                refused = await call
                assert refusal(refused) == (401, "platform/step-up-required")
                assert (refused.json()["acr_values"], refused.json()["max_age"]) == ("aal3", 300)
            assert ok(await resident.get(path(application)))["state"] == "offered"

    async def test_may_be_given_for_another_into_that_persons_own_account(self, town: Town) -> None:
        head = householder(name_kana="キタミ ハナコ")
        _, application = await town.offered(head)
        guardian = town.client.as_(a_representative(head.id), tenancy=town.tenancy)
        elsewhere = account(holder_kana="キタミ タロウ")
        refused = await guardian.post(path(application, "/confirmation"), json=elsewhere)
        assert refusal(refused) == (403, "benefits/account-of-another")
        own = await guardian.post(path(application, "/confirmation"), json=account())
        assert ok(own)["state"] == "confirmed"
        (entry,) = await town.run_as_owner(
            "audit",
            "SELECT actor, subjects, detail FROM audit.entries WHERE tenant_id = $1"
            " AND action = 'benefits.application.confirm' AND decision = 'allowed'",
            town.tenancy.tenant_id,
        )
        assert entry["actor"] == guardian.caller.principal.subject
        assert head.id in entry["subjects"]
        assert str(head.id) in entry["detail"]

    async def test_may_be_paid_to_another_where_that_leave_is_recorded(self, town: Town) -> None:
        head = householder()
        _, application = await town.offered(head)
        right = Representation(
            representation_id=new_id(), represented_id=head.id, kind="legal", may_receive=True
        )
        guardian = town.client.as_(
            a_representative(head.id, representation=right), tenancy=town.tenancy
        )
        elsewhere = account(holder_kana="キタミ タロウ")
        confirmed = await guardian.post(path(application, "/confirmation"), json=elsewhere)
        assert ok(confirmed)["state"] == "confirmed"

    async def test_leaves_no_account_number_in_the_database(self, town: Town) -> None:
        await town.confirmed(householder(), account_number="7654321")
        rows = await town.run_as_owner(
            "benefits",
            "SELECT t::text AS row FROM benefits.bank_accounts t WHERE tenant_id = $1"
            " UNION ALL SELECT o::text FROM benefits.outbox o WHERE tenant_id = $1",
            town.tenancy.tenant_id,
        )
        text = " ".join(row["row"] for row in rows)
        for secret in ("7654321", b"7654321".hex(), "ﾊﾅｺ", "ハナコ", "ﾊﾅｺ".encode().hex()):
            assert secret not in text

    async def test_is_not_another_members_to_give(self, town: Town) -> None:
        head, member = householder(), Person()
        _, application = await town.offered(head, member)
        for person in (member, Person()):
            refused = await town.resident(person).post(
                path(application, "/confirmation"), json=account()
            )
            assert refusal(refused) == NOT_FOUND

    @pytest.mark.parametrize(
        ("changes", "pointers"),
        [
            ({"bank_code": "9999"}, ["/bank_account/bank_code"]),
            ({"branch_code": "999"}, ["/bank_account/branch_code"]),
            ({"holder_kana": "北見ハナコ"}, ["/bank_account/holder_kana"]),
            (
                {"bank_code": "9999", "holder_kana": "北"},
                ["/bank_account/bank_code", "/bank_account/holder_kana"],
            ),
        ],
    )
    async def test_refuses_an_account_that_money_would_return_from(
        self, town: Town, changes: dict[str, str], pointers: list[str]
    ) -> None:
        head = householder()
        _, application = await town.offered(head)
        refused = await town.resident(head).post(
            path(application, "/confirmation"), json=account(**changes)
        )
        assert refusal(refused) == (422, "benefits/bank-account-refused")
        assert [fault["pointer"] for fault in refused.json()["errors"]] == pointers
        own = ok(await town.resident(head).get(path(application)))
        assert (own["state"], own["bank_account"]) == ("offered", None)

    @pytest.mark.parametrize("number", ["12345", "００１２３４５", 1234567, "001234567"])
    async def test_refuses_a_number_of_another_form(self, town: Town, number: object) -> None:
        head = householder()
        _, application = await town.offered(head)
        refused = await town.resident(head).post(
            path(application, "/confirmation"), json=account(account_number=number)
        )
        assert refusal(refused) == (422, "platform/invalid-input")

    @pytest.mark.parametrize(
        "period",
        [
            {"application_from": str(clock.today() + timedelta(days=1))},
            {"application_until": str(clock.today() - timedelta(days=1))},
        ],
    )
    async def test_is_taken_only_within_the_period(
        self, town: Town, period: dict[str, str]
    ) -> None:
        head = householder()
        _, application = await town.offered(head, programme=await town.published(**period))
        refused = await town.resident(head).post(path(application, "/confirmation"), json=account())
        assert refusal(refused) == (409, "benefits/application-period-over")

    async def test_happens_once_however_often_it_is_sent_at_the_same_moment(
        self, town: Town
    ) -> None:
        head = householder()
        _, application = await town.offered(head)
        resident = town.resident(head)
        answers = await asyncio.gather(
            *(
                resident.post(
                    path(application, "/confirmation"),
                    json=account(account_number=f"000000{digit}"),
                )
                for digit in range(4)
            )
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
        rows = await town.run_as_owner(
            "benefits",
            "SELECT id FROM benefits.bank_accounts WHERE tenant_id = $1",
            town.tenancy.tenant_id,
        )
        assert len(rows) == 1

    async def test_repeated_with_its_key_gives_the_same_answer(self, town: Town) -> None:
        head = householder()
        _, application = await town.offered(head)
        key = {"Idempotency-Key": str(new_id())}
        one, other = [
            await town.resident(head).post(
                path(application, "/confirmation"), json=account(), headers=key
            )
            for _ in range(2)
        ]
        assert (one.status_code, one.content) == (other.status_code, other.content)


class TestDecline:
    async def test_is_hidden_from_another_municipality(self, town: Town, other_town: Town) -> None:
        head = householder()
        _, application = await town.offered(head)
        refused = await other_town.resident(head).post(path(application, "/declination"))
        assert refusal(refused) == NOT_FOUND

    async def test_ends_the_application(self, town: Town) -> None:
        head = householder()
        _, application = await town.offered(head)
        declined = ok(await town.resident(head).post(path(application, "/declination")))
        assert declined["state"] == "declined"
        refused = await town.resident(head).post(path(application, "/confirmation"), json=account())
        assert refusal(refused) == (409, "benefits/application-state-conflict")
        assert refused.json()["state"] == "declined"


class TestChangeBankAccount:
    async def test_is_hidden_from_another_municipality(self, town: Town, other_town: Town) -> None:
        head = householder()
        _, application = await town.confirmed(head)
        refused = await other_town.resident(head).put(
            path(application, "/bank-account"), json=account(), headers={"If-Match": '"2"'}
        )
        assert refusal(refused) == NOT_FOUND

    async def test_replaces_the_account_that_was_read(self, town: Town) -> None:
        head = householder()
        _, application = await town.confirmed(head)
        read = await town.resident(head).get(path(application))
        match = {"If-Match": read.headers["ETag"]}
        changed = ok(
            await town.resident(head).put(
                path(application, "/bank-account"),
                json=account(account_number="0000777"),
                headers=match,
            )
        )
        assert changed["bank_account"]["account_number_masked"] == "****777"
        stale = await town.resident(head).put(
            path(application, "/bank-account"), json=account(), headers=match
        )
        assert refusal(stale) == (412, "platform/precondition-failed")

    async def test_has_nothing_to_replace_before_the_confirmation(self, town: Town) -> None:
        head = householder()
        _, application = await town.offered(head)
        refused = await town.resident(head).put(
            path(application, "/bank-account"), json=account(), headers={"If-Match": '"1"'}
        )
        assert refusal(refused) == (409, "benefits/application-state-conflict")


class TestRead:
    async def test_is_hidden_from_another_municipality(self, town: Town, other_town: Town) -> None:
        _, application = await town.offered(householder())
        assert refusal(await other_town.section.get(path(application))) == NOT_FOUND

    async def test_tells_the_section_what_to_look_at(self, town: Town) -> None:
        programme, _ = await town.confirmed(householder())
        _, application = await town.confirmed(
            householder(name_kana="ベツ ジン"), programme=programme
        )
        aid = ok(await town.section.get(path(application)))["assessment_aid"]
        assert aid == {
            "holder_is_beneficiary": False,
            "other_households_with_account": 1,
            "counts_protected_person": False,
        }

    async def test_leaves_an_entry_for_everybody_it_was_about(self, town: Town) -> None:
        head, member = householder(), Person()
        _, application = await town.offered(head, member)
        ok(await town.section.get(path(application)))
        rows = await town.run_as_owner(
            "audit",
            "SELECT s.subject_id FROM audit.entries e JOIN audit.entry_subjects s"
            " ON s.tenant_id = e.tenant_id AND s.entry_id = e.id"
            " WHERE e.tenant_id = $1 AND e.action = 'benefits.application.read'",
            town.tenancy.tenant_id,
        )
        assert {row["subject_id"] for row in rows} == {head.id, member.id}

    @pytest.mark.parametrize("role", [Role.TREASURER, Role.REGISTRAR, Role.COUNSELLOR])
    async def test_is_not_for_other_duties(self, town: Town, role: Role) -> None:
        _, application = await town.offered(householder())
        assert refusal(await town.official(role).get(path(application)))[0] == 403


class TestList:
    async def test_is_hidden_from_another_municipality(self, town: Town, other_town: Town) -> None:
        await town.offered(householder())
        assert ok(await other_town.section.get("/benefits/v1/applications"))["items"] == []

    async def test_finds_by_programme_and_state(self, town: Town) -> None:
        programme, offered = await town.offered(householder())
        _, confirmed = await town.confirmed(householder(), programme=programme)
        other, _ = await town.offered(householder())

        async def found(query: str) -> set[str]:
            read = ok(await town.section.get(f"/benefits/v1/applications?{query}"))
            return {str(item["id"]) for item in read["items"]}

        assert await found(f"programme_id={programme}&state=confirmed") == {confirmed}
        assert await found(f"programme_id={programme}&state=offered") == {offered}
        assert await found("state=confirmed") == {confirmed}
        assert {offered, confirmed} <= await found(f"programme_id={programme}")
        assert len(await found("limit=200")) == 5
        assert len(await found(f"programme_id={other}")) == 3

    async def test_gives_every_application_once_page_by_page(self, town: Town) -> None:
        programme = await town.published()
        for _ in range(5):
            await town.household(householder())
        ok(await town.section.post(f"/benefits/v1/programmes/{programme}/roster"))
        seen: list[str] = []
        cursor = ""
        while True:
            page = ok(
                await town.section.get(
                    f"/benefits/v1/programmes/{programme}/roster?limit=2{cursor}"
                )
            )
            seen += [item["id"] for item in page["items"]]
            if not page["has_more"]:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert len(seen) == len(set(seen)) == 5


class TestRoster:
    async def test_is_hidden_from_another_municipality(self, town: Town, other_town: Town) -> None:
        programme, _ = await town.offered(householder())
        refused = await other_town.section.get(f"/benefits/v1/programmes/{programme}/roster")
        assert refusal(refused) == (404, "benefits/programme-not-found")

    async def test_names_the_reason_for_each_household(self, town: Town) -> None:
        programme, _ = await town.offered(householder(), Person())
        (entry,) = ok(await town.section.get(f"/benefits/v1/programmes/{programme}/roster"))[
            "items"
        ]
        assert "世帯の2人全員" in entry["reason"]
        assert (entry["member_count"], entry["rule_version"]) == (2, 1)
