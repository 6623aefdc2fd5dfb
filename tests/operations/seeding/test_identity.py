"""Making municipalities of the directory into demonstrations."""

from collections.abc import AsyncGenerator
from datetime import date
from pathlib import Path

import asyncpg
import pytest

from foundation.encryption import Keyring
from foundation.identity import Role, SigningKey
from gateway.access import AccessTokens
from gateway.settings import GatewaySettings
from gateway.state import GatewayState
from operations.seeding import NotInDirectory, seed
from tests.support.house import House, Tenancies

CODES = ["012084", "302082", "131016"]

_CODES = """
SELECT municipality_code, valid_from, valid_until, tenant_id FROM platform.tenant_codes
WHERE municipality_code = any($1)
"""
_CLEAR = "DELETE FROM platform.tenant_codes WHERE municipality_code = any($1)"
_ENTER = """
INSERT INTO platform.tenant_codes (municipality_code, valid_from, valid_until, tenant_id)
VALUES ($1, $2, $3, $4)
"""


@pytest.fixture
async def directory(house: House, tenancies: Tenancies) -> AsyncGenerator[Tenancies]:
    """Today's codes mean this test's municipalities; afterwards what they meant before."""
    connection = await asyncpg.connect(house.dsn("platform_owner"))
    ours = [
        (str(tenancy.code), date(1970, 4, 1), None, int(tenancy.tenant_id)) for tenancy in tenancies
    ]
    before = [tuple(row) for row in await connection.fetch(_CODES, CODES)]
    try:
        await connection.execute(_CLEAR, CODES)
        await connection.executemany(_ENTER, ours)
        yield tenancies
        await connection.execute(_CLEAR, CODES)
        await connection.executemany(_ENTER, before)
    finally:
        await connection.close()


async def _seed(house: House, folder: Path, *, port: int = 8200) -> None:
    await seed(
        house.dsn("platform_owner"),
        base_url=f"http://127.0.0.1:{port}",
        simulator_url=f"http://127.0.0.1:{port + 1}",
        data_directory=folder,
        codes=CODES,
    )


class TestSeed:
    async def test_makes_municipalities_that_a_gateway_can_open_with(
        self, house: House, directory: Tenancies, tmp_path: Path
    ) -> None:
        await _seed(house, tmp_path)
        settings = GatewaySettings.model_validate(
            {
                "environment": "development",
                "issuer": "http://127.0.0.1:8200",
                "database_url": house.dsn("platform_app"),
                "key_directory": tmp_path / "keys" / "gateway",
                "internal_public_keys": tmp_path / "keys" / "internal" / "jwks.json",
                "upstreams": {"registry": "unix:/nowhere/registry.sock"},
            }
        )
        state = await GatewayState.open(settings)
        try:
            assert isinstance(state.access, AccessTokens)
            for tenancy in directory:
                assert state.tenants.participant(tenancy.code).tenancy == tenancy
        finally:
            await state.close()

    async def test_changes_nothing_the_second_time(
        self, house: House, directory: Tenancies, tmp_path: Path
    ) -> None:
        await _seed(house, tmp_path)
        before, keys = await _rows(house, directory), _files(tmp_path)
        await _seed(house, tmp_path)
        assert await _rows(house, directory) == before
        assert _files(tmp_path) == keys

    async def test_follows_an_instance_to_another_port(
        self, house: House, directory: Tenancies, tmp_path: Path
    ) -> None:
        await _seed(house, tmp_path)
        await _seed(house, tmp_path, port=8300)
        for rows in (await _rows(house, directory))["resident_issuers"]:
            assert "127.0.0.1:8301" in rows
        await _seed(house, tmp_path)

    async def test_gives_each_municipality_its_own_keys_in_every_service(
        self, house: House, directory: Tenancies, tmp_path: Path
    ) -> None:
        await _seed(house, tmp_path)
        for service in ("registry", "benefits", "window_dx", "consultation"):
            for tenancy in directory:
                Keyring(tmp_path / "keys" / service).cipher(tenancy.tenant_id)

    async def test_writes_machines_keys_for_their_owner_alone(
        self, house: House, directory: Tenancies, tmp_path: Path
    ) -> None:
        await _seed(house, tmp_path)
        for client_id in ("demo-vendor", "operations"):
            path = tmp_path / "keys" / "clients" / f"{client_id}.pem"
            assert path.stat().st_mode & 0o777 == 0o600
            assert SigningKey.load(path).algorithm == "ES256"
        assert len(directory.kitami.code) == 6

    async def test_gives_the_vendor_leave_in_one_municipality(
        self, house: House, directory: Tenancies, tmp_path: Path
    ) -> None:
        await _seed(house, tmp_path)
        grants = (await _rows(house, directory))["client_grants"]
        vendors = [row for row in grants if "demo-vendor" in row]
        assert len(vendors) == 1
        assert str(directory.kitami.tenant_id) in vendors[0]

    async def test_maps_every_duty_to_the_group_of_its_name(
        self, house: House, directory: Tenancies, tmp_path: Path
    ) -> None:
        await _seed(house, tmp_path)
        assert len((await _rows(house, directory))["provider_roles"]) == 3 * len(Role)

    async def test_refuses_a_code_the_directory_does_not_have(
        self, house: House, tmp_path: Path
    ) -> None:
        with pytest.raises(NotInDirectory):
            await seed(
                house.dsn("platform_owner"),
                base_url="http://127.0.0.1:8200",
                simulator_url="http://127.0.0.1:8201",
                data_directory=tmp_path,
                codes=["011011"],  # a ward of a designated city is no tenant,
            )


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def _rows(house: House, directory: Tenancies) -> dict[str, list[str]]:
    numbers = [int(tenancy.tenant_id) for tenancy in directory]
    connection = await asyncpg.connect(house.dsn("platform_owner"))
    try:
        return {
            table: [
                row[0]
                for row in await connection.fetch(
                    f"SELECT t::text FROM platform.{table} t WHERE tenant_id = any($1) ORDER BY 1",
                    numbers,
                )
            ]
            for table in (
                "client_grants",
                "resident_issuers",
                "identity_providers",
                "provider_roles",
            )
        }
    finally:
        await connection.close()
