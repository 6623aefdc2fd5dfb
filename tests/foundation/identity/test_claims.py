"""What a token says of somebody is read as it was written, or not at all."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from foundation.identifiers import MunicipalityCode
from foundation.identity import (
    NEVER_LENT,
    Assistance,
    Business,
    BusinessRole,
    InvalidToken,
    Machine,
    Official,
    Principal,
    Representation,
    RepresentationKind,
    Resident,
    Role,
    claims_of,
    name_of,
    principal_from,
)
from tests.support.callers import a_business, a_machine, a_representative, a_resident, an_official

MOTHER, CHILD = UUID(int=1), UUID(int=2)
RIGHT = {"id": str(UUID(int=9)), "kind": "legal"}
HOKKAIDO = MunicipalityCode.parse("010006")
LENT = Assistance(assistance_id=UUID(int=8), office=HOKKAIDO)
CONSENT = {"id": str(UUID(int=8)), "office": "010006"}
EXAMPLES: dict[str, Principal] = {
    "resident": a_resident(CHILD),
    "representative": a_representative(CHILD),
    "official": an_official(Role.CLERK),
    "assistant": an_official(Role.CLERK, assistance=LENT),
    "business": a_business(),
    "machine": a_machine(),
}
TEXTS = st.text(min_size=1, max_size=20)
INSTANTS = st.integers(min_value=0, max_value=4_102_444_800).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)
KINDS: tuple[RepresentationKind, ...] = ("legal", "voluntary", "facility")
BUSINESS_ROLES: tuple[BusinessRole, ...] = ("prime", "member", "entry")
SIGNED_IN: dict[str, st.SearchStrategy[Any]] = {
    "subject": TEXTS,
    "client_id": TEXTS,
    "scopes": st.frozensets(st.sampled_from(["openid", "benefits:read", "registry:read"])),
    "acr": st.sampled_from(["aal1", "aal2", "aal3", ""]),
    "auth_time": INSTANTS,
    "session_id": TEXTS,
}


@st.composite
def principals(draw: st.DrawFn) -> Principal:
    common = {name: draw(values) for name, values in SIGNED_IN.items()}
    match draw(st.sampled_from(sorted(EXAMPLES))):
        case "resident":
            return Resident(resident_id=draw(st.none() | st.uuids()), **common)
        case "representative":
            person = draw(st.uuids())
            right = Representation(
                representation_id=draw(st.uuids()),
                represented_id=person,
                kind=draw(st.sampled_from(KINDS)),
                may_receive=draw(st.booleans()),
            )
            return Resident(resident_id=person, representation=right, **common)
        case "official" | "assistant" as kind:
            lent = None
            if kind == "assistant":
                lent = Assistance(assistance_id=draw(st.uuids()), office=HOKKAIDO)
            possible = sorted(set(Role) - (NEVER_LENT if lent else set()))
            roles = draw(st.frozensets(st.sampled_from(possible)))
            return Official(roles=roles, assistance=lent, **common)
        case "business":
            role = draw(st.sampled_from(BUSINESS_ROLES))
            return Business(business_id=draw(TEXTS), role=role, **common)
        case _:
            return Machine(client_id=common["client_id"], scopes=common["scopes"])


class TestReading:
    @given(principals())
    def test_returns_who_was_written(self, principal: Principal) -> None:
        assert principal_from(claims_of(principal)) == principal

    @pytest.mark.parametrize(
        ("kind", "changes"),
        [
            ("resident", {"kind": "guardian"}),
            ("resident", {"kind": ["resident"]}),
            ("resident", {"resident_id": ""}),
            ("resident", {"resident_id": 7}),
            ("resident", {"act": {"sub": "somebody"}}),
            ("resident", {"representation": {"id": str(MOTHER), "kind": "legal"}}),
            ("representative", {"act": None}),
            ("representative", {"act": "mother"}),
            ("representative", {"act": {"sub": "mother", "act": {"sub": "another"}}}),
            ("representative", {"act": {"sub": ["mother"]}}),
            ("representative", {"representation": None}),
            ("representative", {"representation": {"id": str(MOTHER)}}),
            ("representative", {"representation": {"id": str(MOTHER), "kind": "friend"}}),
            ("representative", {"representation": {"id": "1", "kind": "legal"}}),
            ("representative", {"representation": RIGHT | {"may_receive": False}}),
            ("representative", {"representation": RIGHT | {"may_receive": "true"}}),
            ("representative", {"representation": RIGHT | {"scope": "everything"}}),
            ("representative", {"sub": str(MOTHER)}),
            ("representative", {"sub": "somebody"}),
            ("representative", {"resident_id": str(MOTHER)}),
            ("representative", {"resident_id": None}),
            ("official", {"act": {"sub": "another"}}),
            ("official", {"roles": ["mayor"]}),
            ("official", {"roles": 1}),
            ("official", {"roles": ["administrator"], "assistance": CONSENT}),
            ("assistant", {"roles": ["administrator"]}),
            ("assistant", {"roles": ["treasurer", "clerk"]}),
            ("assistant", {"roles": ["auditor"]}),
            ("assistant", {"assistance": {"id": str(UUID(int=8))}}),
            ("assistant", {"assistance": CONSENT | {"office": "010007"}}),
            ("assistant", {"assistance": CONSENT | {"id": "1"}}),
            ("assistant", {"assistance": CONSENT | {"scope": "everything"}}),
            ("assistant", {"assistance": []}),
            ("resident", {"assistance": CONSENT}),
            ("machine", {"assistance": CONSENT}),
            ("business", {"assistance": CONSENT}),
            ("business", {"business_role": "owner"}),
            ("business", {"business_role": None}),
            ("business", {"business_id": None}),
            ("business", {"act": {"sub": "another"}}),
            ("machine", {"act": {"sub": "another"}}),
            ("machine", {"representation": {"id": str(MOTHER), "kind": "legal"}}),
            ("machine", {"sub": "another-machine"}),
        ],
        ids=str,
    )
    def test_refuses_what_names_nobody_or_two(self, kind: str, changes: dict[str, Any]) -> None:
        claims = claims_of(EXAMPLES[kind]) | changes
        kept = {name: value for name, value in claims.items() if value is not None}
        with pytest.raises(InvalidToken):
            principal_from(kept)


class TestRepresentation:
    def test_is_written_as_rfc_8693_has_it(self) -> None:
        acting = a_representative(CHILD, subject="mother")
        claims = claims_of(acting)
        assert (claims["sub"], claims["act"]) == (str(CHILD), {"sub": "mother"})
        assert claims["representation"] == {
            "id": str(acting.representation and acting.representation.representation_id),
            "kind": "legal",
        }

    def test_is_never_of_one_person_with_the_record_of_another(self) -> None:
        right = Representation(representation_id=UUID(int=9), represented_id=CHILD, kind="legal")
        with pytest.raises(ValueError, match="same"):
            a_resident(MOTHER, representation=right)

    def test_gives_what_is_done_for_another_a_name_of_its_own(self) -> None:
        herself = a_resident(MOTHER, subject="mother")
        for_child = a_representative(CHILD, subject="mother")
        for_other = a_representative(UUID(int=3), subject="mother")
        assert len({name_of(one) for one in (herself, for_child, for_other)}) == 3
        assert name_of(herself) == "resident:mother"


class TestAssistance:
    def test_gives_what_is_done_elsewhere_a_name_of_its_own(self) -> None:
        at_home, elsewhere = (
            an_official(Role.CLERK, subject="aiko", assistance=lent) for lent in (None, LENT)
        )
        assert name_of(at_home) == "official:aiko"
        assert name_of(elsewhere) == f"official:aiko:{LENT.assistance_id}"

    @pytest.mark.parametrize("role", sorted(NEVER_LENT))
    def test_is_never_with_a_duty_that_stays_at_home(self, role: Role) -> None:
        with pytest.raises(ValueError, match="own officials"):
            an_official(role, assistance=LENT)
