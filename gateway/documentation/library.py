"""The pages anybody may read, all served from here: no font, script or picture from elsewhere."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from foundation.problems import CATALOGUE, NotFound, ServiceUnavailable
from gateway.forwarding.wire import Headers
from gateway.openapi import Description

from .pages import Entry, catalogue_page, entry_page

_STATIC: Final = Path(__file__).with_name("static")
_POLICY: Final = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    b"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HTML: Final = b"text/html; charset=utf-8"
_JSON: Final = b"application/json"
FILES: Final[Mapping[bytes, tuple[str, bytes]]] = {
    b"/docs": ("docs.html", _HTML),
    b"/docs/docs.js": ("docs.js", b"text/javascript; charset=utf-8"),
    b"/docs/house.css": ("house.css", b"text/css; charset=utf-8"),
    b"/docs/swagger-ui-bundle.js": ("swagger-ui-bundle.js", b"text/javascript; charset=utf-8"),
    b"/docs/swagger-ui.css": ("swagger-ui.css", b"text/css; charset=utf-8"),
    b"/docs/licence": ("LICENSE", b"text/plain; charset=utf-8"),
    b"/docs/notice": ("NOTICE", b"text/plain; charset=utf-8"),
    b"/docs/swagger-ui-bundle.js.LICENSE.txt": (
        "swagger-ui-bundle.js.LICENSE.txt",
        b"text/plain; charset=utf-8",
    ),
}


@dataclass(frozen=True, slots=True)
class Page:
    """One public document."""

    body: bytes
    headers: Headers
    etag: bytes = b""
    status: int = field(default=200)


class Library:
    """Finds pages by path: `/openapi.json`, `/docs…` and `/problems…`."""

    def __init__(self, description: Description) -> None:
        self._description = description

    async def find(self, path: bytes, accept: bytes | None) -> Page:
        """Return a page.

        Raises:
            NotFound: there is none.
            ServiceUnavailable: it depends on a service that cannot be asked.
        """
        if path == b"/openapi.json":
            published = await self._description.current()
            return _page(published.body, _JSON, etag=published.etag)
        if path in FILES:
            return _file(path)
        if path == b"/problems" or path.startswith(b"/problems/"):
            return await self._problem(path.decode().removeprefix("/problems"), accept)
        raise NotFound

    async def _problem(self, place: str, accept: bytes | None) -> Page:
        entries, is_whole = await self._entries()
        slug = place.strip("/")
        wants_json = b"json" in (accept or b"")
        if not slug:
            documents = [entry.document for entry in entries.values()]
            return _json(documents) if wants_json else _html(catalogue_page(entries.values()))
        entry = entries.get(f"/problems/{slug}")
        if entry is None:
            raise NotFound if is_whole else ServiceUnavailable
        return _json(entry.document) if wants_json else _html(entry_page(entry))

    async def _entries(self) -> tuple[dict[str, Entry], bool]:
        """Return every refusal by its type, and whether all services could be asked."""
        documents: dict[str, Any] = {
            problem.type_uri(): {
                "type": problem.type_uri(),
                "status": int(problem.status),
                "title": problem.title,
                "title_ja": problem.title_ja,
                "remedy": problem.remedy,
                "remedy_ja": problem.remedy_ja,
            }
            for problem in CATALOGUE.values()
        }
        is_whole = True
        try:
            published = await self._description.current()
        except ServiceUnavailable:
            is_whole = False
        else:
            for problem in published.document["x-problems"]:
                documents.setdefault(problem["type"], problem)
        return {key: Entry.of(documents[key]) for key in sorted(documents)}, is_whole


@cache
def _file(path: bytes) -> Page:
    name, media_type = FILES[path]
    return _page((_STATIC / name).read_bytes(), media_type)


def _json(document: Any) -> Page:
    return _page(json.dumps(document, ensure_ascii=False).encode(), _JSON)


def _html(text: str) -> Page:
    return _page(text.encode(), _HTML)


def _page(body: bytes, media_type: bytes, *, etag: bytes = b"") -> Page:
    tag = etag or b'"%b"' % sha256(body).hexdigest()[:32].encode()
    return Page(
        body,
        [
            (b"content-type", media_type),
            (b"content-security-policy", _POLICY),
            (b"cache-control", b"public, no-cache"),
            (b"vary", b"Accept"),
            (b"etag", tag),
        ],
        tag,
    )
