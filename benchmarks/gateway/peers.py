"""What others would put where our gateway stands, each configured as its own manual recommends."""

import os
import shutil
import sys
from pathlib import Path
from typing import Final

PEERS: Final = Path(__file__).parents[1] / "peers"

_NGINX = """
daemon off; {user}worker_processes 1; pid {folder}/{name}.pid; error_log {folder}/{name}.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  keepalive_requests 100000000;
  {rest}
}}
"""
_SERVICE = """
  server {{
    listen unix:{folder}/service.sock; default_type application/json;
    location / {{ return 200 '{body}'; }}
  }}
"""
_PROXY = """
  upstream service {{ server unix:{folder}/service.sock; keepalive 64; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection "";
    }}
  }}
"""
_HAPROXY = """
global
  nbthread 1
  maxconn 1024
defaults
  mode http
  timeout connect 1s
  timeout client 30s
  timeout server 30s
  http-reuse always
frontend door
  bind 127.0.0.1:{port}
  http-request set-var(txn.token) http_auth_bearer
  http-request set-var(txn.alg) var(txn.token),jwt_header_query('$.alg')
  http-request set-var(txn.exp) var(txn.token),jwt_payload_query('$.exp','int')
  http-request set-var(txn.now) date()
  http-request deny deny_status 401 unless {{ var(txn.alg) -m str ES256 }}
  http-request deny deny_status 401 unless {{ var(txn.token),jwt_verify(txn.alg,"{key}") 1 }}
  http-request deny deny_status 401 if {{ var(txn.exp),sub(txn.now) -m int lt 0 }}
  default_backend service
backend service
  server one unix@{folder}/service.sock pool-max-conn -1
"""
_BODY = '{"items":["' + "x" * 498 + '"]}'


def service_command(folder: Path) -> list[str]:
    """Return how to start the service behind everybody: nginx, which answers a fixed document."""
    return _nginx(folder, "service", _SERVICE.format(folder=folder, body=_BODY))


def nginx_command(port: int, folder: Path) -> list[str]:
    """Return how to start nginx as a plain proxy, without any check."""
    return _nginx(folder, "proxy", _PROXY.format(folder=folder, port=port))


def haproxy_command(port: int, folder: Path) -> list[str]:
    """Return how to start HAProxy, which verifies every token's signature and lifetime."""
    configured = folder / "haproxy.cfg"
    key = folder / "access.public.pem"
    configured.write_text(_HAPROXY.format(folder=folder, port=port, key=key), encoding="utf-8")
    return [_tool("haproxy"), "-db", "-q", "-f", str(configured)]


def fastify_command(port: int, folder: Path) -> list[str]:
    """Return how to start Fastify with its proxy and verification that remembers tokens."""
    if not (PEERS / "node_modules").is_dir():
        raise FileNotFoundError("the packages of benchmarks/peers")
    script, key = PEERS / "fastify.mjs", folder / "access.public.pem"
    return [_tool("node"), str(script), str(port), str(folder / "service.sock"), str(key)]


def catch_all_command(port: int, folder: Path) -> list[str]:
    """Return how to start what most would write in Python."""
    return [
        sys.executable,
        "-m",
        "benchmarks.gateway.contenders",
        "catch-all",
        str(port),
        str(folder),
    ]


def _nginx(folder: Path, name: str, rest: str) -> list[str]:
    configured = folder / f"{name}.conf"
    # Started by root it would otherwise become a user who may not open the folder.
    user = "user root; " if os.geteuid() == 0 else ""
    configured.write_text(
        _NGINX.format(folder=folder, name=name, user=user, rest=rest), encoding="utf-8"
    )
    return [_tool("nginx"), "-c", str(configured), "-p", str(folder)]


def _tool(name: str) -> str:
    """Return where a program is.

    Raises:
        FileNotFoundError: it is not installed; the contender is then left out, and the table says
            so.
    """
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if found is None:
        raise FileNotFoundError(name)
    return found
