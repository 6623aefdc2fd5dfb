"""Windows are the municipality's own."""

from collections.abc import Awaitable, Callable

import pytest

from foundation.identity import Role
from tests.support.callers import As, ServiceClient, a_resident, an_official
from tests.support.house import Tenancies

OpenService = Callable[[str], Awaitable[ServiceClient]]
PATH = "/window-dx/v1/windows"
BODY = {"code": "JUMIN", "name": "市民課 1番"}


@pytest.fixture
async def service(service_client: OpenService) -> ServiceClient:
    return await service_client("window_dx")


@pytest.fixture
def administrator(service: ServiceClient, tenancies: Tenancies) -> As:
    return service.as_(an_official(Role.ADMINISTRATOR), tenancy=tenancies.kitami)


class TestEstablishWindow:
    async def test_is_hidden_from_another_municipality(
        self, service: ServiceClient, administrator: As, tenancies: Tenancies
    ) -> None:
        made = (await administrator.post(PATH, json=BODY)).json()
        foreigner = service.as_(an_official(Role.ADMINISTRATOR), tenancy=tenancies.chiyoda)
        assert (await foreigner.get(f"{PATH}/{made['id']}")).status_code == 404
        assert (await foreigner.get(PATH)).json()["items"] == []
        # The same code is free there: a code tells nothing of another municipality.
        assert (await foreigner.post(PATH, json=BODY)).status_code == 201

    async def test_refuses_a_code_that_is_taken(self, administrator: As) -> None:
        assert (await administrator.post(PATH, json=BODY)).status_code == 201
        refused = await administrator.post(PATH, json=BODY | {"name": "別の窓口"})
        assert (refused.status_code, refused.json()["type"]) == (
            409,
            "/problems/window-dx/window-code-taken",
        )

    async def test_is_for_administrators(
        self, service: ServiceClient, tenancies: Tenancies
    ) -> None:
        clerk = service.as_(an_official(Role.CLERK), tenancy=tenancies.kitami)
        assert (await clerk.post(PATH, json=BODY)).status_code == 403


class TestListWindows:
    async def test_is_hidden_from_another_municipality(
        self, service: ServiceClient, administrator: As, tenancies: Tenancies
    ) -> None:
        await administrator.post(PATH, json=BODY)
        here, there = (
            service.as_(a_resident(), tenancy=tenancy)
            for tenancy in (tenancies.kitami, tenancies.kinokawa)
        )
        assert [item["code"] for item in (await here.get(PATH)).json()["items"]] == ["JUMIN"]
        assert (await there.get(PATH)).json()["items"] == []
