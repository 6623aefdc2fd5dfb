"""Who stands between the crowd and the service in Python: we, and what most would write.

Each is started as `python -m benchmarks.gateway.contenders NAME PORT FOLDER`, in a process of its
own, over the same service on the same unix socket.
"""

import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import uvicorn
from cryptography.hazmat.primitives import serialization
from fastapi import FastAPI, Request, Response

from foundation.database import Database
from foundation.identifiers import MunicipalityCode, TenantId, new_id
from foundation.identity import InternalTokenIssuer, SigningKey
from foundation.identity.key_ring import ACCESS_TOKENS, KeyRing
from foundation.telemetry import Metrics
from foundation.tenancy import Tenancy
from gateway.access import AccessTokens, VerifiedAccess
from gateway.access_logs.book import AccessBook
from gateway.admission import Admission
from gateway.app import Gateway
from gateway.call import Upstream
from gateway.desk_path import DeskPath
from gateway.documentation import Library
from gateway.express import Express
from gateway.fairness import Gate, GateLimits, Share
from gateway.forwarding.exchange import Deadlines, Receive, Send
from gateway.forwarding.pool import Address, Pool, PoolLimits
from gateway.health import Readiness
from gateway.house import House
from gateway.limits import Rate, RateLimits
from gateway.openapi import Description
from gateway.proxy import Proxy
from gateway.screening import Screening
from gateway.server import configuration, settle
from gateway.switches.signs import Switches
from gateway.tenants import Municipality, TenantDirectory
from gateway.token_cache import PROVEN_FOR_SECONDS, InternalTokens, TokenCache
from gateway.ways import Way

from .log import log_of

_ISSUER: Final = "http://127.0.0.1"


def own_command(name: str, port: int, folder: Path) -> list[str]:
    """Return how to start one of our own contenders in a process of its own."""
    return [sys.executable, "-m", "benchmarks.gateway.contenders", name, str(port), str(folder)]


def write_tokens(key: SigningKey, folder: Path, *, known: int, fresh: int) -> None:
    """Write the tokens the crowd will bring, and the public key as a PEM file."""
    (folder / "access.public.pem").write_bytes(public_pem(folder / "access.pem"))
    with (folder / "tokens").open("w", encoding="ascii") as file:
        for number in range(known + fresh):
            file.write(access_token(key, number) + "\n")


def public_pem(private: Path) -> bytes:
    """Return the public half of a private key in a PEM file."""
    key = serialization.load_pem_private_key(private.read_bytes(), password=None)
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def access_token(key: SigningKey, number: int) -> str:
    """Return a token as the gateway gives it to an official."""
    issued_at = int(time.time())
    claims = {
        "iss": _ISSUER,
        "aud": _ISSUER,
        "sub": f"clerk-{number:06}",
        "tenant": "012084",
        "kind": "official",
        "client_id": "demo-desk",
        "scope": "openid benefits:read benefits:write",
        "roles": ["benefits_officer"],
        "acr": "aal2",
        "auth_time": issued_at,
        "sid": str(new_id()),
        "jti": str(new_id()),
        "iat": issued_at,
        "exp": issued_at + 600,
    }
    return key.sign(claims, typ="at+jwt")


_KITAMI: Final = Municipality(
    tenancy=Tenancy(TenantId(1), MunicipalityCode.parse("012084")),
    kind="municipality",
    name="北見市",
    name_kana="",
    prefecture_name="",
    status="live",
)


@dataclass(frozen=True, slots=True)
class _Published:
    """The published interface, as far as the access log reads it."""

    document: dict[str, Any]


async def _interface() -> _Published:
    paths = {
        "/benefits/v1/programmes": {"get": {"operationId": "list_programmes"}},
        "/benefits/v1/programmes/{programme_id}": {"get": {"operationId": "read_programme"}},
    }
    return _Published({"paths": paths})


class _Unrevoked:
    def is_revoked(self, access: VerifiedAccess) -> bool:
        del access
        return False

    def as_of(self) -> int:
        return 0


async def _no_desk(scope: Any, receive: Receive, send: Send) -> None:
    del receive, send
    raise RuntimeError(f"The benchmark asks the services only, not {scope['path']}.")


@asynccontextmanager
async def _open_house(folder: Path, *, remembering: bool) -> AsyncGenerator[House]:
    keys = KeyRing.load_or_create(folder, ACCESS_TOKENS)
    tokens = AccessTokens(keys, issuer=_ISSUER, tenants=TenantDirectory([_KITAMI]))
    database = await Database.open(log_of(folder), application_name="gateway", size=2)
    book = AccessBook(database)
    book.follow(_interface)
    pool = Pool(Address.parse(f"unix:{folder}/service.sock"), PoolLimits())
    upstream = Upstream(pool)
    description = Description({"benefits": ("benefits", upstream)}, dict, issuer="")
    share = Share(at_once=PoolLimits().size)
    ways = {"benefits": Way(pool=pool, gate=Gate(GateLimits(slots=PoolLimits().size, share=share)))}
    good_for = PROVEN_FOR_SECONDS if remembering else 0.0
    screening = Screening(
        Admission(
            TokenCache(tokens, _Unrevoked(), good_for=good_for),
            InternalTokens(InternalTokenIssuer(SigningKey.generate("Ed25519"))),
        ),
        RateLimits(Rate(per_second=1_000_000, burst=1_000_000)),
        switches=Switches(),
    )
    metrics = Metrics("gateway")
    settle()
    await book.start()
    yield House(
        proxy=Proxy(ways, screening, deadlines=Deadlines(), book=book),
        express=Express(ways, screening, metrics, deadlines=Deadlines(), book=book),
        desk=DeskPath(_no_desk),
        readiness=Readiness({}),
        library=Library(description),
        metrics=metrics,
    )
    await book.stop()
    pool.close()
    await database.close()


def serve_gateway(port: int, folder: Path, *, remembering: bool) -> None:
    """Serve our own data path as it is in production, or with every token verified anew."""
    application = Gateway(lambda: _open_house(folder, remembering=remembering))
    uvicorn.Server(configuration(application, host="127.0.0.1", port=port)).run()


def serve_catch_all(port: int, folder: Path) -> None:
    """Serve what most would write: a FastAPI catch-all route over one shared httpx client."""
    transport = httpx.AsyncHTTPTransport(
        uds=str(folder / "service.sock"), limits=httpx.Limits(max_connections=72)
    )
    client = httpx.AsyncClient(transport=transport, base_url="http://service")
    application = FastAPI()

    @application.api_route("/{path:path}", methods=["GET", "POST", "PUT", "DELETE"])
    async def carry(path: str, request: Request) -> Response:
        answer = await client.request(
            request.method,
            f"/{path}",
            params=request.query_params,
            headers={"accept": request.headers.get("accept", "*/*")},
            content=await request.body(),
        )
        return Response(answer.content, answer.status_code, dict(answer.headers))

    uvicorn.run(application, host="127.0.0.1", port=port, access_log=False, log_config=None)


def main(arguments: list[str]) -> None:
    """Serve one contender until told to stop."""
    name, port, folder = arguments[0], int(arguments[1]), Path(arguments[2])
    match name:
        case "gateway":
            serve_gateway(port, folder, remembering=True)
        case "uncached":
            serve_gateway(port, folder, remembering=False)
        case "catch-all":
            serve_catch_all(port, folder)
        case _:
            raise SystemExit(f"No contender is called {name}.")


if __name__ == "__main__":
    main(sys.argv[1:])
