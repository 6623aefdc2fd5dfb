"""How an answer is put into bytes: refusals as documents, streams drawn before they are sent."""

import json

from starlette.responses import Response, StreamingResponse

from foundation.problems import MEDIA_TYPE, Problem, instance_of
from foundation.telemetry import current_context

from .event_stream import EventStream


def problem_response(problem: Problem) -> Response:
    """Return a refusal as `application/problem+json`, under the number of its request."""
    context = current_context()
    instance = instance_of(context.request_id) if context is not None else None
    content = json.dumps(problem.document(instance=instance), ensure_ascii=False)
    return Response(
        content.encode(),
        status_code=int(problem.status),
        headers=dict(problem.headers),
        media_type=MEDIA_TYPE,
    )


async def drawn(response: Response) -> Response:
    """Return the response with its whole body in hand.

    A stream would be produced after the commit, when the transaction it reads from has ended and
    its failure could no longer be told. A file of transfers is a few megabytes. Only what tells how
    something goes on is let through: it has transactions of its own.
    """
    if not isinstance(response, StreamingResponse) or isinstance(response, EventStream):
        return response
    parts = [
        part.encode(response.charset) if isinstance(part, str) else bytes(part)
        async for part in response.body_iterator
    ]
    whole = Response(
        b"".join(parts), status_code=response.status_code, background=response.background
    )
    kept = [(name, value) for name, value in response.raw_headers if name != b"content-length"]
    whole.raw_headers = [*kept, (b"content-length", str(len(whole.body)).encode())]
    return whole
