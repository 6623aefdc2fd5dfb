"""Showing a resident who touched their data."""

import json
from datetime import datetime
from uuid import UUID

from foundation import audit
from foundation.database import Page, Row, decode_cursor, page_of
from foundation.identity import Resident
from foundation.work import Work
from gateway.permissions import READ_OWN_ACCESS_LOG
from gateway.representations.repository import relationships
from gateway.tenants import names_of

from .domain import Told, sentence, sentence_ja
from .problems import ResidentUnbound
from .schemas import AccessRead


async def access_log(work: Work, *, cursor: str | None, limit: int) -> Page[AccessRead]:
    """Return who touched the caller's own data, newest first.

    Raises:
        ResidentUnbound: it is not known which record is the caller's (403: the log is theirs by
            right, and the way to it is at the counter).
    """
    principal = work.principal
    resident_id = principal.resident_id if isinstance(principal, Resident) else None
    if resident_id is None:
        raise ResidentUnbound
    before: tuple[datetime, UUID] | None = None
    if cursor is not None:
        at, reference = decode_cursor(cursor, datetime, UUID)
        before = (at, reference)
    rows = await audit.entries_about(work.tx, resident_id, before=before, limit=limit + 1)
    # Without a subject: to look at one's own log is not a use of one's data worth a line in it.
    await work.record(READ_OWN_ACCESS_LOG.action)
    page = page_of(rows, limit=limit, key=lambda row: (row["at"], row["id"]))
    rights = {row["id"]: _representation_of(row) for row in page.items}
    told = await relationships(work.tx, [right for right in rights.values() if right])
    offices = await names_of(work.tx, {code for code in map(_office_of, page.items) if code})
    return Page(
        items=[
            _shown(
                row,
                subject=principal.subject,
                relationship=told.get(rights[row["id"]]),
                office=offices.get(_office_of(row) or ""),
            )
            for row in page.items
        ],
        next_cursor=page.next_cursor,
    )


def _representation_of(row: Row) -> UUID | None:
    """Return the right on which somebody acted for the resident, if it was so."""
    named = json.loads(row["detail"]).get("representation")
    return UUID(named) if isinstance(named, str) else None


def _office_of(row: Row) -> str | None:
    """Return the code of the office somebody assisted from, if it was so."""
    detail = json.loads(row["detail"])
    named = detail.get("office") if "assistance" in detail else None
    return named if isinstance(named, str) else None


def _shown(row: Row, *, subject: str, relationship: str | None, office: str | None) -> AccessRead:
    is_resident = row["actor_kind"] == "resident" and relationship is None
    own = is_resident and row["actor"] == subject
    told = Told(
        action=row["action"],
        actor_kind=row["actor_kind"],
        own=own,
        purpose=row["purpose"],
        service=row["service"],
        decision=row["decision"],
        relationship=relationship,
        office=office,
    )
    return AccessRead(
        reference=row["id"],
        at=row["at"],
        service=row["service"],
        action=row["action"],
        actor_kind=row["actor_kind"],
        by_yourself=own,
        purpose=row["purpose"],
        decision=row["decision"],
        summary=sentence(told),
        summary_ja=sentence_ja(told),
    )
