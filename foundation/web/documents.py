"""Reading what was sent: bounded, of the kind it claims to be, and the same to every reader."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast
from urllib.parse import unquote_to_bytes

from starlette.requests import Request

from foundation.problems import (
    Fault,
    MalformedRequest,
    PayloadTooLarge,
    UnsupportedMediaType,
)

JSON_MEDIA_TYPE = "application/json"
DEFAULT_BODY_BYTES = 65_536
PROSE_BODY_BYTES = 262_144
"""For a text of 20,000 characters, each of which may be written as twelve bytes."""
LIST_BODY_BYTES = 1_048_576
"""For a list of some thousand entries."""

_IDENTITY = frozenset({"identity", ""})
WITH_GZIP = _IDENTITY | {"gzip"}
_DEEPEST = 64
_LEAST_INTEGER, _GREATEST_INTEGER = -(2**63), 2**63 - 1
_GREATEST_EXACT = 2**53
_MOST_FAULTS = 1_000
_LONGEST_POINTER = 512

Place: TypeAlias = tuple["str | int", ...]


@dataclass(frozen=True, slots=True)
class JsonDocument:
    """A JSON body read once: what it says, and which of its values no column could hold.

    `canonical` is the same content in one spelling, whatever the sender's order and spacing. It
    is what models judge: `30000.0`, to JSON Schema and to JavaScript the same number as `30000`,
    is the same number here.
    """

    content: Any
    canonical: bytes
    faults: tuple[Fault, ...]

    @classmethod
    def read(cls, raw: bytes) -> "JsonDocument":
        """Read a body strictly: UTF-8, no name twice, no NaN, no half characters.

        Two readers of one document must not see two things, so what RFC 7493 (I-JSON) warns of
        is refused rather than interpreted.

        Raises:
            MalformedRequest: it is not such a document.
        """
        try:
            content = json.loads(
                raw.decode("utf-8"),
                object_pairs_hook=_once,
                parse_constant=_not_json,
                parse_float=_number,
            )
            faults = tuple(_unstorable(content))
            canonical = json.dumps(
                content, sort_keys=True, separators=(",", ":"), ensure_ascii=False
            )
            return cls(content, canonical.encode(), faults)
        except (ValueError, RecursionError) as error:
            raise MalformedRequest(
                _reason(error), detail_ja="本文が正しい JSON ではありません。"
            ) from error


async def read_body(request: Request, *, limit_bytes: int) -> bytes:
    """Return the body.

    Raises:
        PayloadTooLarge: it announces, or turns out to have, more than the limit.
        MalformedRequest: its announced length is no number.
    """
    require_length(request, limit_bytes=limit_bytes)
    parts: list[bytes] = []
    length = 0
    async for part in request.stream():
        length += len(part)
        if length > limit_bytes:
            raise _too_large(limit_bytes)
        parts.append(part)
    return b"".join(parts)


def require_length(request: Request, *, limit_bytes: int) -> None:
    """Refuse a body that announces more than the limit, before any of it is taken in.

    Raises:
        PayloadTooLarge, MalformedRequest: as said.
    """
    announced = request.headers.get("content-length", "0")
    if re.fullmatch(r"[0-9]{1,18}", announced) is None:
        raise MalformedRequest("The Content-Length header is not a number.")
    if int(announced) > limit_bytes:
        raise _too_large(limit_bytes)


def require_media_type(
    request: Request, *, accepted: Sequence[str], codings: frozenset[str] = _IDENTITY
) -> None:
    """Refuse a body that is not declared as one of the accepted media types.

    Raises:
        UnsupportedMediaType: none, another, or a compressed one was declared (RFC 9110 §15.5.16).
    """
    declared = request.headers.getlist("content-type")
    media_type, _, parameters = (declared or [""])[0].partition(";")
    coded = request.headers.get("content-encoding", "identity").strip().lower()
    kind = media_type.strip().lower()
    readable = kind != JSON_MEDIA_TYPE or _is_utf8(parameters)
    if len(declared) == 1 and coded in codings and kind in accepted and readable:
        return
    raise UnsupportedMediaType(
        f"Send {' or '.join(accepted)}.",
        detail_ja=f"{' または '.join(accepted)} で送信してください。",
        accepted=list(accepted),
    )


def require_readable_query(request: Request) -> None:
    """Refuse a query that is not percent-encoded UTF-8; guessing would search for another name.

    Raises:
        MalformedRequest: as said.
    """
    try:
        unquote_to_bytes(request.scope.get("query_string", b"")).decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedRequest(
            "The query is not UTF-8.", detail_ja="クエリが UTF-8 ではありません。"
        ) from error


def pointer_to(place: Place) -> str:
    """Return the JSON Pointer (RFC 6901 §3) to a place."""
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in place)
    return "".join(f"/{step}" for step in steps)[:_LONGEST_POINTER]


def text_fault(text: str) -> tuple[str, str] | None:
    """Return why a text cannot be stored, in English and Japanese, or None."""
    if "\x00" in text:
        return "It contains a NUL character.", "使用できない文字(NUL)が含まれています。"
    return None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("A name occurs twice in one object.")
    return found


def _not_json(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON.")


def _number(text: str) -> int | float:
    """Read a number with a fraction or an exponent; one without a remainder is a whole one."""
    value = float(text)
    return int(value) if value.is_integer() and abs(value) <= _GREATEST_EXACT else value


def _reason(error: Exception) -> str:
    match error:
        case json.JSONDecodeError(lineno=line, colno=column):
            return f"The body is not JSON: see line {line}, column {column}."
        case UnicodeError():
            return "The body is not UTF-8 text."
        case RecursionError():
            return f"The body is nested deeper than {_DEEPEST} levels."
        case _ if "integer string conversion" in str(error):
            return "A number in the body is too long."
        case _:
            return str(error)


def _unstorable(content: Any) -> Iterator[Fault]:
    """Yield what no column of ours can hold: NUL, half characters, integers beyond 64 bits.

    Raises:
        ValueError: half of a surrogate pair, which is not Unicode at all.
        RecursionError: nested too deeply.
    """
    waiting: list[tuple[Place, Any]] = [((), content)]
    found = 0
    while waiting and found < _MOST_FAULTS:
        place, value = waiting.pop()
        if len(place) > _DEEPEST:
            raise RecursionError
        reason = _why_unstorable(value)
        if reason is not None:
            found += 1
            yield Fault(pointer=pointer_to(place), detail=reason[0], detail_ja=reason[1])
        waiting.extend(_within(place, value))


def _within(place: Place, value: Any) -> list[tuple[Place, Any]]:
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        for name in members:
            if _why_unstorable(name) is not None:
                raise ValueError("A name in an object contains a NUL character.")
        return [((*place, name), item) for name, item in reversed(members.items())]
    if isinstance(value, list):
        items = list(enumerate(cast("list[Any]", value)))
        return [((*place, index), item) for index, item in reversed(items)]
    return []


def _why_unstorable(value: Any) -> tuple[str, str] | None:
    if isinstance(value, str):
        if not value.isascii() and _has_half_character(value):
            raise ValueError("A text contains half of a surrogate pair.")
        return text_fault(value)
    if type(value) is int and not _LEAST_INTEGER <= value <= _GREATEST_INTEGER:
        return "It is too large a number.", "数値が大きすぎます。"
    if isinstance(value, float) and value in {float("inf"), float("-inf")}:
        return "It is too large a number.", "数値が大きすぎます。"
    return None


def _has_half_character(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _is_utf8(parameters: str) -> bool:
    """Tell whether a JSON content type names no other charset; RFC 8259 §8.1 knows only UTF-8."""
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name.lower() == "charset" and value.strip('"').lower() not in {"utf-8", "utf8"}:
            return False
    return True


def _too_large(limit_bytes: int) -> PayloadTooLarge:
    return PayloadTooLarge(
        f"This address takes up to {limit_bytes} bytes.",
        detail_ja=f"受け付けられるのは {limit_bytes} バイトまでです。",
        headers={"Connection": "close"},
        limit_bytes=limit_bytes,
    )
