"""The whole gateway over a real database: real tokens in, real internal tokens out."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from foundation.identity import Caller, InternalTokenVerifier, KeySet, Machine, Official, Purpose
from gateway.app import Gateway
from gateway.forwarding.pool import Address
from gateway.house import furnished, open_house
from gateway.routes import ROUTES
from gateway.traffic import TrafficSettings
from tests.gateway.test_openapi import part
from tests.support.forwarding import living, served
from tests.support.front_door import FrontDoor, settings_in
from tests.support.wire import Asked, Service


async def sociable(asked: Asked) -> None:
    """Be ready, describe yourself, and otherwise say back what was asked."""
    while True:
        head, _ = await asked.request()
        if not head:
            return
        name = Path(asked.writer.get_extra_info("sockname")).stem
        match head.split(b" ")[1]:
            case b"/readyz":
                await asked.answer(b"ok")
            case b"/openapi.json":
                await asked.answer(json.dumps(part(name).document).encode())
            case _:
                await asked.answer(json.dumps({"head": head.decode("latin-1")}).encode())


@dataclass(slots=True)
class Whole:
    """The gateway as a client reaches it."""

    client: httpx.AsyncClient
    door: FrontDoor
    services: dict[str, Service]

    async def ask(self, path: str, token: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers={"Authorization": f"Bearer {token}", **headers})

    def caller_in(self, answer: httpx.Response, *, audience: str) -> Caller:
        """Return who the service believes to be asking, as it would find out itself."""
        head: str = answer.json()["head"]
        (line,) = (one for one in head.split("\r\n") if one.startswith("authorization: "))
        keys = KeySet.load(self.door.keys / "internal" / "jwks.json")
        token = line.removeprefix("authorization: Internal ")
        return InternalTokenVerifier(keys, audience).verify(token)


@pytest.fixture
async def whole(door: FrontDoor, tmp_path: Path) -> AsyncGenerator[Whole]:
    async with AsyncExitStack() as stack:
        services = {
            route.service: Service(tmp_path / f"{route.service}.sock", sociable) for route in ROUTES
        }
        for service in services.values():
            await service.open()
            stack.push_async_callback(service.close)
        addresses = {
            name: Address.parse(f"unix:{service.path}") for name, service in services.items()
        }
        gateway = Gateway(lambda: furnished(door.state, TrafficSettings(), addresses))
        await stack.enter_async_context(living(gateway))
        port = await stack.enter_async_context(served(gateway))
        base = f"http://127.0.0.1:{port}"
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=base))
        yield Whole(client, door, services)


async def vendor_token(door: FrontDoor) -> str:
    answer: dict[str, Any] = (await door.machine()).json()
    return answer["access_token"]


class TestOnTheWay:
    async def test_a_service_learns_who_asks_for_which_municipality(self, whole: Whole) -> None:
        tokens = await whole.door.official_tokens("clerk")
        answer = await whole.ask(
            "/window-dx/v1/windows", tokens["access_token"], **{"Tamaire-Purpose": "reception"}
        )
        caller = whole.caller_in(answer, audience="window_dx")
        assert isinstance(caller.principal, Official)
        assert caller.tenancy == whole.door.tenancies.kitami
        assert caller.purpose is Purpose.RECEPTION

    async def test_a_machine_is_known_as_a_machine(self, whole: Whole) -> None:
        answer = await whole.ask("/benefits/v1/events", await vendor_token(whole.door))
        caller = whole.caller_in(answer, audience="benefits")
        assert isinstance(caller.principal, Machine)
        assert caller.principal.client_id == "demo-vendor"
        assert caller.purpose is None

    @pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.prefix)
    async def test_each_prefix_leads_to_its_service(self, whole: Whole, route: Any) -> None:
        answer = await whole.ask(f"/{route.prefix}/v1/x", await vendor_token(whole.door))
        assert f"GET /{route.prefix}/v1/x HTTP/1.1" in answer.json()["head"]
        assert whole.caller_in(answer, audience=route.service)
        asked = f"/{route.prefix}/v1/x".encode()
        heard = {
            name: b"".join(one.heard for one in service.connections)
            for name, service in whole.services.items()
        }
        assert [name for name, bytes_ in heard.items() if asked in bytes_] == [route.service]

    async def test_the_desk_answers_at_the_same_door(self, whole: Whole) -> None:
        token = await vendor_token(whole.door)
        assert (await whole.ask("/platform/v1/me", token)).status_code == 200
        assert (await whole.client.get("/oauth/jwks.json")).json()["keys"]

    async def test_who_is_revoked_is_soon_stopped_on_the_way_too(self, whole: Whole) -> None:
        tokens = await whole.door.official_tokens("clerk")
        access = tokens["access_token"]
        assert (await whole.ask("/benefits/v1/x", access)).status_code == 200
        form = {"token": access, "client_id": "demo-desk"}
        assert (await whole.client.post("/oauth/revoke", data=form)).status_code == 200
        # By its own rhythm the list is a second old at most; the machine is shared with others.
        for _ in range(250):
            if (await whole.ask("/benefits/v1/x", access)).status_code == 401:
                return
            await asyncio.sleep(0.02)
        pytest.fail("still let through after five seconds")


class TestAsked:
    async def test_it_is_ready_when_all_are(self, whole: Whole) -> None:
        assert (await whole.client.get("/readyz")).status_code == 200
        await whole.services["registry"].close()
        await asyncio.sleep(0.6)
        answer = await whole.client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["waiting_for"] == ["registry"]

    async def test_it_describes_desk_and_services_together(self, whole: Whole) -> None:
        answer = await whole.client.get("/openapi.json")
        assert answer.status_code == 200
        paths = answer.json()["paths"]
        for path in ("/oauth/token", "/platform/v1/things", "/benefits/v1/things"):
            assert path in paths
        again = await whole.client.get(
            "/openapi.json", headers={"If-None-Match": answer.headers["etag"]}
        )
        assert again.status_code == 304


class TestOpenHouse:
    async def test_refuses_to_open_with_a_service_missing(self, whole: Whole) -> None:
        settings = settings_in(whole.door.house, whole.door.keys)
        with pytest.raises(ValueError, match="names no address of benefits"):
            async with open_house(settings, TrafficSettings()):
                pass

    async def test_opens_and_closes(self, whole: Whole) -> None:
        settings = settings_in(whole.door.house, whole.door.keys).model_copy(
            update={"upstreams": {name: f"unix:{one.path}" for name, one in whole.services.items()}}
        )
        async with open_house(settings, TrafficSettings()) as house:
            assert await house.readiness.failing() == []
