"""Forged access tokens at the gateway: none passes, on the way to any service.

The services behind this door are away, so that a token which is believed shows as 503; the office
is there.
"""

import json
from collections.abc import Mapping

import pytest

from gateway.access import TYPE
from gateway.routes import ROUTES
from tests.attacks.forge import ACCESS_CLAIMS, EVERYTHING_BUT_CLAIMS, Forgery, Genuine
from tests.support.forgery import claims_of
from tests.support.front_door import FrontDoor

FORGERIES: Mapping[str, Forgery] = {**EVERYTHING_BUT_CLAIMS, **ACCESS_CLAIMS}
PATHS = {
    "registry": "/registry/v1/residents?limit=1",
    "benefits": "/benefits/v1/programmes",
    "window_dx": "/window-dx/v1/windows",
    "consultation": "/consultation/v1/cases",
    "platform": "/platform/v1/me",
}
REFUSED = {400, 401, 431}


async def genuine(door: FrontDoor) -> Genuine:
    tokens = await door.official_tokens("administrator", "clerk")
    claims = claims_of(tokens["access_token"])
    return Genuine(claims=claims, key=door.state.keys.access_tokens.signing, typ=TYPE)


async def asked(door: FrontDoor, service: str, headers: list[tuple[bytes, bytes]]) -> int:
    answer = await door.http.get(PATHS[service], headers=headers)
    if answer.status_code in REFUSED:
        assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code


def bearer(token: str) -> list[tuple[bytes, bytes]]:
    return [(b"authorization", b"Bearer " + token.encode("utf-8", "surrogatepass"))]


def test_there_are_enough_of_them_and_each_is_one() -> None:
    assert len(FORGERIES) >= 120
    assert PATHS.keys() == {route.service for route in ROUTES}


async def test_the_genuine_token_is_believed_everywhere(door: FrontDoor) -> None:
    """Otherwise nothing below would prove anything."""
    paper = await genuine(door)
    said = {service: await asked(door, service, bearer(paper.token)) for service in PATHS}
    assert said.pop("platform") == 200
    assert set(said.values()) == {503}


async def test_no_forged_one_is_believed_anywhere(door: FrontDoor) -> None:
    paper = await genuine(door)
    believed: list[str] = []
    for name, forge in FORGERIES.items():
        sent = bearer(forge(paper))
        for service in PATHS:
            status = await asked(door, service, sent)
            if status not in REFUSED:
                believed.append(f"{name}, at {service}: {status}")
    assert believed == []


class TestInOtherPlaces:
    """A genuine token, where no token belongs."""

    async def test_in_the_address(self, door: FrontDoor) -> None:
        token = (await genuine(door)).token
        for query in (f"access_token={token}", f"token={token}", f"authorization=Bearer%20{token}"):
            answer = await door.http.get(f"/platform/v1/me?{query}")
            assert answer.status_code == 401, query

    async def test_in_the_body(self, door: FrontDoor) -> None:
        token = (await genuine(door)).token
        answer = await door.http.post("/platform/v1/revocations", data={"access_token": token})
        assert answer.status_code == 401

    @pytest.mark.parametrize(
        "header",
        [
            "Proxy-Authorization",
            "X-Authorization",
            "X-Forwarded-Authorization",
            "X-Access-Token",
            "X-Original-Authorization",
            "Cookie",
            "Tamaire-Internal",
            "X-Tamaire-Principal",
        ],
    )
    async def test_in_another_header(self, door: FrontDoor, header: str) -> None:
        token = (await genuine(door)).token
        value = f"access_token={token}" if header == "Cookie" else f"Bearer {token}"
        for service in PATHS:
            sent = [(header.encode(), value.encode())]
            assert await asked(door, service, sent) in REFUSED

    @pytest.mark.parametrize(
        "scheme", ["Internal", "Basic", "Digest", "DPoP", "Token", "JWT", "", "Bearer,", "Bearer:"]
    )
    async def test_under_another_scheme(self, door: FrontDoor, scheme: str) -> None:
        token = (await genuine(door)).token
        for service in PATHS:
            sent = [(b"authorization", f"{scheme} {token}".encode())]
            assert await asked(door, service, sent) in REFUSED

    async def test_twice(self, door: FrontDoor) -> None:
        token = (await genuine(door)).token
        for second in (token, "x"):
            assert await asked(door, "platform", bearer(token) + bearer(second)) in REFUSED

    async def test_beside_a_claim_to_be_somebody(self, door: FrontDoor) -> None:
        """Identity headers from outside change nothing: the office says who the token says."""
        paper = await genuine(door)
        claims = {
            "X-Tamaire-Tenant": "131016",
            "X-Tenant-Id": "2",
            "X-User": "root",
            "X-Forwarded-User": "root",
            "X-Roles": "administrator",
            "Remote-User": "root",
            "X-Original-Url": "/registry/v1/residents",
            "X-Http-Method-Override": "DELETE",
        }
        answer = await door.http.get(
            "/platform/v1/me", headers={"Authorization": f"Bearer {paper.token}", **claims}
        )
        said = answer.json()
        assert (said["subject"], said["municipality"]["code"]) == (paper.claims["sub"], "012084")
        assert "root" not in json.dumps(said)
