"""The office as a client of identity providers."""

from dataclasses import dataclass
from urllib.parse import parse_qs

import pytest

from foundation.identity import KeySet, SigningKey
from foundation.identity.relying_party import (
    Identification,
    Provider,
    ProviderError,
    ProviderUnreachable,
    RelyingParty,
    UntrustworthyAnswer,
)
from tests.support.forgery import claims_of
from tests.support.provider import StubProvider, StubWorld

ISSUER = "http://provider.example/resident"
PROVIDER = Provider(issuer=ISSUER, client_id="tamaire-012084")
VERIFIER = "v" * 43
OURS = SigningKey.generate("ES256")


@dataclass
class Sign:
    """One relying party before one provider, with a clock that only the test moves."""

    world: StubWorld
    provider: StubProvider
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.party = RelyingParty(
            OURS,
            redirect_uri="http://127.0.0.1/oauth/callback",
            transport=self.world,
            monotonic=lambda: self.seconds,
        )

    async def come_in(self) -> Identification:
        location = await self.party.authorization_url(
            PROVIDER, verifier=VERIFIER, state="state", nonce="nonce", scope="openid"
        )
        answer = self.provider.approve(location, subject="hanako")
        return await self.party.identify(
            PROVIDER, code=answer["code"], verifier=VERIFIER, nonce="nonce", named=None
        )

    def asked(self, path: str) -> int:
        return sum(request.url.path.endswith(path) for request in self.provider.requests)


@pytest.fixture
def sign() -> Sign:
    world = StubWorld()
    return Sign(world, world.provider(ISSUER))


class TestIdentify:
    async def test_returns_who_it_is(self, sign: Sign) -> None:
        found = await sign.come_in()
        assert (found.issuer, found.subject, found.acr) == (ISSUER, "hanako", "aal3")

    async def test_shows_no_attributes_when_printed(self, sign: Sign) -> None:
        sign.provider.userinfo["name"] = "北見　花子"
        assert "花子" not in repr(await sign.come_in())

    async def test_proves_itself_freshly_each_time(self, sign: Sign) -> None:
        await sign.come_in()
        await sign.come_in()
        proofs = [
            parse_qs(request.content.decode())["client_assertion"][0]
            for request in sign.provider.requests
            if request.url.path.endswith("/token")
        ]
        claims = [claims_of(proof) for proof in proofs]
        assert claims[0]["jti"] != claims[1]["jti"]
        for proof, said in zip(proofs, claims, strict=True):
            KeySet.of(OURS).verify(proof, typ="JWT", algorithm="ES256")
            assert said["iss"] == said["sub"] == PROVIDER.client_id
            assert said["aud"] == f"{ISSUER}/protocol/openid-connect/token"
            assert said["exp"] - said["iat"] == 60

    async def test_asks_for_metadata_and_keys_once(self, sign: Sign) -> None:
        await sign.come_in()
        await sign.come_in()
        assert (sign.asked("openid-configuration"), sign.asked("/certs")) == (1, 1)

    async def test_asks_again_after_ten_minutes(self, sign: Sign) -> None:
        await sign.come_in()
        sign.seconds += 601
        await sign.come_in()
        assert sign.asked("openid-configuration") == 2

    async def test_follows_a_provider_that_rotated_its_key(self, sign: Sign) -> None:
        await sign.come_in()
        sign.provider.key = SigningKey.generate("ES256")
        sign.seconds += 31
        assert (await sign.come_in()).subject == "hanako"

    async def test_lets_no_invented_key_make_it_ask_again_and_again(self, sign: Sign) -> None:
        await sign.come_in()
        sign.provider.key = SigningKey.generate("ES256")
        for _ in range(5):
            with pytest.raises(UntrustworthyAnswer):
                await sign.come_in()
        assert sign.asked("/certs") == 1

    async def test_tells_a_refusal_from_silence(self, sign: Sign) -> None:
        sign.provider.refuses = "invalid_client"
        with pytest.raises(ProviderError, match="invalid_client"):
            await sign.come_in()
        sign.provider.is_down = True
        with pytest.raises(ProviderUnreachable):
            await sign.come_in()

    @pytest.mark.parametrize(
        "metadata",
        [
            {"issuer": "http://evil.example"},
            {"issuer": f"{ISSUER}/"},
            {"token_endpoint": None},
            {"jwks_uri": "file:///etc/passwd"},
            {"userinfo_endpoint": "https://provider.example/userinfo"},
        ],
    )
    async def test_believes_no_strange_metadata(
        self, sign: Sign, metadata: dict[str, object]
    ) -> None:
        sign.provider.metadata.update(metadata)
        with pytest.raises(ProviderUnreachable):
            await sign.come_in()
