"""Nobody may do what the table does not say, and a purpose is always settled."""

from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from foundation.authorization import Denied, Permission, PolicyTable, permission
from foundation.identifiers import MunicipalityCode, TenantId
from foundation.identity import (
    Business,
    Caller,
    Machine,
    Official,
    Principal,
    Purpose,
    Resident,
    Role,
)
from foundation.problems import Forbidden, PurposeNotAllowed, PurposeRequired
from foundation.tenancy import Tenancy
from tests.support.callers import a_business, a_machine, a_representative, a_resident, an_official

KITAMI = Tenancy(TenantId(1), MunicipalityCode.parse("012084"))
READ = permission(
    "office.paper.read",
    scope="office:read",
    residents=True,
    officials=(Role.CLERK, Role.AUDITOR),
    machines=True,
    clients=("trusted",),
    purposes=(Purpose.RECEPTION, Purpose.AUDIT),
    description_ja="書類を見る",
)
STAMP = permission(
    "office.paper.stamp",
    scope="office:write",
    officials=(Role.CLERK,),
    purposes=(Purpose.RECEPTION,),
    description_ja="書類に押印する",
)
SIGN = permission(
    "office.paper.sign",
    scope="office:write",
    residents=True,
    in_person=True,
    businesses=True,
    purposes=(Purpose.APPLICATION,),
    description_ja="書類に署名する",
)
GREET = permission(
    "office.door.greet",
    scope="office:read",
    without_role=True,
    purposes=(Purpose.RECEPTION,),
    description_ja="名乗る",
)
TABLE = PolicyTable("office", [READ, STAMP, SIGN, GREET])

SCOPES = st.sets(st.sampled_from(["office:read", "office:write"])).map(frozenset)


@st.composite
def principals(draw: st.DrawFn) -> Principal:
    scopes = draw(SCOPES)
    match draw(st.sampled_from(["resident", "representative", "official", "business", "machine"])):
        case "resident":
            return a_resident(scopes=scopes)
        case "representative":
            return a_representative(UUID(int=1), scopes=scopes)
        case "business":
            return a_business(scopes=scopes)
        case "official":
            return an_official(*draw(st.sets(st.sampled_from(Role))), scopes=scopes)
        case _:
            return a_machine(draw(st.sampled_from(["trusted", "other"])), scopes)


def decide(principal: Principal, row: Permission, purpose: Purpose | None = None) -> Caller:
    return TABLE.decide(Caller(principal=principal, tenancy=KITAMI, purpose=purpose), row)


def allowed_by_the_words(principal: Principal, row: Permission) -> bool:
    """State the rule a second time, in other words."""
    if row.scope not in principal.scopes:
        return False
    if isinstance(principal, Official):
        return row.without_role or any(role in row.roles for role in principal.roles)
    if isinstance(principal, Machine):
        return row.machines and (row.clients == frozenset() or principal.client_id in row.clients)
    if isinstance(principal, Business):
        return row.businesses
    return row.residents and (principal.representation is None or not row.in_person)


class TestDecide:
    @given(
        principals(),
        st.sampled_from([READ, STAMP, SIGN, GREET]),
        st.one_of(st.none(), st.sampled_from(Purpose)),
    )
    def test_agrees_with_the_rule_said_in_other_words(
        self, principal: Principal, row: Permission, purpose: Purpose | None
    ) -> None:
        unclear = purpose is None and len(row.purposes) > 1 and not isinstance(principal, Resident)
        wrong = purpose is not None and purpose not in row.purposes
        if not allowed_by_the_words(principal, row) or unclear or wrong:
            with pytest.raises(Denied):
                decide(principal, row, purpose)
            return
        settled = decide(principal, row, purpose)
        assert settled.purpose in row.purposes
        assert settled.purpose == purpose or purpose is None

    def test_refuses_an_act_that_is_not_in_the_table(self) -> None:
        smuggled = permission(
            "office.paper.burn",
            scope="office:read",
            residents=True,
            purposes=(Purpose.AUDIT,),
            description_ja="書類を焼く",
        )
        with pytest.raises(Denied) as refused:
            decide(a_resident(scopes=frozenset({"office:read"})), smuggled)
        assert isinstance(refused.value.problem, Forbidden)

    def test_asks_an_official_why_when_there_are_several_reasons(self) -> None:
        clerk = an_official(Role.CLERK, scopes=frozenset({"office:read"}))
        with pytest.raises(Denied) as refused:
            decide(clerk, READ)
        assert isinstance(refused.value.problem, PurposeRequired)
        with pytest.raises(Denied) as refused:
            decide(clerk, READ, Purpose.PAYMENT)
        assert isinstance(refused.value.problem, PurposeNotAllowed)

    def test_does_not_ask_a_resident_why(self) -> None:
        resident = a_resident(scopes=frozenset({"office:read"}))
        assert decide(resident, READ).purpose is Purpose.RECEPTION

    def test_lets_nobody_do_for_another_what_is_done_in_person(self) -> None:
        scopes = frozenset({"office:write"})
        decide(a_resident(scopes=scopes), SIGN)
        with pytest.raises(Denied):
            decide(a_representative(UUID(int=1), scopes=scopes), SIGN)

    def test_lets_every_official_do_what_needs_no_role(self) -> None:
        decide(an_official(scopes=frozenset({"office:read"})), GREET)
        with pytest.raises(Denied):
            decide(an_official(scopes=frozenset({"office:read"})), READ, Purpose.AUDIT)
        with pytest.raises(Denied):
            decide(a_resident(scopes=frozenset({"office:read"})), GREET)

    def test_says_which_scope_is_missing(self) -> None:
        with pytest.raises(Denied) as refused:
            decide(an_official(Role.CLERK, scopes=frozenset()), STAMP)
        assert "office:write" in str(refused.value.problem.detail)


class TestPolicyTable:
    def test_refuses_an_act_twice_and_an_act_of_another_service(self) -> None:
        for rows in ([READ, READ], [READ, STAMP]):
            service = "office" if rows[0] is rows[1] else "elsewhere"
            with pytest.raises(ValueError, match="office"):
                PolicyTable(service, rows)

    def test_refuses_an_act_that_is_open_to_nobody(self) -> None:
        with pytest.raises(ValueError, match="nobody"):
            permission(
                "office.paper.lose",
                scope="office:write",
                purposes=(Purpose.AUDIT,),
                description_ja="書類をなくす",
            )


class TestActingForAnother:
    def test_is_led_to_the_person_and_not_to_an_administrator(self) -> None:
        with pytest.raises(Denied) as refused:
            decide(a_representative(UUID(int=1)), STAMP)
        problem = refused.value.problem
        assert problem.detail == "This was not entrusted to you; ask the person you act for."
        assert "本人に相談" in problem.detail_ja
