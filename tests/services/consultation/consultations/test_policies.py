"""A record is its author's; the lead answers for all of them."""

from hypothesis import given, strategies as st

from services.consultation.cases.domain import CaseRole
from services.consultation.consultations.policies import may_correct

PEOPLE = st.sampled_from(["sato", "suzuki", "tanaka"])


class TestMayCorrect:
    @given(PEOPLE, PEOPLE)
    def test_leaves_any_record_to_the_lead(self, author: str, subject: str) -> None:
        assert may_correct(CaseRole.LEAD, recorded_by=author, subject=subject)

    @given(PEOPLE, PEOPLE)
    def test_leaves_a_worker_their_own(self, author: str, subject: str) -> None:
        assert may_correct(CaseRole.WORKER, recorded_by=author, subject=subject) == (
            author == subject
        )

    @given(PEOPLE, PEOPLE)
    def test_leaves_a_reader_none(self, author: str, subject: str) -> None:
        assert not may_correct(CaseRole.READER, recorded_by=author, subject=subject)
