"""A document is signed by whoever is signed in, judged, and kept; nothing else is believed."""

from tests.gateway.signatures.conftest import DIGEST, STATEMENT, SigningDoor


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
