"""That a sign-in ends when the provider it was begun with says so, and by nobody else's word."""

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest

from foundation import clock
from foundation.identifiers import new_id
from foundation.identity import SigningKey
from foundation.identity.farewell import EVENT
from tests.gateway.logout.conftest import Album
from tests.support.forgery import forged
from tests.support.front_door import FrontDoor
from tests.support.provider import StubProvider

CLIENT = "tamaire-012084"
STRANGER = SigningKey.generate("ES256")


def claims(provider: StubProvider, **changes: Any) -> dict[str, Any]:
    """Return what an honest provider says of hanako; None leaves a claim out."""
    now = int(clock.now().timestamp())
    said: dict[str, Any] = {
        "iss": provider.issuer,
        "sub": "hanako",
        "aud": CLIENT,
        "iat": now,
        "exp": now + 120,
        "jti": str(new_id()),
        "events": dict[str, Any]({EVENT: dict[str, Any]()}),
    }
    return {name: value for name, value in (said | changes).items() if value is not None}


def word(provider: StubProvider, typ: str = "logout+jwt", **changes: Any) -> str:
    return provider.key.sign(claims(provider, **changes), typ=typ)


async def tells(
    door: FrontDoor, token: str, name: str = "resident", code: str = ""
) -> httpx.Response:
    place = code or str(door.tenancies.kitami.code)
    return await door.http.post(
        f"/oauth/backchannel-logout/{place}/{name}", data={"logout_token": token}
    )


async def is_open(door: FrontDoor, tokens: Mapping[str, Any], **changes: Any) -> bool:
    return (await door.refresh(tokens["refresh_token"], **changes)).status_code == 200


async def ends_within_a_second(door: FrontDoor, token: str) -> None:
    began = time.monotonic()
    while (await door.me(token)).status_code != 401:
        assert time.monotonic() - began < 1.0
        await asyncio.sleep(0.02)


class TestFarewell:
    async def test_ends_a_residents_tokens_and_their_family(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens()
        answer = await tells(door, word(door.resident_provider()))
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["cache-control"] == "no-store"
        await ends_within_a_second(door, tokens["access_token"])
        assert not await is_open(door, tokens)

    @pytest.mark.parametrize("by", ["id::text", "'official'"])
    async def test_ends_an_officials_sign_in_by_their_own_directory(
        self, door: FrontDoor, by: str
    ) -> None:
        tokens = await door.official_tokens("benefits-officers")
        name = await door.value(
            f"SELECT {by} FROM platform.identity_providers WHERE tenant_id = $1",
            int(door.tenancies.kitami.tenant_id),
        )
        provider = door.official_provider(door.tenancies.kitami)
        said = word(provider, sub="clerk1", aud=["tamaire"])
        assert (await tells(door, said, name)).status_code == 200
        await ends_within_a_second(door, tokens["access_token"])
        assert not await is_open(door, tokens, client_id="demo-desk")

    async def test_ends_everything_of_the_person_through_whatever_application(
        self, door: FrontDoor, album: Album
    ) -> None:
        tokens = await door.resident_tokens()
        await album.signs_in()
        await tells(door, word(door.resident_provider()))
        assert not await is_open(door, tokens)
        assert not await album.is_signed_in()

    async def test_leaves_other_people_and_other_towns_alone(self, door: FrontDoor) -> None:
        other = await door.resident_tokens(subject="taro")
        elsewhere = await door.resident_tokens(door.tenancies.kinokawa)
        await tells(door, word(door.resident_provider()))
        assert await is_open(door, other)
        assert await is_open(door, elsewhere)

    async def test_is_left_in_the_trail(self, door: FrontDoor) -> None:
        await door.resident_tokens()
        await tells(door, word(door.resident_provider()))
        because = await door.value(
            "SELECT ended_because FROM platform.sessions WHERE tenant_id = $1",
            int(door.tenancies.kitami.tenant_id),
        )
        assert because == "signed-out-upstream"

    async def test_of_somebody_not_signed_in_is_taken_and_changes_nothing(
        self, door: FrontDoor
    ) -> None:
        tokens = await door.resident_tokens()
        assert (await tells(door, word(door.resident_provider(), sub="jiro"))).status_code == 200
        assert await is_open(door, tokens)


class TestSession:
    """One session of several that a person has at the provider."""

    async def signed_in(self, door: FrontDoor, sid: str | None) -> dict[str, Any]:
        door.resident_provider().id_token = {} if sid is None else {"sid": sid}
        return await door.resident_tokens()

    @pytest.mark.parametrize("subject", ["hanako", None])
    async def test_ends_alone(self, door: FrontDoor, subject: str | None) -> None:
        here = await self.signed_in(door, "browser")
        there = await self.signed_in(door, "phone")
        await tells(door, word(door.resident_provider(), sub=subject, sid="browser"))
        assert not await is_open(door, here)
        assert await is_open(door, there)

    async def test_ends_what_the_provider_gave_no_session_for(self, door: FrontDoor) -> None:
        unnamed = await self.signed_in(door, None)
        await tells(door, word(door.resident_provider(), sid="browser"))
        assert not await is_open(door, unnamed)

    async def test_of_another_person_ends_nothing(self, door: FrontDoor) -> None:
        here = await self.signed_in(door, "browser")
        await tells(door, word(door.resident_provider(), sub="taro", sid="browser"))
        assert await is_open(door, here)

    async def test_is_not_written_down_as_the_provider_calls_it(self, door: FrontDoor) -> None:
        await self.signed_in(door, "browser")
        kept = await door.value(
            "SELECT upstream_session FROM platform.sessions WHERE tenant_id = $1",
            int(door.tenancies.kitami.tenant_id),
        )
        assert len(kept) == 32
        assert b"browser" not in kept


def _changed(**changes: Any) -> Callable[[StubProvider], str]:
    return lambda provider: word(provider, **changes)


def _at(seconds: int, *names: str) -> Callable[[StubProvider], str]:
    def made(provider: StubProvider) -> str:
        moment = int((clock.now() + timedelta(seconds=seconds)).timestamp())
        changes: dict[str, Any] = dict.fromkeys(names, moment)
        return word(provider, **changes)

    return made


def _alg(alg: str) -> Callable[[StubProvider], str]:
    def made(provider: StubProvider) -> str:
        return forged(
            claims(provider), algorithm=alg, key=provider.key, header={"typ": "logout+jwt"}
        )

    return made


ATTACKS: dict[str, Callable[[StubProvider], str]] = {
    "no signature": _alg("none"),
    "signed with the public key as a secret": _alg("HS256"),
    "another's key": lambda provider: STRANGER.sign(claims(provider), typ="logout+jwt"),
    "another's issuer": _changed(iss="http://127.0.0.1:8201/officials/012084"),
    "no issuer": _changed(iss=None),
    "for another client": _changed(aud="tamaire-302082"),
    "for nobody": _changed(aud=None),
    "an ID token": _changed(typ="JWT"),
    "an access token": _changed(typ="at+jwt"),
    "a security event of another kind": _changed(typ="secevent+jwt"),
    "an answer to a sign-in": _changed(nonce="client-nonce"),
    "an empty nonce": _changed(nonce=""),
    "no event": _changed(events=None),
    "another event": _changed(events={"http://schemas.openid.net/event/other": {}}),
    "an event that is no object": _changed(events={EVENT: True}),
    "events as a list": _changed(events=[EVENT]),
    "nobody's": _changed(sub=None),
    "an empty person": _changed(sub=""),
    "a session that is a number": _changed(sid=7),
    "no jti": _changed(jti=None),
    "no time": _changed(iat=None),
    "no end": _changed(exp=None),
    "old": _at(-700, "iat"),
    "from the future": _at(120, "iat"),
    "expired": _at(-60, "exp"),
    "not a token": lambda _: "a.b.c",
    "oversize": _changed(padding="x" * 17_000),
}


class TestAttacks:
    @pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
    async def test_end_nothing(
        self, door: FrontDoor, attack: Callable[[StubProvider], str]
    ) -> None:
        tokens = await door.resident_tokens()
        answer = await tells(door, attack(door.resident_provider()))
        assert answer.status_code == 400, answer.text
        assert answer.json()["error"] == "invalid_request"
        assert (await door.me(tokens["access_token"])).status_code == 200
        assert await is_open(door, tokens)

    async def test_the_same_word_is_not_heard_twice(self, door: FrontDoor) -> None:
        said = word(door.resident_provider())
        assert (await tells(door, said)).status_code == 200
        tokens = await door.resident_tokens()
        assert (await tells(door, said)).status_code == 400
        assert await is_open(door, tokens)

    @pytest.mark.parametrize("name", ["business", "resident"])
    async def test_a_word_for_one_address_is_nothing_at_another(
        self, door: FrontDoor, name: str
    ) -> None:
        tokens = await door.official_tokens("benefits-officers")
        said = word(door.official_provider(door.tenancies.kitami), sub="clerk1", aud="tamaire")
        assert (await tells(door, said, name)).status_code in (400, 503)
        assert await is_open(door, tokens, client_id="demo-desk")

    async def test_another_towns_directory_ends_nothing_here(self, door: FrontDoor) -> None:
        tokens = await door.official_tokens("benefits-officers")
        theirs = await door.value(
            "SELECT id FROM platform.identity_providers WHERE tenant_id = $1",
            int(door.tenancies.kinokawa.tenant_id),
        )
        said = word(door.official_provider(door.tenancies.kinokawa), sub="clerk1", aud="tamaire")
        for name in (str(theirs), "official"):
            assert (await tells(door, said, name)).status_code == 404
        assert await is_open(door, tokens, client_id="demo-desk")

    @pytest.mark.parametrize(
        "name", ["nobody", "01a208c9-f7b3-78fd-a633-ff36c80c500c", "resident "]
    )
    async def test_an_unknown_provider_is_not_found(self, door: FrontDoor, name: str) -> None:
        answer = await tells(door, word(door.resident_provider()), name)
        assert answer.status_code == 404
        assert answer.json()["type"] == "/problems/platform/upstream-not-found"

    async def test_an_unknown_town_is_not_found(self, door: FrontDoor) -> None:
        answer = await tells(door, word(door.resident_provider()), code="999999")
        assert answer.json()["type"] == "/problems/platform/municipality-not-found"

    async def test_nothing_at_all_is_refused(self, door: FrontDoor) -> None:
        answer = await door.http.post("/oauth/backchannel-logout/012084/resident")
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")

    async def test_a_provider_that_cannot_be_asked_is_asked_again_later(
        self, door: FrontDoor
    ) -> None:
        door.resident_provider().is_down = True
        answer = await tells(door, word(door.resident_provider()))
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
