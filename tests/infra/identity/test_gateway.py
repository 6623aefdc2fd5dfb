"""The gateway's own relying party and the simulator understand each other, word for word."""

import pytest
from joserfc.jwk import ECKey

from foundation import clock
from foundation.identity.keys import SigningKey
from foundation.identity.relying_party import Provider, RelyingParty, UntrustworthyAnswer
from tests.infra.identity.world import CALLBACK, KITAMI, RESIDENT, START, VERIFIER, World, answer_of
from tests.support.simulator import present_card, sign_in_official

RESIDENTS = Provider(issuer=RESIDENT, client_id="tamaire-012084")
OFFICIALS = Provider(issuer=KITAMI, client_id="tamaire")
SAID = {"state": "a-state", "nonce": "a-nonce"}


@pytest.fixture
def office(world: World) -> RelyingParty:
    """Our relying party, with the key this world's gateway publishes."""
    key = ECKey.generate_key("P-256")
    world.gateway.keys = [ECKey.import_key(key.as_dict(private=False) | {"kid": key.thumbprint()})]
    return RelyingParty(SigningKey(key), redirect_uri=CALLBACK, transport=world.transport)


class TestIdentify:
    async def test_learns_who_a_resident_is(self, world: World, office: RelyingParty) -> None:
        with clock.frozen(START):
            url = await office.authorization_url(
                RESIDENTS,
                verifier=VERIFIER,
                scope="openid name address birthdate gender",
                acr_values="aal3 crl",
                **SAID,
            )
            callback = await present_card(world.browser, url, card_id="hanako", pin="1234")
            answer = answer_of(callback)
            found = await office.identify(
                RESIDENTS,
                code=answer["code"],
                verifier=VERIFIER,
                nonce="a-nonce",
                named=answer["iss"],
            )
        assert (found.acr, found.authenticated_at) == ("aal3", START)
        assert (found.claims["name"], found.claims["birthdate"]) == ("北見 花子", "19850315")

    async def test_learns_an_officials_groups(self, world: World, office: RelyingParty) -> None:
        with clock.frozen(START):
            url = await office.authorization_url(
                OFFICIALS, verifier=VERIFIER, scope="openid profile groups", **SAID
            )
            callback = await sign_in_official(
                world.browser, url, username="clerk", password="clerk-password"
            )
            answer = answer_of(callback)
            found = await office.identify(
                OFFICIALS,
                code=answer["code"],
                verifier=VERIFIER,
                nonce="a-nonce",
                named=answer["iss"],
            )
        assert found.claims["groups"] == ["clerk", "registrar"]

    async def test_does_not_believe_an_answer_to_another_sign_in(
        self, world: World, office: RelyingParty
    ) -> None:
        with clock.frozen(START):
            url = await office.authorization_url(
                RESIDENTS, verifier=VERIFIER, scope="openid", **SAID
            )
            callback = await present_card(world.browser, url, card_id="hanako", pin="1234")
            with pytest.raises(UntrustworthyAnswer):
                await office.identify(
                    RESIDENTS,
                    code=answer_of(callback)["code"],
                    verifier=VERIFIER,
                    nonce="another-nonce",
                    named=RESIDENT,
                )
