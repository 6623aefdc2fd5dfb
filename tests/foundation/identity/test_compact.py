"""Signatures made and checked by the short way are those of the library, to the letter."""

from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from hypothesis import given, strategies as st
from joserfc import jwk, jwt

from foundation.identity import InvalidToken, KeySet, SigningKey, compact
from foundation.identity.keys import Algorithm

CLAIMS: dict[str, Any] = {"sub": "clerk", "name": "北見", "exp": 1}


def pair(kind: str) -> tuple[compact.PrivateKey, compact.PublicKey, jwk.ECKey | jwk.OKPKey]:
    key = jwk.ECKey.generate_key("P-256") if kind == "ES256" else jwk.OKPKey.generate_key("Ed25519")
    private, public = key.private_key, key.public_key
    assert isinstance(private, compact.PrivateKey)
    assert isinstance(public, compact.PublicKey)
    return private, public, key


@pytest.mark.parametrize("algorithm", ["ES256", "Ed25519"])
class TestBothWays:
    def test_the_library_believes_what_we_sign(self, algorithm: str) -> None:
        private, _, key = pair(algorithm)
        header = compact.encoded_header({"alg": algorithm, "typ": "x"})
        token = compact.signed(header, CLAIMS, private)
        assert jwt.decode(token, key, algorithms=[algorithm]).claims == CLAIMS

    def test_we_believe_what_the_library_signs(self, algorithm: str) -> None:
        _, public, key = pair(algorithm)
        token = jwt.encode({"alg": algorithm}, CLAIMS, key, algorithms=[algorithm])
        assert compact.claims_of(token, public) == CLAIMS

    def test_another_key_is_not_believed(self, algorithm: str) -> None:
        private, _, _ = pair(algorithm)
        _, other, _ = pair(algorithm)
        token = compact.signed(compact.encoded_header({"alg": algorithm}), CLAIMS, private)
        with pytest.raises(InvalidSignature):
            compact.claims_of(token, other)

    def test_a_token_changed_anywhere_is_not_believed(self, algorithm: str) -> None:
        private, public, _ = pair(algorithm)
        token = compact.signed(compact.encoded_header({"alg": algorithm}), CLAIMS, private)
        for at, letter in enumerate(token):
            changed = token[:at] + ("A" if letter != "A" else "B") + token[at + 1 :]
            with pytest.raises((InvalidSignature, ValueError)):
                compact.claims_of(changed, public)


class TestClaimsOf:
    @pytest.mark.parametrize(
        "shape",
        [
            "{h}.{p}.{s}=",
            "{h}.{p}.{s}A",
            "{h}.{p}.{s}.x",
            "{p}.{s}",
            "{h}..{s}",
            "{h}.\n{p}.{s}",
            "{h}.{p}.{s}\n",
            ".{h}.{p}.{s}",
        ],
    )
    def test_reads_one_spelling_only(self, shape: str) -> None:
        private, public, _ = pair("ES256")
        token = compact.signed(compact.encoded_header({"alg": "ES256"}), CLAIMS, private)
        header, payload, signature = token.split(".")
        with pytest.raises((InvalidSignature, ValueError)):
            compact.claims_of(shape.format(h=header, p=payload, s=signature), public)

    @pytest.mark.parametrize("payload", ["[]", '{"a":1,"a":2}', "NaN", '{"a":NaN}', " ", "{"])
    def test_refuses_claims_that_are_no_object_or_can_be_read_in_two_ways(
        self, payload: str
    ) -> None:
        key = jwk.ECKey.generate_key("P-256")
        private = key.private_key
        assert isinstance(private, compact.EllipticCurvePrivateKey)
        public = private.public_key()
        content = "e30."
        encoded = compact.urlsafe_b64encode(payload.encode()).rstrip(b"=").decode()
        content += encoded
        der = private.sign(content.encode(), compact.ECDSA(compact.SHA256()))
        r, s = compact.decode_dss_signature(der)
        raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        signature = compact.urlsafe_b64encode(raw).rstrip(b"=").decode()
        with pytest.raises(ValueError, match=r"."):
            compact.claims_of(f"{content}.{signature}", public)


class TestKeySet:
    @given(st.integers(min_value=0, max_value=1_000_000))
    def test_judges_the_hundredth_token_like_the_first(self, number: int) -> None:
        key, other = KEY, OTHER
        keys = KeySet.of(key)
        for _ in range(2):
            token = key.sign({"n": number}, typ="at+jwt")
            assert keys.verify(token, typ="at+jwt", algorithm="ES256") == {"n": number}
            header, _, rest = token.partition(".")
            forged = other.sign({"n": number}, typ="at+jwt").partition(".")[2]
            for bad in (f"{header}.{forged}", f"{header}.{rest[:-2]}", f"{header}.{rest}x"):
                with pytest.raises(InvalidToken):
                    keys.verify(bad, typ="at+jwt", algorithm="ES256")

    def test_keeps_kinds_and_algorithms_apart_once_it_knows_a_header(self) -> None:
        keys = KeySet.of(KEY)
        token = KEY.sign({}, typ="at+jwt")
        keys.verify(token, typ="at+jwt", algorithm="ES256")
        others: tuple[tuple[str, Algorithm], ...] = (
            ("internal+jwt", "ES256"),
            ("at+jwt", "Ed25519"),
        )
        for typ, algorithm in others:
            with pytest.raises(InvalidToken):
                keys.verify(token, typ=typ, algorithm=algorithm)


KEY, OTHER = SigningKey.generate("ES256"), SigningKey.generate("ES256")
