"""Who stands between the crowd and the service: nobody, we, and two others.

Each is started as `python -m benchmarks.gateway.contenders NAME PORT FOLDER`, in a process of its
own, over the same service on the same unix socket.
"""

import asyncio
import os
import shutil
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
import uvloop
from fastapi import FastAPI, Request, Response
from typing_extensions import override

from foundation.clock import now
from foundation.identifiers import MunicipalityCode, TenantId
from foundation.identity import (
    Caller,
    InternalTokenIssuer,
    KeySet,
    Official,
    Role,
    SigningKey,
)
from foundation.telemetry import Metrics
from foundation.tenancy import Tenancy
from gateway.access import VerifiedAccess
from gateway.admission import Admission
from gateway.app import Gateway
from gateway.call import Upstream
from gateway.desk_path import DeskPath
from gateway.documentation import Library
from gateway.forwarding.exchange import Deadlines, Receive, Send
from gateway.forwarding.pool import Address, Pool, PoolLimits
from gateway.health import Readiness
from gateway.house import House
from gateway.limits import ConcurrencyLimits, Rate, RateLimits
from gateway.openapi import Description
from gateway.proxy import Proxy
from gateway.server import configuration, settle
from gateway.token_cache import InternalTokens, TokenCache

_ANSWER = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 512\r\n\r\n"
    b'{"items":["' + b"x" * 498 + b'"]}'
)
_NGINX = """
daemon off; {user}worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  upstream service {{ server unix:{folder}/service.sock; keepalive 64; }}
  server {{
    listen 127.0.0.1:{port}; keepalive_requests 10000000;
    location / {{
      proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection "";
    }}
  }}
}}
"""


class _Service(asyncio.Protocol):
    """The fastest service there can be, so that what is measured is what stands before it."""

    _transport: asyncio.Transport | None = None
    _received = b""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A stream transport is what create_server promises for a Protocol.
        self._transport = transport  # pyright: ignore[reportAttributeAccessIssue]

    @override
    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received and self._transport is not None:
            self._received = self._received.partition(b"\r\n\r\n")[2]
            self._transport.write(_ANSWER)


async def serve_service(port: int, folder: Path) -> None:
    """Serve the fixed answer on a port, for the direct way, and on the unix socket."""
    loop = asyncio.get_running_loop()
    behind = await loop.create_unix_server(_Service, str(folder / "service.sock"))
    direct = await loop.create_server(_Service, "127.0.0.1", port)
    await asyncio.gather(behind.serve_forever(), direct.serve_forever())


def access_token(key: SigningKey) -> str:
    """Return a token as the gateway gives it."""
    expires_at = int(time.time()) + 600
    return key.sign({"sub": "clerk", "tenant": "012084", "exp": expires_at}, typ="at+jwt")


class _Tokens:
    """Verifies the signature as the gateway does; the directory of municipalities is not asked."""

    def __init__(self, keys: KeySet) -> None:
        self._keys = keys

    def verify(self, token: str) -> VerifiedAccess:
        claims = self._keys.verify(token, typ="at+jwt", algorithm="ES256")
        official = Official(
            subject=claims["sub"],
            client_id="demo-desk",
            scopes=frozenset({"benefits:read"}),
            roles=frozenset({Role.BENEFITS_OFFICER}),
            acr="aal2",
            auth_time=now().replace(microsecond=0, second=0),
            session_id="s",
        )
        tenancy = Tenancy(TenantId(1), MunicipalityCode.parse(claims["tenant"]))
        caller = Caller(principal=official, tenancy=tenancy)
        return VerifiedAccess(caller, "t", float(claims["exp"]))


class _Unrevoked:
    def is_revoked(self, access: VerifiedAccess) -> bool:
        del access
        return False


async def _no_desk(scope: Any, receive: Receive, send: Send) -> None:
    del receive, send
    raise RuntimeError(f"The benchmark asks the services only, not {scope['path']}.")


@asynccontextmanager
async def _open_house(folder: Path) -> AsyncGenerator[House]:
    key = SigningKey.load(folder / "access.pem")
    pool = Pool(Address.parse(f"unix:{folder}/service.sock"), PoolLimits())
    upstream = Upstream(pool)
    rate = Rate(per_second=1_000_000, burst=1_000_000)
    description = Description({"benefits": ("benefits", upstream)}, dict, issuer="")
    settle()
    yield House(
        proxy=Proxy(
            {"benefits": pool},
            Admission(
                TokenCache(_Tokens(KeySet.of(key)), _Unrevoked()),
                InternalTokens(InternalTokenIssuer(SigningKey.generate("Ed25519"))),
            ),
            RateLimits(rate),
            ConcurrencyLimits(1_000),
            deadlines=Deadlines(),
        ),
        desk=DeskPath(_no_desk),
        readiness=Readiness({}),
        library=Library(description),
        metrics=Metrics("gateway"),
    )
    pool.close()


def serve_gateway(port: int, folder: Path) -> None:
    """Serve our own data path, as it is in production."""
    application = Gateway(lambda: _open_house(folder))
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


def nginx_command(port: int, folder: Path) -> list[str] | None:
    """Return how to start nginx as a plain proxy, without any check; None where it is missing."""
    binary = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin") or shutil.which(
        "nginx"
    )
    if binary is None:
        return None
    configured = folder / "nginx.conf"
    # Started by root it would otherwise become a user who may not open the folder.
    user = "user root; " if os.geteuid() == 0 else ""
    configured.write_text(_NGINX.format(folder=folder, port=port, user=user), encoding="utf-8")
    return [binary, "-c", str(configured), "-p", str(folder)]


def main(arguments: list[str]) -> None:
    """Serve one contender until told to stop."""
    name, port, folder = arguments[0], int(arguments[1]), Path(arguments[2])
    match name:
        case "service":
            uvloop.run(serve_service(port, folder))
        case "gateway":
            serve_gateway(port, folder)
        case "catch-all":
            serve_catch_all(port, folder)
        case _:
            raise SystemExit(f"No contender is called {name}.")


if __name__ == "__main__":
    main(sys.argv[1:])
