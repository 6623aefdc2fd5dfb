"""What was found out about a request is used for another only when both are the same to a byte."""

import pytest

from gateway.forwarding.plain import LARGEST_HEAD_BYTES, PlainReader
from gateway.plans import Plan, Plans, around_token, can_be_planned
from gateway.routes import route_of

LINE = b"GET /benefits/v1/x HTTP/1.1\r\nHost: a\r\n"
TOKEN = b"Authorization: Bearer abc\r\n"


def planned(data: bytes, plans: Plans) -> Plan:
    request = PlainReader().read(data)
    assert request is not None
    assert can_be_planned(request)
    route = route_of(request.path)
    assert route is not None
    before, token, after = around_token(data)
    assert token == b"abc"
    plan = Plan(request, route, b" HTTP/1.1\r\nhost: benefits\r\nauthorization: Internal ")
    plans.keep((before, after), plan)
    return plan


class TestPlans:
    def test_finds_the_same_request_with_another_token(self) -> None:
        plans = Plans()
        plan = planned(LINE + TOKEN + b"Accept: a\r\n\r\n", plans)
        data = LINE + b"Authorization: Bearer another.one\r\nAccept: a\r\n\r\n"
        before, token, after = around_token(data)
        assert token == b"another.one"
        assert plans.find((before, after)) is plan

    @pytest.mark.parametrize(
        "other",
        [
            LINE + TOKEN + b"\r\n",
            LINE + TOKEN + b"Accept: b\r\n\r\n",
            LINE + b"Accept: a\r\n" + TOKEN + b"\r\n",
            LINE + b"\r\n" + TOKEN + b"Accept: a\r\n\r\n",
            LINE + TOKEN + b"Accept: a\r\n\r\nx",
            LINE + TOKEN + b"Accept: a\r\n\r",
            LINE + TOKEN + b"Accept: a\r\n\r\n" + LINE + TOKEN + b"\r\n",
            LINE + TOKEN + TOKEN + b"Accept: a\r\n\r\n",
            LINE + b"\r" + TOKEN + b"Accept: a\r\n\r\n",
            LINE.replace(b"/x", b"/y") + TOKEN + b"Accept: a\r\n\r\n",
        ],
    )
    def test_finds_nothing_for_a_request_that_differs(self, other: bytes) -> None:
        plans = Plans()
        planned(LINE + TOKEN + b"Accept: a\r\n\r\n", plans)
        before, _, after = around_token(other)
        assert plans.find((before, after)) is None

    def test_keeps_no_token(self) -> None:
        plan = planned(LINE + TOKEN + b"\r\n", Plans())
        assert plan.request.token is None
        assert b"abc" not in plan.opening + plan.closing

    def test_does_not_grow_for_ever(self) -> None:
        plans = Plans()
        for number in range(3_000):
            planned(LINE.replace(b"/x", b"/%d" % number) + TOKEN + b"\r\n", plans)
        assert len(plans) <= 2_048

    def test_a_token_that_does_not_end_is_none(self) -> None:
        assert around_token(LINE + b"Authorization: Bearer abc")[1] == b""
        assert around_token(LINE + TOKEN + b"a" * LARGEST_HEAD_BYTES)[1] == b""


@pytest.mark.parametrize(
    ("line", "is_plain"),
    [(b"", True), (b"traceparent: 00-a-b-00\r\n", False), (b"Idempotency-Key: k\r\n", False)],
)
def test_what_is_new_each_time_makes_no_plan(line: bytes, is_plain: object) -> None:
    request = PlainReader().read(LINE + TOKEN + line + b"\r\n")
    assert request is not None
    assert can_be_planned(request) is is_plain
