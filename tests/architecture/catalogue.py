"""The rules of DESIGN §4 as questions to PostgreSQL's own catalogue; each returns who breaks it.

What the catalogue says is what holds, whatever a migration meant to say.
"""

from dataclasses import dataclass
from typing import Any

import asyncpg

SCHEMAS = ["platform", "audit", "registry", "benefits", "window_dx", "consultation"]

TABLES = """
    SELECT c.oid, n.nspname, c.relname, n.nspname || '.' || c.relname AS name,
           c.relrowsecurity, c.relforcerowsecurity, c.relkind, c.relowner,
           n.nspname || '.' || c.relname NOT IN ('platform.tenants', 'platform.tenant_codes')
             AND EXISTS (SELECT FROM pg_attribute a
                         WHERE a.attrelid = c.oid AND a.attname = 'tenant_id') AS owned
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY($1) AND c.relkind IN ('r', 'p') AND c.relname <> 'alembic_version'
"""

# Second permissive policies: discovery of due work and the sealing of the trail look across
# tenants, as roles that hold nothing else.
SECOND_POLICIES = "'^[a-z_]+_worker$|^audit_(worker|reader)$'"


@dataclass(frozen=True)
class Rule:
    """One law, and the query that names its offenders."""

    name: str
    query: str


def _over_tables(condition: str) -> str:
    return f"WITH t AS ({TABLES}) SELECT t.name FROM t WHERE t.owned AND {condition}"


RULES = [
    Rule(
        "tenant_id is integer NOT NULL",
        _over_tables("""NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid
            AND a.attname = 'tenant_id' AND a.attnotnull AND a.atttypid = 'int4'::regtype)"""),
    ),
    Rule(
        "row security is enabled and forced",
        _over_tables("NOT (t.relrowsecurity AND t.relforcerowsecurity)"),
    ),
    Rule(
        "one policy for everyone says tenant_id = platform.tenant(), to read and to write",
        _over_tables("""(SELECT count(*) FROM pg_policy p WHERE p.polrelid = t.oid
            AND p.polroles = '{0}' AND p.polpermissive AND p.polcmd = '*'
            AND pg_get_expr(p.polqual, t.oid) = '(tenant_id = platform.tenant())'
            AND pg_get_expr(p.polwithcheck, t.oid) = '(tenant_id = platform.tenant())') <> 1"""),
    ),
    Rule(
        "no other policy opens the table to an application role",
        f"""WITH t AS ({TABLES}) SELECT t.name || ' ' || p.polname FROM t
            JOIN pg_policy p ON p.polrelid = t.oid WHERE p.polpermissive
            AND p.polname <> 'tenant' AND EXISTS (
              SELECT FROM unnest(p.polroles) r(oid) LEFT JOIN pg_roles USING (oid)
              WHERE coalesce(rolname, 'public') !~ {SECOND_POLICIES})""",
    ),
    Rule(
        "no policy contains a sub-select",
        """SELECT p.polrelid::regclass::text FROM pg_policy p
           WHERE p.polqual LIKE '%SUBLINK%' OR p.polwithcheck LIKE '%SUBLINK%'""",
    ),
    Rule(
        "tenant_id leads the primary key",
        _over_tables("""NOT EXISTS (SELECT FROM pg_index i JOIN pg_attribute a
            ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
            WHERE i.indrelid = t.oid AND i.indisprimary AND a.attname = 'tenant_id')"""),
    ),
    Rule(
        "tenant_id leads every index",
        f"""WITH t AS ({TABLES}) SELECT i.indexrelid::regclass::text FROM t
            JOIN pg_index i ON i.indrelid = t.oid
            LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]
            JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
            WHERE t.owned AND m.amname <> 'gin' AND a.attname IS DISTINCT FROM 'tenant_id'""",
    ),
    Rule(
        "a foreign key between tenants' tables carries the tenant",
        f"""WITH t AS ({TABLES}) SELECT k.conname::text FROM pg_constraint k
            JOIN t ON t.oid = k.conrelid JOIN t AS target ON target.oid = k.confrelid
            WHERE k.contype = 'f' AND t.owned AND target.owned AND NOT (
              (SELECT attname FROM pg_attribute WHERE attrelid = k.conrelid
                AND attnum = k.conkey[1]) = 'tenant_id' AND
              (SELECT attname FROM pg_attribute WHERE attrelid = k.confrelid
                AND attnum = k.confkey[1]) = 'tenant_id')
            AND t.name || '>' || target.name NOT LIKE '%>platform.tenants'""",
    ),
    Rule(
        "no foreign key sets a column null or to its default",
        f"""WITH t AS ({TABLES}) SELECT k.conname::text FROM pg_constraint k
            JOIN t ON t.oid = k.conrelid WHERE k.contype = 'f' AND (
            k.confdeltype IN ('n', 'd') OR k.confupdtype IN ('n', 'd'))""",
    ),
    Rule(
        "no column has a type whose comparison leaks, so loses its index",
        f"""WITH t AS ({TABLES}) SELECT t.name || '.' || a.attname FROM t
            JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
            JOIN pg_type y ON y.oid = a.atttypid
            WHERE y.typtype = 'e' OR y.typname IN ('numeric', 'money', 'tsvector', 'citext')""",
    ),
    Rule(
        "no table has a trigger of its own",
        f"""WITH t AS ({TABLES}) SELECT g.tgname::text FROM t
            JOIN pg_trigger g ON g.tgrelid = t.oid WHERE NOT g.tgisinternal""",
    ),
    Rule("no table is natively partitioned", _over_tables("t.relkind = 'p'")),
    Rule(
        "a table belongs to its schema's owner",
        f"""WITH t AS ({TABLES}) SELECT t.name FROM t JOIN pg_roles r ON r.oid = t.relowner
            WHERE r.rolname <> t.nspname || '_owner'""",
    ),
    Rule(
        "an application role holds nothing beyond SELECT, INSERT, UPDATE, DELETE, in its schema",
        """SELECT grantee || ' ' || privilege_type || ' ' || table_schema || '.' || table_name
           FROM information_schema.role_table_grants
           WHERE table_schema = ANY($1) AND grantee ~ '_(app|worker)$' AND (
             privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE') OR (
             split_part(grantee, '_app', 1) <> table_schema
             AND split_part(grantee, '_worker', 1) <> table_schema
             AND NOT (privilege_type = 'SELECT' AND (table_schema = 'platform'
               OR (table_schema = 'registry' OR (table_schema, grantee) =
                   ('benefits', 'platform_app'))
                  AND EXISTS (SELECT FROM information_schema.views v
                  WHERE v.table_schema = role_table_grants.table_schema
                  AND v.table_name = role_table_grants.table_name)))))""",
    ),
    Rule(
        "nobody holds anything as PUBLIC",
        """SELECT table_schema || '.' || table_name FROM information_schema.table_privileges
           WHERE grantee = 'PUBLIC' AND table_schema = ANY($1)""",
    ),
    Rule(
        "a view asks with the rights of who asks",
        """SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n
           ON n.oid = c.relnamespace WHERE n.nspname = ANY($1) AND (c.relkind = 'm'
           OR c.relkind = 'v' AND NOT coalesce(
             c.reloptions @> ARRAY['security_invoker=true'], false))""",
    ),
    Rule(
        "no function runs with its owner's rights",
        """SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n
           ON n.oid = p.pronamespace WHERE n.nspname = ANY($1) AND p.prosecdef""",
    ),
    Rule(
        "no role that serves people is more than an ordinary role",
        """SELECT rolname::text FROM pg_roles WHERE rolname ~ '_(app|worker)$' AND (
           rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)
           UNION ALL SELECT rolname || ' may create in ' || nspname FROM pg_roles, pg_namespace
           WHERE rolname ~ '_(app|worker)$'
           AND (nspname = ANY($1) OR nspname = 'public')
           AND has_schema_privilege(pg_roles.oid, pg_namespace.oid, 'CREATE')
           UNION ALL SELECT rolname || ' may make temporary tables' FROM pg_roles
           WHERE rolname ~ '_(app|worker)$'
           AND has_database_privilege(pg_roles.oid, current_database(), 'TEMP')""",
    ),
]


async def offenders(connection: "asyncpg.Connection[Any]", rule: Rule) -> set[str]:
    """Return the names of what breaks the rule."""
    arguments = [SCHEMAS] if "$1" in rule.query else []
    return {row[0] for row in await connection.fetch(rule.query, *arguments)}


async def without_tenant(connection: "asyncpg.Connection[Any]") -> set[str]:
    """Return the tables that carry no tenant."""
    rows = await connection.fetch(
        f"WITH t AS ({TABLES}) SELECT name FROM t WHERE NOT owned", SCHEMAS
    )
    return {row["name"] for row in rows}
