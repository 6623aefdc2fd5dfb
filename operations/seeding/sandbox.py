"""The municipality that is none: where vendors try things, and nothing that happens is true.

It is a tenant like every other, with its own keys, walls and trail; the services know nothing of
it. Only its code, its name and its place in the directory say that nobody lives there.
"""

from datetime import date
from typing import Any

from foundation.identifiers import SANDBOX

NAME = "試験市"
NAME_KANA = "シケンシ"
PREFECTURE = "試験用"

_ACCEPTED_FROM = date(2026, 1, 1)
_KNOWN = "SELECT tenant_id FROM platform.tenant_codes WHERE municipality_code = $1"
_ENROL = """
WITH enrolled AS (
  INSERT INTO platform.tenants (kind, name, name_kana, prefecture_name, status, environment)
  VALUES ('municipality', $2, $3, $4, 'live', 'sandbox') RETURNING tenant_id
), named AS (
  INSERT INTO platform.tenant_codes (municipality_code, tenant_id, valid_from)
  SELECT $1, tenant_id, $5 FROM enrolled
)
SELECT tenant_id FROM enrolled
"""


async def enrol(connection: Any) -> int:
    """Enter the sandbox into the directory, once; return its number.

    It has no corporate number and lies in no prefecture.
    """
    async with connection.transaction():
        known = await connection.fetchval(_KNOWN, str(SANDBOX))
        if known is not None:
            return int(known)
        return int(
            await connection.fetchval(
                _ENROL, str(SANDBOX), NAME, NAME_KANA, PREFECTURE, _ACCEPTED_FROM
            )
        )
