"""The cookie that ties a sign-in to the browser that began it."""

from fastapi import Request, Response

from gateway.handles import Handle

from .departure import LIFETIME, Ticket

_PATH = "/oauth/callback"


def give(answer: Response, ticket: Ticket, *, is_https: bool) -> None:
    """Hand the browser the cookie of its sign-in; only a tied sign-in has one."""
    if ticket.browser is not None:
        answer.set_cookie(
            _name(ticket.state, is_https=is_https),
            ticket.browser,
            max_age=int(LIFETIME.total_seconds()),
            path=_PATH,
            secure=is_https,
            httponly=True,
            samesite="lax",  # the provider sends the browser back by a top-level navigation
        )


def read(request: Request, state: Handle | None, *, is_https: bool) -> str | None:
    """Return what the browser shows of a sign-in's cookie."""
    if state is None:
        return None
    return request.cookies.get(_name(state, is_https=is_https))


def take_away(answer: Response, state: Handle, *, is_https: bool) -> None:
    """Let the browser forget the cookie, named with all it was given with."""
    answer.delete_cookie(
        _name(state, is_https=is_https),
        path=_PATH,
        secure=is_https,
        httponly=True,
        samesite="lax",
    )


def _name(state: Handle, *, is_https: bool) -> str:
    """Return one name per sign-in, so that two in one browser do not disturb each other."""
    prefix = "__Secure-" if is_https else ""
    return f"{prefix}tamaire-sign-in-{state.digest.hex()[:16]}"
