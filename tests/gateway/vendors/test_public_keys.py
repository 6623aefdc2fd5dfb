"""A vendor's key is public, of a kind we verify, and named by its thumbprint if by nothing else."""

from typing import Any

import pytest
from hypothesis import given, strategies as st

from foundation.identity import SigningKey
from gateway.vendors.public_keys import KeyRefused, read, thumbprint

# RFC 7638 has no EC example; this is the key of RFC 7517 §A.1, named as our signer names it.
EC = {
    "kty": "EC",
    "crv": "P-256",
    "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
}
ED = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}


class TestRead:
    @pytest.mark.parametrize("algorithm", ["ES256", "Ed25519"])
    def test_names_a_key_as_its_own_library_does(self, algorithm: Any) -> None:
        key = SigningKey.generate(algorithm)
        public = key.public()
        del public["kid"]
        assert read(public).kid == key.kid
        assert read(key.public()).jwk["alg"] == algorithm

    def test_keeps_nothing_but_what_a_verifier_needs(self) -> None:
        kept = read({**ED, "kid": "2026-11", "x5u": "https://example.co.jp", "key_ops": ["verify"]})
        assert set(kept.jwk) == {"kty", "crv", "x", "kid", "use", "alg"}

    def test_knows_the_thumbprint_of_rfc_8037(self) -> None:
        assert thumbprint(ED) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"

    @pytest.mark.parametrize(
        "wrong",
        [
            {},
            {"kty": "oct", "k": "c2VjcmV0"},
            {**ED, "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"},
            {**EC, "y": EC["x"]},
            {**EC, "x": EC["x"] + "="},
            {**EC, "x": EC["x"][:-4]},
            {**EC, "crv": "P-384"},
            {**EC, "crv": "secp256k1"},
            {**EC, "use": "enc"},
            {**EC, "alg": "RS256"},
            {**ED, "alg": "ES256"},
            {**ED, "kid": "a b"},
            {**ED, "kid": ""},
            {**ED, "kid": 7},
            {**ED, "x": None},
            {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        ],
    )
    def test_refuses_what_proves_nothing_or_too_much(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(KeyRefused) as refused:
            read(wrong)
        assert refused.value.detail_ja

    @given(st.dictionaries(st.sampled_from(["kty", "crv", "x", "y", "d", "kid"]), st.text()))
    def test_never_fails_otherwise(self, given_key: dict[str, Any]) -> None:
        with pytest.raises(KeyRefused):
            read(given_key)
