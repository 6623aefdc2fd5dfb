"""Each line is JSON, says which request it is part of, and quotes nobody; libraries' lines too."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from foundation.telemetry import (
    RequestContext,
    TraceContext,
    configure_logging,
    in_request,
    logger,
)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    stream = io.StringIO()
    configure_logging("benefits", stream=stream)
    yield stream
    root.handlers, level = before
    root.setLevel(level)
    structlog.reset_defaults()


def _read(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


class TestOurLines:
    def test_are_json_with_a_level_a_time_and_a_service(self, lines: io.StringIO) -> None:
        logger(__name__).info("roster extracted", rows=3)
        (line,) = _read(lines)
        assert (line["event"], line["rows"]) == ("roster extracted", 3)
        assert (line["level"], line["service"]) == ("info", "benefits")
        assert line["timestamp"].endswith("Z")

    def test_carry_the_numbers_of_the_request(self, lines: io.StringIO) -> None:
        context = RequestContext(
            request_id="01890a5d-ac96-774b-bcce-b302099a8057",
            trace=TraceContext.begin(),
            service="benefits",
            tenant="012084",
            client_id="demo-desk",
        )
        with in_request(context):
            logger(__name__).info("in")
        logger(__name__).info("out")
        inside, outside = _read(lines)
        assert inside["request_id"] == context.request_id
        assert inside["trace_id"] == context.trace.trace_id
        assert (inside["tenant"], inside["client_id"]) == ("012084", "demo-desk")
        assert "request_id" not in outside

    def test_quote_nobody(self, lines: io.StringIO) -> None:
        logger(__name__).warning("refused 北見花子", name="CANARY", note="口座 1234567")
        text = lines.getvalue()
        assert "花子" not in text
        assert "CANARY" not in text
        assert "1234567" not in text

    def test_cannot_be_given_another_requests_number(self, lines: io.StringIO) -> None:
        logger(__name__).info("x", service="forged")
        assert _read(lines)[0]["service"] == "benefits"


class TestExceptions:
    def test_are_told_by_type_and_place_and_never_by_their_words(self, lines: io.StringIO) -> None:
        def refuse() -> None:
            raise ValueError("CANARY Key (name)=(花子) already exists")

        try:
            refuse()
        except ValueError:
            logger(__name__).exception("failed")
        (line,) = _read(lines)
        assert line["exception"]["type"] == "builtins.ValueError"
        assert line["exception"]["at"][-1].endswith(" refuse")
        assert "CANARY" not in lines.getvalue()

    def test_that_speak_of_our_own_code_may_speak(self, lines: io.StringIO) -> None:
        try:
            len(3)  # pyright: ignore[reportArgumentType] - the mistake is the point
        except TypeError:
            logger(__name__).exception("failed")
        assert "has no len()" in _read(lines)[0]["exception"]["message"]

    def test_show_what_caused_them(self, lines: io.StringIO) -> None:
        error = ValueError("CANARY")
        error.__cause__ = KeyError("CANARY")
        logger(__name__).error("failed", exc_info=error)
        assert _read(lines)[0]["exception"]["cause"]["type"] == "builtins.KeyError"
        assert "CANARY" not in lines.getvalue()

    def test_show_each_part_of_a_group(self, lines: io.StringIO) -> None:
        error = ExceptionGroup("CANARY", [ValueError("CANARY"), OSError("CANARY")])
        logger(__name__).error("failed", exc_info=error)
        parts = _read(lines)[0]["exception"]["parts"]
        assert [part["type"] for part in parts] == ["builtins.ValueError", "builtins.OSError"]
        assert "CANARY" not in lines.getvalue()


class TestLinesOfLibraries:
    def test_pass_the_same_sieve(self, lines: io.StringIO) -> None:
        logging.getLogger("somebody.else").warning("user %s token %s", "花子", "eyJhbGciOi.a.b")
        (line,) = _read(lines)
        assert line["event"] == "user *** token ***"
        assert line["service"] == "benefits"

    def test_quote_no_exception(self, lines: io.StringIO) -> None:
        error = ValueError("CANARY")
        logging.getLogger("uvicorn.error").error("Exception in ASGI application", exc_info=error)
        (line,) = _read(lines)
        assert line["exception"]["type"] == "builtins.ValueError"
        assert "CANARY" not in lines.getvalue()
