"""The interface of the whole house in one document (OpenAPI 3.1), made of what each part says."""

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, cast

from foundation.problems import MEDIA_TYPE, ServiceUnavailable
from foundation.telemetry import logger

from .call import Upstream
from .doorway import seen_through_the_door
from .forwarding.failures import BodyTooLarge, ForwardingFailure, TooSlow
from .links import add_links
from .publication import (
    REGISTRATION,
    SCHEME,
    front_matter,
    registration_scheme,
    security_scheme,
)

Document = dict[str, Any]
Component = tuple[str, str]

_OK: Final = 200
_VALID_SECONDS: Final = 30.0
_RETRY_SECONDS: Final = 1.0
_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_DESK_PATHS: Final = (
    "/platform/v1/municipalities",
    "/platform/v1/clients/",
    "/platform/v1/scopes",
    "/oauth/",
    "/.well-known/",
    "/openapi.json",
    "/problems",
)
_REF: Final = "#/components/"
_EXPLAINED: Final = frozenset({"type", "status", "title", "title_ja", "remedy", "remedy_ja"})
_log = logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One contributor: its name in front of its components, and the paths that are its own."""

    name: str
    paths: tuple[str, ...]
    document: Document
    is_desk: bool = False
    """Whether these are the desk's addresses, asked for before anybody has a token."""

    @property
    def component_prefix(self) -> str:
        """`window_dx` becomes `WindowDx`; desk and office of the platform describe separately."""
        if self.is_desk:
            return "Desk"
        return "".join(word.capitalize() for word in self.name.split("_"))


@dataclass(frozen=True, slots=True)
class Published:
    """The document as it is handed out; the tag changes exactly when a byte does."""

    document: Document
    body: bytes
    etag: bytes


class ContradictoryDescriptions(ValueError):
    """Two parts claim one path, operation or component; the house would not know whom to ask."""


def merge(parts: Sequence[Part], *, issuer: str) -> Document:
    """Return one description of all parts.

    Components carry the name of their part, except problem documents on which all agree.

    Raises:
        ContradictoryDescriptions: see there.
    """
    shared = _shared_components(parts)
    paths: Document = {}
    components: dict[str, Document] = {}
    for part in parts:
        names = {
            component: _new_name(part, component, shared)
            for component in _components_of(part.document)
        }
        for (kind, name), new_name in names.items():
            definition = _renamed(part.document["components"][kind][name], names)
            # Generators of clients name a class after its title: two services may not share one.
            titled = {"title": new_name} if kind == "schemas" else {}
            named = components.setdefault(kind, {})
            if named.setdefault(new_name, definition | titled) != definition | titled:
                raise ContradictoryDescriptions(new_name)
        for path, item in _own_paths(part):
            if path in paths:
                raise ContradictoryDescriptions(path)
            paths[path] = _operations_of(part, _renamed(item, names))
    scopes = _check_operations(paths)
    add_links(paths, components.get("schemas", {}))
    components |= _lift_refusals(paths)
    return {
        **front_matter(issuer, _tags(paths)),
        "paths": dict(sorted(paths.items())),
        "components": {
            **_in_use(paths, components),
            "securitySchemes": {
                SCHEME: security_scheme(issuer, scopes),
                REGISTRATION: registration_scheme(),
            },
        },
        "x-problems": _problems(parts),
    }


class Description:
    """The merged description, fetched from the services and kept for half a minute.

    When a service cannot be asked, the last whole document still holds: an interface changes with
    a release, not with a restart. A document with a part missing is never given out. However many
    ask, the services are asked once, and after a failure not again for a second.
    """

    def __init__(
        self,
        services: Mapping[str, tuple[str, Upstream]],
        desk: Callable[[], Document],
        *,
        issuer: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._services = services
        self._desk = desk
        self._issuer = issuer
        self._clock = clock
        self._asking = asyncio.Lock()
        self._published: Published | None = None
        self._fetched: Mapping[str, Document | None] = {}
        self._read_before: dict[str, tuple[bytes, Document]] = {}
        self._missing: list[str] = []
        self._ask_again_at = float("-inf")

    async def current(self) -> Published:
        """Return the document.

        Raises:
            ServiceUnavailable: a service cannot be asked and there is no earlier document.
        """
        async with self._asking:
            if self._clock() >= self._ask_again_at:
                await self._ask()
        if self._published is None:
            raise ServiceUnavailable(waiting_for=self._missing)
        return self._published

    async def _ask(self) -> None:
        fetched = {name: await self._read(name) for name in self._services}
        self._missing = sorted(name for name, document in fetched.items() if document is None)
        if self._missing:
            self._ask_again_at = self._clock() + _RETRY_SECONDS
            return
        if self._published is None or fetched != self._fetched:  # merging takes a moment
            self._published, self._fetched = self._publish(fetched), fetched
        self._ask_again_at = self._clock() + _VALID_SECONDS

    async def _read(self, name: str) -> Document | None:
        """Return what a service says of itself; the same words are the same object."""
        body = await _fetch(name, self._services[name][1])
        if body is None:
            return None
        if body != self._read_before.get(name, (b"", {}))[0]:
            try:
                self._read_before[name] = body, json.loads(body)
            except ValueError:
                _log.warning("description not fetched", upstream=name, reason="not JSON")
                return None
        return self._read_before[name][1]

    def _publish(self, fetched: Mapping[str, Document | None]) -> Published:
        parts = [_part("platform", _DESK_PATHS, self._desk(), is_desk=True)] + [
            _part(name, (f"/{self._services[name][0]}/",), document or {}, is_desk=False)
            for name, document in fetched.items()
        ]
        document = merge(parts, issuer=self._issuer)
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        return Published(document, body, b'"%b"' % sha256(body).hexdigest()[:32].encode())


async def _fetch(name: str, upstream: Upstream) -> bytes | None:
    try:
        answer = await upstream.request("GET", "/openapi.json")
        if answer.status == _OK:
            return answer.body
        reason = f"status {answer.status}"
    except (ForwardingFailure, TooSlow, BodyTooLarge) as error:
        reason = type(error).__name__
    _log.warning("description not fetched", upstream=name, reason=reason)
    return None


def _part(name: str, paths: tuple[str, ...], document: Document, *, is_desk: bool) -> Part:
    seen = seen_through_the_door(document, paths, is_desk=is_desk)
    return Part(name=name, paths=paths, document=seen, is_desk=is_desk)


def _components_of(document: Document) -> Iterator[Component]:
    """Yield kind and name of each component but the security schemes, of which we have our own."""
    for kind, named in document.get("components", {}).items():
        if kind != "securitySchemes":
            yield from ((kind, name) for name in named)


def _shared_components(parts: Sequence[Part]) -> frozenset[Component]:
    """Return the problem components that all parts define alike, with everything below them."""
    seen: dict[Component, set[str]] = {}
    references: dict[Component, set[Component]] = {}
    for part in parts:
        for kind, name in _components_of(part.document):
            definition = part.document["components"][kind][name]
            seen.setdefault((kind, name), set()).add(json.dumps(definition, sort_keys=True))
            references[kind, name] = set(_references(definition))
    alike = {component for component, texts in seen.items() if len(texts) == 1}
    while True:
        rooted = {component for component in alike if references[component] <= alike}
        if rooted == alike:
            break
        alike = rooted
    problems = {component for component in alike if component[1].endswith("Problem")}
    return frozenset(
        problems | {root for problem in problems for root in _roots(problem, references)}
    )


def _roots(start: Component, references: Mapping[Component, set[Component]]) -> set[Component]:
    found: set[Component] = set()
    open_ends = {start}
    while open_ends:
        found |= open_ends
        open_ends = {end for one in open_ends for end in references.get(one, ())} - found
    return found


def _references(node: Any) -> Iterator[Component]:
    if isinstance(node, str) and node.startswith(_REF):
        kind, _, name = node.removeprefix(_REF).partition("/")
        yield kind, name
    for below in _below(node):
        yield from _references(below)


def _below(node: Any) -> Iterable[Any]:
    match node:
        case dict():
            return cast("Document", node).values()
        case list():
            return cast("list[Any]", node)
        case _:
            return ()


def _new_name(part: Part, component: Component, shared: frozenset[Component]) -> str:
    return component[1] if component in shared else part.component_prefix + component[1]


def _renamed(node: Any, names: Mapping[Component, str]) -> Any:
    """Return a copy in which every reference points to the component's new name."""
    match node:
        case str() if node.startswith(_REF):
            kind, _, name = node.removeprefix(_REF).partition("/")
            return f"{_REF}{kind}/{names.get((kind, name), name)}"
        case dict():
            items = cast("Document", node).items()
            return {key: _renamed(value, names) for key, value in items}
        case list():
            return [_renamed(value, names) for value in cast("list[Any]", node)]
        case _:
            return node


def _own_paths(part: Part) -> Iterator[tuple[str, Document]]:
    for path, item in part.document.get("paths", {}).items():
        if path.startswith(part.paths):
            yield path, item


def _operations_of(part: Part, item: Document) -> Document:
    """Return a path item whose operations name their part and the one way to sign in."""
    for method in _METHODS:
        operation = item.get(method)
        if operation is None:
            continue
        area = part.name.replace("_", "-")
        operation["tags"] = [f"{area}: {tag}" for tag in operation.get("tags", [])] or [area]
        if "security" in operation:
            operation["security"] = [
                {
                    REGISTRATION if REGISTRATION in way else SCHEME: sorted(
                        {scope for scopes in way.values() for scope in scopes}
                    )
                }
                for way in operation["security"]
            ]
        else:
            operation["security"] = [] if part.is_desk else [{SCHEME: []}]
    return item


def _lift_refusals(paths: Document) -> dict[str, Document]:
    """Move what every operation repeats to one place: it is most of the bytes.

    An example is one refusal; a response that can be only one refusal is lifted with it. What is
    said differently by another part stays where it is.
    """
    examples: Document = {}
    responses: Document = {}
    for _, operation in _each_operation(paths):
        answers: Document = operation.get("responses", {})
        for status, response in answers.items():
            shown = _examples_of(response)
            names = [_lift(shown, slug, "examples", slug, examples) for slug in shown]
            if len(names) == 1 and names[0]:
                _lift(answers, status, "responses", names[0], responses)
    return {"examples": examples, "responses": responses}


def _lift(place: Document, key: str, kind: str, slug: str, lifted: Document) -> str:
    """Replace an entry by a reference; return the slug, or nothing if it differs from another."""
    name = slug.replace("/", ".")
    if lifted.setdefault(name, place[key]) != place[key]:
        return ""
    place[key] = {"$ref": f"{_REF}{kind}/{name}"}
    return slug


def _examples_of(response: Document) -> Document:
    return response.get("content", {}).get(MEDIA_TYPE, {}).get("examples", {})


def _each_operation(paths: Document) -> Iterator[tuple[str, Document]]:
    for path, item in paths.items():
        for method in _METHODS:
            if method in item:
                yield f"{method} {path}", item[method]


def _check_operations(paths: Document) -> frozenset[str]:
    """Return all scopes in use, having seen that no two operations share a name."""
    names: dict[str, str] = {}
    scopes: set[str] = set()
    for place, operation in _each_operation(paths):
        name = operation.get("operationId", "")
        if not name or name in names:
            raise ContradictoryDescriptions(f"{place}: {name!r}, also {names.get(name)}")
        names[name] = place
        for way in operation.get("security", []):
            scopes.update(way.get(SCHEME, ()))
    return frozenset(scopes)


def _tags(paths: Document) -> list[str]:
    return sorted({tag for _, operation in _each_operation(paths) for tag in operation["tags"]})


def _in_use(paths: Document, components: dict[str, Document]) -> dict[str, Document]:
    """Return the components that some operation leads to, by name; the rest says nothing."""
    definitions = {
        (kind, name): definition
        for kind, named in components.items()
        for name, definition in named.items()
    }
    references = {key: set(_references(one)) for key, one in definitions.items()}
    used: set[Component] = set()
    for start in set(_references(paths)):
        used |= _roots(start, references)
    return {
        kind: {name: named[name] for name in sorted(named) if (kind, name) in used}
        for kind, named in sorted(components.items())
    }


def _problems(parts: Sequence[Part]) -> list[Document]:
    """Return each refusal that some operation shows as an example, once, without its occasion."""
    found: dict[str, Document] = {}
    for part in parts:
        for _, operation in _each_operation(part.document.get("paths", {})):
            for response in operation.get("responses", {}).values():
                for example in _examples_of(response).values():
                    shown = example.get("value", {})
                    if shown.keys() >= _EXPLAINED:
                        entry = {key: shown[key] for key in sorted(_EXPLAINED)}
                        found.setdefault(str(shown["type"]), entry)
    return [found[key] for key in sorted(found)]
