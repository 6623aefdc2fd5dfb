"""A case goes on only as the table says, and has one lead whatever its members do."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from foundation.identifiers import new_id
from services.consultation.cases.domain import (
    MOST_MEMBERS,
    TRANSITIONS,
    UNDER_WAY,
    Case,
    CaseAct,
    CaseId,
    CaseRole,
    CaseState,
    Confidentiality,
    Consultee,
    LeadFixed,
    Member,
    MembersFull,
    NoSuchMember,
    Theme,
)

NINE = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
PEOPLE = st.sampled_from(["sato", "suzuki", "takahashi", "tanaka"])


def a_member(subject: str, role: CaseRole = CaseRole.WORKER) -> Member:
    return Member(subject=subject, role=role, since=NINE)


def a_case(
    *members: Member,
    state: CaseState = CaseState.OPENED,
    classified_as: Confidentiality = Confidentiality.ORDINARY,
    consultee: Consultee | None = None,
) -> Case:
    return Case(
        id=CaseId(new_id()),
        theme=Theme.HOUSING,
        classified_as=classified_as,
        consultee=consultee or Consultee(),
        state=state,
        members=(a_member("sato", CaseRole.LEAD), *members),
        opened_by="sato",
        opened_at=NINE,
        version=1,
    )


def roles_of(case: Case) -> dict[str, CaseRole]:
    return {member.subject: member.role for member in case.members}


class TestAfter:
    def test_can_reach_every_state_but_the_first(self) -> None:
        assert {*TRANSITIONS.values()} == set(CaseState) - {CaseState.OPENED}

    def test_knows_a_way_on_from_every_state(self) -> None:
        assert {state for state, _ in TRANSITIONS} == set(CaseState)

    @given(st.lists(st.sampled_from(CaseAct), max_size=20))
    def test_is_where_the_accepted_acts_lead(self, acts: list[CaseAct]) -> None:
        case, closures = a_case(), 0
        for act in acts:
            before, after = case, case.after(act)
            if after is None:
                assert (before.state, act) not in TRANSITIONS
                continue
            assert after.state is TRANSITIONS[before.state, act]
            assert after.version == before.version + 1
            assert after.members == before.members
            closures += act is CaseAct.CLOSED
            case = after
        assert (closures > 0) >= (case.state in {CaseState.CLOSED, CaseState.REOPENED})

    def test_leaves_nothing_to_record_only_while_it_is_closed(self) -> None:
        assert set(CaseState) - UNDER_WAY == {CaseState.CLOSED}


class TestMembers:
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["set", "remove", "hand over"]), PEOPLE, st.sampled_from(CaseRole)
            ),
            max_size=30,
        )
    )
    def test_have_one_lead_whatever_is_done(self, steps: list[tuple[str, str, CaseRole]]) -> None:
        case = a_case()
        for act, subject, role in steps:
            before = case
            with suppress(LeadFixed, NoSuchMember):
                match act:
                    case "set":
                        case = before.with_member(a_member(subject, role))
                    case "remove":
                        case = before.without(subject)
                    case _:
                        case = before.handed_over_to(subject)
            roles = roles_of(case)
            assert len(roles) == len(case.members)
            assert list(roles.values()).count(CaseRole.LEAD) == 1
            assert case.version == before.version + (case.members != before.members)

    def test_are_not_made_a_second_lead(self) -> None:
        with pytest.raises(LeadFixed):
            a_case().with_member(a_member("suzuki", CaseRole.LEAD))

    def test_have_a_bound(self) -> None:
        case = a_case(*(a_member(f"worker-{n}") for n in range(MOST_MEMBERS - 1)))
        with pytest.raises(MembersFull):
            case.with_member(a_member("one-too-many"))
        assert roles_of(case.with_member(a_member("worker-0", CaseRole.READER)))["worker-0"] is (
            CaseRole.READER
        )


class TestHandedOverTo:
    def test_keeps_the_former_lead_as_a_worker(self) -> None:
        case = a_case(a_member("suzuki", CaseRole.READER)).handed_over_to("suzuki")
        assert roles_of(case) == {"sato": CaseRole.WORKER, "suzuki": CaseRole.LEAD}

    def test_refuses_whoever_is_no_member(self) -> None:
        with pytest.raises(NoSuchMember):
            a_case().handed_over_to("suzuki")

    def test_changes_nothing_for_the_lead(self) -> None:
        case = a_case()
        assert case.handed_over_to("sato") is case


class TestConfidentiality:
    @pytest.mark.parametrize("classified_as", list(Confidentiality))
    def test_is_strict_as_long_as_the_person_is_protected(
        self, classified_as: Confidentiality
    ) -> None:
        protected = Consultee(resident_id=new_id(), protected=True)
        case = a_case(classified_as=classified_as, consultee=protected)
        assert case.confidentiality is Confidentiality.STRICT
        assert a_case(classified_as=classified_as).confidentiality is classified_as


class TestConsultee:
    def test_is_not_printed_with_name_or_contact(self) -> None:
        printed = repr(Consultee(name="CANARY-NAME", contact="CANARY-CONTACT"))
        assert "CANARY" not in printed
