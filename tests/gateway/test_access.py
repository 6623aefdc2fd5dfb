"""Access tokens: which are believed, and for how long."""

from datetime import timedelta
from typing import Any

import pytest

from foundation import clock
from foundation.database import DatabaseBusy
from foundation.identity import InvalidToken, Official, Resident, SigningKey
from gateway.access import Revocations, RevocationsUnknown
from tests.support.forgery import altered, claims_of, forged
from tests.support.front_door import FrontDoor

CHANGES = [
    pytest.param({"iss": "http://evil.example"}, id="another issuer"),
    pytest.param({"aud": "benefits"}, id="for somebody else"),
    pytest.param({"aud": None}, id="for nobody"),
    pytest.param({"exp": 1}, id="expired"),
    pytest.param({"exp": 4_102_444_800}, id="good for years"),
    pytest.param({"exp": "soon"}, id="an expiry that is no number"),
    pytest.param({"iat": True}, id="an issue time that is no number"),
    pytest.param({"tenant": "999999"}, id="a municipality that is none"),
    pytest.param({"tenant": "131041"}, id="a municipality that takes no part"),
    pytest.param({"tenant": None}, id="no municipality"),
    pytest.param({"kind": "administrator"}, id="an unknown kind"),
    pytest.param({"kind": None}, id="no kind"),
    pytest.param({"sub": None}, id="nobody"),
    pytest.param({"client_id": 7}, id="a client that is no text"),
    pytest.param({"scope": ["openid"]}, id="scopes that are no text"),
    pytest.param({"auth_time": "now"}, id="a sign-in at no time"),
    pytest.param({"resident_id": "x"}, id="a record that is none"),
    pytest.param({"jti": None}, id="no number"),
]


class TestVerify:
    async def test_returns_the_resident(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens()
        access = door.state.access.verify(tokens["access_token"])
        assert isinstance(access.caller.principal, Resident)
        assert access.caller.tenancy == door.tenancies.kitami
        assert access.caller.purpose is None
        assert access.token_id == claims_of(tokens["access_token"])["jti"]

    async def test_returns_the_official_with_their_roles(self, door: FrontDoor) -> None:
        tokens = await door.official_tokens("treasurer", "clerk")
        principal = door.state.access.verify(tokens["access_token"]).caller.principal
        assert isinstance(principal, Official)
        assert principal.roles == {"treasurer", "clerk"}

    @pytest.mark.parametrize("changes", CHANGES)
    async def test_believes_no_strange_claims_even_over_our_own_signature(
        self, door: FrontDoor, changes: dict[str, Any]
    ) -> None:
        tokens = await door.resident_tokens()
        claims = claims_of(tokens["access_token"]) | changes
        kept = {name: value for name, value in claims.items() if value is not None}
        token = door.state.keys.access_tokens.signing.sign(kept, typ="at+jwt")
        with pytest.raises(InvalidToken):
            door.state.access.verify(token)

    async def test_believes_no_other_signature(self, door: FrontDoor) -> None:
        token = (await door.resident_tokens())["access_token"]
        claims, key = claims_of(token), door.state.keys.access_tokens.signing
        stranger = SigningKey.generate("ES256")
        impostor = SigningKey.generate("ES256")
        impostor.kid = key.kid
        for forgery in (
            altered(token, tenant="302082"),
            altered(token, kind="official", roles=["administrator"]),
            forged(claims, algorithm="none", key=key, header={"typ": "at+jwt"}),
            forged(claims, algorithm="HS256", key=key, header={"typ": "at+jwt"}),
            stranger.sign(claims, typ="at+jwt"),
            impostor.sign(claims, typ="at+jwt"),
            key.sign(claims, typ="JWT"),
            door.state.keys.internal.sign(claims, typ="at+jwt"),
            token.rpartition(".")[0] + ".",
            token + "x",
            "",
        ):
            with pytest.raises(InvalidToken):
                door.state.access.verify(forgery)

    async def test_believes_a_token_for_ten_minutes(self, door: FrontDoor) -> None:
        token = (await door.resident_tokens())["access_token"]
        began = clock.now()
        with clock.frozen(began + timedelta(seconds=590)):
            door.state.access.verify(token)
        with clock.frozen(began + timedelta(seconds=601)), pytest.raises(InvalidToken):
            door.state.access.verify(token)

    async def test_believes_a_token_across_a_rotation_of_keys(self, door: FrontDoor) -> None:
        keys = door.state.keys.access_tokens
        before = keys.signing
        token = (await door.resident_tokens())["access_token"]
        keys.rotate(lead=timedelta(0))
        keys.reload()
        assert keys.signing.kid != before.kid
        door.state.access.verify(token)
        assert before.kid in {key["kid"] for key in keys.document()["keys"]}


class TestRevocations:
    async def test_grows_older_only_when_something_was_revoked(self, door: FrontDoor) -> None:
        revocations = door.state.revocations
        await revocations.refresh()
        before = revocations.epoch
        await revocations.refresh()
        assert revocations.epoch == before
        tokens = await door.resident_tokens()
        form = {"token": tokens["access_token"], "client_id": "demo-portal"}
        await door.http.post("/oauth/revoke", data=form)
        await revocations.refresh()
        assert revocations.epoch > before

    async def test_reach_no_other_municipality(self, door: FrontDoor) -> None:
        here = await door.resident_tokens(door.tenancies.kitami)
        there = await door.resident_tokens(door.tenancies.kinokawa)
        form = {"token": here["refresh_token"], "client_id": "demo-portal"}
        await door.http.post("/oauth/revoke", data=form)
        await door.state.revocations.refresh()
        assert (await door.me(here["access_token"])).status_code == 401
        assert (await door.me(there["access_token"])).status_code == 200

    async def test_believe_nobody_when_they_could_not_be_read_for_five_seconds(
        self, door: FrontDoor
    ) -> None:
        access = door.state.access.verify((await door.resident_tokens())["access_token"])
        seconds = iter((0.0, 0.0, 4.9, 5.1))
        revocations = Revocations(door.state.database, monotonic=lambda: next(seconds))
        await revocations.refresh()
        assert not revocations.is_revoked(access)
        with pytest.raises(RevocationsUnknown):
            revocations.is_revoked(access)

    async def test_a_gateway_that_cannot_read_them_does_not_open(self, door: FrontDoor) -> None:
        await door.state.database.close()
        with pytest.raises(DatabaseBusy):
            await door.state.revocations.refresh()
