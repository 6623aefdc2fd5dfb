"""An official signs in at the provider of the own municipality, and at no other."""

import pytest

from tests.infra.identity.world import BASE, CALLBACK, KITAMI, World, answer_of
from tests.support.simulator import SignInRefused, give_up, sign_in_official

WRONG = "利用者名かパスワードが違います。"
PASSWORD = "clerk-password"
LOCKED = "この利用者はロックされています。"


async def sign_in(
    world: World, *, username: str = "clerk", password: str = PASSWORD, code: str = "012084"
) -> str:
    url = world.official_client(code).authorization_url()
    return await sign_in_official(world.browser, url, username=username, password=password)


class TestSigningIn:
    async def test_goes_back_to_the_client_with_the_issuers_own_name(self, world: World) -> None:
        callback = await sign_in(world)
        assert callback.startswith(CALLBACK)
        assert answer_of(callback)["iss"] == KITAMI

    async def test_tells_name_account_and_groups(self, world: World) -> None:
        client = world.official_client()
        tokens = (await client.redeem(await client.code_by_password())).json()
        claims = await client.id_token(tokens["id_token"])
        expected = {
            "name": "窓口 係子",
            "preferred_username": "clerk",
            "groups": ["clerk", "registrar"],
        }
        assert {name: claims[name] for name in expected} == expected
        assert (claims["acr"], claims["amr"]) == ("aal1", ["pwd"])
        told = (await client.userinfo(tokens["access_token"])).json()
        assert told == expected | {"sub": claims["sub"]}

    async def test_calls_the_same_account_elsewhere_another_person(self, world: World) -> None:
        first = world.official_client()
        tokens = (await first.redeem(await first.code_by_password())).json()
        here = (await first.id_token(tokens["id_token"]))["sub"]
        other = world.official_client("302082")
        callback = await sign_in(world, password="other-password", code="302082")
        tokens = (await other.redeem(answer_of(callback)["code"])).json()
        assert (await other.id_token(tokens["id_token"]))["sub"] != here

    async def test_takes_the_issuer_as_audience_of_the_assertion_too(self, world: World) -> None:
        client = world.official_client()
        code = await client.code_by_password()
        answer = await client.redeem(
            code, client_assertion=client.assertion(claims={"aud": KITAMI})
        )
        assert answer.status_code == 200

    async def test_can_be_given_up(self, world: World) -> None:
        callback = await give_up(world.browser, world.official_client().authorization_url())
        assert answer_of(callback)["error"] == "access_denied"


class TestRefusals:
    @pytest.mark.parametrize(
        ("username", "password"),
        [
            ("clerk", "wrong"),
            ("clerk", ""),
            ("clerk", "other-password"),
            ("nobody", "clerk-password"),
            ("", "clerk-password"),
            ("CLERK", "clerk-password"),
            ("a/b", "clerk-password"),
        ],
    )
    async def test_say_the_same_of_a_wrong_name_and_a_wrong_password(
        self, world: World, username: str, password: str
    ) -> None:
        with pytest.raises(SignInRefused) as refused:
            await sign_in(world, username=username, password=password)
        assert (refused.value.status, str(refused.value)) == (422, WRONG)

    async def test_hold_for_a_colleague_of_another_municipality(self, world: World) -> None:
        with pytest.raises(SignInRefused, match=WRONG):
            await sign_in(world, code="302082")

    async def test_hold_for_the_code_of_another_municipality(self, world: World) -> None:
        code = await world.official_client().code_by_password()
        answer = await world.official_client("302082").redeem(code)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")

    async def test_hold_for_the_token_of_another_municipality(self, world: World) -> None:
        client = world.official_client()
        tokens = (await client.redeem(await client.code_by_password())).json()
        answer = await world.official_client("302082").userinfo(tokens["access_token"])
        assert answer.status_code == 401

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/.well-known/openid-configuration"),
            ("GET", "/protocol/openid-connect/auth"),
            ("GET", "/protocol/openid-connect/certs"),
            ("POST", "/protocol/openid-connect/token"),
            ("POST", "/sign-in"),
            ("POST", "/cancel"),
        ],
    )
    async def test_hold_for_a_municipality_without_officials(
        self, world: World, method: str, path: str
    ) -> None:
        answer = await world.browser.request(method, f"{BASE}/officials/131016{path}")
        assert answer.status_code == 404


class TestLock:
    async def fail(self, world: World, times: int, username: str = "clerk") -> None:
        for _ in range(times):
            with pytest.raises(SignInRefused, match=WRONG):
                await sign_in(world, username=username, password="wrong")

    async def test_falls_after_ten_wrong_passwords(self, world: World) -> None:
        await self.fail(world, 10)
        with pytest.raises(SignInRefused, match=LOCKED) as refused:
            await sign_in(world)
        assert refused.value.status == 403

    async def test_survives_a_restart(self, world: World) -> None:
        await self.fail(world, 10)
        world.start()
        with pytest.raises(SignInRefused, match=LOCKED):
            await sign_in(world)

    async def test_does_not_fall_when_the_tenth_is_right(self, world: World) -> None:
        await self.fail(world, 9)
        assert await sign_in(world)
        await self.fail(world, 9)
        assert await sign_in(world)

    async def test_falls_alike_for_names_nobody_has(self, world: World) -> None:
        await self.fail(world, 10, username="nobody")
        with pytest.raises(SignInRefused, match=LOCKED):
            await sign_in(world, username="nobody")

    async def test_does_not_reach_the_namesake_of_another_municipality(self, world: World) -> None:
        await self.fail(world, 10)
        assert await sign_in(world, password="other-password", code="302082")
