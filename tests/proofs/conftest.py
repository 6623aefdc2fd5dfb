"""A house for the long proofs: like the one of the other tests, but with a durable database."""

import asyncio
import json
from collections.abc import Generator
from pathlib import Path

import asyncpg
import pytest

from foundation.identity import SigningKey
from migrations.run import upgrade
from operations.postgres import Cluster
from tests.support.house import DATABASE, House


@pytest.fixture
def durable_house(tmp_path_factory: pytest.TempPathFactory) -> Generator[House]:
    """A house whose PostgreSQL writes every commit through (`fsync` on) and may be killed.

    The server ends with the thread that started it: start it again from the main one.
    """
    folder = tmp_path_factory.mktemp("durable")
    cluster = Cluster.create(folder / "postgres")
    cluster.start()
    try:
        cluster.bootstrap_roles(DATABASE)
        upgrade(lambda schema: cluster.dsn(f"{schema}_owner", DATABASE))
        assert asyncio.run(_is_durable(cluster)), "a crash must not be able to lose a commit"
        pen = SigningKey.generate("Ed25519")
        keys = json.dumps({"keys": [pen.public()]})
        (folder / "internal.jwks.json").write_text(keys, encoding="utf-8")
        yield House(cluster=cluster, pen=pen, folder=folder)
    finally:
        cluster.stop()
        cluster.place.erase()


async def _is_durable(cluster: Cluster) -> bool:
    connection = await asyncpg.connect(cluster.dsn("benefits_app", DATABASE))
    try:
        asked = ("fsync", "synchronous_commit", "full_page_writes")
        return {await connection.fetchval(f"SHOW {name}") for name in asked} == {"on"}
    finally:
        await connection.close()


@pytest.fixture
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for sockets and logs, with a path short enough for a socket."""
    return tmp_path_factory.mktemp("room")
