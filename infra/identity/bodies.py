"""Reading what a stranger sends: a bounded body, and form fields that occur once each."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

_LIMIT_BYTES = 16_384
_LIMIT_FIELDS = 40


class UnreadableRequest(Exception):
    """Too large, not a form, or a field given twice; `str()` says which."""


async def read_body(request: Request) -> bytes:
    """At most 16 KiB; more is refused without being kept."""
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > _LIMIT_BYTES:
            raise UnreadableRequest("the request is larger than 16 KiB")
    return content


async def read_form(request: Request) -> Mapping[str, str]:
    """The fields of an `application/x-www-form-urlencoded` body (RFC 6749 Appendix B)."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise UnreadableRequest("the body must be application/x-www-form-urlencoded")
    return read_parameters(await read_body(request))


def read_parameters(text: bytes) -> Mapping[str, str]:
    """Each parameter once (RFC 6749 §3.1); an empty one counts as omitted (same section)."""
    try:
        pairs = parse_qsl(
            text.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_LIMIT_FIELDS,
        )
    except ValueError:
        raise UnreadableRequest("the parameters cannot be read") from None
    found = dict(pairs)
    if len(found) != len(pairs):
        raise UnreadableRequest("a parameter occurs more than once")
    return {name: value for name, value in found.items() if value}
