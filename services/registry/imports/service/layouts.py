"""A municipality says once how its own system writes: its headings, its codes, its dates."""

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from foundation import clock
from foundation.database import Row
from foundation.identifiers import new_id
from foundation.problems import Fault, InvalidInput
from foundation.work import Work
from services.registry.imports.domain import UNPROTECTED_WORDS, Layout, unprotecting
from services.registry.imports.problems import LayoutNotFound
from services.registry.imports.repository import Layouts

_BLANK = "、".join(word or "空" for word in UNPROTECTED_WORDS)
_KEPT_BEFORE = Fault(
    pointer="/layout",
    detail="This layout reads protected people as if they were not. Keep a next revision of it.",
    detail_ja="この対応では、支援措置の対象者が対象外として読まれます。直したものを同じ名前で登録してください。",
    location="query",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLayout:
    """One revision as it is kept."""

    id: UUID
    name: str
    revision: int
    layout: Layout
    created_at: datetime


async def keep_layout(work: Work, name: str, layout: Layout) -> KeptLayout:
    """Keep the next revision of a layout; earlier ones stay as they are.

    Raises:
        InvalidInput: with it, protected people would come in as if they were not (422).
    """
    if lost := unprotecting(layout):
        raise InvalidInput.of([_explained(pointer) for pointer in lost])
    kept_id, now = new_id(), clock.now()
    revision = await Layouts(work.tx).add(
        kept_id, name=name, definition=asdict(layout), by=work.principal.subject, at=now
    )
    await work.record(
        "registry.import.manage", obj=str(kept_id), detail={"act": "layout", "revision": revision}
    )
    return KeptLayout(id=kept_id, name=name, revision=revision, layout=layout, created_at=now)


async def list_layouts(work: Work) -> list[KeptLayout]:
    """Return all revisions."""
    await work.record("registry.import.manage", detail={"act": "list_layouts"})
    return [_kept(row) for row in await Layouts(work.tx).all()]


async def newest_layout(work: Work, name: str) -> KeptLayout:
    """Return the newest revision of a name.

    Raises:
        LayoutNotFound: nobody has kept one under it (404).
        InvalidInput: it was kept before such layouts were refused (422).
    """
    row = await Layouts(work.tx).newest(name)
    if row is None:
        raise LayoutNotFound
    kept = _kept(row)
    if unprotecting(kept.layout):
        raise InvalidInput.of([_KEPT_BEFORE])
    return kept


def _explained(pointer: str) -> Fault:
    return Fault(
        pointer=pointer,
        detail="A layout cannot take anybody out of protection. Take this out; only these words may"
        f" mean that somebody is not protected: {_BLANK} (空 is an empty cell). A file without the"
        " column needs it, empty.",
        detail_ja="見出しの対応では、支援措置を対象外にできません。この指定を外してください。"
        f"対象外と読める言葉は {_BLANK} だけです。列がないファイルには、空の列を加えてください。",
    )


def _kept(row: Row) -> KeptLayout:
    return KeptLayout(
        id=row["id"],
        name=row["name"],
        revision=row["revision"],
        layout=Layout(**row["definition"]),
        created_at=row["created_at"],
    )
