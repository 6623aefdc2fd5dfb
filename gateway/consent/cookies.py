"""The cookie that ties a question to the browser it was put to."""

from fastapi import Request, Response

from gateway.handles import Handle

from .asking import Ticket
from .domain import QUESTION_LIFETIME

PATH = "/oauth/consent"


def give(answer: Response, ticket: Ticket, *, is_https: bool) -> None:
    """Hand the browser the cookie of its question."""
    answer.set_cookie(
        _name(ticket.request, is_https=is_https),
        ticket.browser,
        max_age=int(QUESTION_LIFETIME.total_seconds()),
        path=PATH,
        secure=is_https,
        httponly=True,
        samesite="lax",  # the browser comes from the identity provider, by a chain of redirects
    )


def read(request: Request, handle: Handle, *, is_https: bool) -> str:
    """Return what the browser shows of a question's cookie."""
    return request.cookies.get(_name(handle, is_https=is_https), "")


def take_away(answer: Response, handle: Handle, *, is_https: bool) -> None:
    """Let the browser forget the cookie; it would be good for nothing."""
    answer.delete_cookie(
        _name(handle, is_https=is_https),
        path=PATH,
        secure=is_https,
        httponly=True,
        samesite="lax",
    )


def _name(handle: Handle, *, is_https: bool) -> str:
    """Return one name per question, so that two in one browser do not disturb each other."""
    prefix = "__Secure-" if is_https else ""
    return f"{prefix}tamaire-consent-{handle.digest.hex()[:16]}"
