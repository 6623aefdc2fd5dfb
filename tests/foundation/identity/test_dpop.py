"""Proofs of possession: what a good one shows, and each way in which one is none."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc import jwk, jwt
from joserfc.jwk import ECKey

from foundation import clock
from foundation.identity import SigningKey
from foundation.identity.dpop import InvalidProof, Possession, hash_of, judge, prove
from tests.support.forgery import altered

KEY = SigningKey.generate("ES256")
URL = "https://tamaire.example/benefits/v1/events"
TOKEN = "an.access.token"
_MEMBERS = ("kty", "crv", "x", "y")


def public(key: SigningKey = KEY) -> dict[str, Any]:
    """Return a key as a proof shows it."""
    return {name: value for name, value in key.public().items() if name in _MEMBERS}


def written(header: dict[str, Any], body: bytes, key: SigningKey = KEY) -> str:
    """Sign by hand what no library would write."""
    text = f"{_part(json.dumps(header).encode())}.{_part(body)}"
    owner = load_pem_private_key(key.pem(), password=None)
    if isinstance(owner, Ed25519PrivateKey):
        return f"{text}.{_part(owner.sign(text.encode()))}"
    assert isinstance(owner, EllipticCurvePrivateKey)
    r, s = decode_dss_signature(owner.sign(text.encode(), ECDSA(SHA256())))
    return f"{text}.{_part(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def made(
    *,
    key: SigningKey = KEY,
    header: dict[str, Any] | None = None,
    without: str | None = None,
    **changes: Any,
) -> str:
    """Return a proof that holds, but for what is changed."""
    claims: dict[str, Any] = {
        "jti": "once",
        "htm": "GET",
        "htu": URL,
        "iat": int(clock.now().timestamp()),
        "ath": hash_of(TOKEN),
    } | changes
    claims.pop(without or "", None)
    head = {"typ": "dpop+jwt", "alg": key.algorithm, "jwk": public(key)} | (header or {})
    return written(head, json.dumps(claims).encode(), key)


def judged(proof: str) -> Possession:
    return judge(proof, method="GET", url=URL, token=TOKEN)


def private(key: SigningKey) -> dict[str, Any]:
    return ECKey.import_key(key.pem()).as_dict(private=True)


def by_rsa(bits: int, algorithm: str = "PS256") -> str:
    key = jwk.RSAKey.generate_key(bits, auto_kid=False)
    shown = {name: key.as_dict(private=False)[name] for name in ("kty", "n", "e")}
    claims = {
        "jti": "once",
        "htm": "GET",
        "htu": URL,
        "iat": int(clock.now().timestamp()),
        "ath": hash_of(TOKEN),
    }
    head = {"typ": "dpop+jwt", "alg": algorithm, "jwk": shown}
    return jwt.encode(head, claims, key, algorithms=[algorithm])


class TestAGoodProof:
    def test_shows_the_key_it_was_made_with(self) -> None:
        found = judged(made())
        assert (found.jkt, found.token_id) == (KEY.kid, "once")

    def test_may_be_made_with_any_key_that_fapi_allows(self) -> None:
        edwards = SigningKey.generate("Ed25519")
        assert judged(made(key=edwards)).jkt == edwards.kid
        assert judged(by_rsa(2_048)).token_id == "once"

    def test_is_what_we_make_ourselves(self) -> None:
        proof = prove(KEY, method="GET", url=f"{URL}?limit=1", token_id="x", token=TOKEN)
        assert judged(proof).jkt == KEY.kid

    def test_names_no_query_and_no_fragment(self) -> None:
        found = judge(made(), method="GET", url=f"{URL}?cursor=1#x", token=TOKEN)
        assert found.token_id == "once"

    @pytest.mark.parametrize(
        "named",
        [
            "HTTPS://tamaire.example/benefits/v1/events",
            "https://TAMAIRE.example:443/benefits/v1/events",
            "https://tamaire.example/benefits/v1/events?any=thing",
        ],
    )
    def test_may_write_the_same_address_in_another_way(self, named: str) -> None:
        assert judged(made(htu=named)).token_id == "once"

    def test_needs_no_token_hash_where_there_is_no_token(self) -> None:
        assert judge(made(without="ath"), method="GET", url=URL).jkt == KEY.kid

    @pytest.mark.parametrize("seconds", [-59, -1, 0, 9])
    def test_is_made_just_now_or_by_a_clock_slightly_ahead(self, seconds: int) -> None:
        assert judged(made(iat=int(clock.now().timestamp()) + seconds)).jkt == KEY.kid

    def test_is_remembered_for_as_long_as_it_could_be_shown_again(self) -> None:
        now = clock.now()
        with clock.frozen(now):
            proof = made(iat=int(now.timestamp()) + 9)
            found = judged(proof)
        with clock.frozen(found.memorable_until), pytest.raises(InvalidProof, match="just now"):
            judged(proof)


Making = Callable[[], str]
BAD: dict[str, Making] = {
    "nothing": lambda: "",
    "no compact token": lambda: "a.b",
    "not ASCII": lambda: "あ.い.う",
    "too long": lambda: made(jti="x" * 9_000),
    "another type": lambda: made(header={"typ": "JWT"}),
    "no type": lambda: made(header={"typ": None}),
    "an access token's type": lambda: made(header={"typ": "at+jwt"}),
    "no key": lambda: made(header={"jwk": None}),
    "a key that is no object": lambda: made(header={"jwk": "x"}),
    "half a key": lambda: made(header={"jwk": {"kty": "EC", "crv": "P-256", "x": "AA"}}),
    "a point off the curve": lambda: made(
        header={"jwk": {"kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ"}}
    ),
    "a private key": lambda: made(header={"jwk": private(KEY)}),
    "a shared secret": lambda: made(header={"jwk": {"kty": "oct", "k": "AA"}}),
    "another curve": lambda: made(
        header={"jwk": ECKey.generate_key("P-384").as_dict(private=False)}
    ),
    "another's key": lambda: made(header={"jwk": SigningKey.generate("ES256").public()}),
    "RSA with old padding": lambda: by_rsa(2_048, "RS256"),
    "altered claims": lambda: altered(made(), htm="GET", jti="other"),
    "another method": lambda: made(htm="POST"),
    "a method in small letters": lambda: made(htm="get"),
    "no method": lambda: made(without="htm"),
    "another path": lambda: made(htu=URL + "/1"),
    "another host": lambda: made(htu="https://evil.example/benefits/v1/events"),
    "another scheme": lambda: made(htu="http://tamaire.example/benefits/v1/events"),
    "another port": lambda: made(htu="https://tamaire.example:8443/benefits/v1/events"),
    "a user before the host": lambda: made(htu="https://a@tamaire.example/benefits/v1/events"),
    "no address": lambda: made(without="htu"),
    "an address that is none": lambda: made(htu="https://[::1"),
    "older than a minute": lambda: made(iat=int(clock.now().timestamp()) - 62),
    "from the future": lambda: made(iat=int(clock.now().timestamp()) + 12),
    "no time": lambda: made(without="iat"),
    "a time that is a text": lambda: made(iat="now"),
    "a time no clock shows": lambda: made(iat=10**30),
    "expired": lambda: made(exp=int(clock.now().timestamp()) - 1),
    "not yet valid": lambda: made(nbf=int(clock.now().timestamp()) + 60),
    "no jti": lambda: made(without="jti"),
    "an empty jti": lambda: made(jti=""),
    "an endless jti": lambda: made(jti="x" * 256),
    "a jti that is no text": lambda: made(jti=1),
    "no token hash": lambda: made(without="ath"),
    "another token's hash": lambda: made(ath=hash_of("another")),
    "the token itself for its hash": lambda: made(ath=TOKEN),
    **{
        f"a header {name}": (lambda name=name: made(header={name: "x"}))
        for name in ("jku", "x5u", "x5c", "x5t", "crit", "b64", "zip")
    },
}


class TestABadProof:
    @pytest.mark.parametrize("why", BAD)
    def test_proves_nothing(self, why: str) -> None:
        with pytest.raises(InvalidProof):
            judged(BAD[why]())

    @pytest.mark.parametrize("algorithm", ["none", "HS256", "ES384", None, 1])
    def test_is_not_signed_as_it_must_be(self, algorithm: Any) -> None:
        with pytest.raises(InvalidProof):
            judged(made(header={"alg": algorithm}))

    def test_says_nothing_twice(self) -> None:
        now = int(clock.now().timestamp())
        head = {"typ": "dpop+jwt", "alg": "ES256", "jwk": public()}
        body = f'{{"jti":"a","jti":"b","htm":"GET","htu":"{URL}","iat":{now}}}'
        with pytest.raises(InvalidProof):
            judge(written(head, body.encode()), method="GET", url=URL)

    @pytest.mark.parametrize("minutes", [2, 10])
    def test_was_good_a_while_ago(self, minutes: int) -> None:
        proof = made()
        with clock.frozen(clock.now() + timedelta(minutes=minutes)), pytest.raises(InvalidProof):
            judged(proof)


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
