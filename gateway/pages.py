"""The few pages the gateway shows a person itself: plain, strict, and readable without scripts.

Whoever is sent here came from an application and will go back to one. The page therefore says
where they are, asks one thing, and lets nothing but its own style sheet in.
"""

import re
from collections.abc import Iterable, Iterator
from html import escape
from http import HTTPStatus
from typing import Final, Literal
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse

Language = Literal["ja", "en"]

_NOTHING: Final = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Cache-Control": "no-store",
    # Not `no-referrer`: under it a form's own Origin would read `null` and prove nothing.
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Vary": "Accept, Accept-Language, Cookie",
}
_HOST: Final = re.compile(r"[A-Za-z0-9.\-:\[\]]+")
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.\-]*")


def language_of(request: Request) -> Language:
    """Return the language to answer in: the one chosen on the page, or else the browser's."""
    named = request.query_params.get("lang")
    if named in ("ja", "en"):
        return "en" if named == "en" else "ja"
    first = request.headers.get("accept-language", "").strip().lower()
    return "en" if first.startswith("en") else "ja"


def wants_page(request: Request) -> bool:
    """Whether a person reads the answer: browsers say so, programs do not."""
    return "text/html" in request.headers.get("accept", "")


def source_of(address: str) -> str:
    """Return an address as a source of a content security policy; nothing if it cannot be one."""
    parts = urlsplit(address)
    if not _SCHEME.fullmatch(parts.scheme):
        return ""
    if parts.scheme in ("http", "https"):
        return f"{parts.scheme}://{parts.netloc}" if _HOST.fullmatch(parts.netloc) else ""
    return f"{parts.scheme}:"


def page(
    title: str,
    content: str,
    *,
    language: Language,
    leads_to: Iterable[str] = (),
    status: HTTPStatus = HTTPStatus.OK,
) -> HTMLResponse:
    """Return a page.

    Args:
        title: its name, as text.
        content: its main part, as HTML in which every foreign word was escaped.
        language: what it is written in.
        leads_to: where its form leads beyond this house, if anywhere.
        status: of the answer.
    """
    actions = " ".join(dict.fromkeys(("'self'", *_sources(leads_to))))
    document = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title>"
        '<link rel="icon" href="data:,"><link rel="stylesheet" href="/docs/house.css">'
        f'</head><body class="counter"><main>{content}</main></body></html>'
    )
    headers = _HEADERS | {"Content-Security-Policy": f"{_NOTHING}; form-action {actions}"}
    return HTMLResponse(document, status_code=status, headers=headers)


def _sources(addresses: Iterable[str]) -> Iterator[str]:
    """Yield what a form's policy must allow so that its answer can lead on (CSP 3 §6.4.2).

    Browsers ask it about every redirect that follows, and an application may lead on from the
    address it registered to others of its own: hence any address over TLS, and of the others
    only those that are known.
    """
    for address in addresses:
        source = source_of(address)
        if source.startswith("https:"):
            yield "https:"
        elif source:
            yield source


def notice(
    title: str, text: str, *, language: Language, status: HTTPStatus = HTTPStatus.OK
) -> HTMLResponse:
    """Return a page that only tells something."""
    content = f"<h1>{escape(title)}</h1><p>{escape(text)}</p>"
    return page(title, content, language=language, status=status)
