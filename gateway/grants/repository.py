"""Requests for leave, and leave in force, of one municipality, as the database keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, and_, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from foundation.database import Row, Statement, Transaction, UniqueViolation, tenant_is
from gateway.models import ClientGrantRow, ClientRow
from gateway.vendors.access import AccessRequest, AccessState, Decision
from gateway.vendors.models import AccessRequestRow, ClientRegistrationRow, VendorRow

from . import askers
from .askers import Asker

LAST_ID = UUID(int=2**128 - 1)
_ID = bindparam("id", type_=Uuid)
_COLUMNS = (
    AccessRequestRow.id,
    AccessRequestRow.client_id,
    AccessRequestRow.scopes,
    AccessRequestRow.purpose,
    AccessRequestRow.state,
    AccessRequestRow.requested_at,
    AccessRequestRow.granted_scopes,
    AccessRequestRow.expires_at,
    AccessRequestRow.decided_at,
    AccessRequestRow.decided_by,
    AccessRequestRow.reason,
    AccessRequestRow.version,
)
_REQUESTS = (
    select(
        *_COLUMNS,
        *askers.COLUMNS,
        # A leave that ended, or was replaced by a later one, ended its request with it.
        or_(
            ClientGrantRow.withdrawn_at.is_not(None),
            ClientGrantRow.access_request_id != AccessRequestRow.id,
        ).label("is_over"),
    )
    .join(ClientRow, ClientRow.client_id == AccessRequestRow.client_id)
    .join(VendorRow, VendorRow.id == ClientRow.owner, isouter=True)
    .join(
        ClientRegistrationRow,
        ClientRegistrationRow.client_id == ClientRow.client_id,
        isouter=True,
    )
    .join(
        ClientGrantRow,
        and_(
            ClientGrantRow.tenant_id == AccessRequestRow.tenant_id,
            ClientGrantRow.client_id == AccessRequestRow.client_id,
        ),
        isouter=True,
    )
    .where(tenant_is(AccessRequestRow))
)
_LIST = Statement(
    "platform.access_requests.list",
    _REQUESTS.where(
        AccessRequestRow.id < bindparam("before", type_=Uuid),
        AccessRequestRow.state == func.any(bindparam("states", type_=ARRAY(Text))),
    )
    .order_by(AccessRequestRow.id.desc())
    .limit(bindparam("limit")),
)
_OF_CLIENT = Statement(
    "platform.access_requests.of_client",
    _REQUESTS.where(AccessRequestRow.client_id == bindparam("client_id", type_=Text))
    .order_by(AccessRequestRow.id.desc())
    .limit(bindparam("limit")),
)
_BY_ID = Statement("platform.access_requests.by_id", _REQUESTS.where(AccessRequestRow.id == _ID))
_LOCKED = Statement(
    "platform.access_requests.locked",
    select(AccessRequestRow.id)
    .where(tenant_is(AccessRequestRow), AccessRequestRow.id == _ID)
    .with_for_update(),
)
_ADD = Statement(
    "platform.access_requests.add",
    insert(AccessRequestRow).values(
        tenant_id=bindparam("tenant_id"),
        **{
            name: bindparam(name)
            for name in ("id", "client_id", "scopes", "purpose", "state", "requested_at")
        },
    ),
)
_KEEP = Statement(
    "platform.access_requests.keep",
    update(AccessRequestRow)
    .where(tenant_is(AccessRequestRow), AccessRequestRow.id == bindparam("request", type_=Uuid))
    .values(
        {
            name: bindparam(name)
            for name in (
                "state",
                "granted_scopes",
                "expires_at",
                "decided_at",
                "decided_by",
                "reason",
                "version",
            )
        }
    ),
)
_END = Statement(
    "platform.access_requests.end",
    update(AccessRequestRow)
    .where(
        tenant_is(AccessRequestRow),
        AccessRequestRow.client_id == bindparam("client", type_=Text),
        AccessRequestRow.state == "granted",
    )
    .values(state="ended", version=AccessRequestRow.version + 1),
)
_GRANT = insert(ClientGrantRow).values(
    tenant_id=bindparam("tenant_id"),
    client_id=bindparam("client"),
    scopes=bindparam("scopes"),
    granted_at=bindparam("at"),
    granted_by=bindparam("by"),
    expires_at=bindparam("until"),
    access_request_id=bindparam("request"),
)
_GIVE = Statement(
    "platform.client_grants.grant",
    _GRANT.on_conflict_do_update(
        index_elements=[ClientGrantRow.tenant_id, ClientGrantRow.client_id],
        set_={
            "scopes": _GRANT.excluded.scopes,
            "granted_at": _GRANT.excluded.granted_at,
            "granted_by": _GRANT.excluded.granted_by,
            "expires_at": _GRANT.excluded.expires_at,
            "access_request_id": _GRANT.excluded.access_request_id,
            "withdrawn_at": None,
            "last_used_at": None,
            "version": ClientGrantRow.version + 1,
        },
    ),
)
_GRANTS = (
    select(
        ClientGrantRow.client_id,
        ClientGrantRow.scopes,
        ClientGrantRow.granted_at,
        ClientGrantRow.granted_by,
        ClientGrantRow.expires_at,
        ClientGrantRow.withdrawn_at,
        ClientGrantRow.last_used_at,
        ClientGrantRow.version,
        ClientGrantRow.environment,
        ClientRow.status,
        *askers.COLUMNS,
    )
    .join(ClientRow, ClientRow.client_id == ClientGrantRow.client_id)
    .join(VendorRow, VendorRow.id == ClientRow.owner, isouter=True)
    .join(
        ClientRegistrationRow,
        ClientRegistrationRow.client_id == ClientRow.client_id,
        isouter=True,
    )
    .where(tenant_is(ClientGrantRow))
)
_LIST_GRANTS = Statement(
    "platform.client_grants.list",
    _GRANTS.where(ClientGrantRow.client_id > bindparam("after", type_=Text))
    .order_by(ClientGrantRow.client_id)
    .limit(bindparam("limit")),
)
_ONE_GRANT = Statement(
    "platform.client_grants.of_client",
    _GRANTS.where(ClientGrantRow.client_id == bindparam("client_id", type_=Text)),
)
_LOCK_GRANT = Statement(
    "platform.client_grants.locked",
    select(ClientGrantRow.version)
    .where(
        tenant_is(ClientGrantRow), ClientGrantRow.client_id == bindparam("client_id", type_=Text)
    )
    .with_for_update(),
)
_ENDED = Statement(
    "platform.client_grants.ended",
    update(ClientGrantRow)
    .where(tenant_is(ClientGrantRow), ClientGrantRow.client_id == bindparam("client", type_=Text))
    .values(version=ClientGrantRow.version + 1),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Petition:
    """A request together with who asks."""

    request: AccessRequest
    asker: Asker


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A leave this municipality gave, in force or not."""

    client_id: str
    asker: Asker
    environment: str
    client_status: str
    scopes: frozenset[str]
    granted_at: datetime
    granted_by: str | None
    expires_at: datetime | None
    withdrawn_at: datetime | None
    last_used_at: datetime | None
    version: int

    def is_in_force(self, now: datetime) -> bool:
        return self.withdrawn_at is None and (self.expires_at is None or now < self.expires_at)

    def is_wider_than(self, scopes: frozenset[str], until: datetime | None) -> bool:
        """Whether tokens given on it may reach further, or hold longer, than these terms."""
        is_longer = until is not None and (self.expires_at is None or until < self.expires_at)
        return is_longer or not self.scopes <= scopes


async def add(work: Transaction, request: AccessRequest) -> bool:
    """Write down a new request; False when this client's last one is still undecided."""
    try:
        await work.execute(
            _ADD,
            id=request.id,
            client_id=request.client_id,
            scopes=sorted(request.scopes),
            purpose=request.purpose,
            state=str(request.state),
            requested_at=request.requested_at,
        )
    except UniqueViolation:
        return False
    return True


async def keep(work: Transaction, request: AccessRequest) -> None:
    """Write down what became of a request."""
    decision = request.decision
    await work.execute(
        _KEEP,
        request=request.id,
        state=str(request.state),
        granted_scopes=sorted(request.granted_scopes),
        expires_at=request.expires_at,
        decided_at=None if decision is None else decision.at,
        decided_by=None if decision is None else decision.by,
        reason=None if decision is None else decision.reason,
        version=request.version,
    )


async def newest(
    work: Transaction, *, states: Sequence[str], before: UUID, limit: int
) -> list[Petition]:
    """Return requests of these states, newest first."""
    rows = await work.fetch(_LIST, states=list(states), before=before, limit=limit)
    return [_petition(row) for row in rows]


async def of_client(work: Transaction, client_id: str, *, limit: int) -> list[Petition]:
    """Return what one client asked of this municipality, newest first."""
    rows = await work.fetch(_OF_CLIENT, client_id=client_id, limit=limit)
    return [_petition(row) for row in rows]


async def find(work: Transaction, request_id: UUID) -> Petition | None:
    """Return one request to this municipality."""
    row = await work.fetch_one(_BY_ID, id=request_id)
    return None if row is None else _petition(row)


async def find_locked(work: Transaction, request_id: UUID) -> Petition | None:
    """Return one request that nobody else can decide before this work is done."""
    if await work.fetch_one(_LOCKED, id=request_id) is None:
        return None
    return await find(work, request_id)


async def end_requests(work: Transaction, client_id: str) -> None:
    """Note that what was granted to a client so far is over: ended, or replaced by what follows."""
    await work.execute(_END, client=client_id)


async def give(work: Transaction, request: AccessRequest, *, by: str) -> None:
    """Put what was granted in force; a leave of the same client is replaced by it."""
    await work.execute(
        _GIVE,
        client=request.client_id,
        scopes=sorted(request.granted_scopes),
        at=None if request.decision is None else request.decision.at,
        by=by,
        until=request.expires_at,
        request=request.id,
    )


async def grants(work: Transaction, *, after: str, limit: int) -> list[Grant]:
    """Return leaves by client, those that ended among them."""
    rows = await work.fetch(_LIST_GRANTS, after=after, limit=limit)
    return [_grant(row) for row in rows]


async def grant_of(work: Transaction, client_id: str) -> Grant | None:
    """Return the leave of one client."""
    row = await work.fetch_one(_ONE_GRANT, client_id=client_id)
    return None if row is None else _grant(row)


async def hold_grant(work: Transaction, client_id: str) -> Grant | None:
    """Return the leave of one client, which nobody else can change before this work is done."""
    if await work.fetch_one(_LOCK_GRANT, client_id=client_id) is None:
        return None
    return await grant_of(work, client_id)


async def note_ended(work: Transaction, client_id: str) -> None:
    """Count the end of a leave as a change of it."""
    await work.execute(_ENDED, client=client_id)


def _petition(row: Row) -> Petition:
    decision = (
        None
        if row["decided_at"] is None
        else Decision(at=row["decided_at"], by=row["decided_by"] or "", reason=row["reason"] or "")
    )
    state = AccessState(row["state"])
    if state is AccessState.GRANTED and row["is_over"]:
        state = AccessState.ENDED
    request = AccessRequest(
        id=row["id"],
        client_id=row["client_id"],
        scopes=frozenset(row["scopes"]),
        purpose=row["purpose"],
        requested_at=row["requested_at"],
        state=state,
        granted_scopes=frozenset(row["granted_scopes"]),
        expires_at=row["expires_at"],
        decision=decision,
        version=row["version"],
    )
    return Petition(request=request, asker=askers.asker_of(row))


def _grant(row: Row) -> Grant:
    given: dict[str, Any] = {
        name: row[name]
        for name in (
            "client_id",
            "environment",
            "granted_at",
            "granted_by",
            "expires_at",
            "withdrawn_at",
            "last_used_at",
            "version",
        )
    }
    return Grant(
        **given,
        asker=askers.asker_of(row),
        client_status=row["status"],
        scopes=frozenset(row["scopes"]),
    )
