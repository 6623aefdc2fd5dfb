"""Taking municipalities on at a running installation, with what a demonstration adds to it.

Where the identity simulator runs, a newcomer's officials and cards are made there too, so that
somebody can sign in at once. In production its own directory is named in the order instead.
"""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import asyncpg

from foundation.identifiers import MunicipalityCode, TenantId
from foundation.identity import Role
from operations.folder import DataFolder
from operations.population import DEMONSTRATIONS, populate, write_simulator_files
from operations.seeding import create_tenant_keys
from operations.supervision.databases import database_of
from operations.supervision.status import running

from .everybody import Arrived, onboard_all
from .operator import Operator
from .refusals import NoDirectory, NoInventedPeople

_DATABASE: Final = "tamaire"
_ON_BOARD: Final = """
SELECT c.municipality_code AS code, t.name, t.status AS state, t.services
FROM platform.tenants t JOIN platform.tenant_codes c USING (tenant_id)
WHERE t.status <> 'listed' AND c.valid_until IS NULL ORDER BY 1
"""
_NUMBER: Final = """
SELECT tenant_id FROM platform.tenant_codes WHERE municipality_code = $1 AND valid_until IS NULL
"""
_RESIDENTS: Final = """
INSERT INTO platform.resident_issuers (tenant_id, issuer, client_id, acr_values)
SELECT tenant_id, $2, $3, 'aal3 crl' FROM platform.tenant_codes
WHERE municipality_code = $1 AND valid_until IS NULL
ON CONFLICT DO NOTHING
"""


def take_on(
    data: Path,
    code: str,
    *,
    administrators: Sequence[str],
    directory: Path | None = None,
    with_residents: bool = False,
) -> dict[str, Any]:
    """Take one municipality on by the API; return how it stands.

    Args:
        data: the data folder of a running instance.
        code: the municipality's.
        administrators: addresses, and numbers of employees.
        directory: a file with the officials' directory, as the API takes it.
        with_residents: invent people; their directory is the simulator's.

    Raises:
        NotRunning: there is no instance on the data folder.
        NoInventedPeople: where people are real, nobody is invented among them.
        NoDirectory: the file is not one.
        Refused: the house did not do it.
    """
    folder, instance = DataFolder(data.resolve()), running(data)
    order: dict[str, Any] = {
        "administrators": [_named(name) for name in administrators],
        "machines": ["operations"] if with_residents else [],
        "directory": None if directory is None else _directory(directory),
    }
    if with_residents:
        if not instance.simulator_url:
            raise NoInventedPeople
        asyncio.run(_settle_in(folder, code, base_url=instance.base_url))
        order["directory"] = order["directory"] or {
            "issuer": f"{instance.simulator_url}/officials/{code}",
            "client_id": "tamaire",
            "acr_values": "aal1",
            "roles": {role.value: role.value for role in Role},
        }
    with Operator(instance.base_url, folder.root) as operator:
        made = operator.onboard(code, order)
        operator.wait_for(code)
    if with_residents:
        parsed = MunicipalityCode.parse(code)
        found = asyncio.run(populate(instance.base_url, folder.root, [parsed]))
        made["residents"] = sum(one.residents for one in found)
    return made


def take_all_on(data: Path, *, by: str) -> Arrived:
    """Take every municipality on that is only listed.

    Raises:
        NotRunning: there is no instance on the data folder.
    """
    folder, instance = DataFolder(data.resolve()), running(data)
    administrator = database_of(folder, instance).superuser_dsn(_DATABASE)
    return asyncio.run(onboard_all(administrator, folder.keys, by=by))


def on_board(data: Path) -> list[dict[str, Any]]:
    """Return everybody who came on board, by code.

    Raises:
        NotRunning: there is no instance on the data folder.
    """
    folder, instance = DataFolder(data.resolve()), running(data)
    return asyncio.run(_listed(database_of(folder, instance).dsn("platform_owner")))


async def _listed(dsn: str) -> list[dict[str, Any]]:
    connection = await asyncpg.connect(dsn)
    try:
        return [dict(row) for row in await connection.fetch(_ON_BOARD)]
    finally:
        await connection.close()


async def _settle_in(folder: DataFolder, code: str, *, base_url: str) -> None:
    """Make the newcomer's people in the simulated world, and its keys, before any row needs them.

    The services make keys too, within a second; its residents arrive sooner.
    """
    instance = running(folder.root)
    write_simulator_files(
        folder.root / "simulator",
        base_url=base_url,
        codes=(*DEMONSTRATIONS, MunicipalityCode.parse(code)),
    )
    connection = await asyncpg.connect(database_of(folder, instance).dsn("platform_owner"))
    try:
        tenant_id = await connection.fetchval(_NUMBER, code)
        if tenant_id is not None:
            await asyncio.to_thread(create_tenant_keys, folder.keys, TenantId(tenant_id))
        await connection.execute(
            _RESIDENTS, code, f"{instance.simulator_url}/resident", f"tamaire-{code}"
        )
    finally:
        await connection.close()


def _directory(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise NoDirectory(path) from error


def _named(name: str) -> dict[str, str]:
    return {"email" if "@" in name else "employee_id": name}
