"""Every table obeys the laws of tenancy, and a wrong one is caught by each law it breaks."""

from collections.abc import AsyncGenerator
from typing import Any

import asyncpg
import pytest

from tests.architecture.catalogue import RULES, Rule, offenders, without_tenant
from tests.support.house import House

# Tables without a tenant: public knowledge, or the platform's own. An entry that is no longer
# needed fails as loudly as one that is missing.
REFERENCE = {
    "platform.tenants": "the directory of Japan",
    "platform.tenant_codes": "the directory of Japan",
    "platform.clients": "vendors and front ends, before a tenant is known",
    "platform.revocations": "what is refused before a tenant is known",
    "platform.client_keys": "vendors and front ends, before a tenant is known",
    "platform.vendors": "who builds on the house, before any tenant gave them leave",
    "platform.client_registrations": "vendors and front ends, before a tenant is known",
    "platform.daily_counts": "how often a vendor did something today, in all municipalities",
    "platform.used_proofs": "what was already presented, before a tenant is known",
    "platform.used_assertions": "what was already presented, before a tenant is known",
    "platform.signs": "what hangs on the doors, before anybody signs in",
    "platform.traffic_limits": "what the operator agreed with whom, read at every gateway",
    "platform.traffic_limit_changes": "who changed one of them, kept from every service",
    "platform.parameter_publications": "rules of nation and prefectures, and values to be counted",
    "platform.bulletin": "one number: whether signs or limits changed",
    "platform.membership_notices": "who came, went live, paused or left; the nation lists it",
    "platform.assistance_offers": "what one authority lent another, for the other to read",
    "platform.municipal_figures": "counts, let out by each municipality as far as it discloses",
    "platform.paper_routes": "where to go with paper, before anybody signs in",
    "platform.revocation_lists": "what authorities published, the same for everybody",
    "benefits.banks": "the published master of banks",
    "benefits.bank_branches": "the published master of banks",
}

ROWS = "tenant_id integer NOT NULL, id uuid NOT NULL"
KEY = "PRIMARY KEY (tenant_id, id)"
GOOD = f"CREATE TABLE registry.wrong ({ROWS}, {KEY})"
TENANTIZED = "SELECT platform.tenantize('registry.wrong', 'SELECT')"
POLICY = "tenant_id = platform.tenant()"

WRONG: dict[str, list[str]] = {
    "tenant_id is integer NOT NULL": [
        f"CREATE TABLE registry.wrong (tenant_id bigint NOT NULL, id uuid, {KEY})"
    ],
    "row security is enabled and forced": [
        GOOD,
        TENANTIZED,
        "ALTER TABLE registry.wrong NO FORCE ROW LEVEL SECURITY",
    ],
    "one policy for everyone says tenant_id = platform.tenant(), to read and to write": [
        GOOD,
        TENANTIZED,
        "DROP POLICY tenant ON registry.wrong",
        f"CREATE POLICY tenant ON registry.wrong USING ({POLICY}) WITH CHECK (true)",
    ],
    "no other policy opens the table to an application role": [
        GOOD,
        TENANTIZED,
        "CREATE POLICY colleagues ON registry.wrong FOR SELECT TO registry_app USING (true)",
    ],
    "no policy contains a sub-select": [
        GOOD,
        "CREATE POLICY tenant ON registry.wrong USING (tenant_id = (SELECT platform.tenant()))",
    ],
    "tenant_id leads the primary key": [
        f"CREATE TABLE registry.wrong ({ROWS}, PRIMARY KEY (id, tenant_id))"
    ],
    "tenant_id leads every index": [GOOD, "CREATE UNIQUE INDEX wrong_id ON registry.wrong (id)"],
    "a foreign key between tenants' tables carries the tenant": [
        f"CREATE TABLE registry.wrong ({ROWS}, parent uuid, {KEY}, UNIQUE (id))",
        "ALTER TABLE registry.wrong ADD FOREIGN KEY (parent) REFERENCES registry.wrong (id)",
    ],
    "no foreign key sets a column null or to its default": [
        f"CREATE TABLE registry.wrong ({ROWS}, parent uuid, {KEY})",
        """ALTER TABLE registry.wrong ADD FOREIGN KEY (tenant_id, parent)
        REFERENCES registry.wrong (tenant_id, id) ON DELETE SET NULL (parent)""",
    ],
    "no column has a type whose comparison leaks, so loses its index": [
        f"CREATE TABLE registry.wrong ({ROWS}, amount numeric, {KEY})"
    ],
    "no table has a trigger of its own": [
        GOOD,
        "CREATE FUNCTION registry.meddle() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN END$$",
        "CREATE TRIGGER meddle BEFORE UPDATE ON registry.wrong EXECUTE FUNCTION registry.meddle()",
    ],
    "no table is natively partitioned": [f"{GOOD} PARTITION BY LIST (tenant_id)"],
    "a table belongs to its schema's owner": [GOOD, "ALTER TABLE registry.wrong OWNER TO postgres"],
    "an application role holds nothing beyond SELECT, INSERT, UPDATE, DELETE, in its schema": [
        GOOD,
        "GRANT SELECT ON registry.wrong TO benefits_app",
    ],
    "nobody holds anything as PUBLIC": [GOOD, "GRANT SELECT ON registry.wrong TO PUBLIC"],
    "a view asks with the rights of who asks": [
        GOOD,
        "CREATE VIEW registry.wrong_view AS SELECT * FROM registry.wrong",
    ],
    "no function runs with its owner's rights": [
        "CREATE FUNCTION registry.powerful() RETURNS int LANGUAGE sql SECURITY DEFINER RETURN 1"
    ],
    "no role that serves people is more than an ordinary role": [
        "GRANT CREATE ON SCHEMA registry TO registry_app"
    ],
}


@pytest.fixture
async def superuser(house: House) -> AsyncGenerator["asyncpg.Connection[Any]"]:
    connection = await asyncpg.connect(house.superuser_dsn())
    try:
        yield connection
    finally:
        await connection.close()


class TestCatalogue:
    @pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
    async def test_no_table_breaks(self, superuser: "asyncpg.Connection[Any]", rule: Rule) -> None:
        assert await offenders(superuser, rule) == set()

    async def test_a_table_without_a_tenant_is_listed_with_its_reason(
        self, superuser: "asyncpg.Connection[Any]"
    ) -> None:
        assert await without_tenant(superuser) == set(REFERENCE)


class TestAWrongTable:
    @pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
    async def test_is_caught_by(self, superuser: "asyncpg.Connection[Any]", rule: Rule) -> None:
        attempt = superuser.transaction()
        await attempt.start()
        try:
            before = await offenders(superuser, rule)
            for statement in WRONG[rule.name]:
                await superuser.execute(statement)
            assert await offenders(superuser, rule) > before
        finally:
            await attempt.rollback()
