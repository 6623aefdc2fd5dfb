"""What each role of the database may do, asked of a real server after the real script."""

from collections.abc import AsyncGenerator, Generator
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from operations.postgres import LOGIN_ROLES, SCHEMAS, Cluster
from operations.postgres.passwords import OnePassword, scram_verifier
from operations.postgres.roles import bootstrap

if TYPE_CHECKING:
    from asyncpg import Connection

APPS = [f"{schema}_app" for schema in SCHEMAS]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Generator[Cluster]:
    made = Cluster.create(tmp_path_factory.mktemp("roles"), for_tests=True)
    made.start()
    made.bootstrap_roles()
    made.bootstrap_roles()
    yield made
    made.stop()


@pytest.fixture
async def superuser(cluster: Cluster) -> AsyncGenerator["Connection[Any]"]:
    connection = await asyncpg.connect(cluster.superuser_dsn("tamaire"))
    yield connection
    await connection.close()


class TestLoginRoles:
    async def test_own_nothing_but_their_schema(self, superuser: "Connection[Any]") -> None:
        rows = await superuser.fetch(
            "SELECT nspname, nspowner::regrole::text AS owner FROM pg_namespace"
            " WHERE nspname = ANY($1)",
            list(SCHEMAS),
        )
        assert {row["nspname"]: row["owner"] for row in rows} == {
            schema: f"{schema}_owner" for schema in SCHEMAS
        }

    async def test_are_subject_to_row_security_unless_they_migrate(
        self, superuser: "Connection[Any]"
    ) -> None:
        rows = await superuser.fetch(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolinherit"
            " FROM pg_roles WHERE rolname = ANY($1)",
            list(LOGIN_ROLES),
        )
        assert len(rows) == len(LOGIN_ROLES)
        for row in rows:
            assert row["rolbypassrls"] == row["rolname"].endswith("_owner")
            powers = ("rolsuper", "rolcreatedb", "rolcreaterole", "rolinherit")
            assert not any(row[power] for power in powers), row["rolname"]

    @pytest.mark.parametrize("role", APPS)
    async def test_give_up_rather_than_hold_others_up(self, cluster: Cluster, role: str) -> None:
        connection = await asyncpg.connect(cluster.dsn(role))
        names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        assert [await connection.fetchval(f"SHOW {name}") for name in names] == ["5s", "1s", "10s"]
        assert await connection.fetchval("SHOW citus.propagate_set_commands") == "local"
        await connection.close()

    @pytest.mark.parametrize("role", APPS)
    @pytest.mark.parametrize(
        "attempt",
        [
            "CREATE TEMP TABLE shadow (a int)",
            "CREATE TABLE public.shared (a int)",
            "CREATE SCHEMA mine",
            "SET ROLE audit_writer",
            "SET ROLE platform_owner",
            "SELECT lo_creat(-1)",
            "SELECT lo_create(0)",
            "SELECT lo_from_bytea(0, 'hidden')",
        ],
    )
    async def test_may_not(self, cluster: Cluster, role: str, attempt: str) -> None:
        connection = await asyncpg.connect(cluster.dsn(role))
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(attempt)
        await connection.close()

    async def test_see_no_schema_of_a_neighbour_but_the_register(
        self, superuser: "Connection[Any]"
    ) -> None:
        seen = await superuser.fetch(
            "SELECT r AS role, s AS schema FROM unnest($1::text[]) r, unnest($2::text[]) s"
            " WHERE has_schema_privilege(r, s, 'USAGE') AND r <> s || '_app'",
            APPS,
            list(SCHEMAS),
        )
        foreign = {(row["role"], row["schema"]) for row in seen}
        shared = {(app, schema) for app in APPS for schema in ("platform", "audit")}
        readers = {
            (app, "registry") for app in ("benefits_app", "window_dx_app", "consultation_app")
        }
        assert foreign <= shared | readers
        assert readers <= foreign


class TestAuditGroups:
    async def test_every_application_writes_and_only_the_platform_reads(
        self, superuser: "Connection[Any]"
    ) -> None:
        query = "SELECT r FROM unnest($1::text[]) r WHERE pg_has_role(r, $2, 'USAGE')"
        roles = list(LOGIN_ROLES)
        writers = await superuser.fetch(query, roles, "audit_writer")
        readers = await superuser.fetch(query, roles, "audit_reader")
        assert {row["r"] for row in writers} == set(APPS)
        assert {row["r"] for row in readers} == {"platform_app"}


class TestBootstrap:
    async def test_makes_array_search_usable_under_row_security(
        self, superuser: "Connection[Any]"
    ) -> None:
        leakproof = "SELECT proleakproof FROM pg_proc WHERE oid = 'arraycontains'::regproc"
        assert await superuser.fetchval(leakproof)

    async def test_gives_the_passwords_it_is_told(self, cluster: Cluster) -> None:
        told = OnePassword("for-this-test")
        bootstrap(cluster.superuser_dsn, told, database="tamaire")
        try:
            dsn = f"postgresql://registry_app:for-this-test@/tamaire?host={cluster.place.socket()}"
            await (await asyncpg.connect(dsn)).close()
            assert "for-this-test" not in repr(told)
        finally:
            cluster.bootstrap_roles()


class TestScramVerifier:
    def test_never_gives_the_same_twice(self) -> None:
        assert scram_verifier("x") != scram_verifier("x")
