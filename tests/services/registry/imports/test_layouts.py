"""A layout says how a file is written; it takes nobody out of protection."""

import json
from collections.abc import Mapping

import asyncpg
import pytest

from services.registry.imports.domain import UNPROTECTED_WORDS
from tests.services.registry.conftest import PATH
from tests.services.registry.files import a_file, a_line
from tests.support.callers import As
from tests.support.house import House, Tenancies

POISON: Mapping[str, dict[str, object]] = {
    "/values/protection/dv": {"values": {"protection": {"dv": ""}}},
    "/values/protection/DV~1~0": {"values": {"protection": {"0": "", "DV/~": " "}}},
    "/values/protection/1": {"values": {"protection": {"1": ""}}},
    "/constants/protection": {"constants": {"protection": ""}},
    "/headings/支援措置": {"headings": {"支援措置": "", "備考": "protection"}},
}


class TestKeepLayout:
    @pytest.mark.parametrize("pointer", POISON)
    async def test_refuses_to_take_anybody_out_of_protection(
        self, registrar: As, pointer: str
    ) -> None:
        body = {"name": "core", **POISON[pointer]}
        refused = await registrar.post(f"{PATH}/import-layouts", json=body)
        assert refused.status_code == 422
        (fault,) = refused.json()["errors"]
        assert fault["pointer"] == pointer
        assert "非該当" in fault["detail_ja"]
        assert (await registrar.get(f"{PATH}/import-layouts")).json()["items"] == []

    async def test_takes_every_word_for_nothing_and_any_for_protection(self, registrar: As) -> None:
        words = {**dict.fromkeys(UNPROTECTED_WORDS, ""), "1": "dv", "支援": "dv"}
        body = {
            "name": "core",
            "headings": {"DV区分": "protection"},
            "values": {"protection": words},
        }
        assert (await registrar.post(f"{PATH}/import-layouts", json=body)).status_code == 201


class TestLayoutKeptBefore:
    async def test_reads_no_file_any_more_until_it_is_mended(
        self, registrar: As, house: House, tenancies: Tenancies
    ) -> None:
        await registrar.post(f"{PATH}/import-layouts", json={"name": "core"})
        superuser = await asyncpg.connect(house.superuser_dsn())
        await superuser.execute(
            "UPDATE registry.import_layouts SET definition = definition || $2::jsonb"
            " WHERE tenant_id = $1",
            tenancies.kitami.tenant_id,
            json.dumps({"values": {"protection": {"dv": ""}}}),
        )
        await superuser.close()
        sent = {
            "content": a_file([a_line(0, protection="dv")]).encode(),
            "headers": {"Content-Type": "text/csv"},
            "params": {"layout": "core"},
        }
        for path in ("imports", "import-previews"):
            refused = await registrar.post(f"{PATH}/{path}", **sent)
            assert refused.status_code == 422
            assert refused.json()["errors"][0]["pointer"] == "/layout"
        # It stays readable, so that it can be seen and mended.
        assert len((await registrar.get(f"{PATH}/import-layouts")).json()["items"]) == 1
        await registrar.post(f"{PATH}/import-layouts", json={"name": "core"})
        assert (await registrar.post(f"{PATH}/imports", **sent)).json()["good"] == 1
