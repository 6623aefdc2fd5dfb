"""What is declared about an operation where it is written, and found again in the OpenAPI."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Required, TypedDict

from foundation.authorization import Permission
from foundation.problems import Problem

from .deadlines import USUAL_SECONDS
from .documents import DEFAULT_BODY_BYTES, JSON_MEDIA_TYPE
from .retirement import Retirement


class Options(TypedDict, total=False):
    """The words of a declaration.

    `permission`: the act this operation is. `summary`: one Japanese line. `problems`: refusals of
    its own beyond those every operation has. `status_code`: of success. `idempotent_post=False`:
    a POST without effect, such as a search whose terms do not belong in a URL. `accepts`: media
    types of a body that is not JSON, of which `example` is one. `produces`: the media type of an
    answer that is not JSON.
    `max_body_bytes`: where 64 KiB are not enough. `spooled`: the body waits on disk, and may be
    sent with gzip; the endpoint asks for a `SpooledBody`. `seconds`: how long it may take at most,
    where half a minute is not enough. `retires`: since when it is not to be begun
    with, and when it ends; every answer says so.
    """

    permission: Required[Permission]
    summary: Required[str]
    description: str
    problems: Sequence[type[Problem]]
    status_code: int
    idempotent_post: bool
    accepts: Sequence[str]
    example: str
    produces: str
    max_body_bytes: int
    spooled: bool
    seconds: float
    retires: Retirement


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation as the route carries it out and the OpenAPI describes it."""

    method: str
    permission: Permission
    problems: tuple[type[Problem], ...]
    repeatable: bool
    """Whether a repeat must be recognised, so that an Idempotency-Key is required."""
    reads_json: bool
    accepts: tuple[str, ...]
    example: str | None
    produces: str | None
    max_body_bytes: int
    seconds: float = USUAL_SECONDS
    retires: Retirement | None = None
    spooled: bool = False

    @classmethod
    def declared(cls, method: str, options: Options, *, reads_json: bool) -> "Operation":
        """Fill in what the declaration leaves unsaid."""
        return cls(
            method=method,
            permission=options["permission"],
            problems=tuple(options.get("problems", ())),
            repeatable=method == "POST" and options.get("idempotent_post", True),
            reads_json=reads_json,
            accepts=tuple(options.get("accepts", (JSON_MEDIA_TYPE,) if reads_json else ())),
            example=options.get("example"),
            produces=options.get("produces"),
            max_body_bytes=options.get("max_body_bytes", DEFAULT_BODY_BYTES),
            seconds=options.get("seconds", USUAL_SECONDS),
            retires=options.get("retires"),
            spooled=options.get("spooled", False),
        )

    @property
    def has_body(self) -> bool:
        return bool(self.accepts)


def route_arguments(options: Options) -> dict[str, Any]:
    """Return what FastAPI itself wants to know."""
    names = ("summary", "description", "status_code")
    arguments = {name: value for name, value in options.items() if name in names}
    return arguments | ({"deprecated": True} if "retires" in options else {})
