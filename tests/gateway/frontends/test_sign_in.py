"""How a browser comes by its session, from the link to the cookie, and what is not let in."""

import math
from collections import Counter

import pytest

from tests.gateway.frontends.conftest import COOKIE, HOME, PORTAL, FrontEnd
from tests.support.front_door import ISSUER, PROVIDERS, query_of


class TestSignIn:
    async def test_leads_to_the_provider_and_back_to_the_page(self, front_end: FrontEnd) -> None:
        left = await front_end.leaves()
        assert left.headers["location"].startswith(f"{PROVIDERS}/resident/")
        back = await front_end.returns(left)
        assert back.headers["location"].startswith(f"{ISSUER}/session/callback?")
        done = await front_end.door.http.get(back.headers["location"])
        assert done.headers["location"] == HOME

    async def test_gives_the_browser_no_token(self, front_end: FrontEnd) -> None:
        done = await front_end.signs_in()
        told = done.text + str(done.headers) + (await front_end.session()).text
        assert "eyJ" not in told

    @pytest.mark.parametrize(
        ("changes", "problem"),
        [
            ({"client_id": None}, "unknown-client"),
            ({"client_id": "nobody"}, "unknown-client"),
            ({"client_id": "demo-vendor"}, "unknown-client"),
            ({"return_to": None}, "return-not-registered"),
            ({"return_to": "https://evil.example/"}, "return-not-registered"),
            ({"return_to": f"{PORTAL}.evil.example/"}, "return-not-registered"),
            ({"municipality_code": None}, "municipality-required"),
            ({"municipality_code": "999999"}, "municipality-not-found"),
        ],
    )
    async def test_is_refused_here_while_the_page_is_not_proven(
        self, front_end: FrontEnd, changes: dict[str, str | None], problem: str
    ) -> None:
        left = await front_end.leaves(**changes)
        assert left.json()["type"] == f"/problems/platform/{problem}"
        assert "location" not in left.headers

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"scope": "everything"}, "invalid_scope"),
            ({"identity_provider": "anybody"}, "invalid_request"),
            ({"max_age": "soon"}, "invalid_request"),
        ],
    )
    async def test_tells_the_page_what_cannot_be_had(
        self, front_end: FrontEnd, changes: dict[str, str | None], error: str
    ) -> None:
        left = await front_end.leaves(**changes)
        assert left.headers["location"] == f"{HOME}&error={error}"

    async def test_tells_the_page_that_the_person_said_no(self, front_end: FrontEnd) -> None:
        left = await front_end.leaves()
        state = query_of(left.headers["location"])["state"]
        back = await front_end.door.callback(error="access_denied", state=state)
        done = await front_end.door.http.get(back.headers["location"])
        assert done.headers["location"] == f"{HOME}&error=access_denied"
        assert front_end.cookie is None

    async def test_is_begun_where_its_cookie_will_be_kept(self, front_end: FrontEnd) -> None:
        left = await front_end.door.http.get(
            "/session/sign-in",
            params={"client_id": front_end.name, "return_to": HOME},
            headers={"Host": "012084.localhost:8200"},
        )
        assert left.headers["location"].startswith(f"{ISSUER}/session/sign-in?")
        assert query_of(left.headers["location"])["municipality_code"] == "012084"
        assert "set-cookie" not in left.headers

    async def test_cannot_be_finished_in_another_browser(self, front_end: FrontEnd) -> None:
        """A stranger's code must not sign a victim in as the stranger (login CSRF)."""
        back = await front_end.returns(await front_end.leaves())
        front_end.door.http.cookies.clear()
        done = await front_end.door.http.get(back.headers["location"])
        assert done.json()["type"] == "/problems/platform/sign-in-not-found"

    async def test_cannot_be_finished_twice(self, front_end: FrontEnd) -> None:
        back = await front_end.returns(await front_end.leaves())
        first = await front_end.door.http.get(back.headers["location"])
        again = await front_end.door.http.get(back.headers["location"])
        assert (first.status_code, again.status_code) == (303, 400)

    async def test_cannot_be_finished_with_another_sign_ins_code(self, front_end: FrontEnd) -> None:
        one = await front_end.returns(await front_end.leaves())
        two = await front_end.returns(await front_end.leaves(), subject="taro")
        mixed = query_of(one.headers["location"]) | {
            "code": query_of(two.headers["location"])["code"]
        }
        done = await front_end.door.http.get("/session/callback", params=mixed)
        assert done.json()["type"] == "/problems/platform/sign-in-not-found"

    async def test_cannot_be_finished_in_another_municipality(self, front_end: FrontEnd) -> None:
        back = query_of((await front_end.returns(await front_end.leaves())).headers["location"])
        for name in ("state", "code"):
            moved = back | {name: "302082" + back[name][6:]}
            done = await front_end.door.http.get("/session/callback", params=moved)
            assert done.status_code == 400

    async def test_is_no_other_issuers_to_finish(self, front_end: FrontEnd) -> None:
        back = query_of((await front_end.returns(await front_end.leaves())).headers["location"])
        for named in ({"iss": "https://evil.example"}, {}):
            mixed = {key: value for key, value in back.items() if key != "iss"} | named
            done = await front_end.door.http.get("/session/callback", params=mixed)
            assert done.status_code == 400

    async def test_code_is_good_for_the_gateway_alone(self, front_end: FrontEnd) -> None:
        back = await front_end.returns(await front_end.leaves())
        stolen = await front_end.door.redeem(
            query_of(back.headers["location"])["code"],
            client_id=front_end.name,
            redirect_uri=f"{ISSUER}/session/callback",
        )
        assert stolen.json()["error"] == "invalid_grant"


class TestCookie:
    async def test_is_the_browsers_to_send_and_nobodys_to_read(self, front_end: FrontEnd) -> None:
        done = await front_end.signs_in()
        (given,) = [one for one in done.headers.get_list("set-cookie") if one.startswith(COOKIE)]
        assert "HttpOnly" in given
        assert "SameSite=lax" in given
        assert "Path=/;" in given
        assert "Domain" not in given
        assert "Max-Age" not in given, "it ends with the browser"

    async def test_holds_256_random_bits_and_nothing_else(self, front_end: FrontEnd) -> None:
        seen = [await self._secret(front_end) for _ in range(8)]
        assert len(set(seen)) == len(seen)
        assert all(len(one) == 43 for one in seen)
        letters = Counter("".join(seen))
        total = sum(letters.values())
        bits = -sum(n / total * math.log2(n / total) for n in letters.values())
        assert bits > 5.3, "344 letters of base64url come close to six bits each"

    async def test_is_kept_as_a_hash_alone(self, front_end: FrontEnd) -> None:
        secret = await self._secret(front_end)
        async with front_end.door.state.database.transaction(
            front_end.door.tenancies.kitami
        ) as work:
            session = await work.session()
            connection = await session.connection()
            rows = await connection.exec_driver_sql(
                "SELECT t::text FROM platform.browser_sessions t"
            )
            assert secret not in str(rows.all())

    async def test_is_never_one_a_browser_brought_along(self, front_end: FrontEnd) -> None:
        """Session fixation: an id planted before sign-in is worth nothing afterwards."""
        planted = "012084." + "a" * 43
        front_end.door.http.cookies.set(COOKIE, planted, domain="127.0.0.1")
        await front_end.signs_in()
        values = [one.value for one in front_end.door.http.cookies.jar if one.name == COOKIE]
        assert any(value != planted for value in values)
        assert (await front_end.session(**front_end.with_cookie(planted))).status_code == 401

    async def test_of_two_neither_is_believed(self, front_end: FrontEnd) -> None:
        """Cookie tossing: a neighbouring host's cookie of the same name."""
        await front_end.signs_in()
        mine = front_end.cookie
        front_end.door.http.cookies.clear()
        both = {"Cookie": f"{COOKIE}=012084.{'a' * 43}; {COOKIE}={mine}"}
        assert (await front_end.session(**both)).status_code == 401
        assert (await front_end.asks("GET", "/platform/v1/me", **both)).status_code == 401

    @pytest.mark.parametrize("value", ["", "x", "012084." + "a" * 43, "999999." + "a" * 43])
    async def test_of_nobody_is_no_session(self, front_end: FrontEnd, value: str) -> None:
        shown = front_end.with_cookie(value)
        assert (await front_end.session(**shown)).status_code == 401
        assert (await front_end.asks("GET", "/platform/v1/me", **shown)).status_code == 401

    async def test_is_found_in_no_other_municipality(self, front_end: FrontEnd) -> None:
        await front_end.signs_in()
        moved = front_end.with_cookie("302082" + str(front_end.cookie)[6:])
        assert (await front_end.session(**moved)).status_code == 401

    async def _secret(self, front_end: FrontEnd) -> str:
        front_end.door.http.cookies.clear()
        await front_end.signs_in()
        return str(front_end.cookie).partition(".")[2]
