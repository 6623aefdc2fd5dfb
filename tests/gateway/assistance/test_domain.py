"""A consent to assist: two people to begin, one to end, a year at most, and what it lends."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from foundation.clock import JST
from foundation.identifiers import MunicipalityCode, new_id
from foundation.identity import Role
from gateway.assistance.domain import (
    LENDABLE,
    TRANSITIONS,
    Act,
    ActNotPossible,
    Consent,
    Fault,
    NotTwoPeople,
    State,
    Terms,
    a_year_after,
    faults_of,
    may_assist,
)

KITAMI, HOKKAIDO, WAKAYAMA, NATION = (
    MunicipalityCode.parse(code) for code in ("012084", "010006", "300004", "000000")
)
CHIYODA = MunicipalityCode.parse("131016")
FIRST, LAST = date(2027, 4, 1), date(2027, 9, 30)
BEGUN = datetime(2027, 4, 1, tzinfo=JST)
OVER = datetime(2027, 10, 1, tzinfo=JST)
TERMS = Terms(
    office=HOKKAIDO,
    roles=frozenset({Role.CLERK, Role.BENEFITS_OFFICER}),
    purpose="応援",
    ground="協定",
    starts_on=FIRST,
    ends_on=LAST,
)
BEFORE = datetime(2027, 3, 1, tzinfo=UTC)


def proposed() -> Consent:
    return Consent(
        id=new_id(), terms=TERMS, state=State.PROPOSED, proposed_by="a", proposed_at=BEFORE
    )


class LifeOfAConsent(RuleBasedStateMachine):
    """Tries every act, by anybody, at any time, and compares with the table."""

    def __init__(self) -> None:
        super().__init__()
        self.now = BEFORE
        self.consent = proposed()

    @rule(hours=st.integers(min_value=0, max_value=24 * 90))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(by=st.sampled_from("abc"))
    def somebody_confirms(self, by: str) -> None:
        before, wanted = self.consent, TRANSITIONS.get((self.consent.state, Act.CONFIRM))
        if wanted is None or self.now >= OVER:
            with pytest.raises(ActNotPossible):
                before.confirmed(by=by, at=self.now)
        elif by == before.proposed_by:
            with pytest.raises(NotTwoPeople):
                before.confirmed(by=by, at=self.now)
        else:
            self._became(before.confirmed(by=by, at=self.now), wanted)

    @rule(by=st.sampled_from("abc"))
    def somebody_withdraws(self, by: str) -> None:
        before, wanted = self.consent, TRANSITIONS.get((self.consent.state, Act.WITHDRAW))
        if wanted is None:
            with pytest.raises(ActNotPossible):
                before.withdrawn(by=by, at=self.now)
        else:
            self._became(before.withdrawn(by=by, at=self.now), wanted)

    def _became(self, after: Consent, wanted: State) -> None:
        assert after.state is wanted
        assert after.version == self.consent.version + 1
        self.consent = after

    @invariant()
    def whatever_was_confirmed_took_two(self) -> None:
        confirmed = self.consent.confirmed_by is not None
        assert self.consent.confirmed_by != self.consent.proposed_by
        assert confirmed or self.consent.state is not State.CONFIRMED

    @invariant()
    def it_lends_only_while_it_holds(self) -> None:
        lent = self.consent.lends(HOKKAIDO, frozenset(Role), self.now)
        holds = self.consent.state is State.CONFIRMED and BEGUN <= self.now < OVER
        assert lent == (TERMS.roles if holds else set())

    @invariant()
    def what_is_withdrawn_stays_withdrawn(self) -> None:
        if self.consent.withdrawn_by is not None:
            assert self.consent.state is State.WITHDRAWN
            assert not self.consent.holds(self.now)


TestLifeOfAConsent = LifeOfAConsent.TestCase


class TestLending:
    @given(own=st.frozensets(st.sampled_from(Role)))
    def test_is_never_more_than_the_official_is_at_home_nor_than_is_lent(
        self, own: frozenset[Role]
    ) -> None:
        consent = proposed().confirmed(by="b", at=BEFORE)

        assert consent.lends(HOKKAIDO, own, BEGUN) == own & TERMS.roles

    @pytest.mark.parametrize("office", [WAKAYAMA, CHIYODA, KITAMI, NATION])
    def test_is_for_the_office_named_and_no_other(self, office: MunicipalityCode) -> None:
        consent = proposed().confirmed(by="b", at=BEFORE)

        assert consent.lends(office, frozenset(Role), BEGUN) == set()

    def test_ends_with_the_last_moment_of_the_last_day_in_japan(self) -> None:
        consent = proposed().confirmed(by="b", at=BEFORE)

        assert consent.holds(OVER - timedelta(microseconds=1))
        assert not consent.holds(OVER)
        assert not consent.holds(BEGUN - timedelta(microseconds=1))


class TestTerms:
    @pytest.mark.parametrize(
        ("office", "town", "answer"),
        [
            (HOKKAIDO, KITAMI, True),
            (CHIYODA, KITAMI, True),
            (WAKAYAMA, KITAMI, False),
            (NATION, KITAMI, False),
            (KITAMI, KITAMI, False),
            (KITAMI, HOKKAIDO, False),
            (HOKKAIDO, WAKAYAMA, False),
            (KITAMI, NATION, False),
        ],
    )
    def test_name_the_own_prefecture_or_another_municipality(
        self, office: MunicipalityCode, town: MunicipalityCode, *, answer: bool
    ) -> None:
        assert may_assist(office, town) is answer

    @pytest.mark.parametrize("role", sorted(set(Role) - LENDABLE))
    def test_never_lend_what_a_municipality_is_master_by(self, role: Role) -> None:
        terms = Terms(
            office=HOKKAIDO,
            roles=frozenset({role, Role.CLERK}),
            purpose="応援",
            ground="協定",
            starts_on=FIRST,
            ends_on=LAST,
        )

        assert faults_of(terms, town=KITAMI, today=FIRST) == [Fault.ROLES]

    @given(first=st.dates(date(2020, 1, 1), date(2090, 1, 1)), days=st.integers(-400, 800))
    def test_last_a_year_at_most(self, first: date, days: int) -> None:
        terms = Terms(
            office=HOKKAIDO,
            roles=frozenset({Role.CLERK}),
            purpose="応援",
            ground="協定",
            starts_on=first,
            ends_on=first + timedelta(days=days),
        )

        faults = faults_of(terms, town=KITAMI, today=first)

        if days < 0:
            assert faults == [Fault.PERIOD]
        else:
            assert (faults == []) == (terms.ends_on < a_year_after(first))
            assert days >= 365 or faults == []

    @pytest.mark.parametrize(
        ("first", "faults"),
        [
            (date(2029, 4, 1), []),
            (date(2029, 4, 2), [Fault.TOO_FAR]),
            (date.max, [Fault.TOO_FAR]),
        ],
    )
    def test_begin_within_two_years(self, first: date, faults: list[Fault]) -> None:
        terms = replace(TERMS, starts_on=first, ends_on=first)

        assert faults_of(terms, town=KITAMI, today=FIRST) == faults

    def test_do_not_begin_in_the_past(self) -> None:
        later = FIRST + timedelta(days=1)

        assert faults_of(TERMS, town=KITAMI, today=later) == [Fault.PERIOD]
