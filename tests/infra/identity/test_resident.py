"""A resident signs in with a card, and every card that must not open anything does not."""

import json
import re
from datetime import timedelta

import httpx
import pytest

from tests.infra.identity.world import CALLBACK, RESIDENT, World, answer_of, card, write_lists
from tests.support.simulator import SignInRefused, give_up, present_card, read_page


class TestSigningIn:
    async def test_gives_the_client_a_code_its_state_and_the_issuers_name(
        self, world: World
    ) -> None:
        client = world.resident_client()
        callback = await present_card(
            world.browser, client.authorization_url(), card_id="hanako", pin="1234"
        )
        answer = answer_of(callback)
        assert callback.startswith(f"{CALLBACK}?")
        assert answer.keys() == {"code", "state", "session_state", "iss"}
        assert (answer["state"], answer["iss"]) == ("state-of-the-session", RESIDENT)

    async def test_gives_an_id_token_that_says_who_how_and_for_whom(self, world: World) -> None:
        client = world.resident_client()
        tokens = (await client.redeem(await client.code_by_card())).json()
        claims = await client.id_token(tokens["id_token"])
        now = int(world.clock().timestamp())
        assert claims["iss"] == RESIDENT
        assert claims["aud"] == claims["azp"] == "tamaire-012084"
        assert claims["nonce"] == "nonce-of-the-session"
        assert claims["acr"] == "aal3"
        assert claims["amr"] == ["hwk", "pin"]
        assert claims["auth_time"] == claims["iat"] == now
        assert now < claims["exp"] <= now + 300

    async def test_keeps_the_four_attributes_out_of_the_id_token(self, world: World) -> None:
        client = world.resident_client()
        code = await client.code_by_card(scope="openid name address birthdate gender")
        claims = await client.id_token((await client.redeem(code)).json()["id_token"])
        assert claims.keys().isdisjoint({"name", "address", "birthdate", "gender"})

    async def test_gives_the_four_attributes_at_userinfo_as_the_app_writes_them(
        self, world: World
    ) -> None:
        client = world.resident_client()
        code = await client.code_by_card(scope="openid name address birthdate gender")
        tokens = (await client.redeem(code)).json()
        found = (await client.userinfo(tokens["access_token"])).json()
        assert found.pop("sub") == (await client.id_token(tokens["id_token"]))["sub"]
        assert found == {
            "name": "北見 花子",
            "address": "北海道北見市大通西三丁目1番地1",
            "birthdate": "19850315",
            "gender": "2",
        }

    async def test_gives_only_the_attributes_that_were_asked_for(self, world: World) -> None:
        client = world.resident_client()
        tokens = (await client.redeem(await client.code_by_card(scope="openid gender"))).json()
        found = (await client.userinfo(tokens["access_token"])).json()
        assert found.keys() == {"sub", "gender"}

    async def test_knows_a_person_by_one_name_per_client(self, world: World) -> None:
        subjects: list[str] = []
        for code in ("012084", "012084", "302082"):
            client = world.resident_client(code)
            tokens = (await client.redeem(await client.code_by_card())).json()
            subjects.append((await client.id_token(tokens["id_token"]))["sub"])
        assert subjects[0] == subjects[1]
        assert subjects[0] != subjects[2]
        assert "hanako" not in subjects[0]

    async def test_keeps_that_name_over_a_restart(self, world: World) -> None:
        client = world.resident_client()
        first = (await client.redeem(await client.code_by_card())).json()
        before = (await client.id_token(first["id_token"]))["sub"]
        world.start()
        second = (await client.redeem(await client.code_by_card())).json()
        assert (await client.id_token(second["id_token"]))["sub"] == before

    async def test_sees_a_card_added_while_running(self, world: World) -> None:
        write_lists(world.directory, [card("newcomer")])
        assert await world.resident_client().code_by_card("newcomer")

    async def test_tells_the_client_that_the_person_gave_up(self, world: World) -> None:
        callback = await give_up(world.browser, world.resident_client().authorization_url())
        answer = answer_of(callback)
        assert (answer["error"], answer["state"]) == ("access_denied", "state-of-the-session")


REFUSED_CARDS = {
    "expired": "電子証明書の有効期限が切れています。",
    "revoked": "電子証明書は失効しています。",
    "locked": "このカードの暗証番号はロックされています。",
    "wrong-policy": "利用者証明用の電子証明書ではありません。",
    "wrong-root": "このカードの電子証明書を確認できません。",
    "weak-key": "このカードの電子証明書を確認できません。",
    "wrong-key": "このカードの電子証明書を確認できません。",
}


class TestRefusedCards:
    @pytest.mark.parametrize("card_id", REFUSED_CARDS)
    async def test_open_nothing_though_the_pin_is_right(self, world: World, card_id: str) -> None:
        with pytest.raises(SignInRefused) as refused:
            await world.resident_client().code_by_card(card_id)
        assert (refused.value.status, str(refused.value)) == (403, REFUSED_CARDS[card_id])

    async def test_turn_bad_when_five_years_have_passed(self, world: World) -> None:
        assert await world.resident_client().code_by_card()
        world.clock.turn(timedelta(days=5 * 366))
        with pytest.raises(SignInRefused, match="有効期限"):
            await world.resident_client().code_by_card()

    async def test_turn_bad_when_revoked_while_the_simulator_runs(self, world: World) -> None:
        assert await world.resident_client().code_by_card()
        write_lists(world.directory, [card("hanako", condition="revoked")])
        with pytest.raises(SignInRefused, match="失効"):
            await world.resident_client().code_by_card()

    async def test_leave_the_way_back_to_the_service_open(self, world: World) -> None:
        page = await world.browser.get(world.resident_client().authorization_url())
        hidden = read_page(page.text).forms[0].hidden
        refused = await world.browser.post(
            "/resident/present-card", data=hidden | {"card_id": "revoked", "pin": "1234"}
        )
        back = read_page(refused.text).form("/cancel")
        answer = await world.browser.post(back.action, data=back.hidden)
        assert answer_of(answer.headers["location"])["error"] == "access_denied"


class TestPin:
    async def present(self, world: World, pin: str) -> str:
        url = world.resident_client().authorization_url()
        return await present_card(world.browser, url, card_id="hanako", pin=pin)

    async def test_says_how_many_tries_remain(self, world: World) -> None:
        with pytest.raises(SignInRefused, match="あと2回") as refused:
            await self.present(world, "0000")
        assert refused.value.status == 422

    async def test_locks_after_three_wrong_ones_even_for_the_right_one(self, world: World) -> None:
        for pin, message in (("0000", "あと2回"), ("1111", "あと1回"), ("2222", "ロック")):
            with pytest.raises(SignInRefused, match=message):
                await self.present(world, pin)
        with pytest.raises(SignInRefused, match="ロックされています"):
            await self.present(world, "1234")

    async def test_stays_locked_over_a_restart(self, world: World) -> None:
        for pin in ("0000", "1111", "2222"):
            with pytest.raises(SignInRefused):
                await self.present(world, pin)
        world.start()
        with pytest.raises(SignInRefused, match="ロックされています"):
            await self.present(world, "1234")

    async def test_starts_counting_anew_after_the_right_one(self, world: World) -> None:
        for _ in range(2):
            for pin in ("0000", "1111"):
                with pytest.raises(SignInRefused):
                    await self.present(world, pin)
            assert await self.present(world, "1234")

    @pytest.mark.parametrize("pin", ["", "123", "12345", "１２３４", "1234 ", "' or 1=1"])
    async def test_takes_nothing_but_the_four_digits(self, world: World, pin: str) -> None:
        with pytest.raises(SignInRefused, match="暗証番号が違います"):
            await self.present(world, pin)


class TestForms:
    async def post(self, world: World, data: dict[str, str]) -> httpx.Response:
        return await world.browser.post("/resident/present-card", data=data)

    async def hidden(self, world: World) -> dict[str, str]:
        page = await world.browser.get(world.resident_client().authorization_url())
        return read_page(page.text).forms[0].hidden

    async def test_ask_again_when_no_card_was_chosen(self, world: World) -> None:
        answer = await self.post(world, await self.hidden(world) | {"pin": "1234"})
        assert answer.status_code == 422
        assert read_page(answer.text).message == "カードを選んでください。"

    async def test_are_refused_when_they_belong_to_no_sign_in(self, world: World) -> None:
        answer = await self.post(world, {"transaction": "x", "card_id": "hanako", "pin": "1234"})
        assert (answer.status_code, answer.headers.get("location")) == (400, None)

    async def test_are_refused_after_ten_minutes(self, world: World) -> None:
        hidden = await self.hidden(world)
        world.clock.turn(timedelta(minutes=10))
        answer = await self.post(world, hidden | {"card_id": "hanako", "pin": "1234"})
        assert answer.status_code == 400

    async def test_count_once(self, world: World) -> None:
        data = await self.hidden(world) | {"card_id": "hanako", "pin": "1234"}
        answers = [await self.post(world, data) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [303, 400]

    async def test_of_another_issuer_are_refused(self, world: World) -> None:
        hidden = await self.hidden(world)
        answer = await world.browser.post(
            "/officials/012084/sign-in",
            data=hidden | {"username": "clerk", "password": "clerk-password"},
        )
        assert answer.status_code == 400

    async def test_larger_than_they_can_be_are_refused(self, world: World) -> None:
        answer = await self.post(world, {"transaction": "x" * 20_000})
        assert answer.status_code == 400

    async def test_of_another_media_type_are_refused(self, world: World) -> None:
        answer = await world.browser.post("/resident/present-card", json={"transaction": "x"})
        assert answer.status_code == 400


class TestPages:
    async def test_load_no_script_and_nothing_from_elsewhere(self, world: World) -> None:
        page = await world.browser.get(world.resident_client().authorization_url())
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "form-action 'self' http://gateway.test " in policy
        assert "unsafe" not in policy
        assert "<script" not in page.text
        assert not re.search(r"\s(style|on[a-z]+)=", page.text)
        assert page.headers["cache-control"] == "no-store"

    async def test_never_show_a_pin(self, world: World) -> None:
        page = await world.browser.get(world.resident_client().authorization_url())
        assert "ABC123" not in page.text
        assert "1234" not in page.text.replace("tamaire-012084", "")

    async def test_show_what_is_wrong_with_a_card(self, world: World) -> None:
        page = await world.browser.get(world.resident_client().authorization_url())
        for condition in ("有効期限切れ", "失効", "暗証番号ロック"):
            assert condition in page.text

    async def test_escape_what_the_lists_say(self, world: World) -> None:
        write_lists(world.directory, [card("hanako", name="<script>alert(1)</script>")])
        page = await world.browser.get(world.resident_client().authorization_url())
        assert "<script>" not in page.text
        assert "&lt;script&gt;" in page.text

    async def test_name_their_language_and_every_field(self, world: World) -> None:
        page = await world.browser.get(world.resident_client().authorization_url())
        assert '<html lang="ja">' in page.text
        assert '<label class="field" for="pin">' in page.text


class TestSecrets:
    async def test_lie_in_files_only_their_owner_reads(self, world: World) -> None:
        await world.resident_client().code_by_card("taro")
        secret = [
            *world.directory.glob("keys/*"),
            *world.directory.glob("cards/*/*.key"),
            *world.directory.glob("jpki/*/key.pem"),
        ]
        assert len(secret) >= 5
        assert {path.stat().st_mode & 0o777 for path in secret} == {0o600}

    async def test_are_not_among_the_published_keys(self, world: World) -> None:
        published = await world.browser.get(world.resident_client().endpoint("certs"))
        assert all("d" not in key for key in published.json()["keys"])
        assert json.loads(published.content)["keys"][0]["kty"] == "EC"
