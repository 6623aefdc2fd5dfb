"""A signature goes only where the table leads, whatever anybody tries."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from foundation.identifiers import new_id
from gateway.signatures.domain import (
    LIFETIME,
    OPEN,
    TRANSITIONS,
    AnotherResident,
    HolderMatch,
    IllegalTransition,
    Signature,
    SignatureId,
    SignatureState,
    compared,
)

NOW = datetime(2026, 7, 1, tzinfo=UTC)


def a_signature(state: SignatureState = SignatureState.REQUESTED) -> Signature:
    return Signature(
        id=SignatureId(new_id()),
        state=state,
        purpose="benefits.application.confirm",
        document_digest=b"d" * 32,
        person="person",
        subject="subject",
        client_id="demo-portal",
        resident_id=None,
        for_another=False,
        return_to="https://portal.test/callback",
        client_state=None,
        requested_at=NOW,
        expires_at=NOW + LIFETIME,
    )


def moved(signature: Signature, to: SignatureState) -> Signature:
    """Take the step that leads to a state."""
    match to:
        case SignatureState.SENT:
            return signature.sent(issuer="i", client_id="c", transaction=new_id(), at=NOW)
        case SignatureState.SIGNED:
            return signature.signed(NOW)
        case SignatureState.VERIFIED:
            return signature.verified(HolderMatch.EXACT, NOW)
        case SignatureState.REFUSED:
            return signature.refused("given_up", NOW)
        case SignatureState.EXPIRED:
            return signature.expired(NOW)
        case SignatureState.REQUESTED:
            raise IllegalTransition(signature.state, to)


class TestTransitions:
    @pytest.mark.parametrize("start", SignatureState)
    @pytest.mark.parametrize("end", SignatureState)
    def test_are_those_of_the_table(self, start: SignatureState, end: SignatureState) -> None:
        if end in TRANSITIONS[start]:
            reached = moved(a_signature(start), end)
            assert (reached.state, reached.version) == (end, 2)
        else:
            with pytest.raises(IllegalTransition):
                moved(a_signature(start), end)

    def test_name_every_state(self) -> None:
        assert TRANSITIONS.keys() == set(SignatureState)

    def test_lead_nowhere_from_a_judgement(self) -> None:
        ends = {state for state, onward in TRANSITIONS.items() if not onward}
        assert ends == {SignatureState.VERIFIED, SignatureState.REFUSED, SignatureState.EXPIRED}

    def test_let_a_signature_that_was_made_never_expire(self) -> None:
        assert SignatureState.EXPIRED not in TRANSITIONS[SignatureState.SIGNED]
        late = NOW + timedelta(days=365)
        assert not a_signature(SignatureState.SIGNED).is_over(late)
        assert a_signature(SignatureState.SENT).is_over(NOW + LIFETIME)


class Life(RuleBasedStateMachine):
    """Somebody does anything at all to one signature."""

    def __init__(self) -> None:
        super().__init__()
        self.signature = a_signature()
        self.history = [self.signature.state]

    @rule(to=st.sampled_from(SignatureState))
    def step(self, to: SignatureState) -> None:
        before = self.signature
        try:
            self.signature = moved(before, to)
        except IllegalTransition:
            assert to not in TRANSITIONS[before.state]
            return
        self.history.append(to)
        assert self.signature.version == before.version + 1

    @invariant()
    def is_verified_only_after_it_was_signed(self) -> None:
        if self.signature.state is SignatureState.VERIFIED:
            assert self.history[-2] is SignatureState.SIGNED
            assert self.signature.signed_at is not None

    @invariant()
    def is_decided_when_it_is_over(self) -> None:
        over = not TRANSITIONS[self.signature.state]
        assert (self.signature.decided_at is not None) == over

    @invariant()
    def keeps_what_it_is_about(self) -> None:
        assert self.signature.document_digest == b"d" * 32
        assert self.signature.person == "person"

    @invariant()
    def is_open_until_somebody_signs(self) -> None:
        assert (self.signature.state in OPEN) == (SignatureState.SIGNED not in self.history) or (
            self.signature.state in {SignatureState.REFUSED, SignatureState.EXPIRED}
        )


TestLife = Life.TestCase

ANN, BOB = UUID(int=1), UUID(int=2)


class TestCompared:
    @pytest.mark.parametrize(
        ("signer", "found", "has_substitutes", "expected"),
        [
            (ANN, (ANN, "exact"), False, HolderMatch.EXACT),
            (ANN, (ANN, "normalised"), False, HolderMatch.NORMALISED),
            (ANN, (ANN, "normalised"), True, HolderMatch.NORMALISED),
            (ANN, None, True, HolderMatch.SUBSTITUTES),
            (ANN, None, False, HolderMatch.DIFFERS),
            (None, (ANN, "exact"), False, HolderMatch.NOT_COMPARED),
            (None, None, True, HolderMatch.NOT_COMPARED),
        ],
    )
    def test_notes_a_difference_and_refuses_nobody_for_it(
        self,
        signer: UUID | None,
        found: tuple[UUID, str] | None,
        has_substitutes: bool,  # noqa: FBT001 - a column of the table above
        expected: HolderMatch,
    ) -> None:
        assert compared(signer, found, has_substitutes=has_substitutes) is expected

    @given(st.booleans())
    def test_refuses_a_holder_whom_the_register_knows_as_another(self, has: bool) -> None:  # noqa: FBT001 - drawn
        with pytest.raises(AnotherResident):
            compared(ANN, (BOB, "exact"), has_substitutes=has)
