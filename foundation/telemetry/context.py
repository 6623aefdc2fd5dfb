"""What every line of a log says about the request it belongs to, without naming a person."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from .traces import TraceContext


@dataclass(slots=True, kw_only=True)
class RequestContext:
    """One request as the logs know it; tenant and client are filled in once they are proven."""

    request_id: str
    trace: TraceContext
    service: str
    tenant: str | None = None
    client_id: str | None = None
    operation: str | None = None

    def outgoing_headers(self) -> Mapping[str, str]:
        """Return the headers that let another process continue this request's trail."""
        return {"traceparent": self.trace.traceparent, "x-request-id": self.request_id}


_current: ContextVar[RequestContext | None] = ContextVar("request_context", default=None)


def current_context() -> RequestContext | None:
    """Return the request being served by this task, if any."""
    return _current.get()


@contextmanager
def in_request(context: RequestContext) -> Generator[RequestContext]:
    """Serve a request: every log line written inside carries its numbers."""
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)
