"""A trace is continued when it is one, and begun anew when it is not; never refused."""

import re

import pytest
from hypothesis import given, strategies as st

from foundation.telemetry import RequestContext, TraceContext

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"


class TestContinuing:
    def test_keeps_the_trace_and_makes_a_span_of_its_own(self) -> None:
        trace = TraceContext.continuing(f"00-{TRACE}-{PARENT}-01")
        assert (trace.trace_id, trace.parent_id, trace.sampled) == (TRACE, PARENT, True)
        assert trace.span_id != PARENT

    def test_reads_a_later_version_as_far_as_it_knows_it(self) -> None:
        assert TraceContext.continuing(f"01-{TRACE}-{PARENT}-00-more").trace_id == TRACE

    @pytest.mark.parametrize(
        "header",
        [
            None,
            "",
            f"ff-{TRACE}-{PARENT}-01",
            f"00-{'0' * 32}-{PARENT}-01",
            f"00-{TRACE}-{'0' * 16}-01",
            f"00-{TRACE}-{PARENT}-01-more",
            f"00-{TRACE.upper()}-{PARENT}-01",
            f"00-{TRACE}-{PARENT}",
        ],
    )
    def test_begins_anew_when_the_header_is_unusable(self, header: str | None) -> None:
        trace = TraceContext.continuing(header)
        assert trace.trace_id != TRACE
        assert trace.parent_id is None

    @given(st.text())
    def test_always_gives_a_usable_header(self, header: str) -> None:
        given_on = TraceContext.continuing(header).traceparent
        assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]", given_on)


class TestOutgoingHeaders:
    def test_name_our_span_as_the_parent(self) -> None:
        trace = TraceContext.continuing(f"00-{TRACE}-{PARENT}-01")
        headers = RequestContext(request_id="r", trace=trace, service="s").outgoing_headers()
        assert headers["traceparent"] == f"00-{TRACE}-{trace.span_id}-01"
        assert headers["x-request-id"] == "r"
