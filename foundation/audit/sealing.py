"""How the trail is sealed behind the requests' backs: soon, in order, and without slowing any.

A chain written with each entry would make every request of a city wait for the one before
(measured: five times slower). Instead each entry carries its own hash, and every few seconds the
entries that no open transaction can precede any more are added to the municipality's tree, whose
root is signed and put down outside the database first, inside it second.
"""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    bindparam,
    func,
    insert,
    literal,
    select,
    true,
    tuple_,
)

from foundation import clock
from foundation.database import Base, Database, DatabaseProblem, Row, Statement, Transaction
from foundation.database.horizon import settled_below
from foundation.identifiers import TenantId
from foundation.telemetry import logger

from .merkle import Tree
from .note import Checkpoint, NoteRefused, Signer
from .trail import ENTRIES
from .witness import Witness

CHECKPOINTS: Final = Table(
    "checkpoints",
    Base.metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("peaks", LargeBinary, nullable=False),
    Column("last_tx", BigInteger, nullable=False),
    Column("last_id", Uuid, nullable=False),
    Column("sealed_at", DateTime(timezone=True), nullable=False),
    Column("note", Text, nullable=False),
    schema="audit",
)

_PAGE: Final = 5_000
_LOCK: Final = 0x5EA1
_FIRST: Final = UUID(int=0)
_log = logger(__name__)


class SealRefused(Exception):
    """The past does not fit the last seal; nothing is sealed on top of it."""


def _of_tenant(table: Table) -> Any:
    return table.c.tenant_id == bindparam("of_tenant", type_=Integer)


def _place(table: Table, tx: str, id_: str) -> Any:
    return tuple_(table.c[tx], table.c[id_])


def _unsealed_tenants() -> Any:
    """Step from tenant to tenant by the index, and keep those with an entry behind their seal."""
    walk = select(literal(0).label("tenant")).cte("walk", recursive=True)
    following = (
        select(ENTRIES.c.tenant_id)
        .where(ENTRIES.c.tenant_id > walk.c.tenant)
        .order_by(ENTRIES.c.tenant_id)
        .limit(1)
        .scalar_subquery()
    )
    walk = walk.union_all(select(following).where(walk.c.tenant.is_not(None)))
    last = (
        select(CHECKPOINTS.c.last_tx, CHECKPOINTS.c.last_id)
        .where(CHECKPOINTS.c.tenant_id == walk.c.tenant)
        .order_by(CHECKPOINTS.c.size.desc())
        .limit(1)
        .lateral("last")
    )
    sealed = tuple_(
        func.coalesce(last.c.last_tx, literal(0, BigInteger)),
        func.coalesce(last.c.last_id, literal(_FIRST, Uuid)),
    )
    # Not EXISTS: the planner may turn that into one pass over the trail of everybody.
    behind = (
        select(literal(1))
        .where(
            ENTRIES.c.tenant_id == walk.c.tenant,
            _place(ENTRIES, "tx", "id") > sealed,
            ENTRIES.c.tx < settled_below(),
        )
        .limit(1)
        .lateral("behind")
    )
    walked = walk.outerjoin(last, true()).join(behind, true())
    return select(walk.c.tenant).select_from(walked)


_UNSEALED_TENANTS: Final = Statement("audit.sealing.unsealed_tenants", _unsealed_tenants())
_LOCK_TENANT: Final = Statement(
    "audit.sealing.lock",
    select(
        func.pg_try_advisory_xact_lock(
            literal(_LOCK, Integer), bindparam("of_tenant", type_=Integer)
        ).label("ours")
    ),
)
_LAST_CHECKPOINT: Final = Statement(
    "audit.sealing.last_checkpoint",
    select(*CHECKPOINTS.c)
    .where(_of_tenant(CHECKPOINTS))
    .order_by(CHECKPOINTS.c.size.desc())
    .limit(1),
)
_NEXT_LEAVES: Final = Statement(
    "audit.sealing.next_leaves",
    select(ENTRIES.c.tx, ENTRIES.c.id, ENTRIES.c.leaf)
    .where(
        _of_tenant(ENTRIES),
        _place(ENTRIES, "tx", "id")
        > tuple_(bindparam("after_tx", type_=BigInteger), bindparam("after_id", type_=Uuid)),
        ENTRIES.c.tx < settled_below(),
    )
    .order_by(ENTRIES.c.tx, ENTRIES.c.id)
    .limit(bindparam("limit", type_=Integer)),
)
_ADD_CHECKPOINT: Final = Statement(
    "audit.sealing.add_checkpoint",
    insert(CHECKPOINTS)
    .values(
        {
            column.name: bindparam(
                "of_tenant" if column.name == "tenant_id" else column.name, type_=column.type
            )
            for column in CHECKPOINTS.c
        }
    )
    .inline(),
)


class Sealer:
    """Seals the trails of all tenants, as the role `audit_worker`."""

    def __init__(self, database: Database, *, signer: Signer, witness: Witness) -> None:
        self._database = database
        self._signer = signer
        self._witness = witness
        self._stopping = asyncio.Event()

    async def run(self, every: timedelta = timedelta(seconds=5)) -> None:
        """Seal until `stop`; what hinders one tenant's seal is logged and hinders no other's."""
        while not self._stopping.is_set():
            try:
                await self.seal_once()
            except DatabaseProblem as problem:
                _log.warning("audit.database_unavailable", problem=type(problem).__name__)
            with suppress(TimeoutError):
                async with asyncio.timeout(every.total_seconds()):
                    await self._stopping.wait()

    def stop(self) -> None:
        """Let `run` return after the seal it is at."""
        self._stopping.set()

    async def seal_once(self) -> int:
        """Seal what is settled now and return how many tenants got a new checkpoint."""
        async with self._database.unbound() as tx:
            tenants = [row["tenant"] for row in await tx.fetch(_UNSEALED_TENANTS)]
        sealed = 0
        for tenant_id in tenants:
            try:
                sealed += await self.seal(tenant_id)
            except SealRefused as refusal:
                _log.error("audit.seal_refused", tenant_id=tenant_id, reason=str(refusal))
        return sealed

    async def seal(self, tenant_id: TenantId) -> bool:
        """Seal one tenant's trail; False if there is nothing new, or another sealer is at it.

        Raises:
            SealRefused: what is stored does not fit the last seal. An operator must run the
                verifier; sealing goes on only over a past that fits.
        """
        async with self._database.unbound() as tx:
            lock = await tx.fetch_one(_LOCK_TENANT, of_tenant=tenant_id)
            if lock is None or not lock["ours"]:
                return False
            last = await tx.fetch_one(_LAST_CHECKPOINT, of_tenant=tenant_id)
            tree = self._restored(tenant_id, last)
            before = tree.size
            promised = await asyncio.to_thread(self._witness.last, tenant_id, self._signer.verifier)
            if before > (promised.size if promised else 0):
                raise SealRefused(
                    "The seals kept outside the database are fewer than those inside."
                )
            place = (last["last_tx"], last["last_id"]) if last else (0, _FIRST)
            place = await _grow(tx, tenant_id, tree=tree, place=place, promised=promised)
            if tree.size == before:
                return False
            await self._put_down(tx, tenant_id, tree=tree, place=place)
            return True

    def _restored(self, tenant_id: TenantId, last: Row | None) -> Tree:
        """Return the tree of the last checkpoint, after checking that its seal is ours."""
        if last is None:
            return Tree()
        try:
            seal = self._signer.verifier.open(last["note"])
            tree = Tree.restored(last["size"], last["peaks"])
        except (NoteRefused, ValueError) as error:
            raise SealRefused("The last checkpoint in the database is not ours.") from error
        if (seal.tenant_id, seal.size, seal.root) != (tenant_id, tree.size, tree.root):
            raise SealRefused("The last checkpoint in the database does not fit its seal.")
        return tree

    async def _put_down(
        self, tx: Transaction, tenant_id: TenantId, *, tree: Tree, place: tuple[int, UUID]
    ) -> None:
        """Sign the root, and write it outside first: the database may fall behind, never ahead."""
        checkpoint = Checkpoint(
            tenant_id=tenant_id, size=tree.size, root=tree.root, sealed_at=clock.now()
        )
        note = self._signer.sign(checkpoint)
        await asyncio.to_thread(self._witness.append, tenant_id, note)
        await tx.execute(
            _ADD_CHECKPOINT,
            of_tenant=tenant_id,
            size=tree.size,
            root=tree.root,
            peaks=tree.peaks,
            last_tx=place[0],
            last_id=place[1],
            sealed_at=checkpoint.sealed_at,
            note=note,
        )


async def _grow(
    tx: Transaction,
    tenant_id: TenantId,
    *,
    tree: Tree,
    place: tuple[int, UUID],
    promised: Checkpoint | None,
) -> tuple[int, UUID]:
    """Add every settled entry behind `place` and return the place of the last one.

    Raises:
        SealRefused: the tree does not pass through the root promised outside the database.
    """
    _compare(tree, promised)
    while leaves := await tx.fetch(
        _NEXT_LEAVES, of_tenant=tenant_id, after_tx=place[0], after_id=place[1], limit=_PAGE
    ):
        for leaf in leaves:
            tree.add(leaf["leaf"])
            _compare(tree, promised)
        place = (leaves[-1]["tx"], leaves[-1]["id"])
    if promised is not None and tree.size < promised.size:
        raise SealRefused("Sealed entries are missing from the database.")
    return place


def _compare(tree: Tree, promised: Checkpoint | None) -> None:
    if promised is not None and tree.size == promised.size and tree.root != promised.root:
        raise SealRefused("Sealed entries are not what they were.")
