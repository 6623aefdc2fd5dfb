"""One request is one transaction; what is refused left nothing, what is answered is committed."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from foundation import clock
from foundation.identifiers import new_id
from foundation.identity import Caller, Purpose, Role
from foundation.problems import MEDIA_TYPE
from tests.foundation.web.conftest import Office
from tests.support.callers import a_machine, a_representative, a_resident, an_official

NOTES = "/benefits/v1/notes"
NOTE = {"text": "控え", "amount": 3}
NUMBER = "01890a5d-ac96-774b-bcce-b302099a8057"
NOBODYS = "01890a5d-ac96-774b-bcce-b302099a8050"


def _slug(response: Any) -> str:
    assert response.headers["content-type"] == MEDIA_TYPE
    return str(response.json()["type"]).removeprefix("/problems/")


class TestWorkThatSucceeds:
    async def test_is_committed_with_its_trail_before_it_is_answered(self, office: Office) -> None:
        response = await office.clerk().post(NOTES, json=NOTE)
        assert response.status_code == 201
        assert await office.effects() == 1
        (entry,) = await office.entries()
        assert (entry["action"], entry["decision"]) == ("benefits.note.take", "allowed")
        assert entry["request_id"] == response.headers["x-request-id"]

    async def test_names_where_it_is_and_which_version(self, office: Office) -> None:
        response = await office.clerk().post(NOTES, json=NOTE)
        assert response.headers["location"] == f"{NOTES}/{response.json()['id']}"
        assert response.headers["etag"] == '"1"'

    async def test_may_have_nothing_to_say(self, office: Office) -> None:
        response = await office.clerk().delete(f"{NOTES}/{NUMBER}", headers={"If-Match": '"3"'})
        assert (response.status_code, response.content) == (204, b"")

    async def test_may_be_a_stream(self, office: Office) -> None:
        response = await office.clerk().get(f"{NOTES}/file")
        assert response.content.decode() == "振込,012084"
        assert response.headers["content-type"] == "application/octet-stream"
        assert response.headers["content-length"] == str(len(response.content))

    async def test_may_read_a_body_that_is_not_json(self, office: Office) -> None:
        response = await office.clerk().post(
            f"{NOTES}/imports", content=b"a,b\n", headers={"Content-Type": "text/csv"}
        )
        assert response.json() == {"size": 4}


class TestWorkThatFails:
    @pytest.mark.parametrize(
        ("reason", "status", "slug"),
        [
            ("unexpected", 500, "platform/internal-error"),
            ("unique", 409, "platform/conflict"),
            ("forbidden", 403, "platform/forbidden"),
            ("denied", 403, "platform/forbidden"),
            ("not-found", 404, "example/note-not-found"),
        ],
    )
    async def test_leaves_nothing(
        self, office: Office, reason: str, status: int, slug: str
    ) -> None:
        response = await office.clerk().post(f"{NOTES}/failing", json={"text": reason})
        assert (response.status_code, _slug(response)) == (status, slug)
        assert "CANARY" not in response.text
        assert await office.effects() == 0
        assert await office.kept_answers() == 0
        assert all(entry["decision"] == "denied" for entry in await office.entries())

    async def test_without_its_trail_is_undone(self, office: Office) -> None:
        response = await office.clerk().post(f"{NOTES}/unaudited", json=NOTE)
        assert (response.status_code, _slug(response)) == (500, "platform/internal-error")
        assert await office.effects() == 0

    async def test_is_told_under_the_number_of_the_request(self, office: Office) -> None:
        response = await office.clerk().post(f"{NOTES}/failing", json={"text": "unexpected"})
        assert response.json()["instance"] == f"urn:uuid:{response.headers['x-request-id']}"


class TestWhoIsAsking:
    @pytest.mark.parametrize(
        "authorization",
        [None, "", "Bearer abc", "Internal", "Internal abc", "Basic YTpi", "Internal a.b.c"],
    )
    async def test_must_be_proven(self, office: Office, authorization: str | None) -> None:
        headers = {} if authorization is None else {"Authorization": authorization}
        response = await office.client.http.get(NOTES, headers=headers)
        assert (response.status_code, _slug(response)) == (401, "platform/unauthenticated")
        assert response.headers["www-authenticate"]

    async def test_is_not_believed_with_a_token_for_another_service(self, office: Office) -> None:
        caller = Caller(principal=an_official(Role.CLERK), tenancy=office.tenancies.kitami)
        token = office.client.issuer.mint(caller, audience="registry")
        response = await office.client.http.get(
            NOTES, headers={"Authorization": f"Internal {token}"}
        )
        assert response.status_code == 401

    async def test_is_not_believed_twice_over(self, office: Office) -> None:
        caller = Caller(principal=an_official(Role.CLERK), tenancy=office.tenancies.kitami)
        value = f"Internal {office.token(caller)}"
        response = await office.client.http.get(
            NOTES, headers=[("Authorization", value), ("Authorization", value)]
        )
        assert response.status_code == 401


class TestWhoMay:
    async def test_are_those_with_the_duty(self, office: Office) -> None:
        auditor = office.client.as_(an_official(Role.AUDITOR), tenancy=office.tenancies.kitami)
        response = await auditor.post(NOTES, json=NOTE)
        assert (response.status_code, _slug(response)) == (403, "platform/forbidden")

    async def test_are_those_with_the_scope(self, office: Office) -> None:
        response = await office.clerk(scopes=frozenset({"benefits:read"})).post(NOTES, json=NOTE)
        assert response.status_code == 403

    async def test_say_why_where_there_are_several_reasons(self, office: Office) -> None:
        response = await office.clerk().get(f"{NOTES}/{NUMBER}")
        assert (response.status_code, _slug(response)) == (403, "platform/purpose-required")
        assert response.json()["allowed"] == ["application", "audit"]

    async def test_say_a_reason_that_covers_it(self, office: Office) -> None:
        payer = office.client.as_(
            an_official(Role.CLERK), tenancy=office.tenancies.kitami, purpose=Purpose.PAYMENT
        )
        response = await payer.get(f"{NOTES}/{NUMBER}")
        assert _slug(response) == "platform/purpose-not-allowed"

    async def test_say_no_other_reason_than_the_one_on_record(self, office: Office) -> None:
        for stated in ("payment", "audit", "nothing"):
            response = await office.reader().get(
                f"{NOTES}/{NUMBER}", headers={"Tamaire-Purpose": stated}
            )
            assert _slug(response) == "platform/purpose-not-allowed"
        same = await office.reader().get(
            f"{NOTES}/{NUMBER}", headers={"Tamaire-Purpose": "application"}
        )
        assert same.status_code == 200

    async def test_prove_themselves_once_more_for_what_weighs_more(self, office: Office) -> None:
        before = clock.now() - timedelta(minutes=6)
        resident = office.client.as_(a_resident(auth_time=before), tenancy=office.tenancies.kitami)
        response = await resident.post(f"{NOTES}/{NUMBER}/seal")
        assert (response.status_code, _slug(response)) == (401, "platform/step-up-required")
        assert 'acr_values="aal3", max_age="300"' in response.headers["www-authenticate"]
        assert (response.json()["acr_values"], response.json()["max_age"]) == ("aal3", 300)
        (entry,) = await office.entries()
        assert entry["decision"] == "denied"
        fresh = office.client.as_(a_resident(), tenancy=office.tenancies.kitami)
        assert (await fresh.post(f"{NOTES}/{NUMBER}/seal")).status_code == 204

    async def test_are_both_on_record_when_one_acts_for_the_other(self, office: Office) -> None:
        acting = a_representative(UUID(NUMBER))
        response = await office.client.as_(acting, tenancy=office.tenancies.kitami).post(
            NOTES, json=NOTE
        )
        assert response.status_code == 201
        (entry,) = await office.entries()
        assert UUID(NUMBER) in entry["subjects"]
        assert json.loads(entry["detail"])["representing"] == NUMBER

    async def test_are_on_record_when_they_may_not(self, office: Office) -> None:
        machine = office.client.as_(a_machine(), tenancy=office.tenancies.kitami)
        response = await machine.post(NOTES, json=NOTE)
        (entry,) = await office.entries()
        assert (entry["action"], entry["decision"]) == ("benefits.note.take", "denied")
        assert json.loads(entry["detail"]) == {"problem": "platform/forbidden"}
        assert entry["request_id"] == response.headers["x-request-id"]

    async def test_are_on_record_when_they_ask_for_what_they_may_not_know(
        self, office: Office
    ) -> None:
        response = await office.reader().get(f"{NOTES}/{NOBODYS}")
        assert (response.status_code, _slug(response)) == (404, "example/note-not-found")
        (entry,) = await office.entries()
        assert (entry["decision"], json.loads(entry["detail"])) == (
            "denied",
            {"problem": "example/note-not-found"},
        )
        assert entry["object"] == str(NOBODYS)


class TestTheMunicipality:
    @pytest.mark.parametrize("code", ["302082", "131016", "000000", "1", ""])
    async def test_named_in_the_header_must_be_the_callers(self, office: Office, code: str) -> None:
        response = await office.clerk().get(NOTES, headers={"Tamaire-Municipality": code})
        assert (response.status_code, _slug(response)) == (403, "platform/tenant-mismatch")
        (entry,) = await office.entries()
        assert entry["decision"] == "denied"

    @pytest.mark.parametrize("name", ["municipality_code", "tenant", "tenant_id"])
    async def test_named_in_the_query_must_be_the_callers(self, office: Office, name: str) -> None:
        foreign = await office.clerk().get(NOTES, params={name: "302082"})
        assert _slug(foreign) == "platform/tenant-mismatch"
        own = await office.clerk().get(NOTES, params={name: "012084"})
        assert own.status_code == 200

    @pytest.mark.parametrize("name", ["municipality_code", "tenant", "tenant_id"])
    async def test_named_in_the_body_must_be_the_callers(self, office: Office, name: str) -> None:
        response = await office.clerk().post(NOTES, json={**NOTE, name: "302082"})
        assert _slug(response) == "platform/tenant-mismatch"
        assert await office.effects() == 0

    async def test_named_by_the_host_must_be_the_callers(self, office: Office) -> None:
        response = await office.clerk().get(NOTES, headers={"Host": "302082.localhost:8200"})
        assert _slug(response) == "platform/tenant-mismatch"
        own = await office.clerk().get(NOTES, headers={"Host": "012084.localhost:8200"})
        assert own.status_code == 200

    async def test_may_repeat_its_own_number(self, office: Office) -> None:
        number = office.tenancies.kitami.tenant_id
        assert (await office.clerk().get(NOTES, params={"tenant_id": number})).status_code == 200

    async def test_of_one_does_not_see_the_trail_of_another(self, office: Office) -> None:
        await office.clerk().post(NOTES, json=NOTE)
        assert await office.effects(office.tenancies.chiyoda) == 0
        assert await office.entries(office.tenancies.chiyoda) == []


class TestReading:
    async def test_lists_every_fault_of_the_body(self, office: Office) -> None:
        body = {"text": "", "amount": "3", "on": "2026-02-30", "more": 1}
        response = await office.clerk().post(NOTES, json=body)
        assert (response.status_code, _slug(response)) == (422, "platform/invalid-input")
        errors = response.json()["errors"]
        assert {error["pointer"] for error in errors} == {"/text", "/amount", "/on", "/more"}
        assert all(error["detail"] and error["detail_ja"] for error in errors)

    async def test_lists_faults_of_parameters_and_body_together(self, office: Office) -> None:
        body = {"text": "a\x00b", "amount": 2**63}
        response = await office.clerk().post(f"{NOTES}/search?more=1", json=body)
        places = {(e["location"], e["pointer"]) for e in response.json()["errors"]}
        assert places == {("query", "/more"), ("body", "/text"), ("body", "/amount")}

    async def test_misses_a_body_that_is_not_there(self, office: Office) -> None:
        response = await office.clerk().post(NOTES)
        assert response.status_code == 422
        assert response.json()["errors"][0]["pointer"] == ""

    @pytest.mark.parametrize("content", [b"{", b"\xff", b'{"text":"\\ud800"}', b'{"a":1,"a":1}'])
    async def test_refuses_what_is_not_json(self, office: Office, content: bytes) -> None:
        response = await office.clerk().post(
            NOTES, content=content, headers={"Content-Type": "application/json"}
        )
        assert (response.status_code, _slug(response)) == (400, "platform/malformed-request")

    @pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data"])
    async def test_refuses_another_kind_of_document(self, office: Office, kind: str) -> None:
        response = await office.clerk().post(NOTES, content=b"{}", headers={"Content-Type": kind})
        assert (response.status_code, _slug(response)) == (415, "platform/unsupported-media-type")

    async def test_refuses_more_than_a_mebibyte(self, office: Office) -> None:
        response = await office.clerk().post(NOTES, json={"text": "x" * 1_048_576})
        assert (response.status_code, _slug(response)) == (413, "platform/payload-too-large")

    async def test_keeps_the_limit_an_operation_sets_itself(self, office: Office) -> None:
        response = await office.clerk().post(
            f"{NOTES}/imports", content=b"x" * 101, headers={"Content-Type": "text/csv"}
        )
        assert response.json()["limit_bytes"] == 100

    @pytest.mark.parametrize(
        "query",
        ["limit=0", "limit=201", "limit=1_0", "more=1", "on=0", "cursor=%00", "limit=1&limit=2"],
    )
    async def test_refuses_parameters_that_are_not_as_agreed(
        self, office: Office, query: str
    ) -> None:
        response = await office.clerk().get(f"{NOTES}?{query}")
        assert (response.status_code, _slug(response)) == (422, "platform/invalid-input")
        assert response.json()["errors"][0]["location"] == "query"


class TestVersions:
    async def test_are_given_out_with_what_is_read(self, office: Office) -> None:
        assert (await office.reader().get(f"{NOTES}/{NUMBER}")).headers["etag"] == '"3"'

    @pytest.mark.parametrize(
        ("given", "status"), [(None, 428), ('"2"', 412), ('W/"3"', 412), ('"3"', 200), ("3", 400)]
    )
    async def test_must_be_named_to_change_something(
        self, office: Office, given: str | None, status: int
    ) -> None:
        headers = {} if given is None else {"If-Match": given}
        response = await office.clerk().put(f"{NOTES}/{NUMBER}", json=NOTE, headers=headers)
        assert response.status_code == status


class TestAddresses:
    async def test_that_do_not_exist_say_so(self, office: Office) -> None:
        for path in ("/", "/nowhere", "/benefits/v1/notes/", "/docs", "/redoc"):
            response = await office.client.http.get(path)
            assert (response.status_code, _slug(response)) == (404, "platform/not-found")

    @pytest.mark.parametrize("number", ["1", "%00", NUMBER.replace("-", ""), "x" * 3_000])
    async def test_with_a_misshapen_number_do_not_exist(self, office: Office, number: str) -> None:
        response = await office.reader().get(f"{NOTES}/{number}")
        assert (response.status_code, _slug(response)) == (404, "platform/not-found")

    async def test_of_a_word_are_not_taken_for_a_number(self, office: Office) -> None:
        response = await office.client.http.request("PUT", f"{NOTES}/file")
        assert (response.status_code, response.headers["allow"]) == (405, "GET")

    async def test_list_every_verb_they_answer(self, office: Office) -> None:
        response = await office.client.http.request("DELETE", NOTES)
        assert (response.status_code, _slug(response)) == (405, "platform/method-not-allowed")
        assert response.headers["allow"] == "GET, POST"
        response = await office.client.http.request("POST", f"{NOTES}/{new_id()}")
        assert response.headers["allow"] == "DELETE, GET, PUT"
