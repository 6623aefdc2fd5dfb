"""The cookies of a front end's session, as strict as the connection lets them be.

Over https the name begins with `__Host-`: a browser then accepts it only from this very host, over
TLS, for every path, and no neighbouring host can plant one. In development over http on the
loopback no browser would store such a cookie, so there it has the plain name and no `Secure`;
everything else is the same.
"""

from datetime import timedelta
from typing import Final

from fastapi import Response

from gateway.handles import Handle

CALLBACK: Final = "/session/callback"


def session_cookie(*, is_https: bool) -> str:
    """Return the name of the session's cookie."""
    return "__Host-tamaire-session" if is_https else "tamaire-session"


def sign_in_cookie(state: Handle, *, is_https: bool) -> str:
    """Return one name per sign-in, so that two in one browser do not disturb each other."""
    prefix = "__Secure-" if is_https else ""
    return f"{prefix}tamaire-front-end-{state.digest.hex()[:16]}"


def give_session(answer: Response, secret: Handle, *, is_https: bool) -> None:
    """Hand the browser its session, for as long as it is open: machines are shared."""
    answer.set_cookie(
        session_cookie(is_https=is_https),
        secret.text,
        path="/",
        secure=is_https,
        httponly=True,
        samesite="lax",
    )


def take_session(answer: Response, *, is_https: bool) -> None:
    """Let the browser forget its session."""
    answer.delete_cookie(
        session_cookie(is_https=is_https),
        path="/",
        secure=is_https,
        httponly=True,
        samesite="lax",
    )


def give_sign_in(
    answer: Response, state: Handle, browser: str, *, lifetime: timedelta, is_https: bool
) -> None:
    """Tie a sign-in to this browser; the provider's answer comes back by a chain of redirects."""
    answer.set_cookie(
        sign_in_cookie(state, is_https=is_https),
        browser,
        max_age=int(lifetime.total_seconds()),
        path=CALLBACK,
        secure=is_https,
        httponly=True,
        samesite="lax",
    )


def take_sign_in(answer: Response, state: Handle, *, is_https: bool) -> None:
    """Let the browser forget a sign-in that is over."""
    answer.delete_cookie(
        sign_in_cookie(state, is_https=is_https),
        path=CALLBACK,
        secure=is_https,
        httponly=True,
        samesite="lax",
    )
