"""One thread through all processes a request touches: W3C Trace Context, level 1."""

import re
import secrets
from dataclasses import dataclass

_TRACEPARENT = re.compile(
    r"(?P<version>[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-(?P<parent>[0-9a-f]{16})"
    r"-(?P<flags>[0-9a-f]{2})(?P<rest>-.*)?"
)
_SAMPLED = 0x01
_LONGEST = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceContext:
    """Where in which trace we are. Ids are lower-case hexadecimal of 16 and 8 octets."""

    trace_id: str
    span_id: str
    parent_id: str | None = None
    sampled: bool = False

    @classmethod
    def begin(cls) -> "TraceContext":
        """Begin a trace of our own, unsampled: nobody asked to follow it."""
        return cls(trace_id=secrets.token_hex(16), span_id=secrets.token_hex(8))

    @classmethod
    def continuing(cls, traceparent: str | None) -> "TraceContext":
        """Take up the caller's trace with a span of our own, or begin one if theirs is unusable.

        An unusable header is ignored, never refused: a trace is a courtesy.
        Source: W3C Trace Context §3.2, §4.3.
        """
        found = _TRACEPARENT.fullmatch((traceparent or "")[:_LONGEST])
        if found is None or not _is_usable(found):
            return cls.begin()
        return cls(
            trace_id=found["trace"],
            span_id=secrets.token_hex(8),
            parent_id=found["parent"],
            sampled=bool(int(found["flags"], 16) & _SAMPLED),
        )

    @property
    def traceparent(self) -> str:
        """The header that names our span as the parent of whatever we ask of others."""
        return f"00-{self.trace_id}-{self.span_id}-{_SAMPLED if self.sampled else 0:02x}"


def _is_usable(found: re.Match[str]) -> bool:
    """Tell whether the fields mean anything: version ff is none, all zeros is no id."""
    longer_than_its_version = found["version"] == "00" and found["rest"]
    return (
        found["version"] != "ff"
        and not longer_than_its_version
        and found["trace"].strip("0") != ""
        and found["parent"].strip("0") != ""
    )
