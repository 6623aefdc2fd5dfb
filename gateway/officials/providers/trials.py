"""Trial sign-ins, as the database keeps them: a link, a way there and back, and a report."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, delete, insert, select, update

from foundation.database import Row, Statement, Transaction, tenant_is

from .models import TrialSignInRow

LIFETIME = timedelta(minutes=15)
_MOST = 50

_COLUMNS = (
    TrialSignInRow.id,
    TrialSignInRow.provider_id,
    TrialSignInRow.provider_version,
    TrialSignInRow.requested_by,
    TrialSignInRow.created_at,
    TrialSignInRow.expires_at,
    TrialSignInRow.finished_at,
    TrialSignInRow.succeeded,
    TrialSignInRow.person,
    TrialSignInRow.employee_hash,
    TrialSignInRow.groups,
    TrialSignInRow.report,
)
_ADD = Statement(
    "platform.trial_sign_ins.add",
    insert(TrialSignInRow).values(
        tenant_id=bindparam("tenant_id"),
        id=bindparam("id"),
        provider_id=bindparam("provider_id"),
        provider_version=bindparam("provider_version"),
        requested_by=bindparam("requested_by"),
        link_hash=bindparam("link_hash"),
        created_at=bindparam("created_at"),
        expires_at=bindparam("expires_at"),
        groups=[],
        report={},
    ),
)
_LEAVE = Statement(
    "platform.trial_sign_ins.leave",
    update(TrialSignInRow)
    .where(
        tenant_is(TrialSignInRow),
        TrialSignInRow.link_hash == bindparam("link"),
        TrialSignInRow.state_hash.is_(None),
        TrialSignInRow.expires_at > bindparam("now"),
    )
    .values(state_hash=bindparam("state"), browser_hash=bindparam("browser"))
    .returning(*_COLUMNS),
)
_RETURN = Statement(
    "platform.trial_sign_ins.come_back",
    select(*_COLUMNS)
    .where(
        tenant_is(TrialSignInRow),
        TrialSignInRow.state_hash == bindparam("state"),
        TrialSignInRow.browser_hash == bindparam("browser"),
        TrialSignInRow.finished_at.is_(None),
        TrialSignInRow.expires_at > bindparam("now"),
    )
    .with_for_update(),
)
_FINISH = Statement(
    "platform.trial_sign_ins.finish",
    update(TrialSignInRow)
    .where(
        tenant_is(TrialSignInRow),
        TrialSignInRow.id == bindparam("trial_id", type_=Uuid),
        TrialSignInRow.finished_at.is_(None),
    )
    .values(
        finished_at=bindparam("at"),
        succeeded=bindparam("has_succeeded"),
        person=bindparam("who"),
        employee_hash=bindparam("number"),
        groups=bindparam("held"),
        report=bindparam("told", type_=TrialSignInRow.report.type),
    ),
)
_OF_PROVIDER = Statement(
    "platform.trial_sign_ins.of_provider",
    select(*_COLUMNS)
    .where(
        tenant_is(TrialSignInRow),
        TrialSignInRow.provider_id == bindparam("provider_id", type_=Uuid),
    )
    .order_by(TrialSignInRow.id.desc())
    .limit(_MOST),
)
_FORGET = Statement(
    "platform.trial_sign_ins.forget",
    delete(TrialSignInRow).where(
        tenant_is(TrialSignInRow),
        TrialSignInRow.provider_id == bindparam("provider_id", type_=Uuid),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One try with a provider, and what came of it.

    `report` names claims and faults, never what a claim said; `groups` are the directory's.
    """

    id: UUID
    provider_id: UUID
    provider_version: int
    requested_by: str
    created_at: datetime
    expires_at: datetime
    finished_at: datetime | None = None
    succeeded: bool | None = None
    person: str | None = None
    employee_hash: bytes | None = field(default=None, repr=False)
    groups: tuple[str, ...] = ()
    report: Mapping[str, Any] = field(default_factory=dict[str, Any])


async def add(work: Transaction, trial: Trial, *, link_hash: bytes) -> None:
    """Write down a link that was given out."""
    await work.execute(
        _ADD,
        id=trial.id,
        provider_id=trial.provider_id,
        provider_version=trial.provider_version,
        requested_by=trial.requested_by,
        link_hash=link_hash,
        created_at=trial.created_at,
        expires_at=trial.expires_at,
    )


async def leave(
    work: Transaction, *, link: bytes, state: bytes, browser: bytes, now: datetime
) -> Trial | None:
    """Use up a link and tie the trial to a browser; None when it was used, is late or unknown."""
    row = await work.fetch_one(_LEAVE, link=link, state=state, browser=browser, now=now)
    return None if row is None else _trial(row)


async def come_back(
    work: Transaction, *, state: bytes, browser: bytes, now: datetime
) -> Trial | None:
    """Return the trial that left from this browser and has not come back before."""
    row = await work.fetch_one(_RETURN, state=state, browser=browser, now=now)
    return None if row is None else _trial(row)


async def finish(work: Transaction, trial: Trial) -> bool:
    """Write down what came of it; False when that was done already."""
    return (
        await work.execute(
            _FINISH,
            trial_id=trial.id,
            at=trial.finished_at,
            has_succeeded=trial.succeeded,
            who=trial.person,
            number=trial.employee_hash,
            held=list(trial.groups),
            told=dict(trial.report),
        )
        > 0
    )


async def of_provider(work: Transaction, provider_id: UUID) -> list[Trial]:
    """Return the trials of a provider, the last first."""
    return [_trial(row) for row in await work.fetch(_OF_PROVIDER, provider_id=provider_id)]


async def forget(work: Transaction, provider_id: UUID) -> None:
    """Forget every trial: what was tried is not what there is now."""
    await work.execute(_FORGET, provider_id=provider_id)


def _trial(row: Row) -> Trial:
    given: dict[str, Any] = {**row, "groups": tuple(row["groups"])}
    return Trial(**given)
