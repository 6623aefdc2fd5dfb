"""Puts the directory of Japan and the list of its banks where the services look them up.

Each list travels as arrays in one statement, because the owner roles may make no temporary table
(one could shadow a real one). Rows that already agree are only read, never locked or rewritten:
a second start costs a comparison.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date
from typing import TYPE_CHECKING

import asyncpg

from foundation.identifiers import MunicipalityCode

from .catalogue import banks, branches, directory

if TYPE_CHECKING:
    from asyncpg import Connection

ACCEPTED_FROM = date(1970, 4, 1)
"""When codes of this form came into use (JIS C 6260). It is not the day a municipality was founded:
it is the first day on which the platform accepts the code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """How many rows a load made or corrected; all zero when nothing had changed."""

    tenants: int
    banks: int
    branches: int


_SOURCE = """
source AS (
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                       $7::text[])
    AS s(code, kind, name, name_kana, prefecture_name, parent_code, corporate_number)
),
current AS (
  SELECT municipality_code, tenant_id FROM platform.tenant_codes WHERE valid_until IS NULL
)"""

_ENROL = f"""
WITH {_SOURCE},
newcomer AS MATERIALIZED (
  SELECT nextval(pg_get_serial_sequence('platform.tenants', 'tenant_id'))::integer AS tenant_id, s.*
  FROM source s
  WHERE NOT EXISTS (
    SELECT FROM platform.tenant_codes c WHERE c.municipality_code = s.code
  )
),
enrolled AS (
  INSERT INTO platform.tenants
    (tenant_id, kind, name, name_kana, prefecture_name, corporate_number, status)
  OVERRIDING SYSTEM VALUE
  SELECT tenant_id, kind, name, name_kana, prefecture_name, corporate_number, 'listed'
  FROM newcomer
)
INSERT INTO platform.tenant_codes (municipality_code, tenant_id, valid_from)
SELECT code, tenant_id, $8::date FROM newcomer
"""  # noqa: S608 - made of constants of this module; every value is a parameter

_CORRECT = f"""
WITH {_SOURCE},
wanted AS (
  SELECT own.tenant_id, s.name, s.name_kana, s.prefecture_name, s.corporate_number,
         parent.tenant_id AS parent_tenant_id
  FROM source s
  JOIN current own ON own.municipality_code = s.code
  LEFT JOIN current parent ON parent.municipality_code = s.parent_code
)
UPDATE platform.tenants t
SET name = w.name, name_kana = w.name_kana, prefecture_name = w.prefecture_name,
    corporate_number = w.corporate_number, parent_tenant_id = w.parent_tenant_id
FROM wanted w
WHERE t.tenant_id = w.tenant_id
  AND (t.name, t.name_kana, t.prefecture_name, t.corporate_number, t.parent_tenant_id)
      IS DISTINCT FROM
      (w.name, w.name_kana, w.prefecture_name, w.corporate_number, w.parent_tenant_id)
"""  # noqa: S608 - made of constants of this module; every value is a parameter

_BANKS = """
INSERT INTO benefits.banks (bank_code, name, kana)
SELECT s.bank_code, s.name, s.kana
FROM unnest($1::text[], $2::text[], $3::text[]) AS s(bank_code, name, kana)
LEFT JOIN benefits.banks b ON b.bank_code = s.bank_code
WHERE (b.name, b.kana) IS DISTINCT FROM (s.name, s.kana)
ON CONFLICT (bank_code) DO UPDATE SET name = excluded.name, kana = excluded.kana
"""

_BRANCHES = """
INSERT INTO benefits.bank_branches (bank_code, branch_code, name, kana)
SELECT s.bank_code, s.branch_code, s.name, s.kana
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS s(bank_code, branch_code, name, kana)
LEFT JOIN benefits.bank_branches b
  ON b.bank_code = s.bank_code AND b.branch_code = s.branch_code
WHERE (b.name, b.kana) IS DISTINCT FROM (s.name, s.kana)
ON CONFLICT (bank_code, branch_code) DO UPDATE SET name = excluded.name, kana = excluded.kana
"""


async def load(*, platform_dsn: str, benefits_dsn: str) -> Loaded:
    """Bring the directory and the banks up to the committed lists; safe to repeat at any time.

    The DSNs name the owner roles `platform_owner` and `benefits_owner`. A municipality or bank that
    has left the lists stays in the database: records of past years still point at it. A town that
    becomes a city under a new code appears as a newcomer until its succession is recorded.

    Raises:
        ValueError: a code in the committed list fails its check digit; nothing has been written.
    """
    tenants = await _load_directory(platform_dsn)
    loaded_banks, loaded_branches = await _load_banks(benefits_dsn)
    return Loaded(tenants=tenants, banks=loaded_banks, branches=loaded_branches)


async def _load_directory(dsn: str) -> int:
    columns = _columns(
        [
            (
                _plain(entry.code),
                entry.kind.value,
                entry.name,
                entry.name_kana,
                entry.prefecture_name,
                _plain(entry.parent_code),
                entry.corporate_number,
            )
            for entry in directory()
        ]
    )
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            enrolled = await _count(connection, _ENROL, *columns, ACCEPTED_FROM)
            corrected = await _count(connection, _CORRECT, *columns)
    finally:
        await connection.close()
    # A newcomer is always corrected once, when its parent becomes known; the nation has none.
    return max(enrolled, corrected)


async def _load_banks(dsn: str) -> tuple[int, int]:
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            changed_banks = await _count(
                connection, _BANKS, *_columns([astuple(bank) for bank in banks()])
            )
            changed_branches = await _count(
                connection, _BRANCHES, *_columns([astuple(branch) for branch in branches()])
            )
    finally:
        await connection.close()
    return changed_banks, changed_branches


def _plain(code: MunicipalityCode | None) -> str | None:
    return None if code is None else str(code)


def _columns(rows: Sequence[tuple[str | None, ...]]) -> list[list[str | None]]:
    return [list(column) for column in zip(*rows, strict=True)]


async def _count(connection: "Connection", statement: str, *arguments: object) -> int:
    """Run one statement and return how many rows its command tag reports."""
    tag = await connection.execute(statement, *arguments)
    return int(tag.rsplit(" ", 1)[1])
