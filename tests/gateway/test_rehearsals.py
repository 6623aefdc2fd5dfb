"""Trouble can be called up in the municipality that is none, and in no other."""

import pytest

from foundation.identifiers import SANDBOX
from foundation.problems import Problem
from gateway.rehearsals import OUTCOMES, rehearse


class TestRehearse:
    @pytest.mark.parametrize("wished", sorted(OUTCOMES))
    def test_refuses_in_the_sandbox_as_it_would_be_in_earnest(self, wished: bytes) -> None:
        with pytest.raises(Problem) as refused:
            rehearse(SANDBOX, wished)
        assert int(refused.value.status) == int(wished)
        assert refused.value.document()["remedy_ja"]

    @pytest.mark.parametrize("wished", [*sorted(OUTCOMES), b"", b"200", b"coffee", None])
    def test_does_nothing_to_a_real_municipality(self, wished: bytes | None) -> None:
        rehearse("012084", wished)

    @pytest.mark.parametrize("wished", [None, b"", b"200", b"coffee"])
    def test_does_nothing_without_a_wish_it_knows(self, wished: bytes | None) -> None:
        rehearse(SANDBOX, wished)
