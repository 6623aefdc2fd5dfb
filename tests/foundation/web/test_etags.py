"""A change names the version it changes, in the one form we give out."""

import pytest
from starlette.requests import Request

from foundation.problems import MalformedRequest, PreconditionFailed, PreconditionRequired, Problem
from foundation.web import etag
from foundation.web.etags import if_match


def _request(*values: str) -> Request:
    headers = [(b"if-match", value.encode()) for value in values]
    return Request({"type": "http", "headers": headers})


class TestIfMatch:
    async def test_reads_back_what_was_given_out(self) -> None:
        assert await if_match(_request(etag(3))) == 3

    @pytest.mark.parametrize(
        ("values", "refusal"),
        [
            ((), PreconditionRequired),
            (("*",), PreconditionRequired),
            (('W/"3"',), PreconditionFailed),
            (('"3", "4"',), PreconditionFailed),
            (('"3"', '"4"'), PreconditionFailed),
            (('"abc"',), PreconditionFailed),
            (('"0"',), PreconditionFailed),
            (('"99999999999"',), PreconditionFailed),
            (("3",), MalformedRequest),
            (("",), MalformedRequest),
        ],
        ids=str,
    )
    async def test_refuses_everything_else(
        self, values: tuple[str, ...], refusal: type[Problem]
    ) -> None:
        with pytest.raises(refusal):
            await if_match(_request(*values))
