"""Every answer has its number, its safety headers and its line in the log; none names a person."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest
import structlog
from starlette.types import Receive, Scope, Send

from foundation.problems import MEDIA_TYPE
from foundation.telemetry import Metrics, configure_logging
from foundation.web.middleware import FailureMiddleware, RequestMiddleware
from tests.foundation.web.conftest import Office

NOTES = "/benefits/v1/notes"
NUMBER = "01890a5d-ac96-774b-bcce-b302099a8057"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
def lines(office: Office) -> Iterator[io.StringIO]:
    del office  # its creation configured the log; ours comes after
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    stream = io.StringIO()
    configure_logging("benefits", stream=stream)
    yield stream
    root.handlers, level = before
    root.setLevel(level)
    structlog.reset_defaults()


def _answered(stream: io.StringIO) -> list[dict[str, Any]]:
    read = [json.loads(line) for line in stream.getvalue().splitlines()]
    return [line for line in read if line["event"] == "answered"]


class TestEveryAnswer:
    async def test_has_a_number(self, office: Office) -> None:
        response = await office.client.http.get("/nowhere")
        assert UUID(response.headers["x-request-id"]).version == 7

    async def test_keeps_the_number_the_request_came_with(self, office: Office) -> None:
        response = await office.client.http.get("/livez", headers={"X-Request-Id": NUMBER})
        assert response.headers["x-request-id"] == NUMBER

    @pytest.mark.parametrize("number", ["1", "x" * 36, "花子", '"><script>'])
    async def test_takes_no_number_that_is_none(self, office: Office, number: str) -> None:
        response = await office.client.http.get(
            "/livez", headers=[(b"X-Request-Id", number.encode())]
        )
        assert response.headers["x-request-id"] != number
        assert UUID(response.headers["x-request-id"])

    @pytest.mark.parametrize("path", [NOTES, "/nowhere", "/livez", "/openapi.json"])
    async def test_is_not_stored_sniffed_or_framed(self, office: Office, path: str) -> None:
        headers = (await office.clerk().get(path)).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"


class TestTheLog:
    async def test_tells_the_operation_and_not_the_address(
        self, office: Office, lines: io.StringIO
    ) -> None:
        await office.reader().get(
            f"{NOTES}/{NUMBER}?name=CANARY", headers={"traceparent": f"00-{TRACE}-{'1' * 16}-01"}
        )
        (line,) = _answered(lines)
        assert (line["operation"], line["status"]) == ("benefits_read_note", 422)
        assert (line["tenant"], line["client_id"]) == ("012084", "demo-desk")
        assert line["trace_id"] == TRACE
        assert "CANARY" not in lines.getvalue()
        assert NUMBER not in lines.getvalue()

    async def test_quotes_neither_body_nor_token(self, office: Office, lines: io.StringIO) -> None:
        await office.clerk().post(f"{NOTES}/failing", json={"text": "unexpected"})
        assert "CANARY" not in lines.getvalue()
        assert "eyJ" not in lines.getvalue()
        assert "RuntimeError" in lines.getvalue()

    async def test_is_not_filled_by_those_who_only_ask_after_our_health(
        self, office: Office, lines: io.StringIO
    ) -> None:
        for path in ("/livez", "/readyz", "/metrics"):
            await office.client.http.get(path)
        assert _answered(lines) == []


class TestTheFigures:
    async def test_count_operations_of_a_municipality(self, office: Office) -> None:
        await office.clerk().get(NOTES)
        await office.client.http.get(NOTES)
        await office.client.http.get("/nowhere")
        text = (await office.client.http.get("/metrics")).text
        base = 'tamaire_requests_total{operation="benefits_list_notes",service="benefits"'
        assert f'{base},status="2xx",tenant="012084"}} 1.0' in text
        assert f'{base},status="4xx",tenant="none"}} 1.0' in text
        assert 'operation="unmatched",service="benefits",status="4xx",tenant="none"} 1.0' in text


class TestFailureMiddleware:
    async def test_turns_the_unforeseen_into_a_problem(self) -> None:
        async def broken(_: Scope, __: Receive, ___: Send) -> None:
            raise RuntimeError("CANARY")

        app = RequestMiddleware(FailureMiddleware(broken), service="x", metrics=Metrics("x"))
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            response = await client.get("/")
        assert (response.status_code, response.headers["content-type"]) == (500, MEDIA_TYPE)
        assert "CANARY" not in response.text

    async def test_breaks_off_an_answer_that_had_begun(self) -> None:
        async def halfway(_: Scope, __: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            raise RuntimeError("CANARY")

        transport = httpx.ASGITransport(app=FailureMiddleware(halfway))
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            with pytest.raises(RuntimeError):
                await client.get("/")
