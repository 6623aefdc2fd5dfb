"""A house for the journey: its own PostgreSQL, its rows, the real gateway and the real service."""

import json
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

import asyncpg
import psutil

from benchmarks.processes import environment, running
from foundation.encryption import Keyring
from foundation.identifiers import TenantId, new_id
from foundation.identity import SigningKey
from gateway.access import TYPE
from gateway.keys import GatewayKeys
from migrations.run import upgrade
from operations.postgres import DATABASE, Cluster

CODE: Final = "012084"
_LISTED: Final = 200
_ENOUGH: Final = 100_000_000


@dataclass(slots=True, kw_only=True)
class House:
    """Where everything is."""

    folder: Path
    cluster: Cluster
    tenant_id: int
    drafts: list[UUID]

    @property
    def postmaster(self) -> psutil.Process:
        """The head of the database's processes."""
        pid = self.cluster.pid
        if pid is None:
            raise RuntimeError("The database is not running.")
        return psutil.Process(pid)

    def dsn(self, role: str) -> str:
        return self.cluster.dsn(role, DATABASE)


def build(stack: ExitStack, folder: Path) -> Cluster:
    """Start a PostgreSQL as the product configures it, and migrate it."""
    cluster = Cluster.create(folder / "postgres")
    cluster.start()
    stack.callback(cluster.stop)
    cluster.bootstrap_roles(DATABASE)
    upgrade(lambda schema: cluster.dsn(f"{schema}_owner", DATABASE))
    return cluster


async def furnish(cluster: Cluster, folder: Path, *, drafts: int) -> House:
    """Enter two municipalities, two hundred published programmes in each, and drafts in one."""
    platform = await asyncpg.connect(cluster.dsn("platform_owner", DATABASE))
    benefits = await asyncpg.connect(cluster.dsn("benefits_owner", DATABASE))
    try:
        tenants = [
            await _municipality(platform, code, name)
            for code, name in ((CODE, "北見市"), ("131016", "千代田区"))
        ]
        for tenant in tenants:
            await _programmes(benefits, tenant, [new_id() for _ in range(_LISTED)], "published")
        waiting = [new_id() for _ in range(drafts)]
        # Older than all others, so that the list never shows what is being changed.
        waiting = [UUID(int=number.int & ~(0xFFFF << 112)) for number in waiting]
        await _programmes(benefits, tenants[0], waiting, "draft")
        await benefits.execute("ANALYZE")
    finally:
        await platform.close()
        await benefits.close()
    for service in ("benefits", "platform"):
        for tenant in tenants:
            Keyring(folder / "keys" / service).create(TenantId(tenant))
    return House(folder=folder, cluster=cluster, tenant_id=tenants[0], drafts=waiting)


async def _municipality(
    connection: "asyncpg.Connection[asyncpg.Record]", code: str, name: str
) -> int:
    tenant: int = await connection.fetchval(
        "INSERT INTO platform.tenants (kind, name, name_kana, prefecture_name, status)"
        " VALUES ('municipality', $1, '', '', 'live') RETURNING tenant_id",
        name,
    )
    await connection.execute(
        "INSERT INTO platform.tenant_codes (municipality_code, tenant_id, valid_from)"
        " VALUES ($1, $2, '2000-01-01')",
        code,
        tenant,
    )
    return tenant


async def _programmes(
    connection: "asyncpg.Connection[asyncpg.Record]", tenant: int, ids: list[UUID], state: str
) -> None:
    await connection.execute(
        "INSERT INTO benefits.programmes (tenant_id, id, code, name, legal_ground, fiscal_year,"
        " amount_per_household_yen, reference_on, condition, application_from,"
        " application_until, seizure_ban, tax_free, state, version)"
        " SELECT $1, id, left($3, 1) || n, '令和8年度物価高騰対応支援給付金 ' || n,"
        " '令和8年度物価高騰対応支援給付金支給要綱', 2026, 30000, '2026-06-01',"
        " 'household_tax_exempt', '2026-07-01', '2026-12-28', true, true, $3, 1"
        " FROM unnest($2::uuid[]) WITH ORDINALITY AS given (id, n)",
        tenant,
        ids,
        state,
    )


def open_service(stack: ExitStack, house: House) -> psutil.Process:
    """Start the benefits service as the product does."""
    (house.folder / "run").mkdir(mode=0o700, exist_ok=True)
    socket = house.folder / "run" / "benefits.sock"
    variables = {
        "TAMAIRE_ENVIRONMENT": "development",
        "TAMAIRE_DATABASE_URL": house.dsn("benefits_app"),
        "TAMAIRE_WORKER_DATABASE_URL": house.dsn("benefits_worker"),
        "TAMAIRE_KEY_DIRECTORY": str(house.folder / "keys" / "benefits"),
        "TAMAIRE_INTERNAL_PUBLIC_KEYS": str(_published(house)),
        "TAMAIRE_LISTEN": f"unix:{socket}",
    }
    command = [sys.executable, "-m", "operations.serve", "benefits"]
    return stack.enter_context(running(command, socket, environment=environment(variables)))


def open_gateway(stack: ExitStack, house: House, port: int) -> psutil.Process:
    """Start the gateway as the product does, with rates that let a crowd through."""
    services = ("registry", "benefits", "window_dx", "consultation", "platform")
    upstreams = {name: f"unix:{house.folder}/run/{name}.sock" for name in services}
    variables = {
        "TAMAIRE_GATEWAY_ENVIRONMENT": "development",
        "TAMAIRE_GATEWAY_ISSUER": f"http://127.0.0.1:{port}",
        "TAMAIRE_GATEWAY_DATABASE_URL": house.dsn("platform_app"),
        "TAMAIRE_GATEWAY_KEY_DIRECTORY": str(house.folder / "keys" / "gateway"),
        "TAMAIRE_GATEWAY_TENANT_KEY_DIRECTORY": str(house.folder / "keys" / "platform"),
        "TAMAIRE_GATEWAY_INTERNAL_PUBLIC_KEYS": str(_published(house)),
        "TAMAIRE_GATEWAY_UPSTREAMS": json.dumps(upstreams),
        "TAMAIRE_TRAFFIC_TENANT_RATE_PER_SECOND": str(_ENOUGH),
        "TAMAIRE_TRAFFIC_TENANT_BURST": str(_ENOUGH),
        "TAMAIRE_TRAFFIC_TENANT_CONCURRENCY": "64",
        "TAMAIRE_TRAFFIC_CLIENT_CONCURRENCY": "64",
    }
    command = [sys.executable, "-m", "gateway", "127.0.0.1", str(port)]
    return stack.enter_context(running(command, port, environment=environment(variables)))


def signing_key(house: House) -> SigningKey:
    """Return the key the gateway signs access tokens with; made here if it is the first."""
    directory = house.folder / "keys" / "gateway"
    keys = GatewayKeys(directory, internal_public=_published(house))
    return keys.access_tokens.signing


def token(key: SigningKey, *, issuer: str, number: int, now: int) -> str:
    """Return the access token of one official of the section, as the gateway gives it."""
    claims = {
        "iss": issuer,
        "aud": issuer,
        "sub": f"official-{number:03}",
        "tenant": CODE,
        "kind": "official",
        "client_id": "demo-desk",
        "scope": "benefits:read benefits:write",
        "roles": ["benefits_officer"],
        "acr": "aal2",
        "auth_time": now,
        "sid": str(new_id()),
        "jti": str(new_id()),
        "iat": now,
        "exp": now + 600,
    }
    return key.sign(claims, typ=TYPE)


def _published(house: House) -> Path:
    return house.folder / "keys" / "internal" / "jwks.json"
