"""Programmes over HTTP, on a real database."""

import pytest

from foundation.identifiers import new_id
from foundation.identity import Role
from tests.services.benefits.town import Town, ok, refusal, terms
from tests.support.callers import a_machine

PATH = "/benefits/v1/programmes"


class TestDefine:
    async def test_is_hidden_from_another_municipality(self, town: Town, other_town: Town) -> None:
        made = ok(await town.section.post(PATH, json=terms()))
        assert refusal(await other_town.section.get(f"{PATH}/{made['id']}")) == (
            404,
            "benefits/programme-not-found",
        )
        assert ok(await other_town.section.get(PATH))["items"] == []

    async def test_enters_a_draft_that_only_officials_see(self, town: Town) -> None:
        made = ok(await town.section.post(PATH, json=terms()))
        assert (made["state"], made["version"]) == ("draft", 1)
        assert refusal(await town.resident(None).get(f"{PATH}/{made['id']}"))[0] == 404
        machine = town.client.as_(a_machine(), tenancy=town.tenancy)
        assert refusal(await machine.get(f"{PATH}/{made['id']}"))[0] == 404
        assert ok(await machine.get(PATH))["items"] == []

    async def test_gives_a_code_once(self, town: Town, other_town: Town) -> None:
        given = terms()
        ok(await town.section.post(PATH, json=given))
        taken = await town.section.post(PATH, json=given)
        assert refusal(taken) == (409, "benefits/programme-code-taken")
        ok(await other_town.section.post(PATH, json=given))

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("amount_per_household_yen", "30000"),
            ("amount_per_household_yen", 0),
            ("amount_per_household_yen", 1.5),
            ("reference_on", "2026/06/01"),
            ("condition", "household_happy"),
            ("code", "物価"),
            ("name", " "),
            ("colour", "red"),
        ],
    )
    async def test_refuses_what_is_not_exactly_so(
        self, town: Town, field: str, value: object
    ) -> None:
        refused = await town.section.post(PATH, json=terms(**{field: value}))
        assert refusal(refused) == (422, "platform/invalid-input")
        assert [fault["pointer"] for fault in refused.json()["errors"]] == [f"/{field}"]

    async def test_refuses_contradicting_days_all_at_once(self, town: Town) -> None:
        refused = await town.section.post(
            PATH, json=terms(application_from="2020-01-01", application_until="2019-01-01")
        )
        assert [fault["pointer"] for fault in refused.json()["errors"]] == [
            "/application_until",
            "/application_from",
        ]

    @pytest.mark.parametrize("role", [Role.CLERK, Role.TREASURER, Role.ADMINISTRATOR])
    async def test_is_the_sections_own(self, town: Town, role: Role) -> None:
        assert refusal(await town.official(role).post(PATH, json=terms()))[0] == 403


class TestPublish:
    async def test_is_hidden_from_another_municipality(self, town: Town, other_town: Town) -> None:
        made = ok(await town.section.post(PATH, json=terms()))
        refused = await other_town.section.post(f"{PATH}/{made['id']}/publication")
        assert refusal(refused) == (404, "benefits/programme-not-found")

    async def test_makes_the_terms_final(self, town: Town) -> None:
        programme = await town.published()
        read = await town.section.get(f"{PATH}/{programme}")
        changed = await town.section.put(
            f"{PATH}/{programme}", json=terms(), headers={"If-Match": read.headers["ETag"]}
        )
        assert refusal(changed) == (409, "benefits/programme-state-conflict")

    async def test_shows_it_to_residents_and_machines(self, town: Town) -> None:
        programme = await town.published()
        machine = town.client.as_(a_machine(), tenancy=town.tenancy)
        for reader in (machine, town.resident(None)):
            assert ok(await reader.get(f"{PATH}/{programme}"))["state"] == "published"

    async def test_happens_once(self, town: Town) -> None:
        programme = await town.published()
        again = await town.section.post(f"{PATH}/{programme}/publication")
        assert refusal(again) == (409, "benefits/programme-state-conflict")


class TestRedefine:
    async def test_is_hidden_from_another_municipality(self, town: Town, other_town: Town) -> None:
        made = ok(await town.section.post(PATH, json=terms()))
        refused = await other_town.section.put(
            f"{PATH}/{made['id']}", json=terms(), headers={"If-Match": '"1"'}
        )
        assert refusal(refused) == (404, "benefits/programme-not-found")

    async def test_replaces_the_version_that_was_read(self, town: Town) -> None:
        made = await town.section.post(PATH, json=terms())
        path = f"{PATH}/{made.json()['id']}"
        changed = ok(
            await town.section.put(
                path,
                json=terms(amount_per_household_yen=50_000),
                headers={"If-Match": made.headers["ETag"]},
            )
        )
        assert (changed["version"], changed["amount_per_household_yen"]) == (2, 50_000)
        stale = await town.section.put(
            path, json=terms(), headers={"If-Match": made.headers["ETag"]}
        )
        assert refusal(stale) == (412, "platform/precondition-failed")

    async def test_asks_which_version_is_meant(self, town: Town) -> None:
        made = ok(await town.section.post(PATH, json=terms()))
        refused = await town.section.put(f"{PATH}/{made['id']}", json=terms())
        assert refusal(refused) == (428, "platform/precondition-required")


class TestClose:
    async def test_is_hidden_from_another_municipality(self, town: Town, other_town: Town) -> None:
        programme = await town.published()
        refused = await other_town.section.post(f"{PATH}/{programme}/closure")
        assert refusal(refused) == (404, "benefits/programme-not-found")

    async def test_ends_the_taking_of_answers(self, town: Town) -> None:
        programme = await town.published()
        assert ok(await town.section.post(f"{PATH}/{programme}/closure"))["state"] == "closed"
        refused = await town.section.post(f"{PATH}/{programme}/roster")
        assert refusal(refused) == (409, "benefits/programme-state-conflict")


class TestList:
    async def test_gives_every_programme_once_page_by_page(self, town: Town) -> None:
        made = [ok(await town.section.post(PATH, json=terms()))["id"] for _ in range(5)]
        seen: list[str] = []
        cursor = ""
        while True:
            page = ok(await town.section.get(f"{PATH}?limit=2{cursor}"))
            seen += [programme["id"] for programme in page["items"]]
            if not page["has_more"]:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert seen == made[::-1]

    async def test_refuses_a_cursor_it_did_not_give_out(self, town: Town) -> None:
        assert refusal(await town.section.get(f"{PATH}?cursor=abc"))[0] == 400


class TestRead:
    async def test_is_hidden_from_another_municipality(self, town: Town, other_town: Town) -> None:
        programme = await town.published()
        refused = await other_town.resident(None).get(f"{PATH}/{programme}")
        assert refusal(refused) == (404, "benefits/programme-not-found")

    async def test_knows_only_what_exists(self, town: Town) -> None:
        refused = await town.section.get(f"{PATH}/{new_id()}")
        assert refusal(refused) == (404, "benefits/programme-not-found")
