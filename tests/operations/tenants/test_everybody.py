"""All municipalities at once: each with its keys, its notice, its event and its entry."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from foundation.encryption import Keyring
from foundation.identifiers import TenantId
from operations.tenants.everybody import SERVICES, onboard_all
from tests.support.house import House

TOWNS = {"472018": "那覇市", "472051": "宜野湾市"}
_LISTED = """
SELECT count(*) FROM platform.tenants t JOIN platform.tenant_codes c USING (tenant_id)
WHERE t.status = 'listed' AND t.kind = 'municipality' AND left(c.municipality_code, 2) = '47'
  AND c.valid_until IS NULL
"""


@pytest.fixture
async def listed(house: House) -> AsyncGenerator[tuple["asyncpg.Connection[Any]", list[int]]]:
    connection = await asyncpg.connect(house.superuser_dsn())
    # Another test of the same process may have brought the whole directory.
    await connection.execute(
        "DELETE FROM platform.tenant_codes WHERE municipality_code = ANY ($1)", list(TOWNS)
    )
    tenants = [
        await connection.fetchval(
            "WITH t AS (INSERT INTO platform.tenants (kind, name, name_kana, prefecture_name)"
            " VALUES ('municipality', $2, '', '沖縄県') RETURNING tenant_id),"
            " c AS (INSERT INTO platform.tenant_codes (municipality_code, valid_from, tenant_id)"
            " SELECT $1, '1970-04-01', tenant_id FROM t) SELECT tenant_id FROM t",
            code,
            name,
        )
        for code, name in TOWNS.items()
    ]
    try:
        yield connection, tenants
    finally:
        await connection.execute(
            "DELETE FROM platform.tenant_codes WHERE tenant_id = ANY ($1)", tenants
        )
        await connection.close()


class TestOnboardAll:
    async def test_takes_on_whoever_is_listed_and_leaves_a_trace_in_each(
        self, house: House, listed: tuple["asyncpg.Connection[Any]", list[int]], tmp_path: Path
    ) -> None:
        connection, tenants = listed

        # Beside the two there is whoever another test of this process brought.
        waiting = await connection.fetchval(_LISTED)

        arrived = await onboard_all(house.superuser_dsn(), tmp_path, by="somebody", prefecture="47")

        assert arrived.municipalities == waiting >= len(TOWNS)
        for table, column in (
            ("platform.outbox", "tenant_id"),
            ("audit.entries", "tenant_id"),
        ):
            found = await connection.fetchval(
                f"SELECT count(DISTINCT {column}) FROM {table} WHERE {column} = ANY ($1)", tenants
            )
            assert found == len(TOWNS), table
        states = await connection.fetch(
            "SELECT status, onboarded_at FROM platform.tenants WHERE tenant_id = ANY ($1)", tenants
        )
        assert {row["status"] for row in states} == {"trial"}
        assert all(row["onboarded_at"] for row in states)
        for service in SERVICES:
            for tenant in tenants:
                assert Keyring(tmp_path / service).cipher(TenantId(tenant))

    async def test_asked_again_finds_nobody_to_take_on(
        self, house: House, listed: tuple["asyncpg.Connection[Any]", list[int]], tmp_path: Path
    ) -> None:
        del listed
        await onboard_all(house.superuser_dsn(), tmp_path, by="somebody", prefecture="47")

        again = await onboard_all(house.superuser_dsn(), tmp_path, by="somebody", prefecture="47")

        assert again.municipalities == 0
