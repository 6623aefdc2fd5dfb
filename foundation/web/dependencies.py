"""What an endpoint may ask for, each by a name that reads as a sentence in its signature."""

from typing import Annotated

from fastapi import Depends, Query
from starlette.requests import Request

from foundation.work import Work

from .spool import Spool

MOST_ITEMS = 200


async def current_work(request: Request) -> Work:
    """Return the piece of work this request is; the route opened it."""
    work: Work = request.state.work
    return work


async def raw_body(request: Request) -> bytes:
    """Return the body as it came; for documents that are not JSON, such as CSV."""
    return await request.body()


async def spooled_body(request: Request) -> Spool:
    """Return the body as it lies on disk; for documents as large as a register."""
    spool: Spool = request.state.spool
    return spool


CurrentWork = Annotated[Work, Depends(current_work)]

RawBody = Annotated[bytes, Depends(raw_body)]

SpooledBody = Annotated[Spool, Depends(spooled_body)]

Limit = Annotated[int, Query(ge=1, le=MOST_ITEMS, description="1 ページの件数(最大 200)。")]

CursorText = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=512,
        pattern=r"^[A-Za-z0-9_=-]+$",
        description="前のページの next_cursor。",
    ),
]
