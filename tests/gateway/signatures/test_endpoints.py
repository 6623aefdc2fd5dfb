"""Signatures are asked for and seen by one person, and judged again by an auditor."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx
import pytest

from foundation import clock
from foundation.identifiers import new_id
from foundation.identity import Purpose, Role
from foundation.tenancy import Tenancy
from gateway.signatures.domain import LIFETIME
from tests.gateway.signatures.conftest import SigningDoor
from tests.support.callers import ServiceClient, an_official

Start = Callable[[str], Awaitable[ServiceClient]]


async def verified(signing: SigningDoor) -> tuple[str, str]:
    """Return a token and a signature that is believed."""
    token = await signing.sign_in()
    asked = await signing.asked(token)
    assert (await signing.signed(asked["location"]))["signature_state"] == "verified"
    return token, asked["id"]


class TestRequest:
    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"document_digest": "00"}, "/document_digest"),
            ({"document_digest": "Z" * 64}, "/document_digest"),
            ({"purpose": "Not A Purpose"}, "/purpose"),
            ({"statement": ""}, "/statement"),
            ({"return_to": "https://evil.test/"}, "/return_to"),
            ({"state": "状態"}, "/state"),
        ],
    )
    async def test_refuses_what_cannot_be_signed(
        self, signing: SigningDoor, changes: dict[str, str], pointer: str
    ) -> None:
        answer = await signing.ask(await signing.sign_in(), **changes)
        assert answer.status_code == 422
        assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]

    async def test_leads_back_to_a_page_of_a_registered_origin(self, signing: SigningDoor) -> None:
        await signing.door.as_owner(
            "UPDATE platform.clients SET origins = ARRAY['https://front.test']"
            " WHERE client_id = 'demo-portal'"
        )
        try:
            page = "https://front.test/apply?step=2#signed"
            asked = await signing.asked(await signing.sign_in(), return_to=page)
            for elsewhere in ("https://front.test.evil.test/", "https://front.test@evil.test/"):
                assert (await signing.ask(await signing.sign_in(), return_to=elsewhere)).is_error
            landed = await signing.door.http.get(await signing.sign(asked["location"]))
            location = landed.headers["location"]
            assert location.startswith("https://front.test/apply?step=2&signature_id=")
            assert location.endswith("#signed")
        finally:
            await signing.door.as_owner(
                "UPDATE platform.clients SET origins = '{}' WHERE client_id = 'demo-portal'"
            )

    async def test_needs_somebody_signed_in(self, signing: SigningDoor) -> None:
        assert (await signing.ask("no-token")).status_code == 401


class TestRead:
    async def test_is_hidden_from_another_person(self, signing: SigningDoor) -> None:
        _, signature = await verified(signing)
        other = await signing.sign_in("taro")
        answer = await signing.read(other, signature)
        assert (answer.status_code, answer.json()["type"]) == (
            404,
            "/problems/platform/signature-not-found",
        )

    async def test_is_hidden_from_another_municipality(self, signing: SigningDoor) -> None:
        _, signature = await verified(signing)
        elsewhere = await signing.sign_in("hanako", code="302082")
        assert (await signing.read(elsewhere, signature)).status_code == 404

    async def test_says_when_its_time_has_passed(self, signing: SigningDoor) -> None:
        token = await signing.sign_in()
        asked = await signing.asked(token)
        # The token is older by then than any may be: the time is taken back in the table instead.
        await signing.door.as_owner(
            "UPDATE platform.signatures SET expires_at = $1 WHERE id = $2",
            clock.now() - timedelta(seconds=1),
            asked["id"],
        )
        found = (await signing.read(token, asked["id"])).json()
        assert found["state"] == "expired"
        assert timedelta(0) < LIFETIME

    async def test_names_no_certificate(self, signing: SigningDoor) -> None:
        token, signature = await verified(signing)
        told = (await signing.read(token, signature)).text
        assert "certificate" not in told
        assert "花子" not in told


class Auditor:
    """An auditor of one municipality, at an office of their own."""

    def __init__(self, office: ServiceClient, tenancy: Tenancy) -> None:
        official = an_official(Role.AUDITOR)
        self._as = office.as_(official, tenancy=tenancy, purpose=Purpose.AUDIT)

    async def verifies(self, signature: str) -> httpx.Response:
        return await self._as.post(f"/platform/v1/signatures/{signature}/verification")


class TestVerifyAgain:
    async def test_holds_ten_years_later_without_asking_anybody(
        self, signing: SigningDoor, service_client: Start
    ) -> None:
        _, signature = await verified(signing)
        auditor = Auditor(await service_client("platform"), signing.door.tenancies.kitami)
        signing.network.silent.add("/")
        with clock.frozen(clock.now() + timedelta(days=3653)):
            answer = await auditor.verifies(signature)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert (found["holds"], found["evidence_unchanged"]) == (True, True)
        assert found["report"]["policy"] == "1.2.392.200149.8.5.1.0.20"
        assert "花子" not in answer.text

    async def test_finds_out_evidence_that_was_exchanged(
        self, signing: SigningDoor, service_client: Start
    ) -> None:
        _, signature = await verified(signing)
        auditor = Auditor(await service_client("platform"), signing.door.tenancies.kitami)
        await signing.door.as_owner(
            "UPDATE platform.signatures SET evidence_sha256 = $1 WHERE id = $2",
            b"x" * 32,
            signature,
        )
        found = (await auditor.verifies(signature)).json()
        assert (found["holds"], found["evidence_unchanged"]) == (True, False)

    async def test_is_hidden_from_another_municipality(
        self, signing: SigningDoor, service_client: Start
    ) -> None:
        _, signature = await verified(signing)
        stranger = Auditor(await service_client("platform"), signing.door.tenancies.kinokawa)
        assert (await stranger.verifies(signature)).status_code == 404

    async def test_needs_evidence(self, signing: SigningDoor, service_client: Start) -> None:
        asked = await signing.asked(await signing.sign_in())
        auditor = Auditor(await service_client("platform"), signing.door.tenancies.kitami)
        answer = await auditor.verifies(asked["id"])
        assert (answer.status_code, answer.json()["type"]) == (
            404,
            "/problems/platform/signature-without-evidence",
        )

    async def test_is_not_for_the_person(self, signing: SigningDoor) -> None:
        token, signature = await verified(signing)
        answer = await signing.door.http.post(
            f"/platform/v1/signatures/{signature}/verification",
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": str(new_id())},
        )
        assert answer.status_code == 403
