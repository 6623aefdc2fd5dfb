"""A weighty act needs a proof sure enough and fresh enough, and the refusal says which."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from foundation import clock
from foundation.authorization import (
    CARD_WITHIN_5_MINUTES,
    SATISFIED_BY,
    Assurance,
    Denied,
    PolicyTable,
    permission,
)
from foundation.identifiers import MunicipalityCode, TenantId
from foundation.identity import Caller, Person, Principal, Purpose, Role
from foundation.problems import Forbidden, StepUpRequired
from foundation.tenancy import Tenancy
from tests.support.callers import a_business, a_representative, a_resident, an_official

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
KITAMI = Tenancy(TenantId(1), MunicipalityCode.parse("012084"))
PAY = permission(
    "office.account.change",
    scope="office:write",
    residents=True,
    officials=(Role.CLERK,),
    businesses=True,
    purposes=(Purpose.PAYMENT,),
    assurance=CARD_WITHIN_5_MINUTES,
    description_ja="口座を変える",
)
TABLE = PolicyTable("office", [PAY])
SCOPES = frozenset({"office:write"})


def judged(principal: Principal) -> None:
    with clock.frozen(NOW):
        TABLE.decide(Caller(principal=principal, tenancy=KITAMI), PAY)


def refused(principal: Principal) -> StepUpRequired:
    with pytest.raises(Denied) as denied:
        judged(principal)
    assert isinstance(denied.value.problem, StepUpRequired)
    return denied.value.problem


class TestIsMetBy:
    @pytest.mark.parametrize(
        ("demanded", "suffice"),
        [
            ("aal1", {"aal1", "aal2", "aal3"}),
            ("aal2", {"aal2", "aal3"}),
            ("aal3", {"aal3"}),
        ],
    )
    @pytest.mark.parametrize("shown", ["aal1", "aal2", "aal3", "aal4", "AAL3", "aal3 crl", ""])
    def test_takes_a_level_at_least_as_sure(
        self, demanded: str, suffice: set[str], shown: str
    ) -> None:
        assert Assurance(acr=demanded).is_met_by(a_resident(acr=shown)) == (shown in suffice)

    def test_knows_a_level_satisfies_itself_and_the_surer_ones_satisfy_more(self) -> None:
        assert all(level in satisfied for level, satisfied in SATISFIED_BY.items())
        assert SATISFIED_BY["aal3"] < SATISFIED_BY["aal2"] < SATISFIED_BY["aal1"]

    @given(st.integers(min_value=-3_600, max_value=3_600))
    def test_takes_a_proof_for_five_minutes_and_none_from_the_future(self, age: int) -> None:
        with clock.frozen(NOW):
            person = a_resident(auth_time=NOW - timedelta(seconds=age))
            assert CARD_WITHIN_5_MINUTES.is_met_by(person) == (-60 <= age <= 300)

    def test_is_as_strict_after_midnight_in_japan(self) -> None:
        midnight = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
        with clock.frozen(midnight):
            assert CARD_WITHIN_5_MINUTES.is_met_by(
                a_resident(auth_time=midnight - timedelta(minutes=5))
            )


class TestDeclaring:
    @pytest.mark.parametrize(
        ("acr", "max_age"),
        [(None, None), ("aal9", None), ("", None), ("aal3", timedelta(0)), (None, -timedelta(1))],
    )
    def test_refuses_a_demand_nobody_could_meet(
        self, acr: str | None, max_age: timedelta | None
    ) -> None:
        with pytest.raises(ValueError, match=r"assurance|old"):
            Assurance(acr=acr, max_age=max_age)

    def test_refuses_to_ask_a_machine_how_it_signed_in(self) -> None:
        with pytest.raises(ValueError, match="machines"):
            permission(
                "office.account.change",
                scope="office:write",
                residents=True,
                machines=True,
                purposes=(Purpose.PAYMENT,),
                assurance=CARD_WITHIN_5_MINUTES,
                description_ja="口座を変える",
            )


class TestDecide:
    def test_lets_somebody_act_who_has_just_shown_their_card(self) -> None:
        judged(a_resident(scopes=SCOPES, auth_time=NOW - timedelta(minutes=4)))

    @pytest.mark.parametrize(
        "person",
        [
            a_resident(scopes=SCOPES, auth_time=NOW - timedelta(minutes=6)),
            a_resident(scopes=SCOPES, auth_time=NOW, acr="aal2"),
            a_resident(scopes=SCOPES, auth_time=NOW + timedelta(minutes=2)),
            a_representative(UUID(int=1), scopes=SCOPES, auth_time=NOW - timedelta(hours=1)),
            an_official(Role.CLERK, scopes=SCOPES, auth_time=NOW, acr="aal1"),
            a_business(scopes=SCOPES, auth_time=NOW, acr="aal2"),
        ],
        ids=["old", "weak", "future", "representative", "official", "business"],
    )
    def test_sends_everybody_else_to_prove_it_once_more(self, person: Person) -> None:
        problem = refused(person)
        assert problem.status == 401
        assert problem.headers["WWW-Authenticate"] == (
            'Bearer error="insufficient_user_authentication",'
            ' error_description="Prove once more that it is you before doing this.",'
            ' acr_values="aal3", max_age="300"'
        )
        assert problem.document()["acr_values"] == "aal3"
        assert problem.document()["max_age"] == 300

    def test_tells_nobody_to_prove_it_again_who_may_not_act_at_all(self) -> None:
        for person in (a_resident(scopes=frozenset()), an_official(Role.AUDITOR, scopes=SCOPES)):
            with pytest.raises(Denied) as denied:
                judged(person)
            assert isinstance(denied.value.problem, Forbidden)
