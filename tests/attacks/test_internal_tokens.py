"""Forged internal tokens at every service: none is believed, whoever reached the socket.

These are a service's last defence: whoever sends them is already past the gateway.
"""

from collections.abc import Awaitable, Callable, Mapping

import pytest

from foundation.identity import Caller, InternalTokenIssuer, Role
from foundation.identity.internal_token import TYPE
from tests.attacks.forge import EVERYTHING_BUT_CLAIMS, INTERNAL_CLAIMS, Forgery, Genuine
from tests.support.callers import ServiceClient, an_official
from tests.support.forgery import claims_of
from tests.support.house import House, Tenancies

FORGERIES: Mapping[str, Forgery] = {
    **EVERYTHING_BUT_CLAIMS,
    **INTERNAL_CLAIMS,
    "for a neighbour": lambda one: one.saying(aud="sealer"),
    "of a tenant that is a text": lambda one: one.saying(tid=str(one.claims["tid"])),
    "of a tenant that is true": lambda one: one.saying(tid=True),
    "without a tenant number": lambda one: one.saying(without="tid"),
    "for a purpose there is not": lambda one: one.saying(purpose="curiosity"),
    "with another tenant's number under the genuine signature": lambda one: one.altered(tid=1),
}
PATHS = {
    "registry": "/registry/v1/residents?kana=a",
    "benefits": "/benefits/v1/programmes",
    "window_dx": "/window-dx/v1/windows",
    "consultation": "/consultation/v1/cases",
    "platform": "/platform/v1/me",
}
Start = Callable[[str], Awaitable[ServiceClient]]


def genuine(house: House, tenancies: Tenancies, service: str) -> Genuine:
    official = an_official(*Role)
    caller = Caller(principal=official, tenancy=tenancies.kitami)
    token = InternalTokenIssuer(house.pen).mint(caller, audience=service)
    return Genuine(claims=claims_of(token), key=house.pen, typ=TYPE)


async def asked(client: ServiceClient, service: str, token: str) -> int:
    sent = b"Internal " + token.encode("utf-8", "surrogatepass")
    answer = await client.http.get(PATHS[service], headers=[(b"authorization", sent)])
    return answer.status_code


@pytest.mark.parametrize("service", PATHS)
class TestEveryService:
    async def test_believes_the_genuine_one(
        self, service: str, house: House, tenancies: Tenancies, service_client: Start
    ) -> None:
        client = await service_client(service)
        status = await asked(client, service, genuine(house, tenancies, service).token)
        assert status not in (400, 401), "otherwise the refusals below would prove nothing"

    async def test_believes_no_forged_one(
        self, service: str, house: House, tenancies: Tenancies, service_client: Start
    ) -> None:
        client = await service_client(service)
        believed: list[str] = []
        for name, forge in FORGERIES.items():
            status = await asked(client, service, forge(genuine(house, tenancies, service)))
            if status != 401:
                believed.append(f"{name}: {status}")
        assert believed == []

    async def test_believes_nobody_for_a_header(
        self, service: str, tenancies: Tenancies, service_client: Start
    ) -> None:
        client = await service_client(service)
        claims = {
            "X-Tamaire-Principal": "official",
            "X-Tenant": str(tenancies.kitami.code),
            "X-Forwarded-User": "root",
            "X-Real-Ip": "127.0.0.1",
            "Authorization": "Bearer x.y.z",
        }
        answer = await client.http.get(PATHS[service], headers=claims)
        assert answer.status_code == 401


def test_there_are_enough_of_them() -> None:
    assert len(FORGERIES) >= 120
