"""The benefits service learns of a signature that it holds, and nothing of the person."""

from uuid import UUID

import asyncpg
import pytest

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
        }

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
