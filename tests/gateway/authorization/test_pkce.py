"""Proof Key for Code Exchange."""

from hypothesis import assume, given, strategies as st

from gateway.authorization.pkce import answers, is_challenge
from tests.support.front_door import challenge_of

verifiers = st.text(alphabet="ABCXYZabcxyz0123456789-._~", min_size=43, max_size=128)


class TestAnswers:
    def test_agrees_with_the_example_of_the_standard(self) -> None:
        """RFC 7636 appendix B."""
        verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        assert answers("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", verifier)

    @given(verifiers)
    def test_whoever_began_may_finish(self, verifier: str) -> None:
        assert answers(challenge_of(verifier), verifier)

    @given(verifiers, verifiers)
    def test_nobody_else_may(self, verifier: str, other: str) -> None:
        assume(verifier != other)
        assert not answers(challenge_of(verifier), other)

    @given(st.one_of(st.none(), st.text(max_size=42), st.text(min_size=129, max_size=140)))
    def test_a_verifier_has_43_to_128_characters(self, verifier: str | None) -> None:
        assert not answers(challenge_of(verifier or ""), verifier)

    def test_the_challenge_itself_is_no_answer(self) -> None:
        challenge = challenge_of("a" * 43)
        assert not answers(challenge, challenge)


class TestIsChallenge:
    def test_is_a_sha_256_in_base64url(self) -> None:
        assert is_challenge(challenge_of("a" * 43))
        assert not is_challenge(None)
        assert not is_challenge("a" * 42)
        assert not is_challenge("a" * 44)
        assert not is_challenge("+" * 43)
