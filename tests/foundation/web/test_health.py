"""A service says that it lives, and that it is ready only when it can work."""

import shutil
from pathlib import Path

import httpx
import pytest

from foundation.settings import ServiceSettings
from foundation.web import create_application
from tests.foundation.web.conftest import Office
from tests.foundation.web.example import POLICY, SERVICE, router


class TestReady:
    async def test_is_told_to_anybody_and_says_nothing_else(self, office: Office) -> None:
        for path in ("/livez", "/startupz", "/readyz"):
            response = await office.client.http.get(path)
            assert (response.status_code, response.text) == (200, "ok\n")

    async def test_is_not_before_the_start(self, settings: ServiceSettings) -> None:
        application = create_application(
            service=SERVICE, title="メモ", routers=[router], policy=POLICY, settings=settings
        )
        transport = httpx.ASGITransport(app=application)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            assert (await client.get("/livez")).status_code == 200
            assert (await client.get("/startupz")).status_code == 503
            response = await client.get("/readyz")
        assert response.json()["type"] == "/problems/platform/service-unavailable"
        assert response.headers["retry-after"]

    async def test_is_not_without_a_database(self, office: Office) -> None:
        await office.client.application.state.office.database.close()
        assert (await office.client.http.get("/readyz")).status_code == 503
        assert (await office.client.http.get("/livez")).status_code == 200
        assert (await office.clerk().get("/benefits/v1/notes")).status_code == 503

    async def test_is_not_without_its_keys(self, settings: ServiceSettings, tmp_path: Path) -> None:
        keys = tmp_path / "keys"
        keys.mkdir()
        application = create_application(
            service=SERVICE,
            title="メモ",
            routers=[router],
            policy=POLICY,
            settings=settings.model_copy(update={"key_directory": keys}),
        )
        transport = httpx.ASGITransport(app=application)
        async with (
            application.router.lifespan_context(application),
            httpx.AsyncClient(transport=transport, base_url="http://x") as client,
        ):
            assert (await client.get("/readyz")).status_code == 200
            shutil.rmtree(keys)
            assert (await client.get("/readyz")).status_code == 503


class TestAMunicipalityWithoutKeys:
    async def test_is_told_to_come_back(self, office: Office) -> None:
        kitami = office.tenancies.kitami.tenant_id
        office.client.application.state.office.keyring.destroy(kitami)
        response = await office.clerk().get("/benefits/v1/notes")
        assert response.status_code == 503


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/startupz", "/metrics"])
async def test_answers_to_no_other_verb(office: Office, path: str) -> None:
    response = await office.client.http.post(path)
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD"
