"""A document is signed by whoever is signed in, judged, and kept; nothing else is believed."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from foundation import clock
from foundation.identifiers import new_id
from gateway.signatures.domain import LIFETIME
from tests.gateway.signatures.conftest import DIGEST, RETURN_TO, STATEMENT, SigningDoor
from tests.support.front_door import query_of
from tests.support.simulator import SignInRefused, give_up, sign_document


async def rows(signing: SigningDoor, sql: str, *values: object) -> list[Any]:
    """Look behind the counter, as the owner of the platform's tables."""
    connection = await asyncpg.connect(signing.door.house.dsn("platform_owner"))
    try:
        return list(await connection.fetch(sql, *values))
    finally:
        await connection.close()


async def row_of(signing: SigningDoor, signature_id: str) -> dict[str, Any]:
    (found,) = await rows(
        signing, "SELECT * FROM platform.signatures WHERE id = $1", UUID(signature_id)
    )
    return dict(found)


class TestSigning:
    async def test_ends_in_a_signature_that_is_believed(self, signing: SigningDoor) -> None:
        token = await signing.sign_in()
        asked = await signing.asked(token)
        assert (asked["state"], asked["statement"]) == ("requested", STATEMENT)
        told = await signing.signed(asked["location"])
        assert told == {
            "signature_id": asked["id"],
            "signature_state": "verified",
            "state": "after",
        }
        found = (await signing.read(token, asked["id"])).json()
        assert (found["state"], found["document_digest"]) == ("verified", DIGEST)
        assert found["decided_at"] is not None

    async def test_keeps_the_evidence_sealed_and_the_list_once(self, signing: SigningDoor) -> None:
        token = await signing.sign_in()
        kept: list[dict[str, Any]] = []
        for _ in range(2):
            asked = await signing.asked(token)
            await signing.signed(asked["location"])
            kept.append(await row_of(signing, asked["id"]))
        first, second = kept
        assert first["presented_sealed"] is None
        assert first["crl_sha256"] == second["crl_sha256"]
        assert first["evidence_sha256"] != second["evidence_sha256"]
        for sealed in (first["evidence_sealed"], first["statement_sealed"]):
            assert "花子".encode() not in sealed
            assert b"certificate" not in sealed
        report = json.loads(first["report"])
        assert report["policy"] == "1.2.392.200149.8.5.1.0.20"
        assert "花子" not in first["report"]

    async def test_leaves_an_entry_that_the_evidence_can_be_held_against(
        self, signing: SigningDoor
    ) -> None:
        token = await signing.sign_in()
        asked = await signing.asked(token)
        await signing.signed(asked["location"])
        evidence = (await row_of(signing, asked["id"]))["evidence_sha256"].hex()
        connection = await asyncpg.connect(signing.door.house.superuser_dsn())
        try:
            entries = await connection.fetch(
                "SELECT detail FROM audit.entries WHERE action = 'platform.signature.verified'"
            )
        finally:
            await connection.close()
        assert any(evidence in str(entry["detail"]) for entry in entries)

    async def test_is_announced(self, signing: SigningDoor) -> None:
        token = await signing.sign_in()
        asked = await signing.asked(token)
        await signing.signed(asked["location"])
        announced = await rows(
            signing,
            "SELECT data FROM platform.outbox WHERE subject_id = $1 AND type = $2",
            UUID(asked["id"]),
            "platform.signature.verified.v1",
        )
        assert len(announced) == 1

    async def test_may_be_made_with_the_same_persons_phone(self, signing: SigningDoor) -> None:
        asked = await signing.asked(await signing.sign_in())
        told = await signing.signed(asked["location"], "phone")
        assert told["signature_state"] == "verified"


class TestTheHolder:
    async def compared(
        self, signing: SigningDoor, card_id: str, name: str, *, signer: UUID, found: UUID | None
    ) -> dict[str, Any]:
        """Sign in as whom the register knows, then let it find somebody else, or nobody."""
        register = signing.door.register
        register.residents[name] = signer
        token = await signing.sign_in(card_id)
        if found is None:
            del register.residents[name]
        else:
            register.residents[name] = found
        asked = await signing.asked(token)
        await signing.signed(asked["location"], card_id)
        return (await signing.read(token, asked["id"])).json()

    async def test_is_the_signers_record(self, signing: SigningDoor) -> None:
        me = new_id()
        found = await self.compared(signing, "hanako", "北見 花子", signer=me, found=me)
        assert (found["state"], found["holder_match"]) == ("verified", "exact")

    async def test_may_differ_and_it_is_noted(self, signing: SigningDoor) -> None:
        found = await self.compared(signing, "hanako", "北見 花子", signer=new_id(), found=None)
        assert (found["state"], found["holder_match"]) == ("verified", "differs")

    async def test_may_differ_where_the_card_has_other_characters(
        self, signing: SigningDoor
    ) -> None:
        found = await self.compared(signing, "newcomer", "斉藤 涼", signer=new_id(), found=None)
        assert (found["state"], found["holder_match"]) == ("verified", "substitutes")

    async def test_is_nobody_else(self, signing: SigningDoor) -> None:
        found = await self.compared(signing, "hanako", "北見 花子", signer=new_id(), found=new_id())
        assert (found["state"], found["refusal"]) == ("refused", "holder_is_another_resident")

    async def test_is_not_compared_while_the_register_is_away(self, signing: SigningDoor) -> None:
        signing.door.register.residents["北見 花子"] = new_id()
        token = await signing.sign_in()
        signing.door.register.is_down = True
        asked = await signing.asked(token)
        await signing.signed(asked["location"])
        assert (await signing.read(token, asked["id"])).json()["holder_match"] == "not_compared"


class TestRefusals:
    async def test_of_a_signature_by_another_person(self, signing: SigningDoor) -> None:
        token = await signing.sign_in("hanako")
        asked = await signing.asked(token)
        told = await signing.signed(asked["location"], "taro")
        assert told["signature_state"] == "refused"
        found = (await signing.read(token, asked["id"])).json()
        assert found["refusal"] == "signed_by_another_person"

    async def test_of_a_copied_certificate_that_the_provider_lets_pass(
        self, signing: SigningDoor
    ) -> None:
        token = await signing.sign_in("hanako")
        asked = await signing.asked(token)
        told = await signing.signed(asked["location"], "copied")
        assert told["signature_state"] == "refused"
        found = (await signing.read(token, asked["id"])).json()
        assert found["refusal"] == "signature_does_not_fit"
        assert (await row_of(signing, asked["id"]))["evidence_sealed"] is None

    async def test_of_a_person_who_gave_up(self, signing: SigningDoor) -> None:
        token = await signing.sign_in()
        asked = await signing.asked(token)
        left = await signing.leave(asked["location"])
        back = await give_up(signing.browser, left.headers["location"])
        landed = await signing.door.http.get(back)
        assert query_of(landed.headers["location"])["signature_state"] == "refused"
        assert (await signing.read(token, asked["id"])).json()["refusal"] == "given_up"

    async def test_leave_a_moved_persons_signature_unmade(self, signing: SigningDoor) -> None:
        token = await signing.sign_in("moved")
        asked = await signing.asked(token)
        with pytest.raises(SignInRefused, match="失効"):
            await signing.sign(asked["location"], "moved")
        assert (await signing.read(token, asked["id"])).json()["state"] == "sent"

    async def test_are_announced(self, signing: SigningDoor) -> None:
        token = await signing.sign_in("hanako")
        asked = await signing.asked(token)
        await signing.signed(asked["location"], "taro")
        announced = await rows(
            signing,
            "SELECT type FROM platform.outbox WHERE subject_id = $1",
            UUID(asked["id"]),
        )
        assert [row["type"] for row in announced] == ["platform.signature.refused.v1"]


class TestTheWayThere:
    async def test_may_be_taken_again_after_the_browser_was_closed(
        self, signing: SigningDoor
    ) -> None:
        asked = await signing.asked(await signing.sign_in())
        await signing.leave(asked["location"])
        told = await signing.signed(asked["location"])
        assert told["signature_state"] == "verified"

    async def test_leads_straight_back_once_it_was_signed(self, signing: SigningDoor) -> None:
        asked = await signing.asked(await signing.sign_in())
        await signing.signed(asked["location"])
        again = await signing.leave(asked["location"])
        assert again.headers["location"].startswith(f"{RETURN_TO}?")
        assert query_of(again.headers["location"])["signature_state"] == "verified"

    @pytest.mark.parametrize("handle", ["", "x", "012084." + "A" * 43, "999999." + "A" * 43])
    async def test_is_none_for_a_request_nobody_made(
        self, signing: SigningDoor, handle: str
    ) -> None:
        answer = await signing.leave(f"/oauth/sign?request={handle}")
        assert answer.status_code == 400
        assert answer.json()["type"] == "/problems/platform/signing-not-found"

    async def test_is_none_after_its_time(self, signing: SigningDoor) -> None:
        token = await signing.sign_in()
        asked = await signing.asked(token)
        with clock.frozen(clock.now() + LIFETIME + timedelta(seconds=1)):
            assert (await signing.leave(asked["location"])).status_code == 400

    async def test_is_closed_while_the_provider_is_away(self, signing: SigningDoor) -> None:
        asked = await signing.asked(await signing.sign_in())
        signing.network.silent.add("/api/sign-transactions")
        answer = await signing.leave(asked["location"])
        assert (answer.status_code, answer.json()["type"]) == (
            503,
            "/problems/platform/signing-unavailable",
        )
        signing.network.silent.clear()
        assert (await signing.signed(asked["location"]))["signature_state"] == "verified"


class TestTheWayBack:
    async def test_is_not_open_to_another_browser(self, signing: SigningDoor) -> None:
        asked = await signing.asked(await signing.sign_in())
        back = await signing.sign(asked["location"])
        signing.door.http.cookies.clear()
        answer = await signing.door.http.get(back)
        assert (answer.status_code, "code" in answer.headers.get("location", "")) == (400, False)

    async def test_is_taken_once(self, signing: SigningDoor) -> None:
        asked = await signing.asked(await signing.sign_in())
        back = await signing.sign(asked["location"])
        cookies = dict(signing.door.http.cookies)
        assert (await signing.door.http.get(back)).status_code == 303
        signing.door.http.cookies.update(cookies)
        assert (await signing.door.http.get(back)).status_code == 400

    async def test_believes_no_answer_of_another_issuer(self, signing: SigningDoor) -> None:
        token = await signing.sign_in()
        asked = await signing.asked(token)
        back = await signing.sign(asked["location"])
        forged = back.replace("iss=http%3A%2F%2F127.0.0.1%3A8201", "iss=http%3A%2F%2Fevil.test")
        assert forged != back
        landed = await signing.door.http.get(forged)
        assert query_of(landed.headers["location"])["signature_state"] == "refused"

    async def test_does_not_sign_anybody_in(self, signing: SigningDoor) -> None:
        asked = await signing.asked(await signing.sign_in())
        back = await signing.sign(asked["location"])
        answer = await signing.door.http.get(back.replace("/oauth/signed", "/oauth/callback"))
        assert answer.status_code == 400

    async def test_waits_while_the_authority_is_away(self, signing: SigningDoor) -> None:
        token = await signing.sign_in()
        asked = await signing.asked(token)
        back = await signing.sign(asked["location"])
        signing.network.silent.add("/ocsp")
        landed = await signing.door.http.get(back)
        assert query_of(landed.headers["location"])["signature_state"] == "signed"
        # What the card gave is kept, sealed; nobody has to sign again, however late it is.
        with clock.frozen(clock.now() + timedelta(minutes=1)):
            assert (await row_of(signing, asked["id"]))["presented_sealed"] is not None
        signing.network.silent.clear()
        again = await signing.leave(asked["location"])
        assert query_of(again.headers["location"])["signature_state"] == "verified"
        found = await row_of(signing, asked["id"])
        assert found["presented_sealed"] is None
        assert found["evidence_sealed"] is not None

    async def test_is_open_again_when_the_result_could_not_be_fetched(
        self, signing: SigningDoor
    ) -> None:
        token = await signing.sign_in()
        asked = await signing.asked(token)
        back = await signing.sign(asked["location"])
        signing.network.silent.add("/result")
        landed = await signing.door.http.get(back)
        assert query_of(landed.headers["location"])["signature_state"] == "sent"
        signing.network.silent.clear()
        assert (await signing.signed(asked["location"]))["signature_state"] == "verified"


class TestOneProvider:
    async def test_is_asked_by_digest_alone(self, signing: SigningDoor) -> None:
        asked = await signing.asked(await signing.sign_in())
        left = await signing.leave(asked["location"])
        parameters = query_of(left.headers["location"])
        assert parameters["scope"] == "openid sign"
        assert STATEMENT not in left.headers["location"]
        back = await sign_document(
            signing.browser, left.headers["location"], card_id="hanako", sign_pin="ABC123"
        )
        assert back.startswith("http://127.0.0.1:8200/oauth/signed?")
