"""No combination of duty, role and act opens a case further than the table says."""

from hypothesis import given, strategies as st

from foundation.identity import Role
from services.consultation.cases.domain import CaseRole, Confidentiality
from services.consultation.cases.policies import GRANTS, Act, Decision, decide

DUTIES = st.frozensets(st.sampled_from(Role))
ACTS = st.sampled_from(Act)
ROLES = st.sampled_from(CaseRole)
CONFIDENTIALITIES = st.sampled_from(Confidentiality)
OF_THE_LEAD = {Act.CLASSIFY, Act.MOVE, Act.MANAGE_MEMBERS, Act.HAND_OVER}
COUNSELLOR = frozenset({Role.COUNSELLOR})


class TestDecide:
    def test_knows_every_role_at_every_confidentiality(self) -> None:
        assert set(GRANTS) == {(role, level) for role in CaseRole for level in Confidentiality}

    @given(DUTIES, ACTS, CONFIDENTIALITIES)
    def test_hides_the_case_from_whoever_has_no_role_on_it(
        self, duties: frozenset[Role], act: Act, level: Confidentiality
    ) -> None:
        decision = decide(act, duties=duties, role=None, confidentiality=level)
        assert decision is Decision.HIDDEN

    @given(DUTIES.map(lambda duties: duties - COUNSELLOR), ACTS, ROLES, CONFIDENTIALITIES)
    def test_hides_the_case_from_whoever_is_no_counsellor(
        self, duties: frozenset[Role], act: Act, role: CaseRole, level: Confidentiality
    ) -> None:
        decision = decide(act, duties=duties, role=role, confidentiality=level)
        assert decision is Decision.HIDDEN

    @given(DUTIES, ACTS, ROLES, CONFIDENTIALITIES)
    def test_asks_of_the_duties_only_whether_one_counsels(
        self, duties: frozenset[Role], act: Act, role: CaseRole, level: Confidentiality
    ) -> None:
        more, bare = (
            decide(act, duties=given, role=role, confidentiality=level)
            for given in (duties | COUNSELLOR, COUNSELLOR)
        )
        assert more is bare

    @given(ACTS, ROLES, CONFIDENTIALITIES)
    def test_never_hides_a_case_from_its_members(
        self, act: Act, role: CaseRole, level: Confidentiality
    ) -> None:
        decision = decide(act, duties=COUNSELLOR, role=role, confidentiality=level)
        assert decision in {Decision.GRANTED, Decision.REFUSED}

    @given(ACTS, CONFIDENTIALITIES)
    def test_gives_the_lead_whatever_a_worker_has_and_a_worker_whatever_a_reader_has(
        self, act: Act, level: Confidentiality
    ) -> None:
        reader, worker, lead = (
            decide(act, duties=COUNSELLOR, role=role, confidentiality=level) is Decision.GRANTED
            for role in (CaseRole.READER, CaseRole.WORKER, CaseRole.LEAD)
        )
        assert reader <= worker <= lead

    @given(ROLES, CONFIDENTIALITIES)
    def test_leaves_the_case_itself_to_its_lead(
        self, role: CaseRole, level: Confidentiality
    ) -> None:
        granted = {
            act
            for act in OF_THE_LEAD
            if decide(act, duties=COUNSELLOR, role=role, confidentiality=level) is Decision.GRANTED
        }
        assert granted == (OF_THE_LEAD if role is CaseRole.LEAD else set())

    def test_closes_the_records_of_a_case_kept_strictly_to_its_readers(self) -> None:
        decided = {
            level: decide(
                Act.READ_RECORDS,
                duties=COUNSELLOR,
                role=CaseRole.READER,
                confidentiality=level,
            )
            for level in Confidentiality
        }
        assert decided == {
            Confidentiality.ORDINARY: Decision.GRANTED,
            Confidentiality.SENSITIVE: Decision.GRANTED,
            Confidentiality.STRICT: Decision.REFUSED,
        }
