"""What a browser's request shows of itself, and whether its page may use the session it carries.

Pure. A browser adds the cookie whoever wrote the page; what it says of the page itself, in
`Origin` and `Sec-Fetch-Site`, no page can forge (Fetch §3.2, Fetch Metadata §2.3).
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from .problems import CsrfTokenRefused, ForeignOrigin, RepresentationRefused

CSRF_HEADER: Final = b"tamaire-csrf"
REPRESENTATION_HEADER: Final = b"tamaire-representation"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_SITES: Final = frozenset({b"same-origin", b"same-site", b"none"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """One request of a browser; absent fields are None.

    A field that is there twice counts as a wrong one, not as its first.
    """

    method: str
    cookies: tuple[str, ...] = field(default=(), repr=False)
    origin: bytes | None = None
    site: bytes | None = None
    csrf: bytes | None = field(default=None, repr=False)
    representation: bytes | None = None

    @classmethod
    def of(
        cls, method: str, headers: Iterable[tuple[bytes, bytes]], *, cookie_name: str
    ) -> "Presented":
        """Read a request's header fields, their names in lower case."""
        found: dict[bytes, list[bytes]] = {}
        for name, value in headers:
            if name in _READ:
                found.setdefault(name, []).append(value)
        return cls(
            method=method,
            cookies=tuple(_cookies(found.get(b"cookie", ()), cookie_name)),
            origin=_one(found, b"origin"),
            site=_one(found, b"sec-fetch-site"),
            csrf=_one(found, CSRF_HEADER),
            representation=_one(found, REPRESENTATION_HEADER),
        )

    @property
    def cookie(self) -> str | None:
        """The session's cookie, None without one.

        Two of the name are none as well: where the name's prefix cannot forbid it, a neighbouring
        host may have planted the other one, and nobody can tell which (cookie tossing).
        """
        return self.cookies[0] if len(self.cookies) == 1 else None

    @property
    def acts_on(self) -> UUID | None:
        """The right to act for another that the page takes up for this request.

        Raises:
            RepresentationRefused: what it names cannot be one.
        """
        if self.representation is None:
            return None
        try:
            return UUID(self.representation.decode("ascii"))
        except ValueError:
            raise RepresentationRefused from None

    def require_near_site(self) -> None:
        """Refuse a request of another site's page, before anything else is looked at.

        Raises:
            ForeignOrigin: the browser says that it is one.
        """
        if self.site is not None and self.site not in _SITES:
            raise ForeignOrigin

    def require_page_of(self, origins: frozenset[str], *, issuer: str) -> None:
        """Refuse a request of a page that is neither our own nor one of these origins'.

        Raises:
            ForeignOrigin: it is another's, or hides whose it is while it has an effect.
        """
        self.require_near_site()
        if self.origin is None:
            # A browser sends the Origin of everything with an effect, so without one it is none.
            if self.method not in _SAFE and self.site not in (b"same-origin", b"none"):
                raise ForeignOrigin
            return
        named = self.origin.decode("latin-1")
        if named != issuer and named not in origins:
            raise ForeignOrigin

    def require_token(self, expected: str) -> None:
        """Refuse a request with an effect that does not carry the session's own token.

        Raises:
            CsrfTokenRefused: it does not.
        """
        if self.method in _SAFE:
            return
        if self.csrf is None or not hmac.compare_digest(self.csrf, expected.encode()):
            raise CsrfTokenRefused


_READ: Final = frozenset(
    {b"cookie", b"origin", b"sec-fetch-site", CSRF_HEADER, REPRESENTATION_HEADER}
)


def _one(found: dict[bytes, list[bytes]], name: bytes) -> bytes | None:
    values = found.get(name)
    if values is None:
        return None
    return values[0] if len(values) == 1 else b""


def _cookies(lines: Iterable[bytes], name: str) -> Iterable[str]:
    for line in lines:
        for pair in line.decode("latin-1").split(";"):
            key, _, value = pair.strip().partition("=")
            if key == name:
                yield value.strip().strip('"')
