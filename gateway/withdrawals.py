"""The one hand that writes on the list of what was taken back, which every gateway reads.

One row for one thing, however often it is taken back: who repeats themselves lengthens nothing.
What is taken back is refused within a second, until the last token it could concern has expired.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    Integer,
    Text,
    bindparam,
    cast,
    delete,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from foundation import clock
from foundation.database import Row, Statement, Transaction
from foundation.database.horizon import settled_below

from .models import RevocationRow

EVERYWHERE: Final = "*"
"""In place of a municipality's code: a client stopped in all of them, in one row."""
TOKEN_SECONDS: Final = 600
"""How long an access token lives at most."""
SKEW_SECONDS: Final = 60
"""By how much the clocks of two gateways of ours differ at most (FAPI 2.0 §5.3.2.1)."""
_LAST_EXPIRED: Final = timedelta(seconds=TOKEN_SECONDS + SKEW_SECONDS + 1)

Kind = Literal["token", "session", "client", "subject", "representation", "assistance"]

_TIME = DateTime(timezone=True)
_WRITTEN = ("municipality_code", "kind", "value", "revoked_at", "expires_at", "client_id")
_SAID = insert(RevocationRow).values({name: bindparam(name) for name in _WRITTEN}).inline()
_SAY = Statement(
    "platform.revocations.say",
    _SAID.on_conflict_do_update(
        index_elements=[
            RevocationRow.municipality_code,
            RevocationRow.kind,
            RevocationRow.value,
        ],
        # Two who take the same back may finish in either order; the later word holds.
        set_={
            "revoked_at": func.greatest(RevocationRow.revoked_at, _SAID.excluded.revoked_at),
            "expires_at": func.greatest(RevocationRow.expires_at, _SAID.excluded.expires_at),
            "tx": cast(cast(func.pg_current_xact_id(), Text), BigInteger),
        },
    ),
)
_COLUMNS = (
    RevocationRow.kind,
    RevocationRow.municipality_code,
    RevocationRow.value,
    RevocationRow.revoked_at,
    RevocationRow.expires_at,
)
_HORIZON = Statement("platform.revocations.horizon", select(settled_below().label("tx")))
_IN_FORCE = Statement(
    "platform.revocations.in_force",
    select(*_COLUMNS).where(RevocationRow.expires_at > bindparam("now", type_=_TIME)),
)
_NEWS = Statement(
    "platform.revocations.news",
    select(*_COLUMNS).where(RevocationRow.tx >= bindparam("since", type_=BigInteger)),
)
_TOKENS_OF = Statement(
    "platform.revocations.tokens_of_client",
    select(func.count().label("count")).select_from(
        select(RevocationRow.id)
        .where(
            RevocationRow.kind == "token",
            RevocationRow.municipality_code == bindparam("code", type_=Text),
            RevocationRow.client_id == bindparam("client_id", type_=Text),
            RevocationRow.expires_at > bindparam("now", type_=_TIME),
        )
        .limit(bindparam("most", type_=Integer))
        .subquery()
    ),
)
_LAST = Statement(
    "platform.revocations.last_of_client",
    select(
        func.max(RevocationRow.revoked_at).label("at"), func.clock_timestamp().label("now")
    ).where(
        RevocationRow.kind == "client",
        RevocationRow.value == bindparam("client_id", type_=Text),
        RevocationRow.municipality_code == func.any(bindparam("codes", type_=ARRAY(Text))),
    ),
)
_LOCK = func.hashtextextended(bindparam("name", type_=Text), 0)
_STAND_STILL = Statement(
    "platform.revocations.stand_still", select(func.pg_advisory_xact_lock(_LOCK))
)
_WALK_BY = Statement(
    "platform.revocations.walk_by", select(func.pg_advisory_xact_lock_shared(_LOCK))
)
_TIME_IT_IS = Statement(
    "platform.revocations.time_it_is", select(func.clock_timestamp().label("now"))
)
_FORGET = Statement(
    "platform.revocations.forget",
    delete(RevocationRow).where(RevocationRow.expires_at < bindparam("before", type_=_TIME)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """One thing to be believed no more, in one municipality or everywhere.

    `client_id` says whose token it is, so that a client's tokens on the list can be counted.
    """

    kind: Kind
    value: str
    code: str
    client_id: str = ""
    at: datetime = field(default_factory=clock.now)
    until: datetime = field(default_factory=lambda: clock.now() + _LAST_EXPIRED)
    """When the last token that was given before it has expired, also one dated by a clock that is
    ahead of this one."""


async def say(work: Transaction, found: Withdrawal) -> None:
    """Put something on the list; to say it again makes it hold longer and the list no longer."""
    await work.execute(
        _SAY,
        municipality_code=found.code,
        kind=found.kind,
        value=found.value,
        revoked_at=found.at,
        expires_at=found.until,
        client_id=found.client_id,
    )


async def say_of_client(work: Transaction, client_id: str, *, code: str) -> None:
    """Refuse every token a client was given until now, here or `EVERYWHERE`.

    What it is given afterwards is believed. So nobody may be giving it a token on grounds read
    before this: whoever does is waited for (`giving_to`), and only then is it said what time it is,
    by the one clock that all gateways share: the database's.
    """
    await stand_still(work, client_id)
    found = Withdrawal(kind="client", value=client_id, code=code, at=await _time_it_is(work))
    await say(work, found)


async def stand_still(work: Transaction, client_id: str) -> None:
    """Wait until nobody is giving this client a token, and let nobody begin before this is done.

    To be taken before any row of the client, its leave or its sessions: who gives tokens takes
    them in this order too, and two who wait for each other would both fail.
    """
    await work.fetch_one(_STAND_STILL, name=_name(client_id))


async def giving_to(work: Transaction, client_id: str) -> None:
    """Say, before its leave is read, that a client is being given a token in this transaction."""
    await work.fetch_one(_WALK_BY, name=_name(client_id))


async def given_now(work: Transaction, client_id: str) -> int:
    """Return the second in which a client is given a token, by the database's clock.

    It lies after whatever was last taken back from this client, here or everywhere; `giving_to`
    was said before.
    """
    codes = [EVERYWHERE, *([] if work.tenancy is None else [str(work.tenancy.code)])]
    row = await work.fetch_one(_LAST, client_id=client_id, codes=codes)
    if row is None:
        raise RuntimeError("An aggregate is always one row.")
    now, refused_at = int(row["now"].timestamp()), row["at"]
    return now if refused_at is None else max(now, int(refused_at.timestamp()) + 1)


async def tokens_of(work: Transaction, client_id: str, *, code: str, most: int) -> int:
    """Return how many single tokens of a client are on the list here; counts up to `most`."""
    row = await work.fetch_one(
        _TOKENS_OF, client_id=client_id, code=code, now=clock.now(), most=most
    )
    return 0 if row is None else int(row["count"])


async def in_force(work: Transaction) -> tuple[int, Sequence[Row]]:
    """Return the whole list, and from which transaction on there may be news."""
    horizon = await _horizon(work)
    return horizon, await work.fetch(_IN_FORCE, now=clock.now())


async def news(work: Transaction, *, since: int) -> tuple[int, Sequence[Row]]:
    """Return what was written by the transaction `since` or later ones, and where to read on.

    The number is asked before the rows: what lies below it was settled when they were read.
    """
    horizon = await _horizon(work)
    return horizon, await work.fetch(_NEWS, since=since)


async def forget(work: Transaction, *, before: datetime) -> None:
    """Drop what nothing can refer to any more."""
    await work.execute(_FORGET, before=before)


async def _horizon(work: Transaction) -> int:
    row = await work.fetch_one(_HORIZON)
    return 0 if row is None else int(row["tx"])


async def _time_it_is(work: Transaction) -> datetime:
    row = await work.fetch_one(_TIME_IT_IS)
    if row is None:
        raise RuntimeError("The time is always one row.")
    now: datetime = row["now"]
    return now


def _name(client_id: str) -> str:
    return f"platform.client|{client_id}"
