"""How much one vendor may do in a day, so that nobody drowns a town hall in paper.

Counted in the transaction of the act itself, for all gateways together: what is refused for
another reason is not counted, and two at once are counted as two. The days are Japan's.
"""

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Date, Integer, Text, bindparam, delete, func, update
from sqlalchemy.dialects.postgresql import insert

from foundation import clock
from foundation.database import Statement, Transaction

from .models import ClientRegistrationRow, DailyCountRow, VendorRow
from .problems import AccessRequestsFull, EnoughForToday


@dataclass(frozen=True, slots=True)
class Cap:
    """What is counted, and how much of it is enough for one day."""

    act: str
    most: int


REQUESTS: Final = Cap("access-request", 50)
"""Of one client: also those that are taken back, for each was before somebody's eyes."""
KEYS: Final = Cap("client-key", 10)
"""Of one client: two are active at once, so ten are a day of mistakes."""
PRODUCTION: Final = Cap("production-client", 5)
"""Of one vendor, known by its token, or by what it calls itself."""
MOST_OPEN: Final = 200
"""Requests of one client that wait for an answer, in all municipalities together."""
_KEPT: Final = timedelta(days=7)

_FIRST = insert(DailyCountRow).values(
    whose=bindparam("whose"), act=bindparam("act"), day=bindparam("day"), taken=1
)
_TAKE = Statement(
    "platform.daily_counts.take",
    _FIRST.on_conflict_do_update(
        index_elements=[DailyCountRow.whose, DailyCountRow.act, DailyCountRow.day],
        set_={"taken": DailyCountRow.taken + 1},
        where=DailyCountRow.taken < bindparam("most", type_=Integer),
    ),
)
_FORGET = Statement(
    "platform.daily_counts.forget",
    delete(DailyCountRow).where(DailyCountRow.day < bindparam("before", type_=Date)),
)
_SHOW = Statement(
    "platform.client_registrations.show",
    update(ClientRegistrationRow)
    .where(
        ClientRegistrationRow.client_id == bindparam("client", type_=Text),
        ClientRegistrationRow.open_requests < bindparam("most", type_=Integer),
    )
    .values(
        shown_at=func.coalesce(ClientRegistrationRow.shown_at, bindparam("at")),
        open_requests=ClientRegistrationRow.open_requests + 1,
    ),
)
_SHOW_VENDOR = Statement(
    "platform.vendors.show",
    update(VendorRow)
    .where(VendorRow.id == bindparam("vendor"))
    .values(shown_at=func.coalesce(VendorRow.shown_at, bindparam("at"))),
)
_ANSWERED = Statement(
    "platform.client_registrations.answered",
    update(ClientRegistrationRow)
    .where(
        ClientRegistrationRow.client_id == bindparam("client", type_=Text),
        ClientRegistrationRow.open_requests > 0,
    )
    .values(open_requests=ClientRegistrationRow.open_requests - 1),
)


async def take(work: Transaction, whose: str, cap: Cap) -> None:
    """Count one act of today.

    Raises:
        EnoughForToday: the day's number is reached; it says until when.
    """
    day = clock.today()
    if not await work.execute(_TAKE, whose=whose, act=cap.act, day=day, most=cap.most):
        raise EnoughForToday.until(midnight_after(day), now=clock.now(), most=cap.most)


async def show(work: Transaction, client_id: str, vendor_id: UUID) -> None:
    """Put a client before a municipality's eyes: what it saw is not changed from now on.

    Raises:
        AccessRequestsFull: too many municipalities have not answered yet.
        EnoughForToday: it asked often enough today.
    """
    now = clock.now()
    if not await work.execute(_SHOW, client=client_id, at=now, most=MOST_OPEN):
        raise AccessRequestsFull(most=MOST_OPEN)
    await work.execute(_SHOW_VENDOR, vendor=vendor_id, at=now)
    await take(work, client_id, REQUESTS)


async def answered(work: Transaction, client_id: str) -> None:
    """Note that one request of a client waits no more: decided, or taken back."""
    await work.execute(_ANSWERED, client=client_id)


async def forget(work: Transaction) -> None:
    """Forget what was counted a week ago."""
    await work.execute(_FORGET, before=clock.today() - _KEPT)


def midnight_after(day: date) -> datetime:
    """Return the instant the next day begins in Japan."""
    following = day + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=clock.JST)


def named(organization_name: str) -> str:
    """Return what one organisation is counted by, however it is spaced and spelled."""
    plain = "".join(unicodedata.normalize("NFKC", organization_name).casefold().split())
    return f"name:{hashlib.sha256(plain.encode()).hexdigest()}"
