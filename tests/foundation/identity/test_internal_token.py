"""Behind the gateway one paper counts, and only if it is the gateway's and fresh."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey

from foundation import clock
from foundation.identifiers import MunicipalityCode, TenantId
from foundation.identity import (
    Caller,
    InternalTokenIssuer,
    InternalTokenVerifier,
    InvalidToken,
    KeySet,
    Purpose,
    Role,
    SigningKey,
)
from foundation.tenancy import Tenancy
from tests.support.callers import a_business, a_machine, a_representative, a_resident, an_official

PEN = SigningKey.generate("Ed25519")
KITAMI = Tenancy(TenantId(7), MunicipalityCode.parse("012084"))
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
CALLERS = [
    Caller(principal=a_resident(UUID(int=5)), tenancy=KITAMI, purpose=Purpose.APPLICATION),
    Caller(principal=a_resident(None), tenancy=KITAMI),
    Caller(principal=an_official(Role.CLERK, Role.AUDITOR), tenancy=KITAMI, purpose=Purpose.AUDIT),
    Caller(principal=a_machine(), tenancy=KITAMI),
    Caller(principal=a_representative(UUID(int=6)), tenancy=KITAMI, purpose=Purpose.APPLICATION),
    Caller(principal=a_business("member"), tenancy=KITAMI),
]
NAMES = ["resident", "unbound", "official", "machine", "representative", "business"]


def verifier(audience: str = "benefits") -> InternalTokenVerifier:
    return InternalTokenVerifier(KeySet.of(PEN), audience)


def a_token(**changes: Any) -> str:
    """Return a token signed with the true key whose claims were changed; None removes a claim."""
    true = InternalTokenIssuer(PEN).mint(CALLERS[0], audience="benefits")
    claims = json.loads(base64.urlsafe_b64decode(true.split(".")[1] + "=="))
    return PEN.sign(
        {k: v for k, v in (claims | changes).items() if v is not None}, typ="internal+jwt"
    )


class TestVerify:
    @pytest.mark.parametrize("caller", CALLERS, ids=NAMES)
    def test_returns_the_caller_the_gateway_named(self, caller: Caller) -> None:
        token = InternalTokenIssuer(PEN).mint(caller, audience="benefits")
        assert verifier().verify(token) == caller

    def test_refuses_a_token_for_another_service(self) -> None:
        token = InternalTokenIssuer(PEN).mint(CALLERS[0], audience="registry")
        with pytest.raises(InvalidToken, match="somebody else"):
            verifier().verify(token)

    def test_refuses_a_token_after_thirty_seconds_even_when_remembered(self) -> None:
        judge = verifier()
        with clock.frozen(NOW):
            token = InternalTokenIssuer(PEN).mint(CALLERS[0], audience="benefits")
            judge.verify(token)
        with clock.frozen(NOW + timedelta(seconds=30)), pytest.raises(InvalidToken):
            judge.verify(token)

    def test_refuses_a_signature_by_another_key(self) -> None:
        forged = InternalTokenIssuer(SigningKey.generate("Ed25519"))
        with pytest.raises(InvalidToken):
            verifier().verify(forged.mint(CALLERS[0], audience="benefits"))

    def test_refuses_an_access_token_though_the_key_were_the_same(self) -> None:
        with pytest.raises(InvalidToken, match="another kind"):
            verifier().verify(PEN.sign({"iss": "gateway", "aud": "benefits"}, typ="at+jwt"))

    @pytest.mark.parametrize(
        "changes",
        [
            {"exp": 4_102_444_800},
            {"iat": None},
            {"exp": None},
            {"exp": "soon"},
            {"iss": "somebody"},
            {"aud": ["benefits", "registry"]},
            {"tid": None},
            {"tid": "7"},
            {"tid": True},
            {"tenant": "012085"},
            {"kind": "superuser"},
            {"kind": None},
            {"purpose": "curiosity"},
            {"resident_id": "nobody"},
            {"auth_time": "now"},
        ],
        ids=str,
    )
    def test_refuses_claims_that_make_no_caller(self, changes: dict[str, Any]) -> None:
        with pytest.raises(InvalidToken):
            verifier().verify(a_token(**changes))

    def test_refuses_an_unsigned_token(self) -> None:
        header = base64.urlsafe_b64encode(
            json.dumps({"alg": "none", "typ": "internal+jwt", "kid": PEN.kid}).encode()
        )
        body = a_token().split(".")[1]
        with pytest.raises(InvalidToken):
            verifier().verify(f"{header.decode().rstrip('=')}.{body}.")

    def test_refuses_a_shared_secret_made_of_the_public_key(self) -> None:
        secret = OctKey.import_key(json.dumps(PEN.public()))
        claims = json.loads(base64.urlsafe_b64decode(a_token().split(".")[1] + "=="))
        header = {"alg": "HS256", "typ": "internal+jwt", "kid": PEN.kid}
        with pytest.raises(InvalidToken):
            verifier().verify(jwt.encode(header, claims, secret, algorithms=["HS256"]))

    @given(st.text(max_size=200))
    def test_refuses_any_text(self, text: str) -> None:
        with pytest.raises(InvalidToken):
            verifier().verify(text)

    @given(st.data())
    def test_refuses_a_token_with_any_character_changed(self, data: st.DataObject) -> None:
        token = a_token()
        place = data.draw(st.integers(0, len(token) - 2))  # the last one may hold padding bits
        other = data.draw(st.sampled_from("AZaz09-_.").filter(lambda c: c != token[place]))
        with pytest.raises(InvalidToken):
            verifier().verify(token[:place] + other + token[place + 1 :])
