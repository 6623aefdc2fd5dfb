"""What a transfer proposal may become."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, strategies as st

from foundation.identifiers import new_id
from foundation.money import yen
from services.benefits.disbursements.domain import (
    TRANSITIONS,
    IllegalProposalStep,
    ProposalId,
    ProposalState,
    TransferProposal,
)
from services.benefits.programmes.domain import ProgrammeId

S = ProposalState


def a_proposal(state: ProposalState = S.PROPOSED, proposed_by: str = "maker") -> TransferProposal:
    return TransferProposal(
        id=ProposalId(new_id()),
        programme_id=ProgrammeId(new_id()),
        transfer_on=date(2026, 12, 18),
        state=state,
        line_count=2,
        total_yen=yen(60_000),
        fingerprint=bytes(32),
        proposed_by=proposed_by,
        proposed_at=datetime(2026, 12, 1, tzinfo=UTC),
        approved_by=None,
        approved_at=None,
        closing_reason=None,
        executed_on=None,
        file=None,
        version=1,
    )


class TestTransitions:
    def test_has_a_row_for_every_state(self) -> None:
        assert set(TRANSITIONS) == set(ProposalState)

    def test_seals_only_what_was_approved(self) -> None:
        assert {state for state, after in TRANSITIONS.items() if S.SEALED in after} == {S.APPROVED}

    @given(st.lists(st.sampled_from(ProposalState), max_size=12))
    def test_never_reaches_a_state_twice(self, wanted: list[ProposalState]) -> None:
        current, been = S.PROPOSED, [S.PROPOSED]
        for state in wanted:
            if state in TRANSITIONS[current]:
                current = state
                been.append(state)
        assert len(been) == len(set(been))


class TestRequire:
    @pytest.mark.parametrize("state", [S.REJECTED, S.VOIDED, S.APPROVED, S.SEALED, S.SETTLED])
    def test_refuses_a_second_approval(self, state: ProposalState) -> None:
        with pytest.raises(IllegalProposalStep):
            a_proposal(state).require(S.APPROVED)
