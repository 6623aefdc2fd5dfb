"""Who looks after protection is told of every look at an address, and of every attempt at one."""

from typing import Final
from uuid import UUID

from foundation import clock
from foundation.database import Transaction
from foundation.events import Outbox
from foundation.web import Refusal
from foundation.work import Work
from services.registry.protection.domain import REPEATED, AlertKind
from services.registry.protection.events import AlertRaised
from services.registry.protection.repository import Alerts

_SERVICE: Final = "registry"
_WATCHED: Final = "registry.protection."
"""Every act whose name begins so: asking for a measure one may not know of is an attempt too."""


async def raise_alert(
    work: Work,
    kind: AlertKind,
    *,
    action: str,
    measure_id: UUID | None = None,
    resident_id: UUID | None = None,
    opening_id: UUID | None = None,
) -> None:
    """Leave an alert that commits with what it tells of, and announce it."""
    alert_id, _ = await Alerts(work.tx).raise_(
        kind,
        actor=work.principal.subject,
        action=action,
        at=clock.now(),
        measure_id=measure_id,
        resident_id=resident_id,
        opening_id=opening_id,
    )
    await work.emit(AlertRaised(subject_id=alert_id, kind=kind.value))


async def tell_of_refusal(tx: Transaction, refusal: Refusal) -> None:
    """Leave an alert of an attempt that was refused; the same again is counted with it."""
    if not refusal.action.startswith(_WATCHED):
        return
    alerts, kind = Alerts(tx), AlertKind.ATTEMPT_REFUSED
    actor = refusal.caller.principal.subject
    resident_id = refusal.subjects[0] if refusal.subjects else None
    now, action = clock.now(), refusal.action
    cared = await alerts.care_of(resident_id) if resident_id is not None else []
    measure_id = cared[0]["id"] if cared else None
    counted = await alerts.count_again(
        kind, actor=actor, action=action, resident_id=resident_id, at=now
    )
    alert_id, times = counted or await alerts.raise_(
        kind,
        actor=actor,
        action=action,
        at=now,
        measure_id=measure_id,
        resident_id=resident_id,
    )
    outbox = Outbox(_SERVICE)
    await outbox.append(tx, AlertRaised(subject_id=alert_id, kind=kind.value))
    if times == REPEATED:
        repeated = AlertKind.ATTEMPTS_REPEATED
        alert_id, _ = await alerts.raise_(
            repeated,
            actor=actor,
            action=action,
            at=now,
            measure_id=measure_id,
            resident_id=resident_id,
        )
        await outbox.append(tx, AlertRaised(subject_id=alert_id, kind=repeated.value))
