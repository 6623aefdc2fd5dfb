"""Proofs that were shown, as the database remembers them for a minute."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ARRAY, DateTime, LargeBinary, Text, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from foundation.database import Statement, Transaction
from foundation.identity.dpop import Possession
from gateway.handles import digest
from gateway.models import UsedProofRow

_USE = Statement(
    "platform.used_proofs.use",
    insert(UsedProofRow)
    .from_select(
        ["jkt", "jti_hash", "expires_at"],
        select(
            func.unnest(bindparam("jkts", type_=ARRAY(Text))),
            func.unnest(bindparam("hashes", type_=ARRAY(LargeBinary))),
            func.unnest(bindparam("ends", type_=ARRAY(DateTime(timezone=True)))),
        ),
    )
    .on_conflict_do_nothing()
    .returning(UsedProofRow.jkt, UsedProofRow.jti_hash),
)
_FORGET = Statement(
    "platform.used_proofs.forget",
    delete(UsedProofRow).where(UsedProofRow.expires_at < bindparam("before")),
)

Name = tuple[str, bytes]
"""A proof as it is remembered: the key's thumbprint, and the hash of its `jti`."""


def name_of(possession: Possession) -> Name:
    """Return how a proof is remembered."""
    return possession.jkt, digest(possession.token_id)


async def use(work: Transaction, proofs: Collection[Possession]) -> frozenset[Name]:
    """Use up proofs and return those that were not used before, here or at another gateway."""
    names = [name_of(proof) for proof in proofs]
    rows = await work.fetch(
        _USE,
        jkts=[jkt for jkt, _ in names],
        hashes=[hashed for _, hashed in names],
        ends=[proof.memorable_until for proof in proofs],
    )
    return frozenset((row["jkt"], bytes(row["jti_hash"])) for row in rows)


async def forget(work: Transaction, *, before: datetime) -> int:
    """Drop the memory of proofs that are refused for their age by now."""
    return await work.execute(_FORGET, before=before)
