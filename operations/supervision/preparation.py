"""What must be true of the database before anybody is let in, and is done only when it is not.

Each step has a fingerprint: of the files that decide its outcome, and of the database it was done
in. A second start compares fingerprints and does nothing; a new migration, a corrected list or an
emptied database makes just its own steps run again, and each step may be repeated safely.
"""

import asyncio
import hashlib
import json
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import asyncpg

from operations.failures import Failure
from operations.files import write_private
from operations.postgres import DATABASE
from operations.postgres.external import Server
from operations.voice import Voice

from .failures import DatabaseUnreachable, StepFailed
from .programmes import Addresses

_ROOT = Path(__file__).parents[2]
_OLDEST_SERVER = 180_000  # server_version_num: uuidv7() came with PostgreSQL 18

# The number initdb gave the cluster, and the one CREATE DATABASE gave the database, if it is there.
_IDENTITY = """
SELECT concat_ws(' ', (SELECT system_identifier FROM pg_control_system()),
                      (SELECT oid FROM pg_database WHERE datname = $1))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """On what a step works: the server, the folder with `keys/` and `simulator/`, our addresses.

    The trace of what nobody foresaw goes to `log`, or, without one, to standard error.
    """

    server: Server
    folder: Path
    addresses: Addresses
    log: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: what it is called, which files decide its outcome, and how it is done."""

    name: str
    japanese: str
    english: str
    sources: tuple[str, ...]
    run: Callable[[Ground], None]
    depends_on_addresses: bool = False

    def fingerprint(self, database: str, addresses: Addresses) -> str:
        """Return a digest that changes when the step has to be done again."""
        digest = hashlib.sha256(database.encode())
        if self.depends_on_addresses:
            digest.update(addresses.base_url.encode())
        for path in _files(self.sources):
            digest.update(f"{path.relative_to(_ROOT)}\0".encode())
            digest.update(path.read_bytes())
        return digest.hexdigest()


def prepare(ground: Ground, steps: Sequence[Step], voice: Voice, *, memory: Path | None) -> None:
    """Do those steps that have not been done, in order, and remember each one as it is done.

    `memory` is the file of what was done. Without it, or when it is lost, everything is done again.

    Raises:
        DatabaseUnreachable: the server does not let the administrator in, or is too old.
    """
    done = _remembered(memory)
    database = _identity(ground.server)
    for step in steps:
        if done.get(step.name) == step.fingerprint(database, ground.addresses):
            continue
        with voice.step(step.japanese, step.english):
            _do(step, ground)
        database = _identity(ground.server)  # the first step of all creates the database
        done[step.name] = step.fingerprint(database, ground.addresses)
        if memory is not None:
            write_private(memory, json.dumps(done, indent=1))


def _do(step: Step, ground: Ground) -> None:
    """Do one step; what goes wrong without having been foreseen becomes a sentence and a trace."""
    try:
        step.run(ground)
    except Failure:
        raise
    except Exception as error:
        log = ground.log
        with log.open("a", encoding="utf-8") if log else nullcontext(sys.stderr) as words:
            traceback.print_exception(error, file=words)
        raise StepFailed(step.english, error=error, log=log) from error


def _remembered(memory: Path | None) -> dict[str, str]:
    if memory is None:
        return {}
    with suppress(OSError, ValueError):
        return cast("dict[str, str]", json.loads(memory.read_text(encoding="utf-8")))
    return {}


def _files(sources: Sequence[str]) -> list[Path]:
    found: list[Path] = []
    for source in sources:
        path = _ROOT / source
        parts = [path] if path.is_file() else [part for part in path.rglob("*") if part.is_file()]
        found.extend(part for part in parts if "__pycache__" not in part.parts)
    return sorted(found)


def _identity(server: Server) -> str:
    """Return what tells this database from every other, also from one of its own name."""
    try:
        return asyncio.run(_ask_identity(server.superuser_dsn()))
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise DatabaseUnreachable(reason=str(error) or type(error).__name__) from error


async def _ask_identity(dsn: str) -> str:
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        version = int(await connection.fetchval("SHOW server_version_num"))
        if version < _OLDEST_SERVER:
            raise ValueError(f"PostgreSQL {version // 10_000}")
        return str(await connection.fetchval(_IDENTITY, DATABASE))
    finally:
        await connection.close()
