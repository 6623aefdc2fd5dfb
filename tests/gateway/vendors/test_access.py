"""A request for access goes through its one table of transitions, whatever is tried."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from foundation.identifiers import new_id
from gateway.vendors.access import (
    LONGEST,
    TRANSITIONS,
    AccessRequest,
    AccessState,
    Decision,
    IllegalStep,
    MoreThanAsked,
    NoSuchEnd,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DECISION = Decision(at=NOW, by="official-1", reason="契約による")
SCOPES = ("benefits:read", "window-dx:read", "window-dx:write")
STEPS = ("grant", "refuse", "withdraw", "end", "wait")
BECOMES = {
    "grant": AccessState.GRANTED,
    "refuse": AccessState.REFUSED,
    "withdraw": AccessState.WITHDRAWN,
    "end": AccessState.ENDED,
}


def a_request(**changes: Any) -> AccessRequest:
    made = AccessRequest(
        id=new_id(),
        client_id="client-1",
        scopes=frozenset(SCOPES),
        purpose="窓口の表示",
        requested_at=NOW,
    )
    return replace(made, **changes)


def taken(request: AccessRequest, step: str, *, until: datetime) -> AccessRequest:
    match step:
        case "grant":
            return request.granted(frozenset(SCOPES[:1]), until=until, decision=DECISION)
        case "refuse":
            return request.refused(DECISION)
        case "withdraw":
            return request.withdrawn(DECISION)
        case _:
            return request.ended()


class TestAccessRequest:
    @given(st.lists(st.sampled_from(STEPS), max_size=8))
    def test_goes_only_where_the_table_leads(self, steps: list[str]) -> None:
        request, now = a_request(), NOW
        for step in steps:
            if step == "wait":
                now += timedelta(days=20)
                request = request.seen_at(now)
                continue
            before = request
            try:
                request = taken(request, step, until=NOW + timedelta(days=30))
            except IllegalStep:
                assert BECOMES[step] not in TRANSITIONS[before.state]
            else:
                assert BECOMES[step] in TRANSITIONS[before.state]
                assert request.version == before.version + 1

    def test_has_a_row_for_every_state_and_no_way_back(self) -> None:
        assert set(TRANSITIONS) == set(AccessState)
        assert all(AccessState.REQUESTED not in following for following in TRANSITIONS.values())

    @given(st.sets(st.sampled_from((*SCOPES, "benefits:pay", "registry:read"))))
    def test_grants_a_part_of_what_was_asked_and_never_more(self, scopes: set[str]) -> None:
        until = NOW + timedelta(days=1)
        if scopes and scopes <= set(SCOPES):
            granted = a_request().granted(frozenset(scopes), until=until, decision=DECISION)
            assert granted.granted_scopes == scopes
        else:
            with pytest.raises(MoreThanAsked):
                a_request().granted(frozenset(scopes), until=until, decision=DECISION)

    @pytest.mark.parametrize("late", [timedelta(0), timedelta(days=-1), LONGEST + timedelta(1)])
    def test_is_granted_for_a_time_and_not_for_ever(self, late: timedelta) -> None:
        with pytest.raises(NoSuchEnd):
            a_request().granted(frozenset(SCOPES), until=NOW + late, decision=DECISION)

    def test_expires_with_its_last_instant(self) -> None:
        until = NOW + timedelta(days=1)
        granted = a_request().granted(frozenset(SCOPES), until=until, decision=DECISION)
        assert granted.seen_at(until - timedelta(seconds=1)).state is AccessState.GRANTED
        assert granted.seen_at(until).state is AccessState.EXPIRED
