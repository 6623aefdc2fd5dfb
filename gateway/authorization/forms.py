"""The forms of OAuth endpoints and their refusals: read strictly, refused in its own words."""

import logging
from typing import Final
from urllib.parse import parse_qsl

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from .errors import InvalidRequest, OAuthError

_FORM: Final = "application/x-www-form-urlencoded"
_LONGEST_BODY: Final = 16_384
_MOST_FIELDS: Final = 30
NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}

_log = logging.getLogger(__name__)


async def form_of(request: Request) -> dict[str, str]:
    """Read a form strictly: its kind, its size, each name once (RFC 6749 §3.2).

    Raises:
        InvalidRequest: anything else.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise InvalidRequest(f"The body must be {_FORM}.")
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST_BODY:
            raise InvalidRequest("The body is too long.")
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError as error:
        raise InvalidRequest("The body cannot be read as a form.") from error
    form = dict(pairs)
    if len(form) != len(pairs):
        raise InvalidRequest("A parameter is given twice.")
    return {name: value for name, value in form.items() if value and "\0" not in value}


def refusal(error: OAuthError) -> Response:
    """Return a refusal in the words of RFC 6749 §5.2; the reason stays in the log."""
    _log.info("oauth refusal %s: %s", error.code, error)
    document: dict[str, str] = {"error": error.code}
    if error.description:
        document["error_description"] = error.description
    headers = dict(NO_STORE)
    if error.status == 503:  # noqa: PLR2004 - the one status that says when to come back
        headers["Retry-After"] = "5"
    return JSONResponse(document, status_code=error.status, headers=headers)
