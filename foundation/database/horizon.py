"""Below which transaction everything is settled: what readers of a growing table must not pass.

Transactions finish in another order than they number their rows. A reader that remembers the
last number it saw loses what an older transaction commits later; below the oldest transaction
still open, nothing can appear any more.
"""

from sqlalchemy import BigInteger, ColumnElement, Text, cast, func


def settled_below() -> ColumnElement[int]:
    """Return the transaction number below which every row is committed or never will be.

    A bigint like the `tx` columns it is compared with: xid8 has no leakproof order.
    """
    xmin = func.pg_snapshot_xmin(func.pg_current_snapshot())
    return cast(cast(xmin, Text), BigInteger)
