"""A municipality says once how its own system writes: its headings, its codes, its dates."""

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from foundation import clock
from foundation.database import Row
from foundation.identifiers import new_id
from foundation.work import Work
from services.registry.imports.domain import Layout
from services.registry.imports.problems import LayoutNotFound
from services.registry.imports.repository import Layouts


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLayout:
    """One revision as it is kept."""

    id: UUID
    name: str
    revision: int
    layout: Layout
    created_at: datetime


async def keep_layout(work: Work, name: str, layout: Layout) -> KeptLayout:
    """Keep the next revision of a layout; earlier ones stay as they are."""
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
    """
    row = await Layouts(work.tx).newest(name)
    if row is None:
        raise LayoutNotFound
    return _kept(row)


def _kept(row: Row) -> KeptLayout:
    return KeptLayout(
        id=row["id"],
        name=row["name"],
        revision=row["revision"],
        layout=Layout(**row["definition"]),
        created_at=row["created_at"],
    )
