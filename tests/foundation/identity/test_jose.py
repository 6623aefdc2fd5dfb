"""Tokens that others signed."""

from datetime import UTC, datetime
from typing import Any

import pytest

from foundation.identity import InvalidToken, SigningKey
from foundation.identity.jose import (
    ASYMMETRIC,
    ForeignKeys,
    UnknownKey,
    VerifiedClaims,
    audiences_of,
    instant_of,
    text_of,
    unverified_claims,
)
from tests.support.forgery import altered, forged

KEY = SigningKey.generate("ES256")
TYPES = frozenset({None, "JWT"})


def keys_of(*keys: SigningKey) -> ForeignKeys:
    return ForeignKeys({"keys": [key.public() for key in keys]})


def verified(token: str, keys: ForeignKeys | None = None) -> VerifiedClaims:
    return (keys or keys_of(KEY)).verify(token, algorithms=ASYMMETRIC, types=TYPES)


class TestForeignKeys:
    @pytest.mark.parametrize("algorithm", ["ES256", "Ed25519"])
    def test_believes_what_its_owner_signed(self, algorithm: Any) -> None:
        key = SigningKey.generate(algorithm)
        assert verified(key.sign({"sub": "x"}, typ="JWT"), keys_of(key)) == {"sub": "x"}

    def test_asks_for_newer_keys_only_when_the_name_is_unknown(self) -> None:
        with pytest.raises(UnknownKey):
            verified(SigningKey.generate("ES256").sign({}, typ="JWT"))

    @pytest.mark.parametrize("algorithm", ["none", "HS256", "RS256"])
    def test_believes_no_weak_signature(self, algorithm: str) -> None:
        with pytest.raises(InvalidToken):
            verified(forged({"sub": "x"}, algorithm=algorithm, key=KEY))

    def test_believes_no_altered_claims(self) -> None:
        with pytest.raises(InvalidToken):
            verified(altered(KEY.sign({"sub": "x"}, typ="JWT"), sub="y"))

    @pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c", "crit", "b64", "zip"])
    def test_lets_no_header_choose_the_key(self, name: str) -> None:
        token = forged({}, algorithm="ES256", key=KEY, header={name: "x"})
        with pytest.raises(InvalidToken, match="header"):
            verified(token)

    def test_takes_no_other_kind_of_token(self) -> None:
        with pytest.raises(InvalidToken, match="kind"):
            verified(KEY.sign({}, typ="at+jwt"))

    @pytest.mark.parametrize("token", ["", "a", "a.b", "a.b.c", "a.b.c.d.e", "é.é.é", "x" * 9_000])
    def test_takes_nothing_that_is_no_token(self, token: str) -> None:
        with pytest.raises(InvalidToken):
            verified(token)

    @pytest.mark.parametrize(
        "keys",
        [
            None,
            "x",
            [KEY.public()] * 2,
            [{"kty": "oct", "k": "AA", "kid": "1"}],
            [KEY.public() | {"d": "AA"}],
            [KEY.public() | {"x": "AA"}],
            [1] * 21,
        ],
        ids=["none", "no list", "a name twice", "a secret", "a private key", "no point", "many"],
    )
    def test_takes_no_strange_key_set(self, keys: object) -> None:
        with pytest.raises(InvalidToken):
            ForeignKeys({"keys": keys})

    def test_passes_over_keys_it_cannot_use(self) -> None:
        strange = [{"kty": "RSA", "n": "AQ", "e": "AQAB", "kid": "r"}, "x", {"kty": "AKP"}]
        keys = ForeignKeys({"keys": [*strange, KEY.public(), KEY.public() | {"use": "enc"}]})
        assert KEY.kid in keys
        assert "r" not in keys


class TestClaims:
    @pytest.mark.parametrize("value", [None, "", 1, "x" * 256, ["x"]])
    def test_a_text_is_a_text(self, value: object) -> None:
        with pytest.raises(InvalidToken):
            text_of(VerifiedClaims({"name": value}), "name")

    @pytest.mark.parametrize("value", [None, True, "1", float("nan"), float("inf"), 1e300, [1]])
    def test_an_instant_is_one_a_clock_could_show(self, value: object) -> None:
        with pytest.raises(InvalidToken):
            instant_of(VerifiedClaims({"exp": value}), "exp")

    def test_an_instant_is_seconds_since_1970(self) -> None:
        assert instant_of(VerifiedClaims({"exp": 0}), "exp") == datetime(1970, 1, 1, tzinfo=UTC)

    def test_one_audience_and_a_list_of_one_are_the_same(self) -> None:
        assert audiences_of(VerifiedClaims({"aud": "x"})) == ("x",)
        assert audiences_of(VerifiedClaims({"aud": ["x"]})) == ("x",)

    @pytest.mark.parametrize("value", [None, [], 1, ["x", 1], {}])
    def test_an_audience_is_made_of_texts(self, value: object) -> None:
        with pytest.raises(InvalidToken):
            audiences_of(VerifiedClaims({"aud": value}))

    @pytest.mark.parametrize("token", ["a.b.c", "e30.W10.", "e30.eyJhIjoxLCJhIjoyfQ.", "x"])
    def test_reads_no_claims_that_two_readers_could_read_differently(self, token: str) -> None:
        with pytest.raises(InvalidToken):
            unverified_claims(token)
