"""What those who look after protection see, and say that they saw."""

from uuid import UUID

from foundation import clock
from foundation.database import Page, decode_cursor, page_of
from foundation.work import Work
from services.registry.protection.domain import Alert
from services.registry.protection.problems import AlertNotFound
from services.registry.protection.repository import Alerts

_BEFORE_ALL = UUID(int=0)
_ACTION = "registry.protection.alerts"


async def list_unseen(work: Work, *, cursor: str | None, limit: int) -> Page[Alert]:
    """Return the alerts nobody has seen yet, the eldest first.

    Raises:
        InvalidCursor: the cursor is not one of this list's (400).
    """
    after: UUID = decode_cursor(cursor, UUID)[0] if cursor else _BEFORE_ALL
    found = await Alerts(work.tx).unseen(asker=work.principal.subject, after=after, limit=limit + 1)
    page = page_of(found, limit=limit, key=lambda alert: (alert.id,))
    await work.record(_ACTION, detail={"count": len(page.items)})
    return page


async def acknowledge(work: Work, alert_id: UUID) -> Alert:
    """Keep that the caller saw an alert; who saw it first stays named.

    Raises:
        AlertNotFound: 404.
    """
    alerts, asker = Alerts(work.tx), work.principal.subject
    if await alerts.get(alert_id, asker=asker) is None:
        raise AlertNotFound
    await alerts.see(alert_id, by=asker, at=clock.now())
    seen = await alerts.get(alert_id, asker=asker)
    if seen is None:
        raise AlertNotFound
    await work.record(_ACTION, obj=str(alert_id), detail={"seen": True})
    return seen
