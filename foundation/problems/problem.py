"""What a refusal is: a document anybody can read, act on and quote by its number (RFC 9457)."""

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar, TypeAlias

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"

MEDIA_TYPE = "application/problem+json"

CATALOGUE: dict[str, type["Problem"]] = {}
"""Every type of refusal the running process can give, by slug."""

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*/[a-z0-9]+(-[a-z0-9]+)*")
_SENTENCES = ("title", "title_ja", "remedy", "remedy_ja")
_RESERVED = frozenset(
    {"type", "title", "status", "detail", "instance", "title_ja", "detail_ja", *_SENTENCES}
)
_LEAST_STATUS = 400
_GREATEST_STATUS = 599


class Problem(Exception):
    """The root of every refusal; a subclass with a `slug` is a type, one without is a family.

    `type` is the address `/problems/<slug>`, which never changes once given out; `title` and
    `remedy` belong to the type, `detail` to the occasion. No sentence may quote personal data:
    a refusal is read out over the telephone and kept in the logs of others.
    """

    slug: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[str]
    title_ja: ClassVar[str]
    remedy: ClassVar[str]
    remedy_ja: ClassVar[str]
    standing_headers: ClassVar[Mapping[str, str]] = {}
    """Response headers that belong to the type, such as how long to wait."""
    extension_schemas: ClassVar[Mapping[str, Mapping[str, JSON]]] = {}
    """JSON Schema of each extension member, for the published interface description."""

    def __init__(
        self,
        detail: str = "",
        *,
        detail_ja: str = "",
        headers: Mapping[str, str] | None = None,
        **extensions: JSON,
    ) -> None:
        """Refuse on this occasion.

        Raises:
            TypeError: the class is a family, not a type; or an extension takes a standard name.
        """
        if "slug" not in type(self).__dict__:
            raise TypeError(f"{type(self).__name__} is a family of problems, not a problem.")
        if taken := _RESERVED & extensions.keys():
            raise TypeError(f"RFC 9457 members are not extensions: {sorted(taken)}")
        super().__init__(detail or self.title)
        self.detail = detail
        self.detail_ja = detail_ja
        self.headers: Mapping[str, str] = {**self.standing_headers, **(headers or {})}
        self.extensions: Mapping[str, JSON] = extensions

    def __init_subclass__(cls) -> None:
        """Enter the catalogue.

        Raises:
            TypeError: the slug is taken or misshapen, a sentence is missing, the status is none.
        """
        super().__init_subclass__()
        if "slug" not in cls.__dict__:
            return
        _inspect(cls)
        CATALOGUE[cls.slug] = cls

    @classmethod
    def type_uri(cls) -> str:
        """Return the reference that names this type, relative to where the house is reached."""
        return f"/problems/{cls.slug}"

    def document(self, *, instance: str | None = None) -> dict[str, JSON]:
        """Return the members of the `application/problem+json` document (RFC 9457 §3.1)."""
        members: dict[str, JSON] = {
            "type": self.type_uri(),
            "title": self.title,
            "status": int(self.status),
            "title_ja": self.title_ja,
            "remedy": self.remedy,
            "remedy_ja": self.remedy_ja,
        }
        if self.detail:
            members["detail"] = self.detail
        if self.detail_ja:
            members["detail_ja"] = self.detail_ja
        if instance is not None:
            members["instance"] = instance
        return members | dict(self.extensions)


def instance_of(request_id: str) -> str:
    """Return the `instance` of a refusal: the request's number as a URN (RFC 9562 §4)."""
    return f"urn:uuid:{request_id}"


def _inspect(problem: type[Problem]) -> None:
    if _SLUG.fullmatch(problem.slug) is None:
        raise TypeError(f"A slug reads <area>/<fact>, not {problem.slug!r}.")
    if problem.slug in CATALOGUE:
        raise TypeError(f"{problem.slug} already names {CATALOGUE[problem.slug].__qualname__}.")
    if missing := [name for name in _SENTENCES if not getattr(problem, name, "")]:
        raise TypeError(f"{problem.slug} does not say its {', '.join(missing)}.")
    if not _LEAST_STATUS <= getattr(problem, "status", 0) <= _GREATEST_STATUS:
        raise TypeError(f"{problem.slug} has no status between 400 and 599.")
