"""The simulator as it is really started, with a relying party that is not of our making."""

import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any, cast

import httpx
from authlib.deprecate import AuthlibDeprecationWarning
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from tests.infra.identity.process import (
    COMMAND,
    ROOT,
    START_SECONDS,
    published,
    running,
    variables,
    wait_for,
)
from tests.infra.identity.world import CALLBACK, VERIFIER, World, card, write_lists
from tests.support.simulator import present_card

with warnings.catch_warnings():
    # Authlib announces on import that it will want another HTTP library one day.
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations.httpx_client import AsyncOAuth2Client


class TestCreate:
    def test_does_not_start_outside_development(self, tmp_path: Path) -> None:
        write_lists(tmp_path, [card("hanako")])
        for environment in ("production", ""):
            finished = subprocess.run(
                COMMAND,
                env=variables(tmp_path, 8201) | {"TAMAIRE_SIMULATOR_ENVIRONMENT": environment},
                capture_output=True,
                text=True,
                timeout=START_SECONDS,
                check=False,
                cwd=ROOT,
            )
            assert finished.returncode != 0
            assert "SimulatorRefused" in finished.stderr

    async def test_is_alive(self, world: World) -> None:
        assert (await world.browser.get("/livez")).status_code == 200

    async def test_tells_who_lost_their_way_where_a_sign_in_begins(self, world: World) -> None:
        told = await world.browser.get("/")
        assert told.status_code == 404
        assert "サインイン" in told.text

    async def test_serves_its_style_sheet(self, world: World) -> None:
        answer = await world.browser.get("/page.css")
        assert answer.headers["content-type"].startswith("text/css")

    def test_imports_nothing_of_the_house(self) -> None:
        """The outside world must not share a line with what it is there to test."""
        house = ("foundation", "gateway", "services", "operations", "migrations", "tests")
        script = (
            "import sys, infra.identity.app\n"
            f"print([m for m in sys.modules if m.split('.')[0] in {house}])"
        )
        finished = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
        )
        assert finished.stdout.strip() == "[]"


class TestRoundTrip:
    async def test_serves_authlib_over_real_http(self, directory: Path) -> None:
        """Discovery, card, code, keys fetched over HTTP, tokens, userinfo: with Authlib as RP."""
        key = ECKey.generate_key("P-256", auto_kid=True)
        with published(key) as jwks_uri, running(directory, jwks_uri) as base:
            async with httpx.AsyncClient() as browser:
                metadata = await wait_for(
                    browser, f"{base}/resident/.well-known/openid-configuration"
                )
                certs = (await browser.get(metadata["jwks_uri"])).json()
                async with relying_party(key, metadata) as client:
                    callback = await present_card(
                        browser,
                        begin(client, metadata),
                        card_id="taro",
                        pin="1234",
                    )
                    tokens = await client.fetch_token(
                        metadata["token_endpoint"],
                        authorization_response=callback,
                        code_verifier=VERIFIER,
                    )
                    told = (await client.get(metadata["userinfo_endpoint"])).json()
        read = jwt.decode(tokens["id_token"], KeySet.import_key_set(certs), algorithms=["ES256"])
        assert read.claims["sub"] == told["sub"]
        assert read.claims["nonce"] == "a-nonce"
        assert told["name"] == "北見 太郎"


def begin(client: Any, metadata: dict[str, str]) -> str:
    url, _state = client.create_authorization_url(
        metadata["authorization_endpoint"], nonce="a-nonce", code_verifier=VERIFIER
    )
    return url


def relying_party(key: ECKey, metadata: dict[str, str]) -> Any:
    """Authlib is untyped; it is handled as such, here and nowhere else.

    Left alone it would sign an assertion for an hour, which the simulator refuses.
    """
    method = cast("Any", PrivateKeyJWT)(
        metadata["token_endpoint"],
        alg="ES256",
        headers={"kid": key.kid},
        claims={"exp": int(time.time()) + 60},
    )
    client = cast("Any", AsyncOAuth2Client)(
        client_id="tamaire-012084",
        client_secret=key,
        token_endpoint_auth_method="private_key_jwt",
        redirect_uri=CALLBACK,
        scope="openid name",
        code_challenge_method="S256",
        trust_env=False,
    )
    client.register_client_auth_method(method)
    return client
