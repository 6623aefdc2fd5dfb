"""The question on its way: asked of the right person, once, and answered only from its own page."""

import re
from datetime import timedelta

import pytest

from foundation import clock
from foundation.audit import entries_of_tenant
from tests.gateway.consent.conftest import Application
from tests.support.forgery import claims_of
from tests.support.front_door import ISSUER, FrontDoor, query_of


class TestAsking:
    async def test_asks_before_it_gives_a_code(self, application: Application) -> None:
        landed = await application.lands()
        location = landed.headers["location"]
        assert location.startswith(f"{ISSUER}/oauth/consent?request=012084.")
        assert "code" not in query_of(location)

    async def test_asks_nobody_for_the_house_s_own_front_ends(self, door: FrontDoor) -> None:
        assert (await door.code()).startswith("012084.")

    async def test_asks_no_official_who_acts_for_the_municipality(
        self, application: Application
    ) -> None:
        door = application.door
        left = await door.authorize(
            client_id=application.name, scope="openid", identity_provider="official"
        )
        answer = door.official_provider(door.tenancies.kitami).approve(
            left.headers["location"], subject="clerk1", says={"groups": ["clerk"]}
        )
        await application.is_a("third_party")
        landed = await door.callback(**answer)
        assert "code" in query_of(landed.headers["location"])

    async def test_ties_the_question_to_the_browser(self, application: Application) -> None:
        landed = await application.lands()
        cookie = next(
            text
            for text in landed.headers.get_list("set-cookie")
            if text.startswith("tamaire-consent-")
        )
        assert "HttpOnly" in cookie
        assert "Path=/oauth/consent" in cookie
        assert "SameSite=lax" in cookie

    async def test_shows_it_to_no_other_browser(self, application: Application) -> None:
        request = await application.asked()
        application.door.http.cookies.clear()
        assert (await application.page(request)).status_code == 400
        answered = await application.answers(request, "all")
        assert answered.status_code == 400

    async def test_shows_it_in_no_other_municipality(self, application: Application) -> None:
        request = await application.asked()
        page = await application.page("302082" + request[6:])
        assert page.status_code == 400

    async def test_shows_it_for_ten_minutes(self, application: Application) -> None:
        request = await application.asked()
        with clock.frozen(clock.now() + timedelta(minutes=10, seconds=1)):
            assert (await application.page(request)).status_code == 400
            assert (await application.answers(request, "all")).status_code == 400

    async def test_does_not_ask_for_an_application_suspended_meanwhile(
        self, application: Application
    ) -> None:
        request = await application.asked()
        await application.door.as_owner(
            "UPDATE platform.clients SET status = 'suspended' WHERE client_id = $1",
            application.name,
        )
        assert (await application.answers(request, "all")).status_code == 400


class TestPage:
    async def test_says_who_asks_where_and_for_what(self, application: Application) -> None:
        page = await application.page(await application.asked())
        assert page.status_code == 200
        for words in (
            "写真&lt;b&gt;アプリ",
            "北見市",
            "生年月日・家族",
            "給付金",
            "127.0.0.1:8200",
        ):
            assert words in page.text

    async def test_names_the_provider_of_the_application(self, application: Application) -> None:
        await application.door.as_owner(
            "WITH made AS (INSERT INTO platform.vendors (organization_name, contacts)"
            " VALUES ('写真 & 印刷 株式会社', '{a@example.jp}') RETURNING id)"
            " UPDATE platform.clients SET owner = made.id FROM made WHERE client_id = $1",
            application.name,
        )
        page = await application.page(await application.asked())
        named = "写真 &amp; 印刷 株式会社<br><small>アプリが名乗っている名前です</small>"
        assert named in page.text

    async def test_lets_no_foreign_word_become_markup(self, application: Application) -> None:
        page = await application.page(await application.asked())
        assert "<b>" not in page.text

    async def test_allows_no_script_and_no_frame(self, application: Application) -> None:
        page = await application.page(await application.asked())
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert f"form-action 'self' {ISSUER}" in policy
        assert page.headers["x-frame-options"] == "DENY"
        assert page.headers["cache-control"] == "no-store"
        assert re.search(r"<script|style=|\son[a-z]+=", page.text) is None

    async def test_ticks_nothing_for_anybody(self, application: Application) -> None:
        page = await application.page(await application.asked())
        assert " checked" not in page.text

    async def test_labels_every_box(self, application: Application) -> None:
        page = await application.page(await application.asked())
        boxes = re.findall(r'<input type="checkbox" id="([^"]+)"', page.text)
        labels = re.findall(r'<label for="([^"]+)"', page.text)
        assert boxes == labels
        assert len(boxes) == 2

    async def test_speaks_english_to_who_asks_for_it(self, application: Application) -> None:
        request = await application.asked()
        japanese = await application.page(request)
        assert '<html lang="ja">' in japanese.text
        assert 'lang="en" hreflang="en"' in japanese.text
        english = await application.page(request, **{"Accept-Language": "en-GB,en;q=0.9"})
        assert '<html lang="en">' in english.text
        assert "Do you allow" in english.text

    async def test_tells_a_person_on_a_page_and_a_program_in_a_document(
        self, application: Application
    ) -> None:
        shown = await application.page("012084." + "a" * 43)
        assert shown.headers["content-type"].startswith("text/html")
        assert "もう一度サインイン" in shown.text
        told = await application.page("012084." + "a" * 43, Accept="application/json")
        assert told.json()["type"] == "/problems/platform/consent-request-not-found"


class TestAnswer:
    async def test_a_yes_leads_to_a_code_for_what_was_asked(self, application: Application) -> None:
        answered = await application.answers(await application.asked(), "all")
        location = answered.headers["location"]
        assert answered.status_code == 303
        assert query_of(location)["state"] == "client-state"
        assert query_of(location)["iss"] == ISSUER
        tokens = (await application.redeem(location)).json()
        assert tokens["scope"] == "benefits:read openid registry:read"

    async def test_a_yes_to_a_part_gives_that_part(self, application: Application) -> None:
        request = await application.asked()
        answered = await application.answers(request, "chosen", "benefits:read")
        tokens = (await application.redeem(answered.headers["location"])).json()
        assert tokens["scope"] == "benefits:read openid"
        again = (
            await application.door.refresh(tokens["refresh_token"], client_id=application.name)
        ).json()
        assert again["scope"] == "benefits:read openid"

    async def test_gives_nothing_that_was_not_on_the_page(self, application: Application) -> None:
        request = await application.asked()
        answered = await application.answers(request, "chosen", "benefits:read", "benefits:write")
        tokens = (await application.redeem(answered.headers["location"])).json()
        assert "benefits:write" not in tokens["scope"]

    async def test_a_no_is_told_to_the_application_and_ends_the_sign_in(
        self, application: Application
    ) -> None:
        answered = await application.answers(await application.asked(), "refuse")
        said = query_of(answered.headers["location"])
        assert (said["error"], said["state"]) == ("access_denied", "client-state")
        assert "code" not in said

    async def test_silence_is_no_yes(self, application: Application) -> None:
        request = await application.asked()
        answered = await application.answers(request, "chosen")
        assert answered.status_code == 422
        assert 'role="alert"' in answered.text
        assert "エラー：" in answered.text
        again = await application.answers(request, "chosen", "benefits:read")
        assert again.status_code == 303, "the question must still be open"

    async def test_takes_no_second_answer(self, application: Application) -> None:
        request = await application.asked()
        await application.answers(request, "refuse")
        assert (await application.answers(request, "all")).status_code == 400

    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ],
        ids=["another origin", "a hidden origin", "another site", "a neighbour of ours"],
    )
    async def test_takes_no_answer_from_another_site(
        self, application: Application, headers: dict[str, str]
    ) -> None:
        request = await application.asked()
        answered = await application.answers(request, "all", **headers)
        assert answered.json()["type"] == "/problems/platform/foreign-form"
        assert (await application.answers(request, "refuse")).status_code == 303

    async def test_takes_no_answer_it_cannot_read(self, application: Application) -> None:
        request = await application.asked()
        assert (await application.answers(request, "perhaps")).status_code == 400
        twice = await application.door.http.post(
            "/oauth/consent", data={"request": [request, request], "decision": "all"}
        )
        assert twice.status_code == 400
        as_json = await application.door.http.post("/oauth/consent", json={"request": request})
        assert as_json.status_code == 400

    async def test_takes_the_cookie_away_as_it_was_given(self, application: Application) -> None:
        answered = await application.answers(await application.asked(), "all")
        (cookie,) = answered.headers.get_list("set-cookie")
        assert "Max-Age=0" in cookie
        assert "Path=/oauth/consent" in cookie


class TestRemembering:
    async def test_does_not_ask_the_same_again(self, application: Application) -> None:
        await application.answers(await application.asked(), "all")
        landed = await application.lands()
        assert "code" in query_of(landed.headers["location"])

    async def test_remembers_what_was_not_agreed_to(self, application: Application) -> None:
        await application.answers(await application.asked(), "chosen", "benefits:read")
        landed = await application.lands()
        tokens = (await application.redeem(landed.headers["location"])).json()
        assert tokens["scope"] == "benefits:read openid"

    async def test_asks_again_when_more_is_wanted(self, application: Application) -> None:
        await application.answers(await application.asked(), "all")
        assert await application.asked(scope="openid registry:read benefits:read benefits:write")

    async def test_asks_again_after_a_year(self, application: Application) -> None:
        await application.answers(await application.asked(), "all")
        with clock.frozen(clock.now() + timedelta(days=366)):
            assert await application.asked()

    async def test_asks_again_after_a_no(self, application: Application) -> None:
        await application.answers(await application.asked(), "refuse")
        assert await application.asked()

    async def test_asks_everybody_for_themselves(self, application: Application) -> None:
        await application.answers(await application.asked(), "all")
        assert await application.asked(subject="taro")

    async def test_asks_in_every_municipality_anew(self, application: Application) -> None:
        await application.answers(await application.asked(), "all")
        landed = await application.lands(tenancy=application.door.tenancies.kinokawa)
        assert "/oauth/consent?request=302082." in landed.headers["location"]


class TestTrail:
    async def test_leaves_what_was_agreed_to_and_by_whom(self, application: Application) -> None:
        answered = await application.answers(await application.asked(), "chosen", "benefits:read")
        tokens = (await application.redeem(answered.headers["location"])).json()
        door = application.door
        async with door.state.database.transaction(door.tenancies.kitami) as work:
            entries = await entries_of_tenant(work)
        given = next(e for e in entries if e["action"] == "platform.consent.given")
        assert given["actor"] == claims_of(tokens["access_token"])["sub"]
        assert "benefits:read" in str(given["detail"])
