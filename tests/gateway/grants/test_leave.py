"""A town grants a vendor's product exactly two scopes, sees its last use, and ends it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from foundation import clock
from foundation.identity import Role
from foundation.tenancy import Tenancy
from tests.support.callers import As, ServiceClient, an_official
from tests.support.front_door import FrontDoor
from tests.support.vendors import Developer

WANTED = ["benefits:read", "window-dx:read", "window-dx:write"]
PURPOSE = "窓口の呼出番号を庁舎の画面に表示するため"
StartService = Callable[[str], Awaitable[ServiceClient]]


@pytest.fixture
async def office(service_client: StartService, door: FrontDoor) -> As:
    """The administrator of Kitami at the platform's office."""
    client = await service_client("platform")
    return client.as_(an_official(Role.ADMINISTRATOR), tenancy=door.tenancies.kitami)


@pytest.fixture
async def product(developer: Developer) -> Developer:
    """A product that is ready for production and known nowhere yet."""
    await developer.register(environment="production", scope=" ".join(WANTED))
    return developer


async def ask(product: Developer, place: Tenancy, **changes: Any) -> Any:
    body = {"municipality_code": str(place.code), "scopes": WANTED, "purpose": PURPOSE} | changes
    return await product.care("POST", "/access-requests", json=body)


def decision(**changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "decision": "granted",
        "scopes": ["benefits:read", "window-dx:read"],
        "expires_on": (clock.today() + timedelta(days=30)).isoformat(),
        "reason": "契約第12条による",
    }
    return given | changes


class TestTheRoad:
    async def test_leads_from_a_request_to_a_grant_and_its_end(
        self, product: Developer, office: As, door: FrontDoor
    ) -> None:
        kitami = door.tenancies.kitami
        asked = await ask(product, kitami)
        assert asked.status_code == 201, asked.text
        assert (await product.ask_token(kitami.code)).json()["error"] == "unauthorized_client"

        listed = (await office.get("/platform/v1/access-requests?state=requested")).json()
        (seen,) = listed["items"]
        assert seen["asker"]["declared_by"] == "vendor"
        assert seen["asker"]["organization_name"] == "有限会社オホーツクソフト"
        assert seen["asker"]["contacts"] == ["dev@example.co.jp"]
        assert seen["purpose"] == PURPOSE

        decided = await office.post(
            f"/platform/v1/access-requests/{seen['id']}/decision", json=decision()
        )
        assert decided.status_code == 200, decided.text
        assert decided.json()["granted_scopes"] == ["benefits:read", "window-dx:read"]

        given = await product.ask_token(kitami.code)
        assert given.json()["scope"] == "benefits:read window-dx:read"

        grants = (await office.get("/platform/v1/client-grants?limit=200")).json()["items"]
        own = next(one for one in grants if one["client_id"] == product.client_id)
        assert own["state"] == "in_force"
        assert own["environment"] == "production"
        assert own["last_used_at"] is not None
        assert own["scopes"] == ["benefits:read", "window-dx:read"]

        await self._ended(product, office, door, given.json()["access_token"])

    async def _ended(self, product: Developer, office: As, door: FrontDoor, token: str) -> None:
        address = f"/platform/v1/client-grants/{product.client_id}"
        access = door.state.access.verify(token)
        assert not door.state.revocations.is_revoked(access)
        assert (await office.delete(address)).status_code == 428
        stale = await office.delete(address, headers={"If-Match": '"9"'})
        assert stale.status_code == 412
        present = await office.get(address)
        ended = await office.delete(address, headers={"If-Match": present.headers["etag"]})
        assert ended.status_code == 204, ended.text
        await door.state.revocations.refresh()
        assert door.state.revocations.is_revoked(access)
        refused = await product.ask_token(door.tenancies.kitami.code)
        assert refused.json()["error"] == "unauthorized_client"
        assert (await office.get(address)).json()["state"] == "ended"
        code = door.tenancies.kitami.code
        own = await product.care("GET", f"/access-requests?municipality_code={code}")
        assert own.json()["items"][0]["state"] == "ended"
        again = await office.delete(address, headers={"If-Match": '"2"'})
        assert again.json()["type"] == "/problems/platform/client-grant-not-found"


class TestAsking:
    async def test_is_for_production_clients_only(
        self, developer: Developer, door: FrontDoor
    ) -> None:
        await developer.register()
        refused = await ask(developer, door.tenancies.kitami, scopes=["benefits:read"])
        assert refused.json()["type"] == "/problems/platform/sandbox-client"

    async def test_waits_for_one_answer_at_a_time_in_each_town(
        self, product: Developer, door: FrontDoor
    ) -> None:
        first = await ask(product, door.tenancies.kitami)
        again = await ask(product, door.tenancies.kitami)
        assert again.json()["type"] == "/problems/platform/access-request-open"
        assert (await ask(product, door.tenancies.chiyoda)).status_code == 201
        code = door.tenancies.kitami.code
        path = f"/access-requests/{first.json()['id']}?municipality_code={code}"
        assert (await product.care("DELETE", path)).status_code == 204
        gone = await product.care("DELETE", path)
        assert gone.json()["type"] == "/problems/platform/access-request-decided"
        assert (await ask(product, door.tenancies.kitami)).status_code == 201

    async def test_names_scopes_the_client_is_not_registered_for(
        self, product: Developer, door: FrontDoor
    ) -> None:
        refused = await ask(
            product, door.tenancies.kitami, scopes=["benefits:read", "benefits:pay"]
        )
        assert refused.status_code == 422
        assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/scopes/1"]

    async def test_finds_only_towns_that_take_part(self, product: Developer) -> None:
        refused = await product.care(
            "POST",
            "/access-requests",
            json={"municipality_code": "011002", "scopes": ["benefits:read"], "purpose": "x"},
        )
        assert refused.status_code == 404

    async def test_shows_nobody_elses_requests(self, product: Developer, door: FrontDoor) -> None:
        asked = await ask(product, door.tenancies.kitami)
        other = Developer(door)
        await other.register(environment="production", scope="benefits:read")
        code = door.tenancies.kitami.code
        listed = await other.care("GET", f"/access-requests?municipality_code={code}")
        assert listed.json()["items"] == []
        path = f"/access-requests/{asked.json()['id']}?municipality_code={code}"
        assert (await other.care("DELETE", path)).status_code == 404
        elsewhere = f"/access-requests/{asked.json()['id']}?municipality_code=302082"
        assert (await product.care("DELETE", elsewhere)).status_code == 404


class TestDeciding:
    @pytest.mark.parametrize(
        "changes",
        [
            {"scopes": ["registry:read"]},
            {"scopes": []},
            {"expires_on": "2020-01-01"},
            {"expires_on": "2099-01-01"},
            {"expires_on": None},
            {"decision": "refused"},
        ],
    )
    async def test_grants_no_more_than_was_asked_and_not_for_ever(
        self, product: Developer, office: As, door: FrontDoor, changes: dict[str, Any]
    ) -> None:
        asked = (await ask(product, door.tenancies.kitami)).json()
        refused = await office.post(
            f"/platform/v1/access-requests/{asked['id']}/decision", json=decision(**changes)
        )
        assert refused.status_code == 422

    async def test_says_no_once_with_a_reason_the_vendor_reads(
        self, product: Developer, office: As, door: FrontDoor
    ) -> None:
        asked = (await ask(product, door.tenancies.kitami)).json()
        address = f"/platform/v1/access-requests/{asked['id']}"
        no = {"decision": "refused", "reason": "契約がありません"}
        assert (await office.post(f"{address}/decision", json=no)).json()["state"] == "refused"
        again = await office.post(f"{address}/decision", json=decision())
        assert again.json()["state"] == "refused"
        assert again.status_code == 409
        code = door.tenancies.kitami.code
        own = await product.care("GET", f"/access-requests?municipality_code={code}")
        assert own.json()["items"][0]["reason"] == "契約がありません"

    async def test_replaces_an_earlier_grant(
        self, product: Developer, office: As, door: FrontDoor
    ) -> None:
        for scopes in (["benefits:read"], ["window-dx:write"]):
            asked = (await ask(product, door.tenancies.kitami)).json()
            address = f"/platform/v1/access-requests/{asked['id']}/decision"
            assert (await office.post(address, json=decision(scopes=scopes))).status_code == 200
        given = await product.ask_token(door.tenancies.kitami.code)
        assert given.json()["scope"] == "window-dx:write"
        listed = (await office.get("/platform/v1/access-requests")).json()["items"]
        assert [one["state"] for one in listed] == ["granted", "ended"]

    async def test_lets_a_grant_run_out_by_itself(
        self, product: Developer, office: As, door: FrontDoor
    ) -> None:
        asked = (await ask(product, door.tenancies.kitami)).json()
        await office.post(f"/platform/v1/access-requests/{asked['id']}/decision", json=decision())
        with clock.frozen(clock.now() + timedelta(days=32)):
            refused = await product.ask_token(door.tenancies.kitami.code)
        assert refused.json()["error"] == "unauthorized_client"

    @pytest.mark.parametrize("role", [Role.CLERK, Role.BENEFITS_OFFICER])
    async def test_is_the_administrators_alone(
        self, service_client: StartService, door: FrontDoor, role: Role
    ) -> None:
        clerk = (await service_client("platform")).as_(
            an_official(role), tenancy=door.tenancies.kitami
        )
        assert (await clerk.get("/platform/v1/access-requests")).status_code == 403
        assert (await clerk.get("/platform/v1/client-grants")).status_code == 403

    @pytest.mark.isolation
    async def test_is_of_ones_own_municipality_alone(
        self, product: Developer, office: As, service_client: StartService, door: FrontDoor
    ) -> None:
        asked = (await ask(product, door.tenancies.chiyoda)).json()
        del office
        stranger = (await service_client("platform")).as_(
            an_official(Role.ADMINISTRATOR), tenancy=door.tenancies.kitami
        )
        address = f"/platform/v1/access-requests/{asked['id']}"
        assert (await stranger.get(address)).status_code == 404
        assert (await stranger.post(f"{address}/decision", json=decision())).status_code == 404
        assert (await stranger.get("/platform/v1/access-requests")).json()["items"] == []
        grant = f"/platform/v1/client-grants/{product.client_id}"
        assert (await stranger.get(grant)).status_code == 404
        assert (await stranger.delete(grant, headers={"If-Match": '"1"'})).status_code == 404
