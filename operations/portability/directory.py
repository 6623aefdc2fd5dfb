"""The line of the directory a municipality moves into: its own number, whatever was there before.

In a fresh installation every municipality is listed, each with a number by chance. Two that are
only listed, and have no row anywhere, change places; a number that is lived in stays its owner's.
"""

import json
from typing import Final

from .archive import Manifest
from .catalogue import Catalogue, Connection, Place
from .refusals import NumberTaken

_HERE: Final = """
SELECT tenant_id FROM platform.tenant_codes WHERE municipality_code = $1 AND valid_until IS NULL
"""
_CODES_OF: Final = (
    "SELECT municipality_code FROM platform.tenant_codes WHERE tenant_id = $1 ORDER BY 1"
)
_LINE: Final = "SELECT to_jsonb(t)::text FROM platform.tenants t WHERE tenant_id = $1 FOR UPDATE"
_REMOVE: Final = "DELETE FROM platform.tenants WHERE tenant_id = $1"
_ADD: Final = """
INSERT INTO platform.tenants OVERRIDING SYSTEM VALUE
SELECT * FROM jsonb_populate_record(NULL::platform.tenants, $1::jsonb)
"""
_CHILDREN: Final = """
UPDATE platform.tenants SET parent_tenant_id = CASE parent_tenant_id WHEN $1 THEN $2 ELSE $1 END
WHERE parent_tenant_id IN ($1, $2)
"""
_CODES: Final = """
UPDATE platform.tenant_codes SET tenant_id = CASE tenant_id WHEN $1 THEN $2 ELSE $1 END
WHERE tenant_id IN ($1, $2)
"""
_ADD_CODE: Final = """
INSERT INTO platform.tenant_codes (municipality_code, valid_from, valid_until, tenant_id)
VALUES ($1, $2::text::date, $3::text::date, $4)
ON CONFLICT (municipality_code, valid_from) DO UPDATE SET valid_until = excluded.valid_until
"""
_COUNT_ON: Final = """
SELECT setval(pg_get_serial_sequence('platform.tenants', 'tenant_id'),
              greatest((SELECT max(tenant_id) FROM platform.tenants), $1::bigint))
"""


async def settle(connection: Connection, catalogue: Catalogue, manifest: Manifest) -> None:
    """Give the municipality its number, its line and its codes here.

    Raises:
        NumberTaken: somebody lives under that number, or the municipality under another one.
    """
    number = manifest.tenant_id
    here = await connection.fetchval(_HERE, manifest.code)
    if here is not None and here != number:
        await _empty(connection, catalogue, int(here), wanted=number)
        if await connection.fetchval(_LINE, number) is not None:
            await _empty(connection, catalogue, number, wanted=number)
        await _change_places(connection, int(here), number)
    elif here is None and await connection.fetchval(_LINE, number) is not None:
        raise NumberTaken(number, tables=["platform.tenants"])
    await _write_line(connection, manifest)
    for one in manifest.municipality["codes"]:
        await connection.execute(
            _ADD_CODE, one["municipality_code"], one["valid_from"], one["valid_until"], number
        )
    await connection.execute(_COUNT_ON, number)


async def _empty(
    connection: Connection, catalogue: Catalogue, tenant_id: int, *, wanted: int
) -> None:
    """See that a municipality is only listed."""
    codes = [row[0] for row in await connection.fetch(_CODES_OF, tenant_id)]
    place = Place(tenant_id=tenant_id, code=codes[0] if codes else "", codes=tuple(codes))
    lived_in: list[str] = []
    for table in catalogue.owned:
        if table.owner == "municipality_code":
            continue  # what hangs on a code stays with the code
        some = f"SELECT EXISTS (SELECT FROM {table.name} WHERE {table.whose(place)})"  # noqa: S608 - names from the catalogue
        if await connection.fetchval(some):
            lived_in.append(table.name)
    if lived_in:
        raise NumberTaken(wanted, tables=lived_in)


async def _change_places(connection: Connection, one: int, other: int) -> None:
    lines = {
        number: json.loads(line)
        for number in (one, other)
        if (line := await connection.fetchval(_LINE, number)) is not None
    }
    for number in lines:
        await connection.execute(_REMOVE, number)
    for number, line in lines.items():
        line["tenant_id"] = other if number == one else one
        await connection.execute(_ADD, json.dumps(line))
    await connection.execute(_CODES, one, other)
    await connection.execute(_CHILDREN, one, other)


async def _write_line(connection: Connection, manifest: Manifest) -> None:
    """Write the line as the archive has it, below the prefecture as it is here."""
    line = dict(manifest.municipality["line"])
    here = await connection.fetchval(_LINE, manifest.tenant_id)
    line["parent_tenant_id"] = json.loads(here)["parent_tenant_id"] if here else None
    await connection.execute(_REMOVE, manifest.tenant_id)
    await connection.execute(_ADD, json.dumps(line))
