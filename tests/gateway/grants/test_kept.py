"""What a town was shown when it gave its leave is what a resident is shown, ever after."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from foundation import clock
from foundation.identity import Role
from tests.support.callers import As, ServiceClient, an_official
from tests.support.front_door import CARD, ISSUER, FrontDoor, query_of
from tests.support.vendors import ASSERTION_TYPE, Developer, metadata

BACK = "https://vendor.example.jp/back"
SCOPES = ["benefits:read", "openid"]
BASE: dict[str, Any] = {
    "environment": "production",
    "grant_types": ["authorization_code", "refresh_token"],
    "scope": " ".join(SCOPES),
    "redirect_uris": [BACK],
    "policy_uri": "https://vendor.example.jp/privacy",
}
StartService = Callable[[str], Awaitable[ServiceClient]]


@pytest.fixture
async def office(service_client: StartService, door: FrontDoor) -> As:
    client = await service_client("platform")
    return client.as_(an_official(Role.ADMINISTRATOR), tenancy=door.tenancies.kitami)


@pytest.fixture
async def product(developer: Developer) -> Developer:
    await developer.register(**BASE)
    return developer


async def asked(product: Developer, **changes: Any) -> dict[str, Any]:
    kitami = str(product.door.tenancies.kitami.code)
    body = {"municipality_code": kitami, "scopes": SCOPES, "purpose": "残高の表示"} | changes
    answer = await product.care("POST", "/access-requests", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def changed(product: Developer, **changes: Any) -> tuple[int, set[str]]:
    """Replace the registration; return the status, and the members that were refused."""
    answer = await product.manage("PUT", json=metadata(**(BASE | changes)))
    return answer.status_code, {fault["pointer"] for fault in answer.json().get("errors", [])}


class TestAProductATownWasShown:
    @pytest.mark.parametrize(
        ("changes", "member"),
        [
            ({"client_name": "市税還付金"}, "/client_name"),
            ({"organization_name": "総務省"}, "/organization_name"),
            ({"contacts": ["dev@example.net"]}, "/contacts/0"),
            ({"policy_uri": "https://elsewhere.example.jp/privacy"}, "/policy_uri"),
            ({"tos_uri": "https://vendor.example.jp/terms"}, "/tos_uri"),
            ({"redirect_uris": [BACK, "https://thief.example.jp/back"]}, "/redirect_uris/1"),
            ({"redirect_uris": ["https://vendor.example.jp:8443/back"]}, "/redirect_uris/0"),
            ({"origins": ["https://thief.example.jp"]}, "/origins/0"),
            (
                {"post_logout_redirect_uris": ["https://thief.example.jp/"]},
                "/post_logout_redirect_uris/0",
            ),
            (
                {"backchannel_logout_uri": "https://thief.example.jp/told"},
                "/backchannel_logout_uri",
            ),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    async def test_stays_what_it_was(
        self, product: Developer, changes: dict[str, Any], member: str
    ) -> None:
        await asked(product)
        before = (await product.manage("GET")).json()
        assert await changed(product, **changes) == (400, {member})
        assert (await product.manage("GET")).json() == before

    async def test_may_still_live(self, product: Developer) -> None:
        await asked(product)
        status, faults = await changed(
            product,
            contacts=["successor@example.co.jp"],
            redirect_uris=["https://vendor.example.jp/v2/back"],
            backchannel_logout_uri="https://vendor.example.jp/told",
            software_version="2.0",
            scope="benefits:read openid platform:self",
        )
        assert (status, faults) == (200, set())

    async def test_stays_also_when_nobody_waits_for_the_answer(self, product: Developer) -> None:
        one = await asked(product)
        kitami = product.door.tenancies.kitami.code
        path = f"/access-requests/{one['id']}?municipality_code={kitami}"
        assert (await product.care("DELETE", path)).status_code == 204
        assert await changed(product, client_name="x") == (400, {"/client_name"})

    async def test_is_not_renamed_by_its_sibling_in_the_sandbox(self, product: Developer) -> None:
        sibling = await product.send(
            metadata(jwks={"keys": [product.key.public()]}), token=product.token
        )
        assert sibling.status_code == 201, sibling.text
        await asked(product)
        other = Developer(product.door, key=product.key, registered=sibling.json())
        renamed = await other.manage("PUT", json=metadata(organization_name="総務省"))
        assert renamed.status_code == 400
        third = await product.send(
            metadata(organization_name="総務省", jwks={"keys": [product.key.public()]}),
            token=product.token,
        )
        assert third.status_code == 400
        assert [one["pointer"] for one in third.json()["errors"]] == ["/organization_name"]
        free = await other.manage("PUT", json=metadata(client_name="まったく別の名前"))
        assert free.status_code == 200, free.text


class TestAProductNobodyWasShown:
    async def test_may_become_anything(self, product: Developer) -> None:
        status, _ = await changed(
            product,
            client_name="別の名前",
            organization_name="別の会社",
            contacts=["dev@example.net"],
            redirect_uris=["https://elsewhere.example.jp/back"],
        )
        assert status == 200


class TestTheResidentsQuestion:
    async def test_shows_what_the_town_was_shown(
        self, product: Developer, office: As, door: FrontDoor
    ) -> None:
        one = await asked(product)
        await office.post(
            f"/platform/v1/access-requests/{one['id']}/decision",
            json={
                "decision": "granted",
                "scopes": SCOPES,
                "expires_on": (clock.today() + timedelta(days=30)).isoformat(),
                "reason": "契約による",
            },
        )
        await changed(product, client_name="市税還付金", redirect_uris=["https://thief.example.jp"])
        await changed(product, organization_name="総務省")
        address = f"/platform/v1/client-grants/{product.client_id}"
        seen = (await office.get(address)).json()["asker"]
        told = await _question(product, door)
        assert told["たずねているアプリ"] == seen["name"] == "まどぐち番号表示"
        assert told["提供しているところ"] == seen["organization_name"] == "有限会社オホーツクソフト"
        assert told["答えたあとに戻るところ"] in seen["leads_to"] == ["vendor.example.jp"]
        assert seen["policy_uri"] == BASE["policy_uri"]


async def _question(product: Developer, door: FrontDoor) -> dict[str, str]:
    """Sign a resident in for the product; return the facts on the page they are asked on."""
    kitami = {"Tamaire-Municipality": str(door.tenancies.kitami.code)}
    pushed = await door.http.post(
        "/oauth/par",
        data={
            **door.request(client_id=product.client_id, redirect_uri=BACK),
            "scope": " ".join(SCOPES),
            "identity_provider": "resident",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": door.assertion(product.client_id, key=product.key),
        },
        headers={**kitami, "DPoP": product.proof_of_possession(url=f"{ISSUER}/oauth/par")},
    )
    assert pushed.status_code == 201, pushed.text
    left = await door.http.get(
        "/oauth/authorize",
        params={"client_id": product.client_id, "request_uri": pushed.json()["request_uri"]},
        headers=kitami,
    )
    answer = door.resident_provider().approve(left.headers["location"], subject="hanako", says=CARD)
    landed = await door.callback(**answer)
    page = await door.http.get(
        "/oauth/consent",
        params={"request": query_of(landed.headers["location"])["request"]},
        headers={"Accept": "text/html"},
    )
    facts = re.findall(r"<dt>([^<]*)</dt><dd>([^<]*)(?:<[^/].*?)?</dd>", page.text)
    return {name: unescape(value) for name, value in facts}
