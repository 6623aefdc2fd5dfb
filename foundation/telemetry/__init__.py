"""What we may know about our own running: logs, traces and figures, and never about whom."""

from .context import RequestContext, current_context, in_request
from .logs import configure_logging, logger, write_line
from .metrics import Metrics, Observation
from .redaction import BLANK, redacted, redacted_text
from .traces import TraceContext

__all__ = [
    "BLANK",
    "Metrics",
    "Observation",
    "RequestContext",
    "TraceContext",
    "configure_logging",
    "current_context",
    "in_request",
    "logger",
    "redacted",
    "redacted_text",
    "write_line",
]
