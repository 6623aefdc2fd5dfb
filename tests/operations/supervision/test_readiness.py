"""Ready is what the gateway calls ready; anything else, silence included, is not."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from typing_extensions import override

from operations.supervision.readiness import Readiness, ask, fetch


@contextmanager
def gateway(status: int, body: bytes) -> Generator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


class TestAsk:
    def test_believes_a_200(self) -> None:
        with gateway(200, b"{}") as port:
            assert ask(port) == Readiness(is_ready=True)

    def test_names_what_the_gateway_waits_for(self) -> None:
        with gateway(503, b'{"waiting_for": ["benefits", "database"]}') as port:
            assert ask(port) == Readiness(is_ready=False, unready=("benefits", "database"))

    @pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"waiting_for": 3}'])
    def test_does_not_stumble_over(self, body: bytes) -> None:
        with gateway(502, body) as port:
            assert ask(port) == Readiness(is_ready=False)

    def test_takes_silence_for_a_no(self) -> None:
        assert ask(9) == Readiness(is_ready=False)


class TestFetch:
    def test_returns_the_document_as_it_is(self) -> None:
        with gateway(200, "給付".encode()) as port:
            assert fetch(port, "/openapi.json") == "給付"
