"""A certified relying party at our authorization server, from discovery to sign-out.

It registers itself as any vendor does, in the municipality that is none, and a resident of it
shows her card and agrees. What the peer does in which order stands in `openid_client.mjs`.
"""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey

from foundation.identifiers import SANDBOX
from foundation.identity import SigningKey
from tests.journeys.running_house import RunningHouse, free_pair
from tests.peers.browser import walk
from tests.peers.peer import Peer

pytestmark = [pytest.mark.slow, pytest.mark.journey]

REDIRECT = "http://127.0.0.1:4999/callback"
FAREWELL = "http://127.0.0.1:4999/farewell"
_STEPS = 25


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[RunningHouse]:
    running = RunningHouse(tmp_path / "house", port=free_pair())
    try:
        await asyncio.to_thread(running.wait)
        yield running
    finally:
        running.stop()
        running.erase()


async def registered(issuer: str, jwk: dict[str, Any], **metadata: Any) -> str:
    """Register as a vendor does, and return the client's name."""
    async with httpx.AsyncClient(base_url=issuer) as http:
        answer = await http.post(
            "/oauth/register",
            json={
                "client_name": "まどぐち番号表示",
                "organization_name": "有限会社オホーツクソフト",
                "contacts": ["dev@example.co.jp"],
                "jwks": {"keys": [jwk]},
                **metadata,
            },
        )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["client_id"])


def private_of(key: SigningKey) -> dict[str, Any]:
    """Return a key of the peer's own, as its language takes it."""
    imported = ECKey.import_key(key.pem())
    return {**imported.as_dict(private=True), "kid": key.kid}


async def test_signs_in_reads_renews_and_leaves(house: RunningHouse) -> None:
    issuer = f"http://127.0.0.1:{house.port}"
    key = SigningKey.generate("ES256")
    public = {name: key.public()[name] for name in ("kty", "crv", "x", "y", "kid")}
    front_end = await registered(
        issuer,
        public,
        grant_types=["authorization_code", "refresh_token"],
        principal_kinds=["resident"],
        redirect_uris=[REDIRECT],
        post_logout_redirect_uris=[FAREWELL],
        scope="openid platform:read benefits:read",
    )
    machine = await registered(
        issuer, public, grant_types=["client_credentials"], scope="window-dx:read"
    )
    peer = await Peer.started(
        "openid_client.mjs",
        {
            "issuer": issuer,
            "client_id": front_end,
            "machine_id": machine,
            "machine_scope": "window-dx:read",
            "jwk": private_of(key),
            "redirect_uri": REDIRECT,
            "post_logout_redirect_uri": FAREWELL,
            "scope": "openid platform:read benefits:read",
            "municipality": str(SANDBOX),
        },
    )
    try:
        while "end" not in (said := await peer.hear()):
            if "go" in said:
                until = FAREWELL if "/oauth/logout" in said["go"] else REDIRECT
                await peer.tell({"url": await walk(said["go"], until=until)})
    finally:
        await peer.stop()
    steps = [one["step"] for one in peer.said if "step" in one]
    assert len(steps) >= _STEPS, steps
