"""What one vendor may do in a day, and what it is told when that is enough."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import httpx
import pytest

from foundation import clock
from foundation.clock import JST
from foundation.identifiers import new_id
from foundation.identity import SigningKey
from gateway.desk import create_front_desk
from gateway.vendors import counts
from tests.support.front_door import ISSUER, FrontDoor
from tests.support.vendors import Developer, metadata

SCOPES = ["benefits:read"]


@pytest.fixture
async def product(developer: Developer) -> Developer:
    await developer.register(environment="production", scope="benefits:read")
    return developer


async def ask(product: Developer, code: str) -> httpx.Response:
    body = {"municipality_code": code, "scopes": SCOPES, "purpose": "窓口の表示"}
    return await product.care("POST", "/access-requests", json=body)


async def ask_and_take_back(product: Developer, code: str) -> httpx.Response:
    asked = await ask(product, code)
    if asked.status_code == 201:
        path = f"/access-requests/{asked.json()['id']}?municipality_code={code}"
        assert (await product.care("DELETE", path)).status_code == 204
    return asked


def until_when(refused: httpx.Response) -> datetime:
    """Check that the refusal says until when, twice the same; return it."""
    assert refused.status_code == 429, refused.text
    assert refused.json()["type"] == "/problems/platform/enough-for-today"
    until = datetime.fromisoformat(refused.json()["until"])
    wait = timedelta(seconds=int(refused.headers["retry-after"]))
    assert abs(clock.now() + wait - until) < timedelta(seconds=10)
    return until


class TestAskingMunicipalities:
    async def test_has_an_end_each_day_also_for_what_is_taken_back(
        self, product: Developer, door: FrontDoor
    ) -> None:
        kitami = str(door.tenancies.kitami.code)
        for _ in range(counts.REQUESTS.most):
            assert (await ask_and_take_back(product, kitami)).status_code == 201
        until = until_when(await ask(product, kitami))
        assert until.astimezone(JST).time().isoformat() == "00:00:00"
        with clock.frozen(until):
            assert (await ask(product, kitami)).status_code == 201

    async def test_counts_each_client_by_itself(self, product: Developer, door: FrontDoor) -> None:
        kitami = str(door.tenancies.kitami.code)
        await _set_taken(door, product.client_id, counts.REQUESTS)
        until_when(await ask(product, kitami))
        other = Developer(door)
        await other.register(environment="production", scope="benefits:read")
        assert (await ask(other, kitami)).status_code == 201

    async def test_counts_no_request_that_was_refused(
        self, product: Developer, door: FrontDoor
    ) -> None:
        kitami = str(door.tenancies.kitami.code)
        assert (await ask(product, kitami)).status_code == 201
        for _ in range(3):
            assert (await ask(product, kitami)).status_code == 409
        taken = "SELECT taken FROM platform.daily_counts WHERE whose = $1"
        assert await door.value(taken, product.client_id) == 1

    async def test_waits_for_so_many_answers_at_once_and_no_more(
        self, product: Developer, door: FrontDoor
    ) -> None:
        kitami, kinokawa = (str(one.code) for one in list(door.tenancies)[:2])
        await door.as_owner(
            "UPDATE platform.client_registrations SET open_requests = $2 WHERE client_id = $1",
            product.client_id,
            counts.MOST_OPEN - 1,
        )
        first = await ask(product, kitami)
        assert first.status_code == 201
        full = await ask(product, kinokawa)
        assert full.status_code == 409
        assert full.json()["type"] == "/problems/platform/access-requests-full"
        assert full.json()["most"] == counts.MOST_OPEN
        path = f"/access-requests/{first.json()['id']}?municipality_code={kitami}"
        assert (await product.care("DELETE", path)).status_code == 204
        assert (await ask(product, kinokawa)).status_code == 201


class TestKeys:
    async def test_have_an_end_each_day(self, developer: Developer) -> None:
        await developer.register()
        for number in range(counts.KEYS.most):
            assert (await _added(developer, f"k{number}")).status_code == 201
            assert (await developer.care("DELETE", f"/keys/k{number}")).status_code == 204
        until_when(await _added(developer, "one-too-many"))


class TestProductionClients:
    async def test_have_an_end_each_day_for_one_name_however_it_is_spelled(
        self, developer: Developer
    ) -> None:
        name = f"Soft {new_id()}"
        async with _from_afar(developer) as http:
            for spelled in [name] * counts.PRODUCTION.most:
                assert (await _register(http, spelled)).status_code == 201
            refused = await _register(http, name.upper().replace(" ", "  "))
            assert refused.status_code == 429, refused.text
            assert refused.json()["error"] == "temporarily_unavailable"
            assert int(refused.headers["retry-after"]) <= 86_400
            sandbox = await _register(http, name, environment="sandbox")
            assert sandbox.status_code == 201
            with_token = await _register(http, name, token=sandbox.json())
            assert with_token.status_code == 201, with_token.text

    async def test_have_an_end_each_day_for_one_token(self, developer: Developer) -> None:
        async with _from_afar(developer) as http:
            first = (await _register(http, f"Soft {new_id()}", environment="sandbox")).json()
            for _ in range(counts.PRODUCTION.most):
                name = f"Other {new_id()}"
                assert (await _register(http, name, token=first)).status_code == 201
            refused = await _register(http, f"Other {new_id()}", token=first)
            assert refused.status_code == 429


class TestDays:
    def test_end_at_midnight_in_japan(self) -> None:
        assert counts.midnight_after(date(2026, 12, 31)) == datetime(2027, 1, 1, tzinfo=JST)

    async def test_are_forgotten_after_a_week(self, door: FrontDoor) -> None:
        whose = str(new_id())
        async with door.state.database.unbound() as work:
            await counts.take(work, whose, replace(counts.KEYS, act="test"))
            await counts.forget(work)
        count = "SELECT count(*) FROM platform.daily_counts WHERE whose = $1"
        assert await door.value(count, whose) == 1
        with clock.frozen(clock.now() + timedelta(days=9)):
            async with door.state.database.unbound() as work:
                await counts.forget(work)
        assert await door.value(count, whose) == 0


def _from_afar(developer: Developer) -> httpx.AsyncClient:
    """Return a client at an address that is not this machine's."""
    desk = create_front_desk(developer.door.state)
    afar = httpx.ASGITransport(app=desk, client=("203.0.113.9", 4000))
    return httpx.AsyncClient(transport=afar, base_url=ISSUER)


async def _register(
    http: httpx.AsyncClient,
    organization: str,
    *,
    environment: str = "production",
    token: dict[str, str] | None = None,
) -> httpx.Response:
    shown = (
        {} if token is None else {"Authorization": f"Bearer {token['registration_access_token']}"}
    )
    key = SigningKey.generate("ES256").public()
    body = metadata(environment=environment, organization_name=organization, jwks={"keys": [key]})
    return await http.post("/oauth/register", json=body, headers=shown)


async def _added(developer: Developer, kid: str) -> httpx.Response:
    jwk = {**SigningKey.generate("Ed25519").public(), "kid": kid}
    return await developer.care("POST", "/keys", json={"jwk": jwk})


async def _set_taken(door: FrontDoor, whose: str, cap: counts.Cap) -> None:
    await door.as_owner(
        "INSERT INTO platform.daily_counts (whose, act, day, taken) VALUES ($1, $2, $3, $4)",
        whose,
        cap.act,
        clock.today(),
        cap.most,
    )
