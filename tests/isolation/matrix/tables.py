"""Asking each table directly, as each role that may touch it, for what is another tenant's.

All of it happens in one transaction of the superuser that is rolled back: rows are made up for two
tenants, and the role is put on for each question.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

import asyncpg

OWN, FOREIGN = 1_900_000_001, 1_900_000_002

TABLES = """
    SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE n.nspname = ANY($1) AND c.relkind = 'r' AND a.attname = 'tenant_id' AND c.relrowsecurity
    ORDER BY 1
"""
_COLUMNS = """
    SELECT attname AS name, format_type(atttypid, NULL) AS type FROM pg_attribute
    WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped
    AND attgenerated = '' AND attidentity = '' AND attname <> 'tenant_id'
"""
_RULES = """
    SELECT conname FROM pg_constraint WHERE conrelid = $1::text::regclass AND contype IN ('c', 'f')
"""
_ROLES = """
    SELECT rolname FROM pg_roles WHERE rolname ~ '_app$' AND (
      has_any_column_privilege(oid, $1::text, 'SELECT, INSERT, UPDATE')
      OR has_table_privilege(oid, $1::text, 'DELETE'))
"""
_MADE_UP = {
    "text": "'x'",
    "uuid": "uuidv7()",
    "bytea": "decode(repeat('00', 32), 'hex')",
    "jsonb": "'{}'",
    "boolean": "false",
    "date": "current_date",
    "timestamp with time zone": "now()",
    "uuid[]": "'{}'",
    "text[]": "'{}'",
    "integer[]": "'{}'",
    "bytea[]": "'{}'",
}
_WRITING = ("INSERT", "UPDATE")
_NUMBERS = frozenset({"integer", "bigint", "smallint"})


@dataclass(frozen=True, slots=True)
class Table:
    """One table with a row of each of two tenants, for as long as the transaction lasts."""

    connection: "asyncpg.Connection[Any]"
    name: str
    values: dict[str, str]
    roles: tuple[str, ...]

    @classmethod
    async def made_up(cls, connection: "asyncpg.Connection[Any]", name: str) -> Self:
        """Put a row of each tenant into the table, whatever its own rules ask of a row."""
        for rule in await connection.fetch(_RULES, name):
            await connection.execute(f'ALTER TABLE {name} DROP CONSTRAINT "{rule["conname"]}"')
        columns = await connection.fetch(_COLUMNS, name)
        values = {column["name"]: _made_up(column["type"]) for column in columns}
        roles = tuple(row["rolname"] for row in await connection.fetch(_ROLES, name))
        table = cls(connection, name, values, roles)
        for tenant in (OWN, FOREIGN):
            await connection.execute(table.insert(tenant, list(values)))
        return table

    def insert(self, tenant: int, columns: Sequence[str], *, by: str = "") -> str:
        """Return the adding of a row; the trail takes one under its writer's own name only."""
        names = ", ".join(("tenant_id", *columns))
        given = self.values | ({"service": f"'{by.removesuffix('_app')}'"} if by else {})
        values = ", ".join((str(tenant), *(given[column] for column in columns)))
        return f"INSERT INTO {self.name} ({names}) VALUES ({values})"

    async def leaks(self) -> list[str]:
        """Return what any role, bound to one tenant, can see or change of the other."""
        found: list[str] = []
        for role in self.roles:
            for act, sql in (await self._acts(role)).items():
                if await self._reaches(role, sql):
                    found.append(f"{role} can {act} another tenant's row of {self.name}")
            if await self._answers_unbound(role):
                found.append(f"{role} can read {self.name} without a tenant")
        return found

    async def is_written(self) -> bool:
        """Tell whether any role that serves people may write it at all."""
        return any([await self._may(role, act) for role in self.roles for act in _WRITING])

    async def _acts(self, role: str) -> dict[str, str]:
        """Return what the role is granted at all, as attempts on the other tenant's row."""
        columns = [column for column in self.values if await self._may(role, "INSERT", column)]
        acts = {
            "SELECT": f"SELECT FROM {self.name} WHERE tenant_id = {FOREIGN}",
            "INSERT": self.insert(FOREIGN, columns, by=role),
            "UPDATE": f"UPDATE {self.name} SET tenant_id = {OWN} WHERE tenant_id = {FOREIGN}",
            "DELETE": f"DELETE FROM {self.name} WHERE tenant_id = {FOREIGN}",
        }
        granted = {act: sql for act, sql in acts.items() if await self._may(role, act)}
        if "UPDATE" in granted:
            # Without a condition no right to read is asked, only WITH CHECK stands in the way.
            granted["become, by a move,"] = f"UPDATE {self.name} SET tenant_id = {FOREIGN}"
        return granted

    async def _may(self, role: str, act: str, column: str = "tenant_id") -> bool:
        if act == "DELETE":
            question = "SELECT has_table_privilege($1, $2, $3)"
            return await self.connection.fetchval(question, role, self.name, act)
        question = "SELECT has_column_privilege($1, $2, $4, $3)"
        return await self.connection.fetchval(question, role, self.name, act, column)

    async def _reaches(self, role: str, sql: str) -> bool:
        try:
            async with acting(self.connection, role, str(OWN)):
                status = await self.connection.execute(sql)
        except asyncpg.InsufficientPrivilegeError:
            return False
        except (asyncpg.UniqueViolationError, asyncpg.ForeignKeyViolationError):
            return True  # it got past row security; another rule of the table stopped it
        return not status.endswith(" 0")

    async def _answers_unbound(self, role: str) -> bool:
        if not await self._may(role, "SELECT"):
            return False
        try:
            async with acting(self.connection, role, ""):
                await self.connection.execute(f"SELECT FROM {self.name}")
        except asyncpg.InvalidTextRepresentationError:
            return False
        return True


@asynccontextmanager
async def acting(
    connection: "asyncpg.Connection[Any]", role: str, tenant: str
) -> AsyncGenerator[None]:
    """Put a role on, bound to a tenant, and undo all it does."""
    attempt = connection.transaction()
    await attempt.start()
    try:
        await connection.execute(f"SET LOCAL ROLE {role}; SET LOCAL app.tenant_id = '{tenant}'")
        yield
    finally:
        await attempt.rollback()


def _made_up(kind: str) -> str:
    return "1" if kind in _NUMBERS else _MADE_UP[kind]
