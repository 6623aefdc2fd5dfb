"""What a client is told when a service could not be asked or did not answer as it should."""

from foundation.problems import PayloadTooLarge, Problem, ServiceUnavailable
from foundation.telemetry import logger
from gateway.forwarding.failures import (
    BodyMisdeclared,
    BodyTooLarge,
    ConnectionLost,
    MalformedAnswer,
    TooSlow,
)
from gateway.forwarding.problems import (
    AmbiguousRequest,
    RequestTimeout,
    UpstreamFailed,
    UpstreamTimeout,
)

from .routes import Route

_log = logger(__name__)


def problem_for(error: Exception, route: Route) -> Problem:
    """Return what the client is told; the particulars go to the log only."""
    match error:
        case BodyTooLarge():
            return PayloadTooLarge(limit_bytes=error.limit)
        case BodyMisdeclared():
            return AmbiguousRequest("The body is not as long as it was said to be.")
        case TooSlow(culprit="client"):
            return RequestTimeout(headers={"Connection": "close"})
        case TooSlow():
            problem = UpstreamTimeout()
        case ConnectionLost() | MalformedAnswer():
            problem = UpstreamFailed()
        case _:
            problem = ServiceUnavailable()
    _log.warning(
        "service did not answer",
        upstream=route.service,
        failure=type(error).__name__,
        reason=str(error),
    )
    return problem
