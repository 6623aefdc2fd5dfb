"""Numbers made by the thousand are still numbers of their kind, and none comes twice."""

from uuid import UUID

from foundation.telemetry import TraceContext
from gateway.forwarding.numbers import Numbers


class TestNext:
    def test_are_a_uuid_a_trace_and_a_span(self) -> None:
        numbers = Numbers()
        for _ in range(2_000):
            request_id, trace, span = numbers.next()
            parsed = UUID(request_id)
            assert (parsed.version, str(parsed)) == (7, request_id)
            assert parsed.variant == UUID(int=parsed.int, version=4).variant
            assert TraceContext.continuing(f"00-{trace}-{span}-00").trace_id == trace

    def test_never_come_twice(self) -> None:
        numbers, others = Numbers(), Numbers()
        made = [one.next() for _ in range(5_000) for one in (numbers, others)]
        for column in zip(*made, strict=True):
            assert len(set(column)) == len(made)
