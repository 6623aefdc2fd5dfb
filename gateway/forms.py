"""Forms a person sends from a page of ours: read strictly, and only when they come from it."""

from typing import Final
from urllib.parse import parse_qsl

from fastapi import Request

from foundation.problems import Forbidden, MalformedRequest

_FORM: Final = "application/x-www-form-urlencoded"
_LARGEST_BYTES: Final = 16_384
_MOST_FIELDS: Final = 60


class ForeignForm(Forbidden):
    """Another site sent this form in the person's name (CSRF), or a browser that hides its own."""

    slug = "platform/foreign-form"
    title = "This form was not sent from our own page."
    title_ja = "この送信は、こちらの画面から行われたものではありません。"
    remedy = "Go back to the page, reload it, and send it from there."
    remedy_ja = "前の画面に戻って読み込み直し、その画面から送信してください。"


async def read_form(request: Request) -> list[tuple[str, str]]:
    """Return the fields of a form in their order; an empty one counts as absent.

    Raises:
        MalformedRequest: no form, or none of any honest page's size.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise MalformedRequest(f"The body must be {_FORM}.")
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _LARGEST_BYTES:
            raise MalformedRequest("The body is too long.")
    try:
        pairs = parse_qsl(body.decode("ascii"), errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise MalformedRequest("The body cannot be read as a form.") from error
    if any("\0" in text for pair in pairs for text in pair):
        raise MalformedRequest("The body cannot be read as a form.")
    return pairs


def only(fields: list[tuple[str, str]], name: str) -> str | None:
    """Return a field there can be one of.

    Raises:
        MalformedRequest: it is there twice.
    """
    found = [value for key, value in fields if key == name]
    if len(found) > 1:
        raise MalformedRequest("A field is given twice.")
    return found[0] if found else None


def require_own_page(request: Request, *, issuer: str) -> None:
    """Refuse a form that another site sent.

    Two headers no page can forge say where a form comes from. A browser so old that it sends
    neither is let through: the cookie of the page still ties the form to it.

    Raises:
        ForeignForm: one of them names another site.
    """
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site")
    if (origin is not None and origin != issuer) or site not in (None, "same-origin", "none"):
        raise ForeignForm
