"""The benefits service learns of a signature that it holds, and nothing of the person."""

from uuid import UUID

import asyncpg
import pytest

from foundation.identifiers import new_id
from tests.gateway.signatures.conftest import SigningDoor


async def as_benefits(signing: SigningDoor, sql: str, *values: object) -> list[asyncpg.Record]:
    """Ask as the benefits service's role, within the municipality."""
    connection = await asyncpg.connect(signing.door.house.dsn("benefits_app"))
    try:
        async with connection.transaction():
            tenant = int(signing.door.tenancies.kitami.tenant_id)
            await connection.execute(f"SET LOCAL app.tenant_id = '{tenant}'")
            return await connection.fetch(sql, *values)
    finally:
        await connection.close()


async def as_owner(signing: SigningDoor, sql: str, *values: object) -> None:
    connection = await asyncpg.connect(signing.door.house.dsn("platform_owner"))
    try:
        await connection.execute(sql, *values)
    finally:
        await connection.close()


class TestView:
    async def test_shows_what_is_verified(self, signing: SigningDoor) -> None:
        asked = await signing.asked(await signing.sign_in())
        question = "SELECT * FROM platform.benefits_signatures WHERE signature_id = $1"
        assert await as_benefits(signing, question, UUID(asked["id"])) == []
        await signing.signed(asked["location"])
        (shown,) = await as_benefits(signing, question, UUID(asked["id"]))
        assert set(shown.keys()) == {
            "tenant_id",
            "signature_id",
            "resident_id",
            "subject",
            "document_digest",
            "holder_match",
            "signed_at",
            "verified_at",
            "for_another",
            "represented_id",
        }
        assert (shown["for_another"], shown["represented_id"]) == (False, None)

    async def test_tells_whose_name_a_signature_was_made_in(self, signing: SigningDoor) -> None:
        asked = await signing.asked(await signing.sign_in())
        await signing.signed(asked["location"])
        child = new_id()
        await as_owner(
            signing,
            "UPDATE platform.signatures SET for_another = true, resident_id = $2 WHERE id = $1",
            UUID(asked["id"]),
            child,
        )
        (shown,) = await as_benefits(signing, "SELECT * FROM platform.benefits_signatures")
        assert (shown["for_another"], shown["represented_id"]) == (True, child)
        assert shown["resident_id"] is None

    @pytest.mark.parametrize("table", ["benefits_signatures", "signatures"])
    async def test_has_nothing_that_was_signed_for_something_else(
        self, signing: SigningDoor, table: str
    ) -> None:
        asked = await signing.asked(
            await signing.sign_in(), purpose="platform.representation.request"
        )
        await signing.signed(asked["location"])
        assert await as_benefits(signing, f"SELECT document_digest FROM platform.{table}") == []

    @pytest.mark.parametrize(
        "column",
        ["person", "evidence_sealed", "statement_sealed", "report", "client_id"],
    )
    async def test_hides_the_rest(self, signing: SigningDoor, column: str) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await as_benefits(signing, f"SELECT {column} FROM platform.signatures")

    async def test_lets_nothing_be_written(self, signing: SigningDoor) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await as_benefits(signing, "UPDATE platform.signatures SET state = 'verified'")
