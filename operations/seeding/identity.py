"""Whose word is taken in each demonstration municipality, and which clients may act there.

Everything may be done again: what is there is brought to what is written here, and keys that
exist are kept, because what they sealed or signed is theirs alone.
"""

import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from foundation import clock
from foundation.encryption import Keyring
from foundation.identifiers import SANDBOX, MunicipalityCode, TenantId
from foundation.identity import Role
from foundation.tenancy import Tenancy
from operations.population import write_businesses, write_simulator_files

from .clients import CLIENTS, NATION, DemoClient, public_keys
from .sandbox import enrol

SERVICES = ("registry", "benefits", "window_dx", "consultation", "platform")


_TENANT = """
SELECT tenant_id FROM platform.tenant_codes
WHERE municipality_code = $1 AND valid_from <= $2 AND (valid_until IS NULL OR valid_until > $2)
"""
_CLIENT = """
INSERT INTO platform.clients
  (client_id, name, kinds, scopes, redirect_uris, jwks, sector, environment, origins)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (client_id) DO UPDATE SET
  name = excluded.name, kinds = excluded.kinds, scopes = excluded.scopes,
  redirect_uris = excluded.redirect_uris, jwks = excluded.jwks, sector = excluded.sector,
  origins = excluded.origins
"""
_LEAVE = """
INSERT INTO platform.client_grants (tenant_id, client_id, scopes, environment)
VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant_id, client_id) DO UPDATE SET scopes = excluded.scopes
"""
_ROLE = """
INSERT INTO platform.provider_roles (tenant_id, provider_id, claim_value, role)
VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING
"""
# The one provider that was there from the start; those a municipality registered are its own.
_MOVED_STAFF = """
UPDATE platform.identity_providers
SET issuer = $2, client_id = $3, acr_values = $4, claims = $5, endpoints = NULL
WHERE tenant_id = $1 AND changed_by = 'operations' AND state <> 'retired' RETURNING id
"""
_STAFF = """
INSERT INTO platform.identity_providers
  (tenant_id, name, issuer, client_id, acr_values, claims, state, activated_at, changed_by)
SELECT $1, '設置時の認証基盤', $2, $3, $4, $5, 'active', now(), 'operations'
WHERE NOT EXISTS (SELECT FROM platform.identity_providers WHERE tenant_id = $1)
RETURNING id
"""
_STAFF_CLAIMS = json.dumps(
    {"groups": "groups", "employee_id": "preferred_username", "name": "name"}
)
_LIVE = "UPDATE platform.tenants SET status = 'live' WHERE tenant_id = $1 AND status = 'listed'"
_OTHER_ISSUERS = {
    kind: f"DELETE FROM platform.{kind}_issuers WHERE tenant_id = $1 AND issuer <> $2"  # noqa: S608 - the two names are ours
    for kind in ("resident", "business")
}
_ISSUER = {
    kind: f"""
    INSERT INTO platform.{kind}_issuers (tenant_id, issuer, client_id, acr_values)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT (tenant_id, issuer) DO UPDATE SET
      client_id = excluded.client_id, acr_values = excluded.acr_values
    """  # noqa: S608 - the two names are ours
    for kind in ("resident", "business")
}


class NotInDirectory(LookupError):
    """The directory of municipalities has no such code today: it must be loaded first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstration:
    """Where this instance answers, where its providers do, and where its keys lie."""

    base_url: str
    simulator_url: str
    keys: Path


async def seed(
    owner_dsn: str,
    *,
    base_url: str,
    simulator_url: str,
    data_directory: Path,
    codes: Sequence[str],
) -> list[Tenancy]:
    """Make these municipalities demonstrations and return them.

    Args:
        owner_dsn: the database, as the owner of the platform schema.
        base_url: the gateway's own address, its issuer.
        simulator_url: the identity simulator's.
        data_directory: the instance's folder; keys and the simulator's files lie below it.
        codes: six-digit codes that the directory has.

    Raises:
        NotInDirectory: it has not.
    """
    place = Demonstration(
        base_url=base_url, simulator_url=simulator_url, keys=data_directory / "keys"
    )
    connection = await asyncpg.connect(owner_dsn)
    try:
        if SANDBOX in codes:
            await enrol(connection)
        tenancies = [await _tenancy(connection, code) for code in codes]
        everyone = [*await _nation(connection), *tenancies]
        for tenancy in everyone:
            # First: keys that no row refers to harm nobody, a live tenant without keys would.
            create_tenant_keys(place.keys, tenancy.tenant_id)
        await register(connection, everyone, place)
    finally:
        await connection.close()
    write_simulator_files(
        data_directory / "simulator",
        base_url=base_url,
        codes=[tenancy.code for tenancy in tenancies],
    )
    write_businesses(
        data_directory / "simulator",
        base_url=base_url,
        secret=_business_secret(place.keys / "gateway" / "business-client.secret"),
    )
    return tenancies


def _business_secret(path: Path) -> str:
    """Return what the gateway proves itself with to businesses' provider, made if it is not there.

    It is the gateway's own file; the simulator is told of it as the real provider would be.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
    return path.read_bytes().hex()


async def register(connection: Any, tenancies: Sequence[Tenancy], place: Demonstration) -> None:
    """Write clients, leave, providers and roles, in one transaction."""
    async with connection.transaction():
        for client in CLIENTS:
            await _register_client(connection, client, place)
        for tenancy in tenancies:
            await _register_tenant(connection, tenancy, place)


def create_tenant_keys(keys: Path, tenant_id: TenantId) -> None:
    """Give a municipality its own encryption keys in every service; existing ones are kept."""
    for service in SERVICES:
        Keyring(keys / service).create(tenant_id)


async def _nation(connection: Any) -> list[Tenancy]:
    """Return where the operators' machine signs in, if the directory is the whole of Japan's."""
    try:
        return [await _tenancy(connection, NATION)]
    except NotInDirectory:
        return []


async def _tenancy(connection: Any, code: str) -> Tenancy:
    parsed = MunicipalityCode.parse(code)
    tenant_id = await connection.fetchval(_TENANT, str(parsed), clock.today())
    if tenant_id is None:
        raise NotInDirectory(code)
    return Tenancy(TenantId(tenant_id), parsed)


async def _register_client(connection: Any, client: DemoClient, place: Demonstration) -> None:
    jwks = public_keys(client, place.keys / "clients")
    await connection.execute(
        _CLIENT,
        client.client_id,
        client.name,
        [client.kind],
        list(client.scopes),
        [f"{place.base_url}{path}" for path in client.redirect_paths],
        None if jwks is None else json.dumps(jwks),
        "demo",
        client.environment,
        [place.base_url] if client.redirect_paths else [],
    )


async def _register_tenant(connection: Any, tenancy: Tenancy, place: Demonstration) -> None:
    tenant_id, code = int(tenancy.tenant_id), str(tenancy.code)
    await connection.execute(_LIVE, tenant_id)
    world = "sandbox" if tenancy.code.is_sandbox else "production"
    for client in CLIENTS:
        if client.environment == world and client.acts_in(code):
            scopes = list(client.scopes)
            await connection.execute(_LEAVE, tenant_id, client.client_id, scopes, world)
    if code == NATION:
        return  # nobody lives or works there; the operators' machine alone signs in to it
    await _register_staff(connection, tenant_id, code, place)
    providers = {
        "resident": (f"{place.simulator_url}/resident", f"tamaire-{code}", "aal3 crl"),
        "business": (f"{place.simulator_url}/gbiz/oauth/", "tamaire", ""),
    }
    for kind, (issuer, client_id, acr_values) in providers.items():
        await connection.execute(_OTHER_ISSUERS[kind], tenant_id, issuer)
        await connection.execute(_ISSUER[kind], tenant_id, issuer, client_id, acr_values)


async def _register_staff(connection: Any, tenant_id: int, code: str, place: Demonstration) -> None:
    """Give a municipality its first directory; what it made of it since is its own."""
    staff = (f"{place.simulator_url}/officials/{code}", "tamaire", "aal1", _STAFF_CLAIMS)
    provider_id = await connection.fetchval(_MOVED_STAFF, tenant_id, *staff)
    if provider_id is None:
        provider_id = await connection.fetchval(_STAFF, tenant_id, *staff)
        for role in Role if provider_id is not None else ():
            await connection.execute(_ROLE, tenant_id, provider_id, role.value, role.value)
