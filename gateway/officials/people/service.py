"""Whose subject is whose, and who has which duty on a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from foundation.database import Page, decode_cursor, page_of
from foundation.identity import Role
from foundation.work import Work
from gateway.duties import acts
from gateway.duties.domain import Grant, conflicts_of, midnight
from gateway.officials.grants import repository as grants

from . import repository
from .repository import Colleague


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One duty of one person on a day, and where it comes from."""

    role: Role
    group: str | None = None
    grant_id: UUID | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Somebody with their duties on a day; without a subject they have yet to sign in."""

    subject: str | None
    display_name: str | None = field(default=None, repr=False)
    employee_id: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    duties: tuple[Duty, ...] = ()

    @property
    def conflicts(self) -> list[tuple[Role, Role, str, str]]:
        return conflicts_of(duty.role for duty in self.duties)


async def colleagues(
    work: Work, *, subjects: Sequence[str], cursor: str | None, limit: int
) -> Page[Colleague]:
    """Return officials with their names: those asked for, or all of them in pages.

    Raises:
        InvalidCursor: the cursor is not one of this list's (400).
    """
    if subjects:
        found = await repository.named(work.tx, work.cipher, subjects)
        page = Page(items=found, next_cursor=None)
    else:
        after: str = decode_cursor(cursor, str)[0] if cursor else ""
        found = await repository.listed(work.tx, work.cipher, after=after, limit=limit + 1)
        page = page_of(found, limit=limit, key=lambda one: (one.subject,))
    await work.record(acts.READ_OFFICIALS.action, detail={"count": len(page.items)})
    return page


async def duties_on(work: Work, day: date, *, cursor: str | None, limit: int) -> Page[Holder]:
    """Return who has which duty on a day; those who have yet to sign in come last.

    A group's duties are as the directory last told; what it will say on that day nobody knows.

    Raises:
        InvalidCursor: the cursor is not one of this list's (400).
    """
    after: str = decode_cursor(cursor, str)[0] if cursor else ""
    given = await grants.in_force(work.tx, work.cipher, midnight(day))
    found = await repository.listed(work.tx, work.cipher, after=after, limit=limit + 1)
    page = page_of(found, limit=limit, key=lambda one: (one.subject,))
    by_group = await repository.by_group(work.tx, [one.subject for one in page.items])
    holders = [
        Holder(
            subject=one.subject,
            display_name=one.display_name,
            employee_id=one.employee_id,
            duties=(
                *(
                    Duty(role=held.role, group=held.group)
                    for held in by_group
                    if held.subject == one.subject
                ),
                *_by_name(grant for grant in given if grant.subject == one.subject),
            ),
        )
        for one in page.items
    ]
    if not page.has_more:
        holders += _awaited(given)
    await work.record(acts.READ_DUTIES.action, detail={"count": len(holders), "day": str(day)})
    return Page(items=holders, next_cursor=page.next_cursor)


def _awaited(given: Sequence[Grant]) -> list[Holder]:
    """Return those who have yet to sign in, each with all that was given to them by one name."""
    names = dict.fromkeys((grant.named_by, grant.name) for grant in given if grant.subject is None)
    return [
        Holder(
            subject=None,
            employee_id=name if named_by == "employee_id" else None,
            email=name if named_by == "email" else None,
            duties=tuple(
                _by_name(
                    grant
                    for grant in given
                    if grant.subject is None and (grant.named_by, grant.name) == (named_by, name)
                )
            ),
        )
        for named_by, name in names
    ]


def _by_name(given: Iterable[Grant]) -> list[Duty]:
    return [
        Duty(role=grant.role, grant_id=grant.id, last_day=grant.period.last_day) for grant in given
    ]
