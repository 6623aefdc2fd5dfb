"""The server around the gateway: it stops without dropping what it has begun."""

import asyncio
import gc
import socket
from pathlib import Path

import httpx
import uvicorn

from gateway.server import OPTIONS, configuration, settle
from tests.support.forwarding import Manner, open_door
from tests.support.wire import Asked


class TestShutdown:
    async def test_answers_what_has_begun_and_takes_nothing_new(self, tmp_path: Path) -> None:
        heard, go_on = asyncio.Event(), asyncio.Event()

        async def deliberate(asked: Asked) -> None:
            while await asked.head():
                heard.set()
                await go_on.wait()
                await asked.answer(b"done")

        async with open_door(tmp_path, Manner(script=deliberate)) as door:
            listening = socket.create_server(("127.0.0.1", 0))
            base = f"http://127.0.0.1:{listening.getsockname()[1]}"
            config = configuration(door.gateway)
            config.lifespan = "off"  # the door has opened the house already
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            headers = {"Authorization": "Bearer 012084"}
            async with httpx.AsyncClient(base_url=base, headers=headers) as client:
                asking = asyncio.create_task(client.get("/benefits/v1/x"))
                await heard.wait()
                server.should_exit = True
                await asyncio.sleep(0.2)
                assert not serving.done()
                go_on.set()
                answer = await asking
                assert (answer.status_code, answer.text) == (200, "done")
                assert answer.headers["connection"] == "close"
                await serving
                try:
                    await client.get("/livez")
                except httpx.ConnectError:
                    return
        raise AssertionError("somebody was still let in")


class TestOptions:
    def test_take_nobodys_word_on_an_address(self) -> None:
        assert OPTIONS["proxy_headers"] is False

    def test_write_no_address_into_a_log(self) -> None:
        assert OPTIONS["access_log"] is False

    def test_end_a_stop_before_whoever_stops_us_loses_patience(self) -> None:
        assert 0 < OPTIONS["timeout_graceful_shutdown"] < 30


class TestSettle:
    def test_leaves_what_stands_out_of_the_collectors_sight(self) -> None:
        threshold = gc.get_threshold()
        try:
            settle()
            assert gc.get_freeze_count() > 0
        finally:
            gc.unfreeze()
            gc.set_threshold(*threshold)
