"""The database, its schemas and its roles, brought about as superuser and as often as one likes."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path

import asyncpg

from .passwords import PasswordSource, scram_verifier

SCHEMAS = ("platform", "audit", "registry", "benefits", "window_dx", "consultation")
LOGIN_ROLES = tuple(f"{schema}_{part}" for schema in SCHEMAS for part in ("owner", "app", "worker"))
ROLES_SQL = Path(__file__).parents[2] / "infra" / "postgres" / "roles.sql"


def bootstrap(dsn: Callable[[str], str], passwords: PasswordSource, *, database: str) -> None:
    """Create `database` if it is missing, run roles.sql in it and set every role's password.

    `dsn` gives the superuser's address of a database by its name.
    """
    _complete(_bootstrap(dsn, passwords, database=database))


def copy_database(dsn: Callable[[str], str], *, template: str, name: str) -> None:
    """Make `name` a copy of `template`, with the same closed door: privileges are not copied."""
    _complete(_copy_database(dsn, template=template, name=name))


def drop_database(dsn: Callable[[str], str], *, name: str) -> None:
    """Remove a database and end whatever is still connected to it."""
    _complete(_execute(dsn("postgres"), f"DROP DATABASE IF EXISTS {_quoted(name)} WITH (FORCE)"))


async def _bootstrap(
    dsn: Callable[[str], str], passwords: PasswordSource, *, database: str
) -> None:
    connection = await asyncpg.connect(dsn("postgres"))
    try:
        present = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)"
        if not await connection.fetchval(present, database):
            # The builtin provider sorts by code point, the same on every machine, for ever.
            await connection.execute(
                f"CREATE DATABASE {_quoted(database)} TEMPLATE template0 ENCODING 'UTF8' "
                "LOCALE 'C' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
            )
    finally:
        await connection.close()
    verifiers = "; ".join(
        f"ALTER ROLE {_quoted(role)} PASSWORD '{scram_verifier(passwords.of(role))}'"
        for role in LOGIN_ROLES
    )
    await _execute(dsn(database), ROLES_SQL.read_text(encoding="utf-8"), verifiers)


async def _copy_database(dsn: Callable[[str], str], *, template: str, name: str) -> None:
    copied = _quoted(name)
    await _execute(
        dsn("postgres"),
        f"CREATE DATABASE {copied} TEMPLATE {_quoted(template)} STRATEGY file_copy",
        f"REVOKE ALL ON DATABASE {copied} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {copied} TO {', '.join(map(_quoted, LOGIN_ROLES))}",
    )


async def _execute(dsn: str, *scripts: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        for script in scripts:
            await connection.execute(script)
    finally:
        await connection.close()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _complete(work: Coroutine[None, None, None]) -> None:
    """Run `work` to its end on a loop of its own, also when the caller stands inside a loop."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(work)
        except BaseException as failure:  # noqa: BLE001 - carried over and raised below
            failures.append(failure)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
