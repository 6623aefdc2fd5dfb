"""Names that mean something in one municipality and nothing anywhere else."""

import pytest
from hypothesis import assume, given, strategies as st

from gateway.pseudonyms import Pseudonyms

NAMES = Pseudonyms(b"k" * 32)
texts = st.text(max_size=30)
tenants = st.integers(min_value=1, max_value=10_000)


class TestPerson:
    @given(texts, texts, tenants, tenants)
    def test_is_another_in_another_municipality(
        self, issuer: str, subject: str, here: int, there: int
    ) -> None:
        assume(here != there)
        assert NAMES.person(tenant_id=here, issuer=issuer, subject=subject) != NAMES.person(
            tenant_id=there, issuer=issuer, subject=subject
        )

    @given(st.tuples(texts, texts), st.tuples(texts, texts))
    def test_no_two_people_share_one(self, one: tuple[str, str], other: tuple[str, str]) -> None:
        assume(one != other)
        names = {
            NAMES.person(tenant_id=1, issuer=issuer, subject=subject)
            for issuer, subject in (one, other)
        }
        assert len(names) == 2

    @given(texts)
    def test_is_the_same_at_every_sign_in(self, subject: str) -> None:
        first = NAMES.person(tenant_id=1, issuer="i", subject=subject)
        assert first == NAMES.person(tenant_id=1, issuer="i", subject=subject)

    def test_depends_on_the_key(self) -> None:
        other = Pseudonyms(b"l" * 32)
        assert NAMES.person(tenant_id=1, issuer="i", subject="s") != other.person(
            tenant_id=1, issuer="i", subject="s"
        )


class TestSubject:
    @given(texts, texts)
    def test_a_resident_is_another_to_another_sector(self, one: str, other: str) -> None:
        assume(one != other)
        assert NAMES.subject("p", tenant_id=1, kind="resident", sector=one) != NAMES.subject(
            "p", tenant_id=1, kind="resident", sector=other
        )

    @given(texts, texts)
    def test_an_official_is_one_person_in_every_front_end(self, one: str, other: str) -> None:
        """Whoever proposed a transfer must not become somebody else to approve it."""
        assert NAMES.subject("p", tenant_id=1, kind="official", sector=one) == NAMES.subject(
            "p", tenant_id=1, kind="official", sector=other
        )

    def test_a_resident_is_never_the_official_they_also_are(self) -> None:
        assert NAMES.subject("p", tenant_id=1, kind="resident", sector="officials") != (
            NAMES.subject("p", tenant_id=1, kind="official", sector="officials")
        )


class TestOneTimeSecrets:
    def test_nonce_and_verifier_are_two(self) -> None:
        assert NAMES.nonce("state") != NAMES.verifier("state")

    def test_a_verifier_has_the_length_the_standard_asks(self) -> None:
        assert len(NAMES.verifier("state")) == 43


def test_takes_no_short_key() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Pseudonyms(b"short")
