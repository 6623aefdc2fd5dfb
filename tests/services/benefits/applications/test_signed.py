"""An application is signed as it stands, and keeps what was signed; no other signature serves."""

import hashlib
import json
from typing import Any
from uuid import UUID

from foundation.encryption import Keyring
from foundation.identifiers import new_id
from services.benefits.applications.repository.signatures import DOCUMENT
from tests.services.benefits.town import (
    ACCOUNT,
    Person,
    Town,
    householder,
    insert,
    ok,
    owner,
    refusal,
)
from tests.support.callers import a_representative

REFUSED = (422, "benefits/signature-refused")


def path(application: str, tail: str) -> str:
    return f"/benefits/v1/applications/{application}/{tail}"


async def drawn_up(town: Town, head: Person, application: str, **account: Any) -> dict[str, Any]:
    """Draw up the document that is to be signed."""
    body = {"bank_account": ACCOUNT | account}
    return ok(await town.resident(head).post(path(application, "document"), json=body))


async def signature(town: Town, digest: str, resident_id: UUID | None, **changes: Any) -> str:
    """Let the platform have verified a signature over a digest."""
    signature_id, sha256 = new_id(), hashlib.sha256(new_id().bytes).digest()
    given: dict[str, Any] = {
        "tenant_id": town.tenancy.tenant_id,
        "id": signature_id,
        "state": "verified",
        "purpose": "benefits.application.confirm",
        "statement_sealed": b"",
        "document_digest": bytes.fromhex(digest),
        "person": "person",
        "subject": "subject",
        "client_id": "demo-portal",
        "resident_id": resident_id,
        "for_another": False,
        "return_to": "",
        "handle_hash": signature_id.bytes,
        "holder_match": "exact",
        "evidence_sealed": b"",
        "evidence_sha256": sha256,
        "crl_sha256": sha256,
    }
    instants = ("requested_at", "expires_at", "signed_at", "decided_at")
    async with owner(town.house, "platform") as platform:
        now = await platform.fetchval("SELECT now()")
        await insert(platform, "platform.revocation_lists", sha256=sha256, content=b"", kept_at=now)
        await insert(
            platform,
            "platform.signatures",
            **(given | dict.fromkeys(instants, now) | {"report": None} | changes),
        )
    return str(signature_id)


async def confirm(
    town: Town, head: Person, application: str, signature_id: str | None, **account: Any
) -> Any:
    body: dict[str, Any] = {"bank_account": ACCOUNT | account}
    if signature_id is not None:
        body["signature_id"] = signature_id
    return await town.resident(head).post(path(application, "confirmation"), json=body)


class TestDocument:
    async def test_is_hidden_from_another_municipality(self, town: Town, other_town: Town) -> None:
        head = householder()
        _, application = await town.offered(head)
        for answer in (
            await other_town.resident(head).get(path(application, "document")),
            await other_town.resident(head).post(
                path(application, "document"), json={"bank_account": ACCOUNT}
            ),
        ):
            assert refusal(answer) == (404, "benefits/application-not-found")

    async def test_is_hidden_from_another_household(self, town: Town) -> None:
        head, stranger = householder(), householder()
        _, application = await town.offered(head)
        await town.household(stranger)
        answer = await town.resident(stranger).get(path(application, "document"))
        assert refusal(answer)[0] == 404

    async def test_is_not_for_officials(self, town: Town) -> None:
        _, application = await town.offered(householder())
        assert refusal(await town.section.get(path(application, "document")))[0] == 403

    async def test_says_what_is_applied_for_and_its_digest(self, town: Town) -> None:
        head = householder()
        _, application = await town.offered(head)
        document = await drawn_up(town, head, application)
        facts = json.loads(document["document"])
        assert facts["amount_yen"] == 30_000
        assert facts["bank_account"]["account_number"] == "0012345"
        assert facts["statement"] == document["statement"]
        assert "30,000円" in document["statement"]
        digest = hashlib.sha256(document["document"].encode()).hexdigest()
        assert document["digest"] == digest

    async def test_is_another_with_another_account(self, town: Town) -> None:
        head = householder()
        _, application = await town.offered(head)
        first = await drawn_up(town, head, application)
        second = await drawn_up(town, head, application, account_number="7654321")
        assert first["digest"] != second["digest"]

    async def test_is_to_the_byte_what_was_signed_when_it_is_read_afterwards(
        self, town: Town
    ) -> None:
        head = householder()
        _, application = await town.offered(head)
        before = await drawn_up(town, head, application)
        ok(await confirm(town, head, application, None))
        after = ok(await town.resident(head).get(path(application, "document")))
        assert after == before

    async def test_names_no_account_before_one_was_given(self, town: Town) -> None:
        head = householder()
        _, application = await town.offered(head)
        document = ok(await town.resident(head).get(path(application, "document")))
        assert json.loads(document["document"])["bank_account"] is None


class TestConfirmation:
    async def test_keeps_the_signature_and_what_was_signed(self, town: Town) -> None:
        head = householder()
        _, application = await town.offered(head)
        document = await drawn_up(town, head, application)
        signed = await signature(town, document["digest"], head.id, holder_match="substitutes")
        ok(await confirm(town, head, application, signed))
        for reader in (town.resident(head), town.section):
            found = ok(await reader.get(f"/benefits/v1/applications/{application}"))["signature"]
            assert found["signature_id"] == signed
            assert (found["digest"], found["holder_match"]) == (document["digest"], "substitutes")
            assert (found["for_another"], found["representation_id"]) == (False, None)
        (kept,) = await town.run_as_owner(
            "benefits",
            "SELECT document_sealed FROM benefits.application_signatures WHERE signature_id = $1",
            UUID(signed),
        )
        cipher = Keyring(town.house.keys_of("benefits")).cipher(town.tenancy.tenant_id)
        text = cipher.decrypt(kept["document_sealed"], field=DOCUMENT, row_id=UUID(signed))
        assert text == document["document"]
        assert b"0012345" not in kept["document_sealed"]

    async def test_without_a_signature_has_none(self, town: Town) -> None:
        head = householder()
        _, application = await town.confirmed(head)
        read = ok(await town.resident(head).get(f"/benefits/v1/applications/{application}"))
        assert read["signature"] is None

    async def test_refuses_a_signature_over_another_account(self, town: Town) -> None:
        head = householder()
        _, application = await town.offered(head)
        document = await drawn_up(town, head, application, account_number="7654321")
        signed = await signature(town, document["digest"], head.id)
        refused = await confirm(town, head, application, signed)
        assert refusal(refused) == REFUSED
        assert refused.json()["errors"][0]["pointer"] == "/signature_id"

    async def test_refuses_another_persons_signature(self, town: Town) -> None:
        head = householder()
        _, application = await town.offered(head)
        document = await drawn_up(town, head, application)
        for owner_of_it in (new_id(), None):
            signed = await signature(town, document["digest"], owner_of_it)
            assert refusal(await confirm(town, head, application, signed)) == REFUSED

    async def test_refuses_a_signature_that_was_not_verified(self, town: Town) -> None:
        head = householder()
        _, application = await town.offered(head)
        document = await drawn_up(town, head, application)
        signed = await signature(
            town,
            document["digest"],
            head.id,
            state="signed",
            decided_at=None,
            presented_sealed=b"",
        )
        assert refusal(await confirm(town, head, application, signed)) == REFUSED

    async def test_refuses_a_signature_of_another_municipality(
        self, town: Town, other_town: Town
    ) -> None:
        head = householder()
        _, application = await town.offered(head)
        document = await drawn_up(town, head, application)
        signed = await signature(other_town, document["digest"], head.id)
        assert refusal(await confirm(town, head, application, signed)) == REFUSED

    async def test_refuses_a_signature_nobody_made(self, town: Town) -> None:
        head = householder()
        _, application = await town.offered(head)
        assert refusal(await confirm(town, head, application, str(new_id()))) == REFUSED

    async def test_refuses_a_signature_a_second_time(self, town: Town) -> None:
        head = householder()
        _, application = await town.offered(head)
        document = await drawn_up(town, head, application)
        signed = await signature(town, document["digest"], head.id)
        ok(await confirm(town, head, application, signed))
        ok(await town.section.post(path(application, "return"), json={"reason": "口座の確認"}))
        assert refusal(await confirm(town, head, application, signed)) == REFUSED

    async def test_keeps_nothing_of_a_confirmation_it_refused(self, town: Town) -> None:
        head = householder()
        _, application = await town.offered(head)
        await confirm(town, head, application, str(new_id()))
        read = ok(await town.resident(head).get(f"/benefits/v1/applications/{application}"))
        assert (read["state"], read["bank_account"]) == ("offered", None)


class TestARepresentative:
    async def confirm(
        self, town: Town, head: Person, application: str, *, subject: str, signed: str
    ) -> Any:
        acting = town.client.as_(a_representative(head.id, subject=subject), tenancy=town.tenancy)
        return await acting.post(
            path(application, "confirmation"),
            json={"bank_account": ACCOUNT, "signature_id": signed},
        )

    async def test_signs_with_their_own_card(self, town: Town) -> None:
        head = householder()
        _, application = await town.offered(head)
        document = await drawn_up(town, head, application)
        signed = await signature(town, document["digest"], new_id(), subject="guardian")
        answer = await self.confirm(town, head, application, subject="guardian", signed=signed)
        found = ok(answer)["signature"]
        assert (found["signature_id"], found["for_another"]) == (signed, True)
        assert found["representation_id"] is not None
        for reader in (town.resident(head), town.section):
            read = ok(await reader.get(f"/benefits/v1/applications/{application}"))["signature"]
            assert read == found

    async def test_lends_nobody_a_signature_made_for_another(self, town: Town) -> None:
        head = householder()
        _, application = await town.offered(head)
        document = await drawn_up(town, head, application)
        made_for = {"for_another": True, "subject": "guardian"}
        theirs = await signature(town, document["digest"], head.id, **made_for)
        assert refusal(await confirm(town, head, application, theirs)) == REFUSED
        for_somebody = await signature(town, document["digest"], new_id(), **made_for)
        acted = await self.confirm(town, head, application, subject="guardian", signed=for_somebody)
        assert refusal(acted) == REFUSED
        good = await self.confirm(town, head, application, subject="guardian", signed=theirs)
        assert ok(good)["signature"]["for_another"]

    async def test_uses_nothing_signed_for_something_else(self, town: Town) -> None:
        head = householder()
        _, application = await town.offered(head)
        document = await drawn_up(town, head, application)
        purpose = "platform.representation.request"
        signed = await signature(town, document["digest"], head.id, purpose=purpose)
        assert refusal(await confirm(town, head, application, signed)) == REFUSED

    async def test_uses_no_signature_of_the_person_they_act_for(self, town: Town) -> None:
        head = householder()
        _, application = await town.offered(head)
        document = await drawn_up(town, head, application)
        signed = await signature(town, document["digest"], head.id, subject="somebody")
        answer = await self.confirm(town, head, application, subject="guardian", signed=signed)
        assert refusal(answer) == REFUSED


class TestAProgrammeThatAsksForASignature:
    async def test_refuses_a_confirmation_without_one(self, town: Town) -> None:
        head = householder()
        programme = await town.published(signature_required=True)
        _, application = await town.offered(head, programme=programme)
        refused = await confirm(town, head, application, None)
        assert refusal(refused) == (422, "benefits/signature-required")
        document = await drawn_up(town, head, application)
        signed = await signature(town, document["digest"], head.id)
        assert ok(await confirm(town, head, application, signed))["state"] == "confirmed"

    async def test_says_so_in_the_offer(self, town: Town) -> None:
        head = householder()
        programme = await town.published(signature_required=True)
        await town.offered(head, programme=programme)
        (offer,) = ok(await town.resident(head).get("/benefits/v1/offers"))["items"]
        assert offer["signature_required"] is True
