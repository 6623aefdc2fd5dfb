"""In any order of acts, nobody puts to use a directory, or a sensitive duty, they wrote."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from typing_extensions import override

from foundation.identity import Role
from gateway.duties.domain import SENSITIVE
from gateway.officials.providers import hands
from gateway.officials.providers.domain import (
    ActNotPossible,
    Claims,
    IdentityProvider,
    MappedRole,
    ProviderAct,
    ProviderState,
)

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
TOWN = ("a", "b", "c")
officials = st.sampled_from(TOWN)
FACTS = ("issuer", "client_id", "scope", "acr_values")


def drawn_up(by: str) -> IdentityProvider:
    return IdentityProvider(
        id=UUID(int=1),
        name="庁内",
        issuer="https://login.example",
        client_id="tamaire",
        client_authentication="private_key_jwt",
        scope="openid",
        acr_values="",
        claims=Claims(),
        endpoints={"token_endpoint": "0"},
        state=ProviderState.DRAFT,
        drawn_by=by,
        written_by=frozenset({by}),
        changed_by=by,
        changed_at=NOW,
    )


@dataclass
class Wrote:
    """Told from the acts alone: who wrote which value that stands there now, and who ever did."""

    facts: dict[str, str] = field(default_factory=dict[str, str])
    duties: dict[MappedRole, str] = field(default_factory=dict[MappedRole, str])


class ATownHall(RuleBasedStateMachine):
    """Three administrators, one draft after the other, and whatever they do to it."""

    def __init__(self) -> None:
        super().__init__()
        self.provider: IdentityProvider | None = None
        self.mapping: frozenset[MappedRole] = frozenset()
        self.wrote = Wrote()
        self.activator = ""

    @rule(by=officials)
    def register(self, by: str) -> None:
        if self.provider is None or self.provider.state is ProviderState.RETIRED:
            self.provider, self.mapping, self.activator = drawn_up(by), frozenset(), ""
            self.wrote = Wrote(facts=dict.fromkeys(FACTS, by))

    @rule(
        by=officials,
        name=st.sampled_from(["庁内", "職員"]),
        changes=st.dictionaries(st.sampled_from(FACTS), st.sampled_from("xyz"), max_size=2),
        endpoint=st.sampled_from("012"),
    )
    def write_anew(self, by: str, name: str, changes: dict[str, Any], endpoint: str) -> None:
        if self.provider is None:
            return
        before = self.provider
        drawn = {one: getattr(before, one) for one in FACTS} | changes
        found = {"endpoints": {"token_endpoint": endpoint}, "name": name}
        try:
            self.provider = hands.redrawn(before, drawn | found, by=by, at=NOW)
        except ActNotPossible:
            return
        for fact, value in changes.items():
            if getattr(before, fact) != value:
                self.wrote.facts[fact] = by
        is_renamed_only = drawn == {one: getattr(before, one) for one in FACTS}
        if is_renamed_only:
            assert self.provider.drawn_by == before.drawn_by
            assert self.provider.written_by == before.written_by

    @rule(by=officials, endpoint=st.sampled_from("012"))
    def examine(self, by: str, endpoint: str) -> None:
        if self.provider is None or not self.provider.is_in_preparation:
            return
        before = self.provider
        found = {"endpoints": {"token_endpoint": endpoint}, "algorithms": ("ES256",)}
        self.provider, has_moved = hands.examined(before, found, at=NOW)
        assert (self.provider.changed_by, self.provider.drawn_by, self.provider.written_by) == (
            before.changed_by,
            before.drawn_by,
            before.written_by,
        )
        assert not has_moved or self.provider.state is ProviderState.DRAFT
        del by  # whoever it was

    @rule(
        by=officials,
        mapping=st.frozensets(
            st.builds(MappedRole, st.sampled_from(["課", "部"]), st.sampled_from(Role)), max_size=3
        ),
    )
    def map_groups(self, by: str, mapping: frozenset[MappedRole]) -> None:
        if self.provider is None or self.provider.state is ProviderState.RETIRED:
            return
        try:
            self.provider = hands.mapped(self.provider, self.mapping, mapping, by=by, at=NOW)
        except hands.SensitiveDutyAdded:
            return
        self.wrote.duties = {
            one: self.wrote.duties.get(one, by) if one in self.mapping else by for one in mapping
        }
        self.mapping = mapping

    @rule(
        act=st.sampled_from(
            [one for one in ProviderAct if one not in {ProviderAct.ACTIVATED, ProviderAct.CHANGED}]
        ),
        by=officials,
    )
    def act(self, act: ProviderAct, by: str) -> None:
        if self.provider is not None:
            with suppress(ActNotPossible):
                self.provider = self.provider.after(act, by=by, at=NOW)

    @rule(by=officials)
    def activate(self, by: str) -> None:
        if self.provider is None:
            return
        with suppress(ActNotPossible, hands.NotByWhoWroteIt):
            self.provider = hands.activated(self.provider, by=by, administrators=TOWN, at=NOW)
            self.activator = by

    @invariant()
    def nobody_alone(self) -> None:
        """Whoever put it to use wrote none of what it is, and none of its sensitive duties."""
        if self.provider is None or self.provider.state is not ProviderState.ACTIVE:
            return
        assert self.activator not in self.wrote.facts.values()
        sensitive = {by for one, by in self.wrote.duties.items() if one.role in SENSITIVE}
        assert self.activator not in sensitive

    @override
    def teardown(self) -> None:
        self.provider = None


TestATownHall = ATownHall.TestCase
TestATownHall.settings = settings(max_examples=300, stateful_step_count=25, deadline=None)


class TestPuttingToUse:
    def test_is_refused_to_everybody_who_wrote(self) -> None:
        draft = drawn_up("a").after(ProviderAct.TESTED, by="a", at=NOW)
        treasurer = [MappedRole("出納課", Role.TREASURER)]
        draft = hands.mapped(draft, [], treasurer, by="b", at=NOW)
        for by in ("a", "b"):
            with pytest.raises(hands.NotByWhoWroteIt):
                hands.activated(draft, by=by, administrators=TOWN, at=NOW)
        used = hands.activated(draft, by="c", administrators=TOWN, at=NOW)
        assert used.state is ProviderState.ACTIVE

    def test_is_open_to_the_only_administrator_there_is(self) -> None:
        draft = drawn_up("a").after(ProviderAct.TESTED, by="a", at=NOW)
        assert hands.activated(draft, by="a", administrators={"a"}, at=NOW).activated_at == NOW

    def test_is_not_hindered_by_a_duty_that_is_not_sensitive(self) -> None:
        draft = drawn_up("a").after(ProviderAct.TESTED, by="a", at=NOW)
        draft = hands.mapped(draft, [], [MappedRole("窓口課", Role.CLERK)], by="b", at=NOW)
        assert draft.written_by == {"a"}

    def test_taking_a_sensitive_duty_away_clears_nobody(self) -> None:
        treasurer = [MappedRole("出納課", Role.TREASURER)]
        draft = hands.mapped(drawn_up("a"), [], treasurer, by="b", at=NOW)
        assert hands.mapped(draft, treasurer, [], by="c", at=NOW).written_by == {"a", "b"}

    def test_of_one_in_use_no_group_is_given_a_sensitive_duty(self) -> None:
        draft = drawn_up("a").after(ProviderAct.TESTED, by="a", at=NOW)
        used = hands.activated(draft, by="b", administrators=TOWN, at=NOW)
        with pytest.raises(hands.SensitiveDutyAdded):
            hands.mapped(used, [], [MappedRole("課", Role.AUDITOR)], by="c", at=NOW)
