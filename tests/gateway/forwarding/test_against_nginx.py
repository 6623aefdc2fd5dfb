"""Of an ambiguous request no more reaches a service through our door than through nginx.

The quick form holds our door against what nginx was seen to do (`nginx_verdicts.json`); the slow
one asks Debian's nginx itself: `.venv/bin/pytest tests/gateway/forwarding/test_against_nginx.py
-m slow -s`.
"""

import asyncio
import json
import re
import shutil
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.gateway.forwarding.wire_cases import CASES, Case
from tests.support.forwarding import Door
from tests.support.wire import Asked, Service

OpenDoor = Callable[..., Awaitable[Door]]
RECORDED = Path(__file__).with_name("nginx_verdicts.json")
QUIET_SECONDS = 0.4
_CONFIGURATION = """
daemon off; master_process off; worker_processes 1; error_log {room}/error.log; pid {room}/pid;
events {{ worker_connections 64; }}
http {{
  access_log off; client_body_temp_path {room}/body; proxy_temp_path {room}/proxy;
  fastcgi_temp_path {room}/f; uwsgi_temp_path {room}/u; scgi_temp_path {room}/s;
  upstream service {{ server unix:{socket}; keepalive 4; }}
  server {{
    listen 127.0.0.1:{port};
    client_header_timeout 2s; client_body_timeout 2s;
    location / {{
      proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_read_timeout 2s;
    }}
  }}
}}
"""


@dataclass(slots=True)
class Witness:
    """A service that writes down what reached it, one line for each request."""

    seen: list[str]

    async def __call__(self, asked: Asked) -> None:
        while True:
            head = await asked.head()
            if not head:
                return
            body = await _body(asked, head.lower())
            verb, target, *_ = head.decode("latin-1").split(" ")
            self.seen.append(f"{verb} {target} {len(body)}")
            await asked.answer(b"{}")


async def _body(asked: Asked, head: bytes) -> bytes:
    length = re.search(rb"content-length: ([0-9]+)", head)
    if b"transfer-encoding: chunked" not in head:
        return await asked.reader.readexactly(int(length[1])) if length else b""
    pieces: list[bytes] = []
    while size := int(await asked.reader.readuntil(b"\r\n"), 16):
        pieces.append((await asked.reader.readexactly(size + 2))[:-2])
    await asked.reader.readuntil(b"\r\n")
    return b"".join(pieces)


async def sent(port: int, case: Case, witness: Witness) -> tuple[list[str], list[int]]:
    """Send a case; return what reached the service, and the statuses that came back."""
    witness.seen.clear()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(case.raw.encode("latin-1"))
    answered = bytearray()
    try:
        while True:
            async with asyncio.timeout(QUIET_SECONDS):
                piece = await reader.read(65_536)
            if not piece:
                break
            answered += piece
    except (TimeoutError, ConnectionError):
        pass
    finally:
        writer.transport.abort()
    await asyncio.sleep(0.02)
    statuses = [int(found) for found in re.findall(rb"HTTP/1\.1 (\d{3}) ", answered)]
    return list(witness.seen), statuses


def surplus(ours: list[str], theirs: list[str]) -> list[str]:
    """Return what reached the service through our door only."""
    return list((Counter(ours) - Counter(theirs)).elements())


@contextmanager
def nginx(room: Path, behind: Path, port: int) -> Generator[None]:
    """Run Debian's nginx before a service."""
    binary = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    assert binary is not None, "apt-get install nginx-light"
    configuration = room / "nginx.conf"
    configuration.write_text(
        _CONFIGURATION.format(room=room, socket=behind, port=port), encoding="utf-8"
    )
    process = subprocess.Popen(
        [binary, "-p", str(room), "-c", str(configuration)], stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


async def verdicts_of_nginx(room: Path) -> dict[str, list[str]]:
    """Send every case through nginx; return what reached the service of each."""
    witness = Witness([])
    service = Service(room / "service.sock", witness)
    await service.open()
    found: dict[str, list[str]] = {}
    try:
        with nginx(room, service.path, port := _free_port()):
            await asyncio.to_thread(_wait_for, port)
            for case in CASES:
                found[case.name], _ = await sent(port, case, witness)
    finally:
        await service.close()
    return found


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError("nginx did not start")


class TestEveryCase:
    def test_has_a_recorded_verdict(self) -> None:
        assert set(json.loads(RECORDED.read_text("utf-8"))) == {case.name for case in CASES}
        assert len(CASES) >= 40

    async def test_brings_no_more_to_a_service_than_nginx_lets_through(
        self, opened: OpenDoor
    ) -> None:
        recorded: dict[str, list[str]] = json.loads(RECORDED.read_text("utf-8"))
        witness = Witness([])
        door = await opened(script=witness)
        more: dict[str, list[str]] = {}
        unanswered: list[str] = []
        for case in CASES:
            seen, statuses = await sent(door.port, case, witness)
            if found := surplus(seen, recorded[case.name]):
                more[case.name] = found
            if len(seen) > statuses.count(200):
                unanswered.append(case.name)
        assert more == {}
        assert unanswered == []

    async def test_that_is_in_order_is_served(self, opened: OpenDoor) -> None:
        witness = Witness([])
        door = await opened(script=witness)
        for case in CASES[-3:]:
            seen, statuses = await sent(door.port, case, witness)
            assert statuses == [200] * len(seen)
            assert seen

    @pytest.mark.slow
    async def test_is_still_read_so_by_nginx(self, opened: OpenDoor, tmp_path: Path) -> None:
        room = tmp_path / "nginx"
        room.mkdir()
        live = await verdicts_of_nginx(room)
        witness = Witness([])
        door = await opened(script=witness)
        stricter = 0
        for case in CASES:
            seen, _ = await sent(door.port, case, witness)
            assert surplus(seen, live[case.name]) == [], case.name
            stricter += seen != live[case.name]
        print(f"\n  {len(CASES)} cases: same as nginx {len(CASES) - stricter}, stricter {stricter}")  # noqa: T201 - figures are what this form is for
