"""Logs as lines of JSON on standard output, each sieved, each saying which request it is part of.

Lines of libraries pass through the same sieve as ours: whoever writes, nobody is named.
"""

import io
import json
import logging
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final, TextIO, cast

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger
from typing_extensions import override

from foundation import clock

from .context import current_context
from .redaction import entry, redacted_text

_STRUCTURE = frozenset({"level", "exc_info", "stack_info", "_record", "_from_structlog"})
_QUIET = ("uvicorn.access", "httpx", "httpcore", "asyncio", "sqlalchemy.engine.Engine")
_DEEPEST_CAUSE = 5
_LAST_FRAMES = 12

_SPEAKS_OF_CODE = (AttributeError, ImportError, NameError, NotImplementedError, TypeError)
"""Exceptions whose message names our own identifiers and never a value."""


class _StandardOutput(io.TextIOBase):
    """Standard output as it is when a line is written, not when logging was configured."""

    @override
    def write(self, text: str, /) -> int:
        return sys.stdout.write(text)

    @override
    def flush(self) -> None:
        sys.stdout.flush()


@dataclass(slots=True)
class _Lines:
    """Where `write_line` writes, as `configure_logging` was told."""

    service: str = ""
    stream: TextIO | io.TextIOBase = field(default_factory=_StandardOutput)
    is_on: bool = False


_LINES: Final = _Lines()
_WRITTEN: Final = json.JSONEncoder(ensure_ascii=False)


def configure_logging(service: str, *, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send every log of this process, ours and the libraries', through the sieve.

    May be called again; the last call stands.
    """
    shared = _processors(service)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or _StandardOutput())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False, default=_unprintable),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    _LINES.service, _LINES.stream = service, stream or _StandardOutput()
    _LINES.is_on = root.isEnabledFor(logging.INFO)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        library = logging.getLogger(name)
        library.handlers, library.propagate = [], True
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def write_line(event: str, values: Mapping[str, str | int | float | None]) -> None:
    """Write one line of the kind that every request leaves, by a way of its own.

    For values that are all our own: names of operations, codes, counts. They need no sieve, and
    are written some twenty times as fast as through it. What comes from outside has no place here.
    """
    context = current_context()
    if not _LINES.is_on:
        return
    line: dict[str, str | int | float | None] = {
        **values,
        "event": event,
        "level": "info",
        "timestamp": clock.now().isoformat().replace("+00:00", "Z"),
        "service": _LINES.service,
    }
    if context is not None:
        line["request_id"] = context.request_id
        line["trace_id"] = context.trace.trace_id
        if context.tenant is not None:
            line["tenant"] = context.tenant
        if context.client_id is not None:
            line["client_id"] = context.client_id
    _LINES.stream.write(_WRITTEN.encode(line) + "\n")
    _LINES.stream.flush()


def logger(name: str) -> FilteringBoundLogger:
    """Return the logger of a module; events are short facts, values go in keywords."""
    return cast("FilteringBoundLogger", structlog.stdlib.get_logger(name))


def _processors(service: str) -> list[Processor]:
    def belonging(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        event["service"] = service
        if (context := current_context()) is not None:
            event["request_id"] = context.request_id
            event["trace_id"] = context.trace.trace_id
            if context.tenant is not None:
                event["tenant"] = context.tenant
            if context.client_id is not None:
                event["client_id"] = context.client_id
        return event

    return [
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        sieved,
        without_exception_text,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        belonging,
    ]


def sieved(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Pass every value of a log line through the sieve, whatever key it stands under."""
    return {
        key: value if key in _STRUCTURE else _sieved_entry(key, value)
        for key, value in event.items()
    }


def without_exception_text(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Replace an exception by its type and its places in the code.

    Its words are left out: a unique violation quotes the row, a validation error the input.
    """
    given = event.pop("exc_info", None)
    event.pop("stack_info", None)
    error = sys.exc_info()[1] if given is True else given
    if isinstance(error, tuple):
        error = cast("tuple[Any, ...]", error)[1]
    if isinstance(error, BaseException):
        event["exception"] = _described(error)
    return event


def _sieved_entry(key: str, value: Any) -> Any:
    return redacted_text(str(value)) if key == "event" else entry(key, value)


def _described(error: BaseException, depth: int = 0) -> Mapping[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)[-_LAST_FRAMES:]
    described: MutableMapping[str, Any] = {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "at": [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames],
    }
    described.update(_identifiers_of(error))
    cause = error.__cause__ or error.__context__
    if cause is not None and depth < _DEEPEST_CAUSE:
        described["cause"] = _described(cause, depth + 1)
    if isinstance(error, BaseExceptionGroup) and depth < _DEEPEST_CAUSE:
        group = cast("BaseExceptionGroup[BaseException]", error)
        described["parts"] = [_described(part, depth + 1) for part in group.exceptions]
    return described


def _identifiers_of(error: BaseException) -> Mapping[str, str]:
    """Return what an exception says about our schema and code, not about a row.

    SQLSTATE class 42 is "syntax error or access rule violation": it quotes identifiers only.
    """
    named = ("sqlstate", "constraint_name", "table_name", "column_name")
    found = {name: str(value) for name in named if (value := getattr(error, name, None))}
    if isinstance(error, _SPEAKS_OF_CODE) or found.get("sqlstate", "").startswith("42"):
        found["message"] = redacted_text(str(error))
    return found


def _short(filename: str) -> str:
    _, marker, tail = filename.rpartition("/site-packages/")
    return tail if marker else "/".join(filename.split("/")[-4:])


def _unprintable(value: object) -> str:
    return f"<{type(value).__qualname__}>"
