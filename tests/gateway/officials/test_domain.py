"""Providers, grants and lists as pure rules: tables of transitions, days, and what follows."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from foundation.clock import JST
from foundation.identity import Role
from gateway.duties.domain import (
    SENSITIVE,
    TRANSITIONS as GRANT_TRANSITIONS,
    ActNotPossible,
    Grant,
    GrantAct,
    GrantState,
    NotTwoPeople,
    Period,
    conflicts_of,
    duties_at,
    midnight,
)
from gateway.officials.providers import domain as providers
from gateway.officials.providers.domain import (
    Claims,
    IdentityProvider,
    MappedRole,
    ProviderAct,
    ProviderState,
    explain,
    read_statement,
)
from gateway.officials.providers.examination import Plan, issuer_faults, judge
from gateway.officials.reassignments import domain as reassignments
from gateway.officials.reassignments.domain import ReassignmentAct, ReassignmentState

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
PROVIDER = IdentityProvider(
    id=UUID(int=1),
    name="庁内",
    issuer="https://login.example",
    client_id="tamaire",
    client_authentication="private_key_jwt",
    scope="openid",
    acr_values="",
    claims=Claims(),
    state=ProviderState.DRAFT,
    drawn_by="a",
    changed_by="a",
    changed_at=NOW,
)


def grant(**changes: Any) -> Grant:
    facts: dict[str, Any] = {
        "id": UUID(int=2),
        "subject": "holder",
        "named_by": "subject",
        "name": None,
        "name_hash": None,
        "role": Role.TREASURER,
        "period": Period.of_days(date(2026, 11, 1), None),
        "reason": "理由",
        "state": GrantState.PROPOSED,
        "proposed_by": "a",
        "proposed_at": NOW,
        "changed_at": NOW,
    }
    return Grant(**(facts | changes))


class TestProviderStates:
    @given(st.lists(st.sampled_from(ProviderAct), max_size=30))
    def test_go_on_by_the_table_alone(self, acts: list[ProviderAct]) -> None:
        provider, path = PROVIDER, [PROVIDER.state]
        for act in acts:
            expected = providers.TRANSITIONS.get((provider.state, act))
            if expected is None:
                with pytest.raises(providers.ActNotPossible):
                    provider.after(act, by="b", at=NOW)
                continue
            provider = provider.after(act, by="b", at=NOW)
            assert provider.state is expected
            path.append(expected)
        assert (provider.retired_at is not None) == (provider.state is ProviderState.RETIRED)
        for before, after in pairwise(path):
            if after is ProviderState.ACTIVE:
                assert before in {ProviderState.TESTED, ProviderState.RETIRING}
            assert before is not ProviderState.RETIRED

    def test_nothing_comes_after_retirement(self) -> None:
        assert ProviderState.RETIRED not in {state for state, _ in providers.TRANSITIONS}

    def test_what_was_changed_is_tried_anew(self) -> None:
        tested = PROVIDER.after(ProviderAct.TESTED, by="b", at=NOW)
        changed = tested.after(ProviderAct.CHANGED, by="b", at=NOW)
        assert (changed.state, changed.tested_at) == (ProviderState.DRAFT, None)


class TestGrantStates:
    @given(
        st.lists(st.tuples(st.sampled_from(GrantAct), st.sampled_from("abc")), max_size=20),
        st.sampled_from(Role),
    )
    def test_never_let_one_person_give_and_approve(
        self, acts: list[tuple[GrantAct, str]], role: Role
    ) -> None:
        one = grant(role=role, subject="c")
        for act, by in acts:
            try:
                after = one.after(act, by=by, at=NOW)
            except (ActNotPossible, NotTwoPeople):
                continue
            assert GRANT_TRANSITIONS[one.state, act] is after.state
            if after.state is GrantState.GRANTED:
                assert by not in {one.proposed_by, one.subject}
            one = after

    def test_sensitive_duties_are_these(self) -> None:
        assert {Role.ADMINISTRATOR, Role.TREASURER, Role.AUDITOR} == SENSITIVE


class TestReassignmentStates:
    @given(st.lists(st.sampled_from(ReassignmentAct), max_size=10))
    def test_a_list_is_decided_once(self, acts: list[ReassignmentAct]) -> None:
        state, decided = ReassignmentState.CHECKED, 0
        for act in acts:
            following = reassignments.TRANSITIONS.get((state, act))
            if following is not None:
                state, decided = following, decided + 1
        assert decided == min(len(acts), 1)


class TestDays:
    @given(st.dates(date(2020, 1, 1), date(2060, 1, 1)), st.integers(0, 4_000))
    def test_a_period_is_its_days_in_japan(self, first: date, length: int) -> None:
        last = first + timedelta(days=length)
        period = Period.of_days(first, last)
        assert (period.first_day, period.last_day) == (first, last)
        assert period.contains(midnight(first))
        assert not period.contains(midnight(first) - timedelta(microseconds=1))
        assert period.contains(midnight(last + timedelta(days=1)) - timedelta(microseconds=1))
        assert not period.contains(midnight(last + timedelta(days=1)))

    def test_midnight_is_japan_s(self) -> None:
        assert midnight(date(2027, 4, 1)) == datetime(2027, 3, 31, 15, tzinfo=UTC)

    @given(
        st.lists(
            st.tuples(st.sampled_from(Role), st.integers(-50, 50), st.integers(1, 50)), max_size=8
        )
    )
    def test_duties_hold_until_the_next_border(self, given_: list[tuple[Role, int, int]]) -> None:
        by_name = [
            (
                role,
                Period(
                    starts_at=NOW + timedelta(hours=start),
                    ends_at=NOW + timedelta(hours=start + length),
                ),
            )
            for role, start, length in given_
        ]
        held = duties_at(NOW, by_group=[], by_name=by_name)
        if held.until is None:
            return
        just_before = held.until - timedelta(microseconds=1)
        assert duties_at(just_before, by_group=[], by_name=by_name).roles == held.roles


class TestConflicts:
    def test_paying_and_proposing_do_not_go_together(self) -> None:
        found = conflicts_of([Role.BENEFITS_OFFICER, Role.TREASURER, Role.CLERK])
        assert [pair[:2] for pair in found] == [(Role.BENEFITS_OFFICER, Role.TREASURER)]
        assert conflicts_of([Role.CLERK, Role.COUNSELLOR]) == []


class TestStatements:
    @pytest.mark.parametrize(
        ("claims", "groups"),
        [
            ({"groups": ["b", "a", "b"]}, ("a", "b")),
            ({"groups": "a"}, ("a",)),
            ({"groups": ["a", 1, None, "", "x" * 256]}, ("a",)),
            ({"groups": {"a": 1}}, ()),
            ({}, ()),
        ],
        ids=["twice", "a text", "strangers", "an object", "none"],
    )
    def test_read_groups(self, claims: Mapping[str, Any], groups: tuple[str, ...]) -> None:
        assert read_statement(claims, Claims()).groups == groups

    def test_read_a_claim_inside_another(self) -> None:
        claims = {"realm_access": {"roles": ["clerk"]}}
        assert read_statement(claims, Claims(groups="realm_access.roles")).groups == ("clerk",)

    def test_a_claim_whose_name_has_a_dot_comes_first(self) -> None:
        claims = {"a.b": ["x"], "a": {"b": ["y"]}}
        assert read_statement(claims, Claims(groups="a.b")).groups == ("x",)

    def test_take_no_address_that_is_not_verified(self) -> None:
        claims = {"email": "a@city.example", "email_verified": False}
        assert read_statement(claims, Claims(email="email")).email is None

    def test_take_a_number_that_came_as_a_number(self) -> None:
        assert read_statement({"no": 1234}, Claims(employee_id="no")).employee_id == "1234"

    @pytest.mark.parametrize("value", [None, "other.jp", ["city.lg.jp"], True])
    def test_admit_only_whom_the_required_claim_names(self, value: object) -> None:
        agreed = Claims(required_claim="hd", required_value="city.lg.jp")
        assert not read_statement({"hd": value}, agreed).is_admitted
        assert read_statement({"hd": "city.lg.jp"}, agreed).is_admitted

    def test_explain_group_by_group(self) -> None:
        mapping = [MappedRole("課", Role.CLERK), MappedRole("部", Role.AUDITOR)]
        found = explain(["課", "係"], mapping)
        assert (found.duties, found.unmapped, found.never_matched) == (
            {Role.CLERK},
            ("係",),
            ("部",),
        )


class TestExamination:
    PLAN = Plan(
        issuer="https://login.example",
        client_authentication="private_key_jwt",
        scope="openid",
        acr_values="",
        claims=Claims(),
    )

    @pytest.mark.parametrize(
        "issuer",
        [
            "http://login.example",
            "https://",
            "https://u@login.example",
            "https://login.example?x=1",
            "https://login.example#x",
            "ftp://login.example",
            "https://[::1",
            "",
        ],
    )
    def test_refuses_an_issuer_that_is_none(self, issuer: str) -> None:
        assert issuer_faults(issuer, Claims(), plain_allowed=False)

    def test_a_shared_issuer_needs_a_claim_of_one_s_own(self) -> None:
        google = "https://accounts.google.com"
        found = issuer_faults(google, Claims(), plain_allowed=False)
        assert [one.code for one in found] == ["issuer-shared"]
        own = Claims(required_claim="hd", required_value="city.lg.jp")
        assert issuer_faults(google, own, plain_allowed=False) == []

    @given(
        st.dictionaries(
            st.sampled_from(
                [
                    "issuer",
                    "authorization_endpoint",
                    "token_endpoint",
                    "response_types_supported",
                    "code_challenge_methods_supported",
                    "id_token_signing_alg_values_supported",
                    "scopes_supported",
                    "claims_supported",
                ]
            ),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.text(max_size=20),
                lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
                max_leaves=5,
            ),
        ),
        st.none() | st.integers(0, 3),
    )
    def test_finds_fault_with_nonsense_and_never_stumbles(
        self, document: dict[str, Any], keys: int | None
    ) -> None:
        found = judge(document, keys, self.PLAN)
        assert found.faults
        assert all(one.detail and one.detail_ja for one in (*found.faults, *found.notices))

    def test_entra_says_nothing_of_pkce_and_passes(self) -> None:
        base = "https://login.example"
        document = {
            "issuer": base,
            "authorization_endpoint": f"{base}/a",
            "token_endpoint": f"{base}/t",
            "userinfo_endpoint": "https://graph.example/userinfo",
            "jwks_uri": f"{base}/k",
            "response_types_supported": ["code", "id_token"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        }
        found = judge(document, 2, self.PLAN)
        assert found.faults == ()
        assert {one.code for one in found.notices} == {"pkce-not-listed", "does-not-name-itself"}
        assert found.algorithms == ("RS256",)


def test_the_zone_of_days_is_japan() -> None:
    assert str(JST) == "Asia/Tokyo"
