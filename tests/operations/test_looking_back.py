"""From the command line, in a whole house: a town's mistake is found and undone while all serve.

Long, because it starts the whole house: run with `make slow`.
"""

import asyncio
import json
import subprocess
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from foundation import clock
from operations.folder import DataFolder
from operations.supervision.databases import opened
from tests.operations.test_up import ROOT, Up, data, eventually, left_of, port

__all__ = ["data", "port"]

pytestmark = pytest.mark.slow

_MISTAKE = """
UPDATE registry.residents SET gender = '9', version = version + 1 WHERE (tenant_id, id) = (
  SELECT tenant_id, r.id FROM registry.residents r JOIN platform.tenant_codes USING (tenant_id)
  WHERE municipality_code = '012084' AND gender = '1' AND protection = '' ORDER BY r.id LIMIT 1)
RETURNING id::text
"""
_GENDER = "SELECT gender FROM registry.residents WHERE id = $1::text::uuid"


def tenants(folder: Path, *words: str) -> dict[str, Any]:
    done = subprocess.run(
        [ROOT / "tamaire", "tenants", *words, "--json", "--data", folder],
        check=False,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout)


def ask(folder: Path, query: str, *values: object) -> Any:
    async def asked() -> Any:
        server = opened(DataFolder(folder))
        connection = await asyncpg.connect(server.superuser_dsn("tamaire"))
        try:
            return await connection.fetchval(query, *values)
        finally:
            await connection.close()

    return asyncio.run(asked())


def test_a_mistake_is_undone_while_the_house_serves(data: Path, port: int) -> None:
    with Up(data, port=port, options=("--keep-history", "7")) as up:
        assert up.answer()["ready"] is True
        eventually(lambda: tenants(data, "history").get("bases") == 1, within_s=60)
        at = clock.now()
        wrong = ask(data, _MISTAKE)
        look = ("restore", "--code", "012084", "--at", at.isoformat(), "--by", "佐藤")
        seen = {one["table"]: one for one in tenants(data, *look)["tables"]}
        assert seen["registry.residents"]["rows"] == {"changed": [wrong]}
        assert seen["registry.residents"]["columns"] == {"gender": 1, "version": 1}
        take = ("--take", "registry.residents", "--confirmed-by", "鈴木")
        done = tenants(data, *look, *take)
        assert done["put_back"] == {"rows": {"registry.residents": 1}, "withheld": 0}
        assert ask(data, _GENDER, wrong) == "1"
        assert up.is_ready()
        assert not list(opened(DataFolder(data)).place.home.glob("past-*"))
        assert up.end() == 0
    assert not left_of(data)
    with Up(data, port=port) as again:
        assert again.answer()["ready"] is True
        assert tenants(data, "history")["days"] == 7
