"""The simulator as `operations` starts it, and the web server of a relying party beside it."""

import asyncio
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest
from joserfc.jwk import ECKey
from typing_extensions import override

from tests.infra.identity.world import GATEWAY

ROOT = Path(__file__).parents[3]
START_SECONDS = 20.0
COMMAND = (sys.executable, "-m", "uvicorn", "infra.identity.app:create", "--factory")


@contextmanager
def running(directory: Path, jwks_uri: str) -> Generator[str]:
    """The simulator as `operations` starts it."""
    lists = directory / "clients.json"
    registered = lists.read_text("utf-8")
    lists.write_text(registered.replace(f"{GATEWAY}/oauth/client-jwks.json", jwks_uri), "utf-8")
    port = free_port()
    process = subprocess.Popen(
        [
            *COMMAND,
            *("--port", str(port), "--log-level", "warning"),
        ],
        env=variables(directory, port),
        cwd=ROOT,
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(START_SECONDS)


@contextmanager
def published(key: ECKey) -> Generator[str]:
    """A relying party's own web server with its public key."""
    content = json.dumps({"keys": [key.as_dict(private=False)]}).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(content)

        @override
        def log_message(self, format: str, *args: object) -> None:
            """A test's output is its result."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/jwks.json"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def variables(directory: Path, port: int) -> dict[str, str]:
    return {
        "TAMAIRE_SIMULATOR_ENVIRONMENT": "development",
        "TAMAIRE_SIMULATOR_DIRECTORY": str(directory),
        "TAMAIRE_SIMULATOR_PORT": str(port),
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def wait_for(browser: httpx.AsyncClient, url: str) -> dict[str, str]:
    """The JSON at `url`, once somebody listens there."""
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            return (await browser.get(url)).json()
        except httpx.ConnectError:
            if time.monotonic() > end:
                pytest.fail("the simulator did not start in time")
            await asyncio.sleep(0.05)
