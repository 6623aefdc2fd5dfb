"""An entry's leaf covers every word of it."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from foundation.audit import Entry
from foundation.audit.entry import canonical
from foundation.audit.merkle import leaf_hash
from foundation.identifiers import MunicipalityCode, TenantId
from foundation.identity import Caller, Machine, Official, Purpose, Role
from foundation.tenancy import Tenancy
from tests.support.callers import a_representative

TENANT = TenantId(17)
KITAMI = Tenancy(TENANT, MunicipalityCode.parse("012084"))
HANAKO = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
TARO = UUID("01890a5d-ac96-774b-bcce-b302099a8058")
AT = datetime(2026, 11, 23, 8, 0, 0, 1, tzinfo=UTC)


def an_entry(**changes: Any) -> Entry:
    facts: dict[str, Any] = {
        "id": UUID("01890a5d-ac96-774b-bcce-b302099a8000"),
        "at": AT,
        "service": "benefits",
        "action": "benefits.application.read",
        "actor_kind": "official",
        "actor": "tanaka",
        "client_id": "demo-desk",
        "purpose": "payment",
        "object": "applications/1",
        "subjects": (HANAKO,),
        "decision": "allowed",
        "request_id": "r-1",
        "detail": {"count": 1},
    }
    return Entry(**{**facts, **changes})


class TestLeaf:
    def test_is_over_one_spelling_only(self) -> None:
        content = canonical(TENANT, an_entry(detail={"b": True, "a": "甲"}).row(TENANT)).decode()
        assert content == (
            '{"action":"benefits.application.read","actor":"tanaka","actor_kind":"official",'
            '"at":"2026-11-23T08:00:00.000001+00:00","client_id":"demo-desk","decision":"allowed",'
            '"detail":"{\\"a\\":\\"甲\\",\\"b\\":true}","id":"01890a5d-ac96-774b-bcce-b302099a8000",'
            '"object":"applications/1","purpose":"payment","request_id":"r-1","service":"benefits",'
            '"subjects":["01890a5d-ac96-774b-bcce-b302099a8057"],"tenant_id":17}'
        )
        assert json.loads(content)["tenant_id"] == 17

    def test_is_the_hash_of_rfc_6962(self) -> None:
        row = an_entry().row(TENANT)
        assert row["leaf"] == leaf_hash(canonical(TENANT, row))

    @pytest.mark.parametrize(
        "change",
        [
            {"id": HANAKO},
            {"at": AT + timedelta(microseconds=1)},
            {"service": "registry"},
            {"action": "benefits.application.decide"},
            {"actor_kind": "machine"},
            {"actor": "suzuki"},
            {"client_id": "other"},
            {"purpose": None},
            {"object": None},
            {"subjects": (TARO,)},
            {"subjects": ()},
            {"decision": "denied"},
            {"request_id": "r-2"},
            {"detail": {"count": 2}},
        ],
        ids=str,
    )
    def test_changes_with_every_word(self, change: dict[str, Any]) -> None:
        assert an_entry(**change).row(TENANT)["leaf"] != an_entry().row(TENANT)["leaf"]

    def test_changes_with_the_tenant(self) -> None:
        assert an_entry().row(TenantId(18))["leaf"] != an_entry().row(TENANT)["leaf"]

    def test_is_the_same_whatever_the_clock_on_the_wall_and_the_order_of_people(self) -> None:
        in_japan = AT.astimezone(timezone(timedelta(hours=9)))
        there = an_entry(at=in_japan, subjects=(TARO, HANAKO, TARO)).row(TENANT)
        here = an_entry(subjects=(HANAKO, TARO)).row(TENANT)
        assert there["leaf"] == here["leaf"]


class TestOf:
    def test_takes_who_and_why_from_the_caller(self) -> None:
        official = Official(
            subject="tanaka",
            client_id="demo-desk",
            scopes=frozenset({"benefits:read"}),
            roles=frozenset({Role.TREASURER}),
            acr="2",
            auth_time=AT,
            session_id="s-1",
        )
        caller = Caller(principal=official, tenancy=KITAMI, purpose=Purpose.PAYMENT)
        entry = Entry.of(
            caller, service="benefits", action="benefits.application.read", request_id="r-1"
        )
        assert (entry.actor_kind, entry.actor, entry.client_id, entry.purpose) == (
            "official",
            "tanaka",
            "demo-desk",
            "payment",
        )

    def test_leaves_the_purpose_out_when_nobody_named_one(self) -> None:
        machine = Machine(client_id="demo-vendor", scopes=frozenset())
        caller = Caller(principal=machine, tenancy=KITAMI)
        entry = Entry.of(caller, service="benefits", action="benefits.events.read", request_id="r")
        assert (entry.purpose, entry.actor) == (None, "demo-vendor")

    def test_names_both_of_whom_one_acts_for_the_other(self) -> None:
        acting = a_representative(HANAKO, subject="mother")
        caller = Caller(principal=acting, tenancy=KITAMI, purpose=Purpose.APPLICATION)
        entry = Entry.of(
            caller,
            service="benefits",
            action="benefits.application.confirm",
            request_id="r",
            subjects=(TARO,),
            detail={"count": 1},
        )
        right = acting.representation
        assert right is not None
        assert (entry.actor_kind, entry.actor) == ("resident", "mother")
        assert set(entry.subjects) == {HANAKO, TARO}
        assert entry.detail == {
            "count": 1,
            "representation": str(right.representation_id),
            "representation_kind": "legal",
            "representing": str(HANAKO),
        }

    def test_names_the_represented_person_even_where_nothing_was_found(self) -> None:
        caller = Caller(principal=a_representative(HANAKO), tenancy=KITAMI)
        entry = Entry.of(
            caller, service="benefits", action="benefits.x", request_id="r", decision="denied"
        )
        assert tuple(entry.subjects) == (HANAKO,)
